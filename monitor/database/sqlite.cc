// SQLite behind Database: WAL, foreign keys, synchronous=FULL, one thread.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "monitor/database/database.h"

namespace mxswitch::monitor {
namespace {

// More waiting steps than this mean that the disk does not keep up; callers are then told.
constexpr std::size_t kQueueLimit = 10000;

void bind(SQLite::Statement& statement, int position, const Value& value) {
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::nullptr_t>) {
          statement.bind(position);
        } else {
          statement.bind(position, held);
        }
      },
      value);
}

Value column_value(const SQLite::Column& column) {
  if (column.isNull()) return nullptr;
  if (column.isInteger()) return column.getInt64();
  if (column.isFloat()) return column.getDouble();
  return column.getString();
}

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SQLite::Database& connection) : connection_(connection) {}

  std::vector<Row> query(std::string_view sql, const std::vector<Value>& values) override {
    SQLite::Statement statement(connection_, std::string(sql));
    bind_all(statement, values);
    std::vector<Row> rows;
    while (statement.executeStep()) {
      std::vector<Value> columns;
      for (int i = 0; i < statement.getColumnCount(); ++i) {
        columns.push_back(column_value(statement.getColumn(i)));
      }
      rows.emplace_back(std::move(columns));
    }
    return rows;
  }

  std::int64_t execute(std::string_view sql, const std::vector<Value>& values) override {
    SQLite::Statement statement(connection_, std::string(sql));
    bind_all(statement, values);
    return statement.exec();
  }

 private:
  static void bind_all(SQLite::Statement& statement, const std::vector<Value>& values) {
    int position = 0;
    for (const Value& value : values) bind(statement, ++position, value);
  }

  SQLite::Database& connection_;
};

struct Job {
  std::function<void(Transaction&)> work;
  std::function<void(std::optional<Error>)> done;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const std::string& path, std::string shown_name)
      : name_(std::move(shown_name)),
        connection_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000) {
    connection_.exec("PRAGMA journal_mode=WAL");
    connection_.exec("PRAGMA synchronous=FULL");
    connection_.exec("PRAGMA foreign_keys=ON");
    thread_ = std::thread([this] { serve(); });
  }

  ~SqliteDatabase() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();  // after all that was accepted has been committed
  }

 protected:
  void submit(std::function<void(Transaction&)> work,
              std::function<void(std::optional<Error>)> done) override {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_ && jobs_.size() < kQueueLimit) {
        jobs_.push_back({std::move(work), std::move(done)});
        wake_.notify_one();
        return;
      }
    }
    done(Error{Fault::unavailable, "the database does not keep up or is closing", name_,
               "try again in a moment"});
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.done(run(job));
      job = {};
      lock.lock();
    }
  }

  std::optional<Error> run(const Job& job) {
    try {
      SQLite::Transaction scope(connection_, SQLite::TransactionBehavior::IMMEDIATE);
      SqliteTransaction transaction(connection_);
      job.work(transaction);
      scope.commit();
      return std::nullopt;
    } catch (const StepRefused& refusal) {
      return refusal.error();
    } catch (const std::exception& exception) {
      return Error{Fault::internal,
                   fmt::format("the database refused a step: {}", exception.what()), name_,
                   "see that the disk is not full and the file may be written"};
    }
  }

  std::string name_;
  SQLite::Database connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
  try {
    return std::make_unique<SqliteDatabase>(path, "sqlite:" + path);
  } catch (const std::exception& exception) {
    return fail(Fault::unavailable, fmt::format("can't open the database: {}", exception.what()),
                "sqlite:" + path, "the folder must exist and be writable");
  }
}

}  // namespace mxswitch::monitor
