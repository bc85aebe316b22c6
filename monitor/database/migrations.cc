#include <fmt/format.h>

#include "monitor/database/database.h"

namespace mxswitch::monitor {

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);

namespace {

// SQLite prepares one statement at a time; migrations hold several. Statements of a migration
// end with ";" at the end of a line, which no string or trigger of ours contains elsewhere.
std::vector<std::string> split_statements(const std::string& sql) {
  std::vector<std::string> statements;
  std::size_t start = 0;
  while (start < sql.size()) {
    std::size_t end = sql.find(";\n", start);
    if (end == std::string::npos) end = sql.size();
    std::string statement = sql.substr(start, end - start);
    if (statement.find_first_not_of(" \n\t;") != std::string::npos) {
      statements.push_back(std::move(statement));
    }
    start = end + 2;
  }
  return statements;
}

std::int64_t applied_version(Transaction& transaction, const std::string& owner) {
  const auto rows =
      transaction.query("SELECT max(version) FROM migrations WHERE owner = ?", {owner});
  return rows.empty() ? 0 : rows.front().integer(0);
}

void apply_missing(Transaction& transaction, const std::vector<Migration>& migrations) {
  transaction.execute(
      "CREATE TABLE IF NOT EXISTS migrations (owner TEXT NOT NULL, version INTEGER NOT NULL, "
      "PRIMARY KEY (owner, version))");
  for (const Migration& migration : migrations) {
    const std::int64_t applied = applied_version(transaction, migration.owner);
    if (migration.version <= applied) continue;
    if (migration.version != applied + 1) {
      throw StepRefused({Fault::internal,
                         fmt::format("migration {} of {} follows {}", migration.version,
                                     migration.owner, applied),
                         {},
                         {}});
    }
    for (const std::string& statement : split_statements(migration.sql)) {
      transaction.execute(statement);
    }
    transaction.execute("INSERT INTO migrations (owner, version) VALUES (?, ?)",
                        {migration.owner, std::int64_t{migration.version}});
  }
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& store,
                                                const std::vector<Migration>& migrations) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!store.starts_with(kScheme)) {
    return fail(Fault::usage, "unknown kind of store", store,
                "write sqlite:PATH (PostgreSQL is not built into this version)");
  }
  auto database = open_sqlite(store.substr(kScheme.size()));
  if (!database) return database;
  auto applied = (*database)->transact_blocking(
      [&migrations](Transaction& transaction) { apply_missing(transaction, migrations); });
  if (!applied) return tl::unexpected(applied.error());
  return database;
}

}  // namespace mxswitch::monitor
