#include "orchestrator/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLeast = "domain = \"shop.example\"\n[mx]\nnew = \"10 mx1.filter.example\"\n";

constexpr const char* kWhole = R"(
domain = "Shop.Example."
alias_domains = ["shop.test", "bücher.example"]
subdomains = ["news.shop.example"]
[mx]
new = ["20 mx2.filter.example", "10 mx1.filter.example"]
old = "10 mail.shop.example"
old_ttl = "1h"
changed_at = 2026-11-22T14:32:10Z
[authority]
ignore = [{server = "ns9.old.example", reason = "lame for years"}]
ns_drain = "ttl"
[spf]
require = ["include:_SPF.filter.example"]
all = "~all"
senders_old = ["192.0.2.25"]
senders_new = ["2001:db8::25"]
helo = "out.filter.example"
[outbound]
dkim_selectors = ["s1"]
[relay]
name = "filter"
forward = "smtp:[mail.shop.example]:25"
hosted = "lmtp:unix:private/dovecot-lmtp"
probe_recipient = "Joe@shop.example"
old_server_exempts = true
[roster]
accounts = "accounts.txt"
aliases = "aliases.txt"
catch_all = "mary"
ignore = ["Printer", "old@shop.test"]
[contact]
external = ["ops@elsewhere.net", "https://hooks.example:8443/x"]
[policy]
authority_poll_before = "1s"
authority_poll = "2s"
authority_poll_done = "5s"
authority_spread = "1s"
delta = "2s"
clock_error = "500ms"
floor = "10s"
k = 7
sample_spacing = "1s"
min_operators = 3
min_countries = 2
reprobe = ["1s", "5s", "5m"]
stretcher_after = "10s"
violator_after = "60s"
settle = "10s"
validity = "10m"
query_deadline = "5s"
stale_allowance = "1s"
seed = true
quiet = true
window = "Mon-Fri 18:00-23:00"
approvers = 2
unknown = "reject"
unknown_grace = "0s"
probe_from = "smtp://probe.elsewhere.net:587"
)";

TEST(Plan, NeedsTwoKeys) {
  const auto plan = parse_plan(kLeast, "shop.toml");
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->domain, "shop.example");
  EXPECT_EQ(plan->new_mx.text(), "10 mx1.filter.example");
  EXPECT_FALSE(plan->old_mx || plan->old_ttl || plan->changed_at || plan->spf || plan->window);
  EXPECT_FALSE(plan->relay.forward || plan->relay.hosted);
  EXPECT_FALSE(plan->roster.given());
  EXPECT_EQ(plan->policy.k, 23);
  EXPECT_EQ(plan->unknown_grace, std::chrono::hours(1));
  EXPECT_EQ(plan->owners().size(), 1u);
}

TEST(Plan, ReadsEveryKey) {
  const auto plan = parse_plan(kWhole, "shop.toml");
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->domain, "shop.example");
  EXPECT_EQ(plan->alias_domains.at(1).text(), "xn--bcher-kva.example");
  EXPECT_EQ(plan->owners().size(), 4u);
  EXPECT_EQ(plan->new_mx.text(), "10 mx1.filter.example, 20 mx2.filter.example");
  EXPECT_EQ(plan->old_mx->text(), "10 mail.shop.example");
  EXPECT_EQ(plan->old_ttl, seconds(3600));
  EXPECT_EQ(plan->changed_at, *parse_time("2026-11-22T14:32:10Z"));
  EXPECT_EQ(plan->authority.ignore.at(0).reason, "lame for years");
  EXPECT_TRUE(plan->authority.ns_drain_by_ttl);
  EXPECT_THAT(plan->spf->require, ElementsAre("include:_spf.filter.example"));
  EXPECT_EQ(plan->spf->senders_new.at(0).text(), "2001:db8::25");
  EXPECT_EQ(plan->spf->helo->text(), "out.filter.example");
  EXPECT_THAT(plan->dkim_selectors, ElementsAre("s1"));
  EXPECT_EQ(plan->relay.forward, "smtp:[mail.shop.example]:25");
  EXPECT_EQ(plan->relay.probe_recipient, "joe@shop.example");
  EXPECT_TRUE(plan->relay.old_server_exempts);
  EXPECT_THAT(plan->roster.ignore, ElementsAre("printer@shop.example", "old@shop.test"));
  EXPECT_EQ(plan->contact_external.size(), 2u);
  EXPECT_EQ(plan->policy.authority_poll, seconds(2));
  EXPECT_EQ(plan->policy.clock_error, Duration(500));
  EXPECT_EQ(plan->policy.k, 7);
  EXPECT_EQ(plan->policy.reprobe_second, seconds(5));
  EXPECT_EQ(plan->policy.stale_allowance, seconds(1));
  EXPECT_TRUE(plan->policy.seed);
  EXPECT_TRUE(plan->quiet);
  EXPECT_EQ(plan->window->text(), "Mon,Tue,Wed,Thu,Fri 18:00-23:00");
  EXPECT_EQ(plan->approvers, 2);
  EXPECT_EQ(plan->unknown_grace, Duration(0));
  EXPECT_EQ(plan->probe_from, "smtp://probe.elsewhere.net:587");
}

// Text after the two required keys, which end at line 3 inside [mx].
struct Bad {
  const char* text;
  const char* error;  // how it begins
};

TEST(Plan, SaysWhereAndHowToMend) {
  const Bad cases[] = {
      {"odl = \"10 a.example\"", "shop.toml:4: unknown key \"odl\"; did you mean \"old\"?"},
      {"[polcy]\nk = 3", "shop.toml:4: unknown key \"polcy\"; did you mean \"policy\"?"},
      {"[policy]\nsetle = \"3s\"", "shop.toml:5: unknown key \"setle\"; did you mean \"settle\"?"},
      {"[relay]\nhostd = \"x\"", "shop.toml:5: unknown key \"hostd\"; did you mean \"hosted\"?"},
      {"old = \"10 192.0.2.1\"", "shop.toml:4: old: an exchange is a name, not an address"},
      {"old = \"0 ., 10 a.example\"", "shop.toml:4: old: a null MX is \"0 .\" and stands alone"},
      {"old = \"mail.example\"", "shop.toml:4: old: the "},
      {"old = \"\"", "shop.toml:4: old: "},
      {"old_ttl = \"an hour\"", "shop.toml:4: old_ttl = \"an hour\" is not a duration"},
      {"changed_at = \"soon\"", "shop.toml:4: \"changed_at\" is not a time in UTC"},
      {"[authority]\nignore = [{server = \"a\"}]", "shop.toml:5: \"reason\" is missing"},
      {"[authority]\nns_drain = \"now\"", "shop.toml:5: ns_drain = \"now\" is not known"},
      {"[spf]\nrequire = [\"include=spf.filter.example\"]",
       "shop.toml:5: \"include=spf.filter.example\" is not one mechanism: "},
      {"[spf]\nrequire = [\"~all\"]", "shop.toml:5: \"~all\" is not one mechanism: "},
      {"[outbound]\ndkim_selectors = [\"a b\"]", "shop.toml:5: \"a b\" is no selector"},
      {"[outbound]\ndkim_keys = [{selector = \"s1\", p = \"AAAA\"}]",
       "shop.toml:5: \"s1\" is none of dkim_selectors"},
      {"[outbound]\ndkim_selectors = [\"s1\"]\ndkim_keys = [{selector = \"s1\", p = \"AAAA\"}]",
       "shop.toml:6: the key of \"s1\" can't be read: p holds no RSA key"},
      {"[spf]\nall = \"+all\"", "shop.toml:5: all = \"+all\" is not an end of a record"},
      {"[spf]\nrequire = [\"a mx\"]", "shop.toml:5: \"a mx\" is not one mechanism: "},
      {"[spf]\nsenders_old = [\"mail.example\"]",
       "shop.toml:5: senders_old: \"mail.example\" is not an address"},
      {"[relay]\nforward = \"mail.example\"",
       "shop.toml:5: forward = \"mail.example\" is not a next hop"},
      {"[relay]\nforward = \"smtp:mail.example:25\"",
       "shop.toml:5: forward = \"smtp:mail.example:25\" has no brackets around its host"},
      {"[roster]\nsame_as = \"x.example\"",
       "shop.toml:5: same_as is not carried out by this version"},
      {"[contact]\nexternal = [\"joe@shop.example\"]",
       "shop.toml:5: the contact \"joe@shop.example\" cannot be used: it lies in shop.example, the "
       "domain being moved; an alert must arrive"},
      {"[contact]\nexternal = [\"https://joe:x@mail.shop.example:1/y\"]",
       "shop.toml:5: the contact \"https://joe:x@mail.shop.example:1/y\" cannot be used"},
      {"[contact]\nexternal = [\"joe\"]",
       "shop.toml:5: the contact \"joe\" cannot be used: it is neither a mail address nor a URL"},
      {"[policy]\nk = 0", "shop.toml:5: \"k\" is 0; give a whole number from 1 to 1000"},
      {"[policy]\nauthority_poll = \"10ms\"", "shop.toml:5: authority_poll is too short"},
      {"[policy]\nreprobe = [\"1s\", \"9m\", \"5m\"]",
       "shop.toml:5: reprobe is not three durations"},
      {"[policy]\nreprobe = []", "shop.toml:5: reprobe is not three durations"},
      {"[policy]\nwindow = \"evenings\"",
       "shop.toml:5: window: \"evenings\" is not a window of time; write it like"},
      {"[policy]\nunknown = \"split\"",
       "shop.toml:5: unknown = \"split\" is not carried out by this version; leave the key out"},
      {"[policy]\nunknown = \"bounce\"", "shop.toml:5: unknown = \"bounce\" is not known"},
      {"[policy]\nprobe_from = \"probe.example\"",
       "shop.toml:5: probe_from = \"probe.example\" is not a submission host"},
      {"[policy]\nprobe_from = \"smtp://probe.example\"",
       "shop.toml:5: probe_from = \"smtp://probe.example\" is not a submission host"},
      {"[[[", "shop.toml:4: "},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.text);
    const auto plan = parse_plan(std::string(kLeast) + bad.text + "\n", "shop.toml");
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().fault, Fault::usage);
    EXPECT_THAT(plan.error().text(), testing::StartsWith(bad.error));
  }
}

TEST(Plan, RefusesNamesThatAreNone) {
  const Bad cases[] = {
      {"", "shop.toml"},
      {"domain = \"shop.example\"", "shop.toml"},
      {"[mx]\nnew = \"10 a.example\"", "shop.toml"},
      {"domain = \"192.0.2.1\"\n[mx]\nnew = \"10 a.example\"",
       "shop.toml:1: domain = \"192.0.2.1\" is not a domain name"},
      {"domain = \"shop..example\"\n[mx]\nnew = \"10 a.example\"",
       "shop.toml:1: domain = \"shop..example\" is not a domain name"},
      {"domain = \".\"\n[mx]\nnew = \"10 a.example\"", "shop.toml:1: domain = \".\" is not a"},
      {"domain = \"example\"\n[mx]\nnew = \"10 a.example\"",
       "shop.toml:1: domain = \"example\" is a top-level domain"},
      {"domain = \"a.example\"\nalias_domains = [\"A.example\"]\n[mx]\nnew = \"10 a.example\"",
       "shop.toml:2: \"A.example\" is the domain itself"},
      {"domain = \"a.example\"\nsubdomains = [\"news\"]\n[mx]\nnew = \"10 a.example\"",
       "shop.toml:2: \"news\" is not below a.example; write the whole name, like"},
      {"domain = \"a.example\"\nalias_domains = [\"b.example\"]\n[mx]\nnew = \"10 a.example\"\n"
       "[contact]\nexternal = [\"x@b.example\"]",
       "shop.toml:6: the contact \"x@b.example\" cannot be used: it lies in the alias domain"},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.text);
    const auto plan = parse_plan(bad.text, "shop.toml");
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().text(), testing::StartsWith(bad.error));
  }
}

TEST(Plan, TakesAContactWhoseNameOnlyLooksAlike) {
  const auto plan = parse_plan(
      std::string(kLeast) + "[contact]\nexternal = [\"joe@myshop.example\"]", "shop.toml");
  EXPECT_TRUE(plan);
}

TEST(Plan, FindsItsFilesBesideItself) {
  EXPECT_EQ(path_beside("/etc/plans/shop.toml", "accounts.txt"), "/etc/plans/accounts.txt");
  EXPECT_EQ(path_beside("/etc/plans/shop.toml", "/srv/accounts.txt"), "/srv/accounts.txt");
  EXPECT_EQ(path_beside("shop.toml", "accounts.txt"), "accounts.txt");
  EXPECT_EQ(path_beside("/etc/plans/shop.toml", ""), "");
}

TEST(Plan, NamesTheFileThatIsNotThere) {
  const auto plan = read_plan("/nowhere/shop.toml");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().where, "/nowhere/shop.toml");
}

}  // namespace
}  // namespace mxswitch::orchestrator
