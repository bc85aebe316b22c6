#include "orchestrator/roster/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "orchestrator/roster/address.h"
#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/graph.h"
#include "probes/base/utf8.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kFileLimit = 16u << 20;
constexpr std::size_t kPasswordLimit = 256;
constexpr const char* kCatchAllName = "@";
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// In an alias line a comment may also follow after a blank; a password may hold any character,
// so there only a whole line is one.
std::string_view without_comment(std::string_view line) {
  for (auto mark = line.find('#'); mark != line.npos; mark = line.find('#', mark + 1)) {
    if (mark == 0 || kBlanks.find(line[mark - 1]) != kBlanks.npos) return line.substr(0, mark);
  }
  return line;
}

struct CodeRange {
  char32_t first, last;
  std::string_view kind;
};

// What nobody sees in a password, so nobody types it: a copy brings it along, and the hash then
// never fits (RFC 8265 section 4.2 maps such blanks or disallows the rest).
constexpr CodeRange kUnseen[] = {
    {0x0000, 0x001F, "a control character"},    {0x007F, 0x009F, "a control character"},
    {0x00A0, 0x00A0, "a no-break space"},       {0x00AD, 0x00AD, "a soft hyphen"},
    {0x1680, 0x1680, "a blank beyond ASCII"},   {0x180E, 0x180E, "a zero-width character"},
    {0x2000, 0x200A, "a blank beyond ASCII"},   {0x200B, 0x200B, "a zero-width space"},
    {0x200C, 0x200F, "a zero-width character"}, {0x2028, 0x202E, "a mark of lines or directions"},
    {0x202F, 0x202F, "a no-break space"},       {0x205F, 0x205F, "a blank beyond ASCII"},
    {0x2060, 0x206F, "a zero-width character"}, {0x3000, 0x3000, "a blank beyond ASCII"},
    {0xFEFF, 0xFEFF, "a zero-width space"},
};

// Empty: every character of this UTF-8 can be seen.
std::string_view unseen_kind(std::string_view text) {
  while (const auto point = text.empty() ? std::nullopt : first_code_point(text)) {
    for (const CodeRange& range : kUnseen)
      if (point->value >= range.first && point->value <= range.last) return range.kind;
    text.remove_prefix(point->octets);
  }
  return {};
}

struct Located {
  int file;  // 0: accounts, 1: aliases
  int line;  // 0: not of a line
  Error error;
};

class Parser {
 public:
  Parser(const FileText& accounts, const FileText& aliases, std::string_view domain)
      : texts_{&accounts, &aliases}, domain_(lower_case(domain)) {}

  void run(const std::optional<std::string>& plan_catch_all) {
    each_line(0, [this](std::string_view line) { read_account(line); });
    each_line(1, [this](std::string_view line) { read_alias(without_comment(line)); });
    if (plan_catch_all) take_plan_catch_all(*plan_catch_all);
    check_whole();
  }

  tl::expected<RosterFiles, RosterErrors> result() {
    if (errors_.empty()) return std::move(files_);
    std::stable_sort(errors_.begin(), errors_.end(), [](const Located& a, const Located& b) {
      return std::pair(a.file, a.line) < std::pair(b.file, b.line);
    });
    RosterErrors shown;
    for (Located& located : errors_) {
      if (shown.size() < kErrorsShown) shown.push_back(std::move(located.error));
    }
    return tl::unexpected(std::move(shown));
  }

 private:
  template <class Read>
  void each_line(int file, Read read) {
    file_ = file;
    line_ = 0;
    std::string_view rest = texts_[file]->text;
    if (rest.size() > kFileLimit) return refuse("the file is longer than 16 MiB");
    if (rest.starts_with("\xff\xfe") || rest.starts_with("\xfe\xff")) {
      return refuse("the file is in UTF-16", "save it as plain text (UTF-8)");
    }
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      ++line_;
      const auto line = trimmed(rest.substr(0, end));
      if (!line.empty() && !line.starts_with('#')) read(line);
      if (end == rest.npos) break;
      rest.remove_prefix(end + 1);
    }
  }

  void refuse(std::string what, std::string mend = {}) {
    // Those beyond what is shown are dropped here already: a wrong file may be all errors.
    if (errors_.size() >= 2 * kErrorsShown) return;
    errors_.push_back(
        {file_, line_, Error{Fault::usage, std::move(what), where(line_), std::move(mend)}});
  }
  void refuse(const Error& error) { refuse(error.what, error.mend); }

  std::string where(int line) const {
    const std::string& name = texts_[file_]->name;
    return line == 0 ? name : fmt::format("{}:{}", name, line);
  }

  // A name to the left, in any of the forms people write; empty after an error.
  std::string read_name(std::string_view text) {
    const auto name = normalise_target(text, domain_);
    if (!name) {
      refuse(name.error());
      return {};
    }
    if (is_outside(*name)) {
      refuse(fmt::format("the name is not in {}", domain_), "each domain has files of its own");
      return {};
    }
    if (name->find('+') != name->npos) {
      refuse("a name cannot hold '+'", "it begins a tag: mail for joe+tag is mail for joe");
      return {};
    }
    return *name;
  }

  void read_account(std::string_view line) {
    const auto end = line.find_first_of(kBlanks);
    std::string name = read_name(line.substr(0, end));
    if (name.empty()) return;
    const auto [first, fresh] = account_lines_.emplace(name, line_);
    if (!fresh)
      return refuse(fmt::format("account \"{}\" stands at line {} too", name, first->second),
                    "remove one of them");
    AccountLine account{std::move(name), std::nullopt};
    if (end != line.npos) account.password = read_password(trimmed(line.substr(end)));
    files_.accounts.push_back(std::move(account));
  }

  std::optional<std::string> read_password(std::string_view text) {
    if (text.find_first_of(kBlanks) != text.npos) {
      refuse("more than a name and a password stand here",
             "a password cannot hold a blank, and a comment needs a line of its own");
    } else if (text.size() > kPasswordLimit) {
      refuse(fmt::format("the password is longer than {} octets", kPasswordLimit));
    } else if (!is_utf8(text)) {
      refuse("the password holds octets that are no UTF-8",
             "mail clients log in with UTF-8 (RFC 9051): save the file as UTF-8, not as Latin-1 or "
             "Windows-1252");
    } else if (const std::string_view unseen = unseen_kind(text); !unseen.empty()) {
      refuse(fmt::format("the password holds {}", unseen), "nobody could type it: remove it");
    }
    return std::string(text);
  }

  void read_alias(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos) {
      return refuse("no ':' follows the name", "write it as \"name: target, target\"");
    }
    if (colon == 0) return refuse_left_of_colon(line);
    const auto left = trimmed(line.substr(0, colon));
    const bool is_catch_all = left == kCatchAllName || lower_case(left) == "@" + domain_;
    std::string name = is_catch_all ? kCatchAllName : read_name(left);
    if (name.empty()) return;
    const auto [first, fresh] = alias_lines_.emplace(name, line_);
    if (!fresh) {
      return refuse(fmt::format("alias \"{}\" stands at line {} too", name, first->second),
                    "put all targets on one line");
    }
    auto targets = read_targets(line.substr(colon + 1));
    if (!is_catch_all) {
      files_.aliases.push_back({std::move(name), std::move(targets)});
    } else if (targets.size() > 1) {
      refuse("the catch-all has more than one target", "make an alias of them and name that");
    } else if (!targets.empty()) {
      files_.catch_all = std::move(targets.front());
    }
  }

  void refuse_left_of_colon(std::string_view line) {
    const auto target = normalise_target(line, domain_);
    if (target) return refuse("the name is missing");
    refuse(target.error());
  }

  std::vector<std::string> read_targets(std::string_view text) {
    std::vector<std::string> targets;
    for (bool last = false; !last;) {
      const auto comma = text.find(',');
      last = comma == text.npos;
      const auto word = trimmed(text.substr(0, comma));
      if (!last) text.remove_prefix(comma + 1);
      auto target = normalise_target(word, domain_);
      if (word.empty()) {
        refuse("a target is missing", "write it as \"name: target, target\"");
      } else if (!target) {
        refuse(fmt::format("target \"{}\": {}", word.substr(0, 80), target.error().what),
               target.error().mend);
      } else {
        targets.push_back(std::move(*target));
      }
    }
    return targets;
  }

  void take_plan_catch_all(const std::string& text) {
    file_ = 1;
    line_ = 0;
    if (const auto own = alias_lines_.find(kCatchAllName); own != alias_lines_.end()) {
      line_ = own->second;
      return refuse("the plan has a catch_all too", "remove one of them");
    }
    auto target = normalise_target(text, domain_);
    if (!target) return refuse("the plan's catch_all: " + target.error().what);
    files_.catch_all = std::move(*target);
  }

  void check_whole() {
    file_ = 1;
    for (const RosterFault& fault : check_roster(domain_, files_.roster())) {
      const auto line = alias_lines_.find(fault.name);
      line_ = line == alias_lines_.end() ? 0 : line->second;
      refuse(line_ == 0 ? fmt::format("\"{}\": {}", fault.name, fault.what) : fault.what,
             fault.mend);
    }
  }

  const FileText* texts_[2];
  std::string domain_;
  RosterFiles files_;
  std::vector<Located> errors_;
  std::map<std::string, int> account_lines_, alias_lines_;
  int file_ = 0, line_ = 0;
};

Result<FileText> read_file(const std::string& path) {
  if (path.empty()) return FileText{};
  std::ifstream file(path, std::ios::binary);
  FileText read{path, std::string(kFileLimit + 1, '\0')};
  if (file) file.read(read.text.data(), static_cast<std::streamsize>(read.text.size()));
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    return fail(Fault::usage, "the file cannot be read", path,
                "check the path in the plan and who may read it");
  }
  read.text.resize(static_cast<std::size_t>(file.gcount()));
  return read;
}

}  // namespace

Roster RosterFiles::roster() const {
  Roster roster;
  for (const AccountLine& account : accounts) roster.accounts.push_back({account.name, false});
  roster.aliases = aliases;
  roster.catch_all = catch_all;
  roster.digest = roster_digest(roster);
  return roster;
}

tl::expected<RosterFiles, RosterErrors> parse_roster_files(
    const FileText& accounts, const FileText& aliases, std::string_view domain,
    const std::optional<std::string>& catch_all) {
  Parser parser(accounts, aliases, domain);
  parser.run(catch_all);
  return parser.result();
}

tl::expected<RosterFiles, RosterErrors> load_roster_files(
    const std::string& accounts_path, const std::string& aliases_path, std::string_view domain,
    const std::optional<std::string>& catch_all) {
  RosterErrors errors;
  const auto accounts = read_file(accounts_path), aliases = read_file(aliases_path);
  if (!accounts) errors.push_back(accounts.error());
  if (!aliases) errors.push_back(aliases.error());
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return parse_roster_files(*accounts, *aliases, domain, catch_all);
}

Error as_one_error(const RosterErrors& errors) {
  if (errors.size() == 1) return errors.front();
  Error all{errors.front().fault, {}, {}, {}};
  for (const Error& error : errors) {
    if (!all.what.empty()) all.what += '\n';
    all.what += error.text();
  }
  return all;
}

}  // namespace mxswitch::orchestrator
