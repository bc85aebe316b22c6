// The embedded store. One thread owns the connection; a step of work is a function over one
// Transaction, so journal, outbox and observations of a step commit together or not at all.
// Each owner writes its own tables and registers its migrations.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::monitor {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// One row of a result: columns by position.
class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
  std::int64_t integer(std::size_t column) const;  // NULL reads as 0
  std::string text(std::size_t column) const;      // NULL reads as ""
  bool is_null(std::size_t column) const;

 private:
  std::vector<Value> columns_;
};

// Thrown inside a step to roll it back with an error of the step's own ("generation is stale").
class StepRefused : public std::exception {
 public:
  explicit StepRefused(Error error) : error_(std::move(error)) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.what.c_str(); }

 private:
  Error error_;
};

class Transaction {
 public:
  virtual ~Transaction() = default;
  // Both throw when SQLite refuses: the transaction is rolled back and its caller gets the Error.
  // `execute` returns the number of rows that it changed.
  virtual std::vector<Row> query(std::string_view sql, const std::vector<Value>& values = {}) = 0;
  virtual std::int64_t execute(std::string_view sql, const std::vector<Value>& values = {}) = 0;
};

struct Migration {
  std::string owner;  // "journal", "observations", ...
  int version = 1;    // rises by one within an owner
  std::string sql;    // several statements may follow each other
};

class Database {
 public:
  virtual ~Database() = default;

  // Runs `work` on the database's thread in one transaction; resumes the caller on its own
  // executor after the durable commit (synchronous=FULL). An exception in `work` rolls back.
  template <class F>
  auto transact(F work) -> asio::awaitable<Result<std::invoke_result_t<F, Transaction&>>>;

  // The same for callers without a loop (start-up, HTTP threads, tests); blocks.
  template <class F>
  auto transact_blocking(F work) -> Result<std::invoke_result_t<F, Transaction&>>;

 protected:
  // Runs one job on the thread; `done` is called there, with no error after the commit.
  virtual void submit(std::function<void(Transaction&)> work,
                      std::function<void(std::optional<Error>)> done) = 0;
};

// "sqlite:PATH" or "sqlite::memory:". Applies the migrations that are missing, in order.
Result<std::unique_ptr<Database>> open_database(const std::string& store,
                                                const std::vector<Migration>& migrations);

}  // namespace mxswitch::monitor

#include "monitor/database/database_inline.h"
