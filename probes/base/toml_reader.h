// Reads a TOML file strictly: every key must be asked for, every error says file:line, and an
// unknown key is answered with the nearest known one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch {

// A table being read. Getters note the key as known; where one keeps an error it returns its
// default, and `finish()` of the root reports all of them and the unknown keys.
class TomlTable {
 public:
  std::string string(std::string_view key, std::string fallback = {});
  std::optional<std::string> optional_string(std::string_view key);
  std::string required_string(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                       std::int64_t most);
  double number(std::string_view key, double fallback, double least, double most);
  bool boolean(std::string_view key, bool fallback);
  Duration duration(std::string_view key, Duration fallback);  // "45s", "1h30m"
  std::optional<Time> time(std::string_view key);              // RFC 3339 string or TOML date-time
  std::vector<std::string> strings(std::string_view key);      // array; a lone string is one
  TomlTable table(std::string_view key);                       // absent: an empty table
  std::vector<TomlTable> tables(std::string_view key);         // array of tables
  bool has(std::string_view key) const;

  // "file:line" of a key (of the table itself when absent), for errors of the caller's own.
  std::string where(std::string_view key) const;
  // Keeps an error of the caller's own as if a getter had found it.
  void refuse(std::string_view key, std::string what, std::string mend = {});

  struct Node;
  explicit TomlTable(std::shared_ptr<Node> node) : node_(std::move(node)) {}

 private:
  std::shared_ptr<Node> node_;
};

class TomlDocument {
 public:
  static Result<TomlDocument> read_file(const std::string& path);
  static Result<TomlDocument> parse(std::string_view text, const std::string& name);

  TomlTable root();
  Result<void> finish() const;  // every error in the order of the file, a line each; ten at most

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The candidate with the least edit distance, if it is near enough to be a typing slip.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace mxswitch
