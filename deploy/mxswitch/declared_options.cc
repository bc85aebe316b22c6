#include "deploy/mxswitch/declared_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "orchestrator/switchover/plan_view.h"

namespace mxswitch {
namespace {

constexpr std::string_view kFile = "option";

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < ' ') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      continue;
    }
    out += c;
  }
  return out + '"';
}

// As TOML has it: numbers, booleans and lists stand for themselves, all else is a string.
std::string value(std::string_view text) {
  const bool plain = is_number(text) || text == "true" || text == "false" || text.starts_with('[');
  return plain ? std::string(text) : toml_string(text);
}

// A plan of one option a line, so that an error's line tells the option.
class Draft {
 public:
  explicit Draft(const Target& target) {
    add("domain = \"domain.example\"", "");  // which one it is, no option here depends on
    add("[mx]", "");
    add(fmt::format("new = [{}]", toml_string(target.expected.text())), "--expect-mx");
  }

  void add(std::string line, std::string option) {
    text_ += line + '\n';
    options_.push_back(std::move(option));
  }

  const std::string& text() const { return text_; }

  // "option:5: ..." -> "--old-ttl 1x: ...".
  std::string named(std::string said) const {
    const std::string mark = fmt::format("{}:", kFile);
    for (std::size_t at = said.find(mark); at != said.npos; at = said.find(mark, at + 1)) {
      std::size_t line = 0;
      const char* begin = said.data() + at + mark.size();
      const auto read = std::from_chars(begin, said.data() + said.size(), line);
      if (read.ec != std::errc() || line == 0 || line > options_.size()) continue;
      said.replace(at, static_cast<std::size_t>(read.ptr - said.data()) - at, options_[line - 1]);
    }
    return said;
  }

 private:
  std::string text_;
  std::vector<std::string> options_;
};

struct Pair {
  std::string_view key, value;
};

Result<Pair> parted(const std::string& text, std::string_view option, std::string_view example) {
  const auto at = text.find('=');
  if (at == text.npos || at == 0 || at + 1 == text.size())
    return fail(Fault::usage, fmt::format("\"{}\" has no = between two words", text.substr(0, 80)),
                std::string(option), fmt::format("write it like {} {}", option, example));
  return Pair{std::string_view(text).substr(0, at), std::string_view(text).substr(at + 1)};
}

Result<void> add_pairs(Draft& draft, const DeclaredFlags& flags) {
  for (const std::string& text : flags.ignore) {
    const auto pair = parted(text, "--ignore", "\"ns2.shop.example=gone since May\"");
    if (!pair) return tl::unexpected(pair.error());
    draft.add("[[authority.ignore]]", "--ignore");
    draft.add(fmt::format("server = {}", toml_string(pair->key)), "--ignore " + text);
    draft.add(fmt::format("reason = {}", toml_string(pair->value)), "--ignore " + text);
  }
  if (!flags.policy.empty()) draft.add("[policy]", "--policy");
  for (const std::string& text : flags.policy) {
    const auto pair = parted(text, "--policy", "floor=10m");
    if (!pair) return tl::unexpected(pair.error());
    draft.add(fmt::format("{} = {}", pair->key, value(pair->value)), "--policy " + text);
  }
  return {};
}

}  // namespace

void add_declared_flags(CLI::App& verb, DeclaredFlags& flags) {
  verb.add_option("--old-mx", flags.old_mx, "the old MX set; else what differs is called foreign");
  verb.add_option("--old-ttl", flags.old_ttl,
                  "its TTL before anybody lowered it: 3600, 1h (a plan's old_ttl)");
  verb.add_option("--changed-at", flags.changed_at,
                  "when the last server was changed, or will be: 2026-11-22T14:05:00Z");
  verb.add_option("--ignore", flags.ignore,
                  "SERVER=REASON: an authoritative server that shall not count");
  verb.add_option("--policy", flags.policy, "KEY=VALUE of a plan's [policy]: floor=10m, k=35");
}

Result<monitor::PropagationInput> declared_input(const Target& target, const DnsSetup& setup,
                                                 const DeclaredFlags& flags) {
  Draft draft(target);
  if (!flags.old_mx.empty())
    draft.add(fmt::format("old = [{}]", toml_string(flags.old_mx)),
              fmt::format("--old-mx \"{}\"", flags.old_mx));
  if (!flags.old_ttl.empty())
    draft.add(fmt::format("old_ttl = {}", toml_string(is_number(flags.old_ttl) ? flags.old_ttl + "s"
                                                                               : flags.old_ttl)),
              "--old-ttl " + flags.old_ttl);
  if (!flags.changed_at.empty())
    draft.add(fmt::format("changed_at = {}", toml_string(flags.changed_at)),
              "--changed-at " + flags.changed_at);
  if (auto added = add_pairs(draft, flags); !added) return tl::unexpected(added.error());

  const auto read = orchestrator::plan_view_reader(setup.resolvers);
  auto view = read(draft.text(), std::string(kFile), 0, nlohmann::json::object());
  if (!view) {
    Error error = view.error();
    error.what = draft.named(error.what);
    error.where = draft.named(error.where);
    return tl::unexpected(error);
  }
  monitor::PropagationInput input = std::move(view->owners.front());
  input.owner = target.owner;
  input.expected = target.expected;
  return input;
}

}  // namespace mxswitch
