#include "orchestrator/relay/contract/field_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

const nlohmann::json kEmptyObject = nlohmann::json::object();

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = std::string_view("0123456789abcdefABCDEF").find(text[i]) != text.npos;
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

// Cuts at a character's start, so that what is left is UTF-8 still.
std::string sanitised(std::string text, std::size_t limit) {
  if (text.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    text.resize(limit);
  }
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

}  // namespace

FieldReader::FieldReader(const Json& value, std::string pointer, std::optional<Error>& error)
    : value_(&value), pointer_(std::move(pointer)), error_(&error) {
  if (value.is_object()) return;
  if (!failed()) *error_ = Error{Fault::malformed, "is not a JSON object", pointer_, {}};
  value_ = &kEmptyObject;
}

void FieldReader::refuse(std::string_view key, std::string what) {
  if (failed()) return;
  *error_ = Error{Fault::malformed, std::move(what), fmt::format("{}/{}", pointer_, key), {}};
}

const FieldReader::Json* FieldReader::find(const char* key, Presence presence) {
  asked_.insert(key);
  const auto found = value_->find(key);
  if (found != value_->end()) return &*found;
  if (presence == Presence::required) refuse(key, "is missing");
  return nullptr;
}

std::string FieldReader::checked_text(const char* key, const Json& value, std::size_t limit) {
  if (!value.is_string()) {
    refuse(key, "is not a string");
    return {};
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > limit) refuse(key, fmt::format("is longer than {} octets", limit));
  if (std::any_of(text.begin(), text.end(), is_control)) refuse(key, "holds a control character");
  return failed() ? std::string() : text;
}

std::string FieldReader::text(const char* key, std::size_t limit) {
  const Json* value = find(key, Presence::required);
  return value == nullptr ? std::string() : checked_text(key, *value, limit);
}

std::string FieldReader::foreign_text(const char* key, std::size_t limit) {
  const Json* value = find(key, Presence::required);
  if (value == nullptr) return {};
  if (value->is_string()) return sanitised(value->get<std::string>(), limit);
  refuse(key, "is not a string");
  return {};
}

std::optional<std::string> FieldReader::nullable_foreign_text(const char* key, std::size_t limit) {
  const Json* value = find(key, Presence::optional);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return foreign_text(key, limit);
}

std::optional<std::string> FieldReader::optional_text(const char* key, std::size_t limit) {
  const Json* value = find(key, Presence::optional);
  if (value == nullptr) return std::nullopt;
  return checked_text(key, *value, limit);
}

std::optional<std::string> FieldReader::nullable_text(const char* key, std::size_t limit,
                                                      Presence presence) {
  const Json* value = find(key, presence);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return checked_text(key, *value, limit);
}

std::vector<std::string> FieldReader::texts(const char* key, std::size_t least, std::size_t most,
                                            std::size_t limit) {
  std::vector<std::string> texts;
  const Json* value = find(key, Presence::required);
  if (value == nullptr) return texts;
  if (!value->is_array() || value->size() < least || value->size() > most) {
    refuse(key, fmt::format("is not a list of {} to {} strings", least, most));
    return texts;
  }
  for (const Json& item : *value) texts.push_back(checked_text(key, item, limit));
  return texts;
}

std::string FieldReader::uuid(const char* key) {
  std::string found = text(key, kWordLimit);
  if (!failed() && !is_uuid(found)) refuse(key, "is not a UUID");
  return found;
}

std::optional<std::string> FieldReader::optional_uuid(const char* key) {
  if (find(key, Presence::optional) == nullptr) return std::nullopt;
  return uuid(key);
}

std::int64_t FieldReader::integer(const char* key, std::int64_t least) {
  const Json* value = find(key, Presence::required);
  if (value == nullptr) return least;
  // JSON numbers beyond 2^53 do not survive every reader (RFC 8259 section 6).
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const bool fits = value->is_number_unsigned() ? value->get<std::uint64_t>() <= kMost
                                                : value->is_number_integer();
  if (fits && value->get<std::int64_t>() >= least) return value->get<std::int64_t>();
  refuse(key, fmt::format("is not a whole number from {} to 2^53", least));
  return least;
}

bool FieldReader::boolean(const char* key) {
  const Json* value = find(key, Presence::required);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse(key, "is not true or false");
  return false;
}

bool FieldReader::boolean(const char* key, bool fallback) {
  return find(key, Presence::optional) == nullptr ? fallback : boolean(key);
}

Time FieldReader::time(const char* key) {
  const std::string written = text(key, kWordLimit);
  if (failed()) return {};
  const auto parsed = parse_time(written);
  if (!parsed) refuse(key, parsed.error().what);
  return parsed.value_or(Time{});
}

std::optional<Time> FieldReader::nullable_time(const char* key, Presence presence) {
  const Json* value = find(key, presence);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return time(key);
}

FieldReader FieldReader::object(const char* key) {
  const Json* value = find(key, Presence::required);
  return FieldReader(value == nullptr ? kEmptyObject : *value, fmt::format("{}/{}", pointer_, key),
                     *error_);
}

std::vector<FieldReader> FieldReader::objects(const char* key, std::size_t most) {
  std::vector<FieldReader> readers;
  const Json* value = find(key, Presence::required);
  if (value == nullptr) return readers;
  if (!value->is_array() || value->size() > most) {
    refuse(key, fmt::format("is not a list of at most {}", most));
    return readers;
  }
  std::size_t index = 0;
  for (const Json& item : *value) {
    readers.emplace_back(item, fmt::format("{}/{}/{}", pointer_, key, index++), *error_);
  }
  return readers;
}

void FieldReader::refuse_unknown() {
  for (const auto& [key, value] : value_->items()) {
    if (!asked_.contains(key)) {
      refuse(sanitised(key, kWordLimit), "is a field that the contract does not know");
    }
  }
}

}  // namespace mxswitch::orchestrator
