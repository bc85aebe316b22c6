// Reads the fields of a JSON object strictly. Like TomlTable: the first error is kept, later
// getters return a default, and the parser asks once at the end.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

enum class Presence { required, optional };

// Lengths in octets. Every string and list has one, so that no body makes us hold more.
inline constexpr std::size_t kBodyLimit = 32u << 20;
inline constexpr std::size_t kWordLimit = 255;  // node, digest, version, idempotency key
inline constexpr std::size_t kDomainLimit = 253;
inline constexpr std::size_t kLocalPartLimit = 64;  // RFC 5321 4.5.3.1.1
inline constexpr std::size_t kAddressLimit = 320;   // local part, "@", domain
inline constexpr std::size_t kNextHopLimit = 300;
inline constexpr std::size_t kReasonLimit = 500;
inline constexpr std::size_t kReplyLimit = 8192;
inline constexpr std::size_t kHashLimit = 512;
inline constexpr std::size_t kNamesLimit = 200'000;
inline constexpr std::size_t kTargetsLimit = 1000;
inline constexpr std::size_t kNodesLimit = 64;

class FieldReader {
 public:
  using Json = nlohmann::json;

  // `value` and `error` must outlive the reader.
  FieldReader(const Json& value, std::string pointer, std::optional<Error>& error);

  // Refuses control characters: such text goes into logs, maps and protocols of lines.
  std::string text(const char* key, std::size_t limit);
  // What came from far away (an SMTP reply, a recipient): control characters become '?', and
  // what is too long is cut.
  std::string foreign_text(const char* key, std::size_t limit);
  std::optional<std::string> nullable_foreign_text(const char* key, std::size_t limit);
  std::optional<std::string> optional_text(const char* key, std::size_t limit);
  std::optional<std::string> nullable_text(const char* key, std::size_t limit, Presence presence);
  std::vector<std::string> texts(const char* key, std::size_t least, std::size_t most,
                                 std::size_t limit);
  std::string uuid(const char* key);
  std::optional<std::string> optional_uuid(const char* key);

  std::int64_t integer(const char* key, std::int64_t least);
  bool boolean(const char* key);
  bool boolean(const char* key, bool fallback);
  Time time(const char* key);
  std::optional<Time> nullable_time(const char* key, Presence presence);

  // The value that `from` finds for the text.
  template <class Enum>
  Enum choice(const char* key, std::optional<Enum> (*from)(std::string_view)) {
    const auto found = from(text(key, kWordLimit));
    if (!found) refuse(key, "is none of the values the contract lists");
    return found.value_or(Enum{});
  }
  template <class Enum>
  std::optional<Enum> optional_choice(const char* key,
                                      std::optional<Enum> (*from)(std::string_view)) {
    if (find(key, Presence::optional) == nullptr) return std::nullopt;
    return choice(key, from);
  }
  template <class Enum>
  std::vector<Enum> choices(const char* key, std::optional<Enum> (*from)(std::string_view)) {
    std::vector<Enum> found;
    for (const std::string& word : texts(key, 0, kNodesLimit, kWordLimit)) {
      if (const auto value = from(word))
        found.push_back(*value);
      else
        refuse(key, "holds a value that the contract does not list");
    }
    return found;
  }

  bool has(const char* key) const { return value_->contains(key); }
  FieldReader object(const char* key);
  std::vector<FieldReader> objects(const char* key, std::size_t most);

  // For requests: a field that no getter asked for is an error.
  void refuse_unknown();
  void refuse(std::string_view key, std::string what);
  bool failed() const { return error_->has_value(); }

 private:
  const Json* find(const char* key, Presence presence);
  std::string checked_text(const char* key, const Json& value, std::size_t limit);

  const Json* value_;
  std::string pointer_;
  std::optional<Error>* error_;
  std::set<std::string, std::less<>> asked_;
};

// Parses `text` as one object and hands it to `read`.
template <class T>
Result<T> parse_object(std::string_view text, T (*read)(FieldReader&)) {
  if (text.size() > kBodyLimit) return fail(Fault::malformed, "the JSON body is too long");
  const auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(Fault::malformed, "the body is not valid JSON");
  std::optional<Error> error;
  FieldReader reader(value, "", error);
  T result = read(reader);
  if (error) return Failure(*error);
  return result;
}

}  // namespace mxswitch::orchestrator
