#include "orchestrator/relay_agent/dict_protocol.h"

namespace mxswitch::orchestrator {
namespace {

// Dovecot's str_tabescape(): NUL, tab, CR, LF and \001 itself travel behind a \001.
constexpr char kEscape = '\001';

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += {kEscape, '0'};
        break;
      case kEscape:
        out += {kEscape, '1'};
        break;
      case '\t':
        out += {kEscape, 't'};
        break;
      case '\r':
        out += {kEscape, 'r'};
        break;
      case '\n':
        out += {kEscape, 'n'};
        break;
      default:
        out += c;
    }
  }
  return out;
}

char unescaped(char code) {
  switch (code) {
    case '0':
      return '\0';
    case '1':
      return kEscape;
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    default:
      return code;
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kEscape && i + 1 < text.size()) {
      out += unescaped(text[++i]);
    } else {
      out += text[i];
    }
  }
  return out;
}

// The dict library escapes "/" and "\" within a part of a key with a backslash.
std::string unescape_key(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '\\' && i + 1 < part.size()) {
      ++i;
      out += part[i] == '|' ? '/' : part[i];
    } else {
      out += part[i];
    }
  }
  return out;
}

}  // namespace

Result<std::optional<DictRequest>> take_dict_request(std::string& buffer) {
  const auto end = buffer.find('\n');
  if ((end == buffer.npos ? buffer.size() : end) > kDictLineLimit) {
    return fail(Fault::malformed, "a line of the dict protocol is too long");
  }
  if (end == buffer.npos) return std::optional<DictRequest>();
  const std::string line = buffer.substr(0, end);
  buffer.erase(0, end + 1);
  const std::string_view rest = std::string_view(line).substr(line.empty() ? 0 : 1);
  if (line.starts_with('H')) {
    const auto major = rest.substr(0, rest.find('\t'));
    if (major != "2" && major != "3") {
      return fail(Fault::malformed, "a version of the dict protocol that is not known");
    }
    return std::optional(DictRequest{DictCommand::greeting, {}});
  }
  if (line.starts_with('L')) {
    return std::optional(
        DictRequest{DictCommand::lookup, unescape(rest.substr(0, rest.find('\t')))});
  }
  return fail(Fault::malformed, "a command of the dict protocol that is no look-up");
}

std::optional<AccountKey> parse_account_key(std::string_view key) {
  constexpr std::string_view kShared = "shared/";
  if (!key.starts_with(kShared)) return std::nullopt;
  key.remove_prefix(kShared.size());
  AccountKey found;
  if (key.starts_with("passdb/")) {
    found.table = AccountTable::passdb;
  } else if (key.starts_with("userdb/")) {
    found.table = AccountTable::userdb;
  } else {
    return std::nullopt;
  }
  key.remove_prefix(7);
  const auto slash = key.find('/');
  if (slash == key.npos || slash + 1 == key.size()) return std::nullopt;
  found.service = key.substr(0, slash);
  found.name = unescape_key(key.substr(slash + 1));
  return found;
}

std::string dict_found(std::string_view value) { return "O" + escape(value) + "\n"; }
std::string dict_not_found() { return "N\n"; }
std::string dict_failed(std::string_view reason) { return "F" + escape(reason) + "\n"; }

}  // namespace mxswitch::orchestrator
