#include "probes/base/toml_reader.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

constexpr std::size_t kLongestFile = 4u << 20;
constexpr std::size_t kLongestShownKey = 64;
constexpr std::size_t kMostShown = 10;

// Keys come from outside: long ones are cut and control characters never reach a terminal.
std::string in_quotes(std::string_view key) {
  std::string text = "\"";
  for (const char c : key.substr(0, kLongestShownKey)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return text + (key.size() > kLongestShownKey ? "...\"" : "\"");
}

// Optimal string alignment: a swap of neighbours counts as one slip.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view kind_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::optional<Time> utc(const toml::date_time& value) {
  if (!value.offset) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(value.date.year),
                                         std::chrono::month(value.date.month),
                                         std::chrono::day(value.date.day)};
  if (!date.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(value.time.hour) +
         std::chrono::minutes(value.time.minute) + seconds(value.time.second) +
         Duration(value.time.nanosecond / 1'000'000) - std::chrono::minutes(value.offset->minutes);
}

struct Refused {
  Error error;
  toml::source_position at;
  std::string key;
  bool missing_key = false;
};

// What the tables of one document share.
struct Shared {
  std::string name;
  toml::table document;
  std::vector<Refused> refused;

  std::string place(const toml::source_region& source) const {
    return source.begin ? fmt::format("{}:{}", name, source.begin.line) : name;
  }
};

}  // namespace

struct TomlTable::Node {
  std::shared_ptr<Shared> shared;
  const toml::table* table = nullptr;  // of shared->document; null when the table is absent
  std::string path;                    // "relay.node" for errors; empty at the root
  toml::source_region source;
  std::set<std::string, std::less<>> known;
  std::map<std::string, std::vector<std::shared_ptr<Node>>, std::less<>> children;

  const toml::node* find(std::string_view key) {
    known.emplace(key);
    return table == nullptr ? nullptr : table->get(key);
  }
  std::string place(std::string_view key) const {
    const toml::node* value = table == nullptr ? nullptr : table->get(key);
    return shared->place(value == nullptr ? source : value->source());
  }
  void refuse(std::string_view key, std::string what, std::string mend, bool missing = false) {
    const toml::node* value = table == nullptr ? nullptr : table->get(key);
    const auto at = (value == nullptr ? source : value->source()).begin;
    // What follows from a value that was refused already says nothing new.
    for (const Refused& before : shared->refused) {
      if (before.at == at && before.key == key) return;
    }
    Error error{Fault::usage, std::move(what), place(key), std::move(mend)};
    shared->refused.push_back({std::move(error), at, std::string(key), missing});
  }
  void refuse_kind(std::string_view key, const toml::node& value, std::string wanted) {
    refuse(key, fmt::format("{} is {}", in_quotes(key), kind_name(value)), std::move(wanted));
  }
  std::shared_ptr<Node> child(std::string_view key, const toml::table* value) const {
    auto node = std::make_shared<Node>();
    node->shared = shared;
    node->table = value;
    node->path = path.empty() ? std::string(key) : path + "." + std::string(key);
    node->source = value == nullptr ? source : value->source();
    return node;
  }
};

namespace {

Refused unknown_key(const toml::key& key, const TomlTable::Node& node) {
  const auto guess =
      nearest(key.str(), std::vector<std::string>(node.known.begin(), node.known.end()));
  std::string mend = guess ? fmt::format("did you mean {}?", in_quotes(*guess)) : "remove it";
  return {{Fault::usage, fmt::format("unknown key {}", in_quotes(key.str())),
           node.shared->place(key.source()), std::move(mend)},
          key.source().begin,
          std::string(key.str())};
}

// Of this table and those below it.
void find_unknown(const TomlTable::Node& node, std::vector<Refused>& found) {
  if (node.table == nullptr) return;
  for (const auto& [key, value] : *node.table) {
    if (!node.known.contains(key.str())) found.push_back(unknown_key(key, node));
  }
  for (const auto& [key, children] : node.children) {
    for (const auto& child : children) find_unknown(*child, found);
  }
}

// The first as it is; the others as lines below it.
Error joined(const std::vector<Refused>& all) {
  Error error = all.front().error;
  for (std::size_t i = 1; i < std::min(all.size(), kMostShown); ++i) {
    error.mend += "\n" + all[i].error.text();
  }
  if (all.size() > kMostShown) error.mend += fmt::format("\n+{} more", all.size() - kMostShown);
  return error;
}

}  // namespace

std::optional<std::string> TomlTable::optional_string(std::string_view key) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->as_string()) return text->get();
  node_->refuse_kind(key, *value, "write it in quotes");
  return std::nullopt;
}

std::string TomlTable::string(std::string_view key, std::string fallback) {
  return optional_string(key).value_or(std::move(fallback));
}

std::string TomlTable::required_string(std::string_view key) {
  const auto text = optional_string(key);
  if (!text && !has(key)) {
    const std::string in = node_->path.empty() ? "" : fmt::format(" in [{}]", node_->path);
    node_->refuse(key, fmt::format("{} is missing{}", in_quotes(key), in),
                  fmt::format("add {} = \"...\"", key), true);
  }
  return text.value_or("");
}

std::int64_t TomlTable::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                                std::int64_t most) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return fallback;
  const std::string wanted = fmt::format("give a whole number from {} to {}", least, most);
  const auto* number = value->as_integer();
  if (number == nullptr) {
    node_->refuse_kind(key, *value, wanted);
  } else if (number->get() < least || number->get() > most) {
    node_->refuse(key, fmt::format("{} is {}", in_quotes(key), number->get()), wanted);
  } else {
    return number->get();
  }
  return fallback;
}

double TomlTable::number(std::string_view key, double fallback, double least, double most) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return fallback;
  const std::string wanted = fmt::format("give a number from {} to {}", least, most);
  if (!value->is_number()) {
    node_->refuse_kind(key, *value, wanted);
    return fallback;
  }
  const double number = value->value<double>().value_or(std::nan(""));
  if (number >= least && number <= most) return number;  // false for NaN
  node_->refuse(key, fmt::format("{} is {}", in_quotes(key), number), wanted);
  return fallback;
}

bool TomlTable::boolean(std::string_view key, bool fallback) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return fallback;
  if (const auto* truth = value->as_boolean()) return truth->get();
  node_->refuse_kind(key, *value, "write true or false, without quotes");
  return fallback;
}

Duration TomlTable::duration(std::string_view key, Duration fallback) {
  const auto text = optional_string(key);
  if (!text) return fallback;
  const auto duration = parse_duration(*text);
  if (duration) return *duration;
  node_->refuse(key, fmt::format("{} = {} is not a duration", key, in_quotes(*text)),
                duration.error().mend);
  return fallback;
}

std::optional<Time> TomlTable::time(std::string_view key) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<Time> time;
  if (const auto* moment = value->as_date_time()) {
    time = utc(moment->get());
  } else if (const auto* text = value->as_string()) {
    if (const auto parsed = parse_time(text->get())) time = *parsed;
  }
  if (!time) {
    node_->refuse(key, fmt::format("{} is not a time in UTC", in_quotes(key)),
                  "write RFC 3339 in UTC, like 2026-11-22T14:32:10Z");
  }
  return time;
}

std::vector<std::string> TomlTable::strings(std::string_view key) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return {};
  if (const auto* text = value->as_string()) return {text->get()};
  std::vector<std::string> all;
  const auto* array = value->as_array();
  if (array == nullptr) {
    node_->refuse_kind(key, *value, "write an array of strings: [\"a\", \"b\"]");
    return {};
  }
  for (const toml::node& element : *array) {
    if (const auto* text = element.as_string()) {
      all.push_back(text->get());
    } else {
      node_->refuse(key, fmt::format("{} holds {}", in_quotes(key), kind_name(element)),
                    "write an array of strings: [\"a\", \"b\"]");
    }
  }
  return all;
}

TomlTable TomlTable::table(std::string_view key) {
  const toml::node* value = node_->find(key);
  const toml::table* table = value == nullptr ? nullptr : value->as_table();
  if (value != nullptr && table == nullptr) {
    node_->refuse_kind(key, *value, fmt::format("write a table: [{}]", key));
  }
  auto& children = node_->children[std::string(key)];
  if (children.empty()) children.push_back(node_->child(key, table));
  return TomlTable(children.front());
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  const toml::node* value = node_->find(key);
  if (value == nullptr) return {};
  const auto* array = value->as_array();
  auto& children = node_->children[std::string(key)];
  if (array == nullptr) {
    node_->refuse_kind(key, *value, fmt::format("write one table an entry: [[{}]]", key));
  } else if (children.empty()) {
    for (const toml::node& element : *array) {
      if (const auto* table = element.as_table()) {
        children.push_back(node_->child(key, table));
      } else {
        node_->refuse(key, fmt::format("{} holds {}", in_quotes(key), kind_name(element)),
                      fmt::format("write one table an entry: [[{}]]", key));
      }
    }
  }
  return {children.begin(), children.end()};
}

bool TomlTable::has(std::string_view key) const {
  return node_->table != nullptr && node_->table->contains(key);
}

std::string TomlTable::where(std::string_view key) const { return node_->place(key); }

void TomlTable::refuse(std::string_view key, std::string what, std::string mend) {
  node_->refuse(key, std::move(what), std::move(mend));
}

struct TomlDocument::State {
  std::shared_ptr<Shared> shared;
  std::shared_ptr<TomlTable::Node> root;
};

Result<TomlDocument> TomlDocument::read_file(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    return fail(Fault::usage, "this is a directory", path, "name a TOML file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(std::filesystem::exists(path, code) ? Fault::usage : Fault::not_found,
                "cannot read the file", path, "check its name and that you may read it");
  }
  std::string text(kLongestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse(text, path);
}

Result<TomlDocument> TomlDocument::parse(std::string_view text, const std::string& name) {
  if (text.size() > kLongestFile) {
    return fail(Fault::usage, "the file is longer than 4 MiB", name, "is it the right file?");
  }
  auto shared = std::make_shared<Shared>();
  shared->name = name;
  try {
    shared->document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(Fault::usage, std::string(error.description()), shared->place(error.source()),
                "mend the TOML syntax of this line");
  } catch (const std::exception& error) {
    return fail(Fault::usage, fmt::format("not TOML: {}", error.what()), name);
  }
  TomlDocument document;
  document.state_ = std::make_shared<State>();
  document.state_->shared = shared;
  auto root = std::make_shared<TomlTable::Node>();
  root->shared = shared;
  root->table = &shared->document;
  root->source = shared->document.source();
  document.state_->root = std::move(root);
  return document;
}

TomlTable TomlDocument::root() { return TomlTable(state_->root); }

Result<void> TomlDocument::finish() const {
  std::vector<Refused> all = state_->shared->refused;
  find_unknown(*state_->root, all);
  // A misspelt key also makes the right one missing; the slip is the better thing to show.
  if (std::ranges::any_of(all, [](const Refused& one) { return !one.missing_key; })) {
    std::erase_if(all, [](const Refused& one) { return one.missing_key; });
  }
  if (all.empty()) return {};
  std::ranges::stable_sort(
      all, {}, [](const Refused& one) { return std::pair(one.at.line, one.at.column); });
  return Failure(joined(all));
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > kLongestShownKey) return std::nullopt;
  std::size_t least = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
  std::optional<std::string> best;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestShownKey + least) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least && distance < std::max(word.size(), candidate.size())) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace mxswitch
