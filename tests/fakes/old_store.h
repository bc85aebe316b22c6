// Stores as an earlier commit wrote them: dumps in tests/fakes/stores, opened by today's code.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "monitor/database/database.h"

namespace mxswitch::fakes {

inline std::string dump_of(const std::string& name) {
  std::ifstream file(std::string(MXSWITCH_SOURCE_DIR) + "/tests/fakes/stores/" + name);
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) throw std::runtime_error("no dump " + name);
  return text.str();
}

// The dump in a file of its own, for as long as this lives.
class OldStore {
 public:
  explicit OldStore(const std::string& dump) {
    std::string pattern = (std::filesystem::temp_directory_path() / "mxswitch-store-XXXXXX");
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    auto written = monitor::open_database(store(), {{"dump", 1, dump_of(dump)}});
    if (!written) throw std::runtime_error(written.error().text());
  }
  ~OldStore() { std::filesystem::remove_all(folder_); }
  OldStore(const OldStore&) = delete;
  OldStore& operator=(const OldStore&) = delete;

  // As a program of today opens it.
  std::unique_ptr<monitor::Database> open(const std::vector<monitor::Migration>& now) const {
    auto opened = monitor::open_database(store(), now);
    if (!opened) throw std::runtime_error(opened.error().text());
    return std::move(*opened);
  }

 private:
  std::string store() const { return "sqlite:" + (folder_ / "store.db").string(); }

  std::filesystem::path folder_;
};

// Every text of every table that holds `word`, as "table.column: text".
inline std::vector<std::string> texts_with(monitor::Database& database, const std::string& word) {
  const auto look = [word](monitor::Transaction& tx) {
    std::vector<std::string> found;
    for (const auto& table : tx.query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      const std::string name = table.text(0);
      for (const auto& column : tx.query("SELECT name FROM pragma_table_info(?)", {name})) {
        const std::string field = column.text(0);
        for (const auto& row : tx.query("SELECT \"" + field + "\" FROM \"" + name +
                                            "\" WHERE instr(\"" + field + "\", ?) > 0",
                                        {word}))
          found.push_back(name + "." + field + ": " + row.text(0));
      }
    }
    return found;
  };
  return database.transact_blocking(look).value();
}

}  // namespace mxswitch::fakes
