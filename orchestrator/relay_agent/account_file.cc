#include "orchestrator/relay_agent/account_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <set>

#include "orchestrator/relay_agent/probe_board.h"

namespace mxswitch::orchestrator {
namespace {

constexpr int kForm = 1;                  // of the tables below; another one is made anew
constexpr int kApplication = 0x6d787377;  // "mxsw"
constexpr int kPatienceMs = 5000;         // for a reader in the way

// Dovecot reads the views alone. `delimiter` and `token` tell its query which names a recipient
// may stand for: "joe+tag" for joe, and what has the form of a probe's address for "@probe", which
// no roster takes for a name.
constexpr const char* kTables = R"sql(
CREATE TABLE domains (
  domain TEXT PRIMARY KEY, owner TEXT NOT NULL, delimiter TEXT) WITHOUT ROWID;
CREATE TABLE names (
  domain TEXT NOT NULL, name TEXT NOT NULL, home TEXT NOT NULL, hash TEXT NOT NULL,
  must_change INTEGER NOT NULL, expires_at INTEGER, PRIMARY KEY (domain, name)) WITHOUT ROWID;
CREATE TABLE probes (
  domain TEXT NOT NULL, name TEXT NOT NULL, home TEXT NOT NULL, token TEXT NOT NULL);
CREATE VIEW mailboxes AS
  SELECT d.domain AS domain, o.delimiter AS delimiter, NULL AS token, n.name AS name,
      n.home AS home
    FROM domains d JOIN domains o ON o.domain = d.owner JOIN names n ON n.domain = o.domain
  UNION ALL SELECT d.domain, NULL, p.token, '@probe', p.home
    FROM domains d JOIN domains o ON o.domain = d.owner JOIN probes p
  UNION ALL SELECT domain, NULL, NULL, name, home FROM probes;
CREATE VIEW logins AS
  SELECT d.domain AS domain, n.name AS name, n.hash AS password, n.must_change AS must_change,
      CASE WHEN n.must_change THEN 'y' END AS nologin,
      CASE WHEN n.must_change THEN
        'Choose a password of your own first: open the password page' END AS reason
    FROM domains d JOIN domains o ON o.domain = d.owner JOIN names n ON n.domain = o.domain
    WHERE n.hash <> '' AND (NOT n.must_change OR n.expires_at IS NULL
      OR CAST(strftime('%s', 'now') AS INTEGER) * 1000 < n.expires_at);
CREATE VIEW people AS
  SELECT domain, name FROM names UNION SELECT domain, name FROM probes;
)sql";

Failure refuse(const std::string& path, const std::string& what, const std::string& mend) {
  return fail(Fault::unavailable, what, path, mend);
}

Result<void> make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) {
    return refuse(path, fmt::format("the accounts cannot be written: {}", std::strerror(errno)),
                  "make the folder, owned by the agent's user; move away a file of another user");
  }
  ::close(fd);
  return {};
}

// Dovecot's own processes are in that group; nobody else may read hashes.
Result<void> give_to_group(const std::string& path, const std::string& group) {
  if (!group.empty()) {
    const struct group* found = ::getgrnam(group.c_str());
    if (!found) return fail(Fault::usage, "there is no group \"" + group + "\"", path);
    if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
      return refuse(path,
                    fmt::format("cannot be given to group \"{}\": {}", group, std::strerror(errno)),
                    "make the agent's user a member of that group");
    }
  }
  if (::chmod(path.c_str(), 0640) == 0) return {};
  return refuse(path, fmt::format("its mode cannot be set: {}", std::strerror(errno)),
                "move away a file of another user");
}

std::string_view local_part(const std::string& address) {
  return std::string_view(address).substr(0, address.rfind('@'));
}
std::string_view domain_part(const std::string& address) {
  return std::string_view(address).substr(address.rfind('@') + 1);
}

void bind(SQLite::Statement& statement, int position, const std::optional<std::string>& text) {
  text ? statement.bind(position, *text) : statement.bind(position);
}

}  // namespace

struct AccountFile::Impl {
  Impl(const std::string& path, MailStore mail)
      : name(path), store(std::move(mail)), file(path, SQLite::OPEN_READWRITE, kPatienceMs) {
    file.exec("PRAGMA journal_mode=DELETE");
    file.exec("PRAGMA synchronous=FULL");
    // Pages of a large change stay in memory until its commit: readers wait for that alone.
    file.exec("PRAGMA cache_spill=OFF");
  }

  template <class F>
  Result<void> change(F&& work);
  void make_tables();
  void put(const DomainRecord& record);
  void put_accounts(const std::string& domain, const std::map<std::string, MailAccount>& wanted);
  std::map<std::string, MailAccount> accounts(const std::string& domain);
  void erase(const std::string& domain);
  int pragma(const char* which) { return file.execAndGet(which).getInt(); }

  const std::string name;
  const MailStore store;
  std::mutex mutex;
  SQLite::Database file;
};

template <class F>
Result<void> AccountFile::Impl::change(F&& work) {
  const std::lock_guard lock(mutex);
  try {
    SQLite::Transaction transaction(file, SQLite::TransactionBehavior::IMMEDIATE);
    work();
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& error) {
    return refuse(name, std::string("the accounts for Dovecot are not written: ") + error.what(),
                  "see that the disk has room and that only the agent writes this file");
  }
}

void AccountFile::Impl::make_tables() {
  if (pragma("PRAGMA user_version") != kForm) {
    for (const char* view : {"mailboxes", "logins", "people"}) {
      file.exec(fmt::format("DROP VIEW IF EXISTS {}", view));
    }
    for (const char* table : {"domains", "names", "probes"}) {
      file.exec(fmt::format("DROP TABLE IF EXISTS {}", table));
    }
    file.exec(kTables);
    file.exec(fmt::format("PRAGMA user_version={}", kForm));
    file.exec(fmt::format("PRAGMA application_id={}", kApplication));
  }
  file.exec("DELETE FROM probes");
  SQLite::Statement insert(file, "INSERT INTO probes VALUES (?,?,?,?)");
  insert.bind(1, std::string(domain_part(store.probe_user)));
  insert.bind(2, std::string(local_part(store.probe_user)));
  insert.bind(3, probe_home(store));
  insert.bind(4, token_glob());
  insert.exec();
}

std::map<std::string, MailAccount> AccountFile::Impl::accounts(const std::string& domain) {
  SQLite::Statement rows(
      file, "SELECT name, home, hash, must_change, expires_at FROM names WHERE domain = ?");
  rows.bind(1, domain);
  std::map<std::string, MailAccount> found;
  while (rows.executeStep()) {
    MailAccount account{rows.getColumn(1).getString(), rows.getColumn(2).getString(),
                        rows.getColumn(3).getInt() != 0, std::nullopt};
    if (!rows.isColumnNull(4)) account.expires_at = Time(Duration(rows.getColumn(4).getInt64()));
    found.emplace(rows.getColumn(0).getString(), std::move(account));
  }
  return found;
}

// Only what differs is written: one password more is one row, whatever the size of the roster.
void AccountFile::Impl::put_accounts(const std::string& domain,
                                     const std::map<std::string, MailAccount>& wanted) {
  const auto found = accounts(domain);
  SQLite::Statement insert(file, "INSERT OR REPLACE INTO names VALUES (?,?,?,?,?,?)");
  for (const auto& [account_name, account] : wanted) {
    const auto before = found.find(account_name);
    if (before != found.end() && before->second == account) continue;
    insert.bind(1, domain);
    insert.bind(2, account_name);
    insert.bind(3, account.home);
    insert.bind(4, account.hash);
    insert.bind(5, int{account.must_change});
    insert.bind(6);
    if (account.expires_at) {
      insert.bind(6, static_cast<std::int64_t>(account.expires_at->time_since_epoch().count()));
    }
    insert.exec();
    insert.reset();
  }
  SQLite::Statement remove(file, "DELETE FROM names WHERE domain = ? AND name = ?");
  for (const auto& [account_name, account] : found) {
    if (wanted.contains(account_name)) continue;
    remove.bind(1, domain);
    remove.bind(2, account_name);
    remove.exec();
    remove.reset();
  }
}

void AccountFile::Impl::put(const DomainRecord& record) {
  const std::string& domain = record.row.domain;
  SQLite::Statement insert(file, "INSERT OR REPLACE INTO domains VALUES (?,?,?)");
  insert.bind(1, domain);
  insert.bind(2, record.roster.same_as.value_or(domain));
  bind(insert, 3, record.roster.delimiter);
  insert.exec();
  put_accounts(domain, mail_accounts(record, store));
}

void AccountFile::Impl::erase(const std::string& domain) {
  for (const char* table : {"domains", "names"}) {
    SQLite::Statement remove(file, fmt::format("DELETE FROM {} WHERE domain = ?", table));
    remove.bind(1, domain);
    remove.exec();
  }
}

AccountFile::AccountFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AccountFile::~AccountFile() = default;

Result<std::unique_ptr<AccountFile>> AccountFile::open(const std::string& path,
                                                       const std::string& group,
                                                       const MailStore& store) {
  if (auto made = make_file(path); !made) return tl::unexpected(made.error());
  try {
    auto impl = std::make_unique<Impl>(path, store);
    const bool empty = impl->pragma("PRAGMA schema_version") == 0;
    if (!empty && impl->pragma("PRAGMA application_id") != kApplication) {
      return refuse(path, "this is another program's file", "name a file of its own for accounts");
    }
    if (auto given = give_to_group(path, group); !given) return tl::unexpected(given.error());
    return std::unique_ptr<AccountFile>(new AccountFile(std::move(impl)));
  } catch (const SQLite::Exception& error) {
    return refuse(path, std::string("the accounts cannot be read: ") + error.what(),
                  "move the file away; restart Dovecot once the agent has made a new one");
  }
}

Result<void> AccountFile::bring_in_line(const RelayState& state) {
  return impl_->change([&] {
    impl_->make_tables();
    std::set<std::string> gone;
    SQLite::Statement known(impl_->file,
                            "SELECT domain FROM domains UNION SELECT DISTINCT domain FROM names");
    while (known.executeStep()) gone.insert(known.getColumn(0).getString());
    for (const auto& [domain, held] : state.domains) {
      gone.erase(domain);
      if (!state.doubts.contains(domain)) impl_->put(held->record);
    }
    // What the store may merely lack stays: mail for it is in other nodes' queues.
    for (const auto& domain : gone) {
      if (!state.may_lack(domain)) impl_->erase(domain);
    }
  });
}

Result<void> AccountFile::put(const DomainRecord& record) {
  return impl_->change([&] { impl_->put(record); });
}

Result<void> AccountFile::erase(const std::string& domain) {
  return impl_->change([&] { impl_->erase(domain); });
}

}  // namespace mxswitch::orchestrator
