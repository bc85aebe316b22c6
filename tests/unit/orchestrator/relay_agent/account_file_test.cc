// The file of accounts, asked with the very queries of deploy/dovecot's templates.
#include "orchestrator/relay_agent/account_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/relay_agent/registry.h"

namespace mxswitch::orchestrator {
namespace {

using Row = std::map<std::string, std::string>;  // what is NULL is left out, as Dovecot does

const Time kNow = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());

DomainRecord shop() {
  DomainRecord record;
  record.row.domain = "shop.example";
  record.row.forward = "smtp:[192.0.2.7]:25";
  record.row.hosted = "lmtp:inet:192.0.2.9:24";
  record.roster.delimiter = "+";
  record.roster.aliases = {{"info", {"joe"}}};
  const auto hour = std::chrono::hours(1);
  record.credentials["joe"] = {"{SHA512-CRYPT}$6$joe", false, {}};
  record.credentials["newbie"] = {"{SHA512-CRYPT}$6$new", true, kNow + hour};
  record.credentials["late"] = {"{SHA512-CRYPT}$6$late", true, kNow - hour};
  record.credentials["o'brien"] = {"{SHA512-CRYPT}$6$o", false, {}};
  record.credentials["silent"] = {"", true, {}};
  for (const auto& [name, credential] : record.credentials) {
    record.roster.accounts.push_back({name, credential.must_change});
  }
  return record;
}

DomainRecord twin() {
  DomainRecord record;
  record.row.domain = "twin.example";
  record.row.hosted = "lmtp:inet:192.0.2.9:24";
  record.roster.same_as = "shop.example";
  return record;
}

RelayState state_of(const std::vector<DomainRecord>& records) {
  RelayState state;
  for (const auto& record : records) {
    state.domains[record.row.domain] = *make_domain_state(record);
  }
  return state;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string template_text(const std::string& path) {
  std::ifstream in(std::string(MXSWITCH_SOURCE_DIR) + "/deploy/dovecot/" + path);
  std::ostringstream text;
  text << in.rdbuf();
  return replaced(text.str(), "\\\n", "");
}

// A release's queries with Dovecot's variables, as Dovecot fills them in: lower case, quotes
// doubled.
class Queries {
 public:
  explicit Queries(const std::string& release) {
    if (release == "2.3") {
      const std::string text = template_text("2.3/dovecot-sql.conf.ext.in");
      password_ = setting(text, "password_query");
      user_ = setting(text, "user_query");
      domain_ = "%Ld", name_ = "%Ln", service_ = "%Ls";
    } else {
      const std::string text = template_text("2.4/dovecot.conf.in");
      password_ = setting(text.substr(text.find("passdb sql")), "query");
      user_ = setting(text.substr(text.find("userdb sql")), "query");
      domain_ = "%{user | domain | lower}", name_ = "%{user | username | lower}";
      service_ = "%{protocol}";
    }
  }
  std::string login(const std::string& service, const std::string& user) const {
    return filled(replaced(password_, service_, service), user);
  }
  std::string mailbox(const std::string& user) const { return filled(user_, user); }

 private:
  static std::string setting(const std::string& text, const std::string& name) {
    std::smatch found;
    if (!std::regex_search(text, found, std::regex("\\b" + name + " = ([^\\n]*)"))) {
      ADD_FAILURE() << "no " << name;
    }
    return found[1];
  }
  std::string filled(std::string query, const std::string& user) const {
    const auto at = user.find('@');
    EXPECT_EQ(replaced(replaced(query, domain_, ""), name_, "").find('%'), query.npos) << query;
    const std::string domain = at == user.npos ? "" : user.substr(at + 1);
    query = replaced(query, domain_, replaced(domain, "'", "''"));
    return replaced(query, name_, replaced(user.substr(0, at), "'", "''"));
  }

  std::string password_, user_, domain_, name_, service_;
};

class AccountFileTest : public testing::TestWithParam<const char*> {
 protected:
  AccountFileTest() {
    std::string pattern = testing::TempDir() + "accounts-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/accounts.db";
  }
  ~AccountFileTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AccountFile> open() {
    auto opened = AccountFile::open(path_, "", store_);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }

  // As Dovecot: a connection that may only read.
  std::vector<Row> ask(const std::string& query) {
    SQLite::Database file(path_, SQLite::OPEN_READONLY);
    SQLite::Statement rows(file, query);
    std::vector<Row> found;
    while (rows.executeStep()) {
      Row row;
      for (int i = 0; i < rows.getColumnCount(); ++i) {
        if (!rows.isColumnNull(i)) row[rows.getColumnName(i)] = rows.getColumn(i).getString();
      }
      found.push_back(std::move(row));
    }
    EXPECT_LE(found.size(), 1U) << query;
    return found;
  }
  Row login(const std::string& service, const std::string& user) {
    const auto rows = ask(Queries(GetParam()).login(service, user));
    return rows.empty() ? Row{} : rows[0];
  }
  std::string home(const std::string& user) {
    const auto rows = ask(Queries(GetParam()).mailbox(user));
    return rows.empty() ? "-" : rows[0].at("home");
  }

  std::string folder_, path_;
  MailStore store_{"/mail", "mxswitch-probe@filter.example"};
};

INSTANTIATE_TEST_SUITE_P(Dovecot, AccountFileTest, testing::Values("2.3", "2.4"));

TEST_P(AccountFileTest, OpensALoginByServiceAndPassword) {
  const auto file = open();
  ASSERT_TRUE(file->bring_in_line(state_of({shop(), twin()})));
  EXPECT_EQ(login("imap", "joe@shop.example"), (Row{{"password", "{SHA512-CRYPT}$6$joe"}}));
  EXPECT_EQ(login("imap", "o'brien@shop.example").at("password"), "{SHA512-CRYPT}$6$o");
  EXPECT_EQ(login("smtp", "joe@twin.example").at("password"), "{SHA512-CRYPT}$6$joe");
  for (const char* service : {"imap", "pop3"}) {
    const auto told = login(service, "newbie@shop.example");
    EXPECT_EQ(told.at("nologin"), "y");
    EXPECT_NE(told.at("reason"), "");
  }
  for (const char* service : {"smtp", "submission"}) {
    EXPECT_EQ(login(service, "newbie@shop.example"), Row{});
    EXPECT_NE(login(service, "joe@shop.example"), Row{});
  }
  for (const char* nobody : {"late@shop.example", "silent@shop.example", "info@shop.example",
                             "joe+tag@shop.example", "joe@other.example", "@probe@shop.example",
                             "mxswitch-probe@filter.example", "' or 1=1 --@shop.example"}) {
    EXPECT_EQ(login("imap", nobody), Row{}) << nobody;
  }
}

TEST_P(AccountFileTest, FindsTheMailboxOfAnyNameThatTheRelayDelivers) {
  auto record = shop();
  record.credentials["a/b"] = record.credentials["%{user}"] = {};
  auto plain = shop();
  plain.row.domain = "plain.example";
  plain.roster.delimiter.reset();
  const auto file = open();
  ASSERT_TRUE(file->bring_in_line(state_of({record, plain, twin()})));
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
  EXPECT_EQ(home("joe+tag@shop.example"), "/mail/shop.example/joe");
  EXPECT_EQ(home("o'brien+x'y@shop.example"), "/mail/shop.example/o=27brien");
  EXPECT_EQ(home("a/b@shop.example"), "/mail/shop.example/a=2Fb");
  EXPECT_EQ(home("%{user}@shop.example"), "/mail/shop.example/=25=7Buser=7D");
  EXPECT_EQ(home("joe+tag@twin.example"), "/mail/shop.example/joe");
  EXPECT_EQ(home("joe+tag@plain.example"), "-");
  EXPECT_EQ(home("newbie@shop.example"), "/mail/shop.example/newbie");  // at once
  for (const char* nobody : {"nobody@shop.example", "info@shop.example", "+joe@shop.example",
                             "joe@other.example", "joe", "' or 1=1 --@shop.example"}) {
    EXPECT_EQ(home(nobody), "-") << nobody;
  }
}

TEST_P(AccountFileTest, LaysProbesIntoTheHiddenMailbox) {
  const auto file = open();
  ASSERT_TRUE(file->bring_in_line(state_of({shop(), twin()})));
  const std::string token = std::string(kTokenPrefix) + std::string(31, 'a') + "0";
  ASSERT_TRUE(looks_like_token(token));
  EXPECT_EQ(home("mxswitch-probe@filter.example"), "/mail/.probes");
  EXPECT_EQ(home(token + "@shop.example"), "/mail/.probes");
  EXPECT_EQ(home(token + "@twin.example"), "/mail/.probes");
  EXPECT_EQ(home(token + "@other.example"), "-");
  EXPECT_EQ(home(token + "0@shop.example"), "-");
  auto filter = shop();
  filter.row.domain = "filter.example";
  filter.credentials["mxswitch-probe"] = {};
  ASSERT_TRUE(file->put(filter));
  EXPECT_EQ(home("mxswitch-probe@filter.example"), "/mail/.probes");
  ASSERT_TRUE(file->erase("filter.example"));
  EXPECT_EQ(home("mxswitch-probe@filter.example"), "/mail/.probes");
}

TEST_P(AccountFileTest, IsTheStoreAgainAfterAnyStart) {
  {
    const auto file = open();
    auto old = shop();
    old.credentials["gone"] = {};
    auto other = shop();
    other.row.domain = "gone.example";
    ASSERT_TRUE(file->bring_in_line(state_of({old, other})));
    EXPECT_EQ(home("gone@shop.example"), "/mail/shop.example/gone");
  }
  store_.root = "/elsewhere";
  auto now = shop();
  now.credentials["joe"].hash = "{SHA512-CRYPT}$6$other";
  ASSERT_TRUE(open()->bring_in_line(state_of({now})));
  EXPECT_EQ(home("gone@shop.example"), "-");
  EXPECT_EQ(home("joe@gone.example"), "-");
  EXPECT_EQ(home("joe@shop.example"), "/elsewhere/shop.example/joe");
  EXPECT_EQ(login("imap", "joe@shop.example").at("password"), "{SHA512-CRYPT}$6$other");
  {
    SQLite::Database older(path_, SQLite::OPEN_READWRITE);
    older.exec("PRAGMA user_version = 99; DROP VIEW logins");
  }
  ASSERT_TRUE(open()->bring_in_line(state_of({now})));
  EXPECT_EQ(login("imap", "joe@shop.example").at("password"), "{SHA512-CRYPT}$6$other");
}

// A lost, empty or older store takes no account away: other nodes may have mail for it.
TEST_P(AccountFileTest, KeepsWhatTheStoreMayMerelyLack) {
  auto other = shop();
  other.row.domain = "other.example";
  ASSERT_TRUE(open()->bring_in_line(state_of({shop(), other})));
  RelayState empty;
  empty.may_lack_all = true;
  ASSERT_TRUE(open()->bring_in_line(empty));
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
  auto older = shop();
  older.credentials.erase("joe");
  auto state = state_of({older});
  state.doubts = {{"shop.example", {DoubtKind::behind, "older than at mx2", "mx2", {}}}};
  ASSERT_TRUE(open()->bring_in_line(state));
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
  EXPECT_EQ(home("joe@other.example"), "-");
}

// Killed with half a change on the disk, its journal beside it.
TEST_P(AccountFileTest, IsTheStoreAgainAfterACrashWithinAWrite) {
  ASSERT_TRUE(open()->bring_in_line(state_of({shop()})));
  const pid_t child = ::fork();
  if (child == 0) {
    SQLite::Database file(path_, SQLite::OPEN_READWRITE);
    file.exec("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN IMMEDIATE;");
    for (int i = 0; i < 2000; ++i) {
      file.exec("INSERT INTO names VALUES ('shop.example', hex(randomblob(60)), '/', '', 0, NULL)");
    }
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_TRUE(std::filesystem::exists(path_ + "-journal"));
  ASSERT_TRUE(open()->bring_in_line(state_of({shop()})));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-journal"));
  SQLite::Database file(path_, SQLite::OPEN_READONLY);
  EXPECT_EQ(file.execAndGet("SELECT count(*) FROM names").getInt(), 5);
}

TEST_P(AccountFileTest, IsReadByItsGroupAndWrittenByNobodyElse) {
  ::chmod(folder_.c_str(), 02750);
  const auto file = open();
  ASSERT_TRUE(file->bring_in_line(state_of({shop()})));
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0640U);
  // Whoever may only read leaves nothing behind, nor needs anything to be there.
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(AccountFile::open(path_, "no-such-group", store_).error().fault, Fault::usage);
  EXPECT_FALSE(AccountFile::open(folder_ + "/none/accounts.db", "", store_));
}

TEST_P(AccountFileTest, LeavesAnotherProgramsFileAlone) {
  {
    SQLite::Database file(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    file.exec("CREATE TABLE domains (x)");
  }
  const auto opened = AccountFile::open(path_, "", store_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text().find("another program's"), std::string::npos);
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_FALSE(AccountFile::open(path_, "", store_));
}

class RegistryWithAccounts : public AccountFileTest {
 protected:
  ManualClock clock_{kNow};
  std::unique_ptr<monitor::Database> database_ =
      std::move(*monitor::open_database("sqlite::memory:", agent_migrations()));
  Registry registry_{*database_, clock_};
};

INSTANTIATE_TEST_SUITE_P(Dovecot, RegistryWithAccounts, testing::Values("2.4"));

TEST_P(RegistryWithAccounts, TellsDovecotWithEveryRoster) {
  const auto file = open();
  ASSERT_TRUE(registry_.keep_accounts_in(*file));
  auto record = shop();
  ASSERT_TRUE(registry_.save(record, true, {}));
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
  record.credentials["joe"].hash = "{SHA512-CRYPT}$6$mine";
  record.credentials.erase("newbie");
  ASSERT_TRUE(registry_.save(record, true, {}));
  EXPECT_EQ(login("imap", "joe@shop.example").at("password"), "{SHA512-CRYPT}$6$mine");
  EXPECT_EQ(home("newbie@shop.example"), "-");
  ASSERT_TRUE(registry_.erase("shop.example", {}));
  EXPECT_EQ(home("joe@shop.example"), "-");
}

// Neither may say what the other does not: a roster that cannot be told to Dovecot is refused, and
// one that the store does not take is taken back.
TEST_P(RegistryWithAccounts, NeverTellsWhatTheOtherDoesNot) {
  const auto file = open();
  ASSERT_TRUE(registry_.keep_accounts_in(*file));
  auto record = shop();
  ASSERT_TRUE(registry_.save(record, true, {}));
  auto more = record;
  more.credentials["more"] = {};
  {
    SQLite::Database other(path_, SQLite::OPEN_READWRITE);
    other.exec("CREATE TRIGGER no BEFORE INSERT ON names BEGIN SELECT RAISE(ABORT, 'full'); END");
  }
  EXPECT_FALSE(registry_.save(more, true, {}));
  EXPECT_FALSE(registry_.state()->find("shop.example")->record.credentials.contains("more"));
  Registry again(*database_, clock_);
  ASSERT_TRUE(again.load());
  EXPECT_FALSE(again.state()->find("shop.example")->record.credentials.contains("more"));
  {
    SQLite::Database other(path_, SQLite::OPEN_READWRITE);
    other.exec("DROP TRIGGER no");
  }
  ASSERT_TRUE(database_->transact_blocking([](monitor::Transaction& transaction) {
    // Fails at the commit alone, when Dovecot has been told.
    transaction.execute(
        "CREATE TABLE later (domain TEXT REFERENCES promised(x) DEFERRABLE INITIALLY DEFERRED)");
    transaction.execute(
        "CREATE TRIGGER late AFTER INSERT ON relay_accounts WHEN NEW.name = 'more' BEGIN"
        " INSERT INTO later VALUES ('x'); END");
    transaction.execute("CREATE TABLE promised (x TEXT PRIMARY KEY)");
  }));
  EXPECT_FALSE(registry_.save(more, true, {}));
  EXPECT_EQ(home("more@shop.example"), "-");
  EXPECT_EQ(home("joe@shop.example"), "/mail/shop.example/joe");
}

TEST(AccountPath, IsOneOfItsOwnForEveryName) {
  EXPECT_EQ(path_of("a.b-c_d9"), "a.b-c_d9");
  std::set<std::string> paths;
  std::vector<std::string> names;
  for (int a = 33; a < 127; ++a) {
    for (int b = 33; b < 127; ++b) {
      names.push_back(std::string{static_cast<char>(a), static_cast<char>(b)});
    }
  }
  for (const auto& name : names) {
    const std::string path = path_of(name);
    EXPECT_EQ(path.find_first_of("/%~'\"$ "), path.npos) << name;
    paths.insert(path);
  }
  EXPECT_EQ(paths.size(), names.size());
  EXPECT_LE(path_of(std::string(64, '/')).size(), 255U);
}

}  // namespace
}  // namespace mxswitch::orchestrator
