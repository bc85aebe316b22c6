#include "orchestrator/plan/plan_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/mail/dkim_key.h"
#include "probes/spf/terms.h"

namespace mxswitch::orchestrator {
namespace {

using probes::DnsName;
using probes::IpAddress;
using probes::MxSet;

constexpr std::size_t kMostNames = 1000;
constexpr std::size_t kNextHopLimit = 300;  // of the relay's contract
constexpr const char* kNextHopForm =
    "write it like \"smtp:[mail.old.example]:25\" or \"lmtp:unix:private/dovecot-lmtp\"";

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

// The relay refuses a bare host name too: its MX would be looked up, and lead back to the relay.
std::string next_hop_fault(std::string_view text) {
  if (text.size() > kNextHopLimit || !is_printable(text)) return "is too long or holds a blank";
  if (text.starts_with("lmtp:unix:") && text.size() > 10) return {};
  const bool inet = text.starts_with("lmtp:inet:");
  if (!inet && !text.starts_with("smtp:")) return "is not a next hop";
  const auto host = text.substr(inet ? 10 : 5);
  if (host.starts_with('[') && host.find(']') != host.npos && host.find(']') > 1) return {};
  if (IpAddress::parse(host.substr(0, host.rfind(':')))) return {};
  return "has no brackets around its host";
}

}  // namespace

void PlanReader::read() {
  read_names();
  read_mx(root_.table("mx"));
  read_authority(root_.table("authority"));
  if (auto spf = root_.table("spf"); root_.has("spf")) read_spf(spf);
  read_outbound(root_.table("outbound"));
  read_relay(root_.table("relay"));
  read_roster(root_.table("roster"));
  read_contact(root_.table("contact"));
  read_policy(root_.table("policy"));
}

DnsName PlanReader::name(TomlTable& table, std::string_view key, const std::string& text) {
  auto parsed = DnsName::from_user(text);
  if (parsed && !parsed->is_root() && !IpAddress::parse(text)) return *parsed;
  const std::string why = parsed ? "it is no name of a host or domain" : parsed.error().what;
  table.refuse(key,
               fmt::format("{} = \"{}\" is not a domain name: {}", key, text.substr(0, 80), why),
               "write it like \"shop.example\"");
  return {};
}

DnsName PlanReader::domain(TomlTable& table, std::string_view key, const std::string& text) {
  auto parsed = name(table, key, text);
  if (parsed.label_count() == 1) {
    table.refuse(key, fmt::format("{} = \"{}\" is a top-level domain", key, text),
                 "write it like \"shop.example\"");
  }
  return parsed;
}

void PlanReader::read_names() {
  const auto text = root_.required_string("domain");
  if (root_.has("domain")) plan_.domain_name = domain(root_, "domain", text);
  plan_.domain = lower_case(plan_.domain_name.text());
  for (const auto& alias : root_.strings("alias_domains")) {
    plan_.alias_domains.push_back(domain(root_, "alias_domains", alias));
    if (const auto& last = plan_.alias_domains.back();
        !last.is_root() && last == plan_.domain_name) {
      root_.refuse("alias_domains", fmt::format("\"{}\" is the domain itself", alias), "remove it");
    }
  }
  for (const auto& below : root_.strings("subdomains")) {
    plan_.subdomains.push_back(name(root_, "subdomains", below));
    const auto& last = plan_.subdomains.back();
    if (last.is_root()) continue;  // refused already
    if (!last.is_within(plan_.domain_name) || last == plan_.domain_name) {
      root_.refuse("subdomains", fmt::format("\"{}\" is not below {}", below, plan_.domain),
                   fmt::format("write the whole name, like \"news.{}\"", plan_.domain));
    }
  }
  if (plan_.owners().size() > kMostNames) {
    root_.refuse("domain", "the plan names more than 1000 domains", "make several plans");
  }
}

MxSet PlanReader::mx_set(TomlTable& table, std::string_view key) {
  const auto set = MxSet::parse(fmt::format("{}", fmt::join(table.strings(key), ",")));
  if (set) return *set;
  table.refuse(key, fmt::format("{}: {}", key, set.error().what), set.error().mend);
  return {};
}

void PlanReader::read_mx(TomlTable mx) {
  if (mx.has("new")) {
    plan_.new_mx = mx_set(mx, "new");
  } else {
    mx.required_string("new");
  }
  if (mx.strings("old"); mx.has("old")) plan_.old_mx = mx_set(mx, "old");
  const auto ttl = mx.duration("old_ttl", Duration(-1));
  if (ttl >= Duration(0)) plan_.old_ttl = std::chrono::ceil<seconds>(ttl);
  plan_.changed_at = mx.time("changed_at");
}

void PlanReader::read_authority(TomlTable authority) {
  for (TomlTable ignored : authority.tables("ignore")) {
    IgnoredServer entry;
    entry.server = ignored.required_string("server");
    entry.reason = ignored.required_string("reason");
    if (entry.reason.empty()) {
      ignored.refuse("reason", "a server is ignored without a reason", "say why, for the record");
    }
    plan_.authority.ignore.push_back(std::move(entry));
  }
  for (const auto& server : authority.strings("formerly"))
    plan_.authority.formerly.push_back(name(authority, "formerly", server));
  const auto drain = authority.optional_string("ns_drain");
  if (drain && *drain != "ttl") {
    authority.refuse("ns_drain", fmt::format("ns_drain = \"{}\" is not known", *drain),
                     "leave it out or write \"ttl\"");
  }
  plan_.authority.ns_drain_by_ttl = drain.has_value();
}

std::vector<IpAddress> PlanReader::addresses(TomlTable& table, std::string_view key) {
  std::vector<IpAddress> found;
  for (const auto& text : table.strings(key)) {
    const auto address = IpAddress::parse(text);
    if (address) {
      found.push_back(*address);
    } else {
      table.refuse(key, fmt::format("{}: \"{}\" is not an address", key, text.substr(0, 80)),
                   "write it like \"192.0.2.1\" or \"2001:db8::1\"");
    }
  }
  return found;
}

void PlanReader::read_spf(TomlTable spf) {
  SpfPlan& wanted = plan_.spf.emplace();
  for (auto& term : spf.strings("require")) {
    if (const auto parsed = probes::spf::parse_mechanism(term); !parsed) {
      spf.refuse(
          "require",
          fmt::format("\"{}\" is not one mechanism: {}", term.substr(0, 80), parsed.error().what),
          "write mechanisms like \"include:_spf.filter.example\", each in quotes of its own");
    }
    wanted.require.push_back(probes::spf::lowered_term(term));
  }
  wanted.all = lower_case(spf.string("all"));
  const bool known =
      wanted.all.empty() || wanted.all == "-all" || wanted.all == "~all" || wanted.all == "?all";
  if (!known) {
    spf.refuse("all", fmt::format("all = \"{}\" is not an end of a record", wanted.all),
               "write \"-all\", \"~all\" or \"?all\" (\"+all\" lets anyone pass)");
  }
  wanted.senders_old = addresses(spf, "senders_old");
  wanted.senders_new = addresses(spf, "senders_new");
  if (const auto helo = spf.optional_string("helo")) wanted.helo = name(spf, "helo", *helo);
}

void PlanReader::read_outbound(TomlTable outbound) {
  plan_.dkim_selectors = outbound.strings("dkim_selectors");
  for (const std::string& selector : plan_.dkim_selectors) {
    if (!probes::dkim_key_name(selector, plan_.domain))
      outbound.refuse("dkim_selectors",
                      fmt::format("\"{}\" is no selector", selector.substr(0, 80)),
                      "write what stands before ._domainkey: \"s1\"");
  }
  for (TomlTable key : outbound.tables("dkim_keys")) {
    const std::string selector = key.required_string("selector");
    const std::string data = key.required_string("p");
    const auto& known = plan_.dkim_selectors;
    if (std::find(known.begin(), known.end(), selector) == known.end())
      key.refuse("selector",
                 fmt::format("\"{}\" is none of dkim_selectors", selector.substr(0, 80)),
                 "add it there, or remove this key");
    const auto rsa = probes::parse_dkim_key("k=rsa; p=" + data);
    if (data.empty() || (!rsa && !probes::parse_dkim_key("k=ed25519; p=" + data)))
      key.refuse("p",
                 fmt::format("the key of \"{}\" can't be read: {}", selector.substr(0, 80),
                             rsa ? "p is empty" : rsa.error().what),
                 "write the base64 of p= as the hosted side gives it");
    if (!plan_.dkim_keys.emplace(selector, probes::plain_base64(data)).second)
      key.refuse("selector", fmt::format("\"{}\" has two keys", selector.substr(0, 80)),
                 "leave one of them");
  }
}

std::optional<std::string> PlanReader::next_hop(TomlTable& table, std::string_view key) {
  auto text = table.optional_string(key);
  if (!text) return text;
  const auto fault = next_hop_fault(*text);
  if (!fault.empty()) {
    table.refuse(key, fmt::format("{} = \"{}\" {}", key, text->substr(0, 80), fault), kNextHopForm);
  }
  return text;
}

std::string PlanReader::mail_address(TomlTable& table, std::string_view key,
                                     const std::string& text) {
  const auto at = text.rfind('@');
  if (at == text.npos) return lower_case(text) + "@" + plan_.domain;
  if (at == 0 || !is_printable(text)) {
    table.refuse(key, fmt::format("{}: \"{}\" is not an address", key, text.substr(0, 80)),
                 fmt::format("write it like \"joe@{}\"", plan_.domain));
  }
  return lower_case(text.substr(0, at + 1)) +
         lower_case(name(table, key, text.substr(at + 1)).text());
}

void PlanReader::read_relay(TomlTable relay) {
  plan_.relay.name = relay.string("name");
  plan_.relay.place = relay.where("name");
  plan_.relay.forward = next_hop(relay, "forward");
  plan_.relay.hosted = next_hop(relay, "hosted");
  if (const auto recipient = relay.optional_string("probe_recipient")) {
    plan_.relay.probe_recipient = mail_address(relay, "probe_recipient", *recipient);
  }
  plan_.relay.old_server_exempts = relay.boolean("old_server_exempts", false);
}

void PlanReader::read_roster(TomlTable roster) {
  plan_.roster.accounts = roster.string("accounts");
  plan_.roster.aliases = roster.string("aliases");
  plan_.roster.catch_all = roster.optional_string("catch_all");
  if (roster.optional_string("same_as")) {
    roster.refuse("same_as", "same_as is not carried out by this version",
                  "take it out, and load the names into this domain too: mxswitch roster load");
  }
  for (const auto& ignored : roster.strings("ignore")) {
    plan_.roster.ignore.push_back(mail_address(roster, "ignore", ignored));
  }
}

void PlanReader::read_contact(TomlTable contact) {
  plan_.contact_external = contact.strings("external");
  for (const auto& address : plan_.contact_external) {
    // Everything lies within a domain that could not be read.
    const auto fault = plan_.domain_name.is_root() ? "" : contact_fault(plan_, address);
    if (fault.empty()) continue;
    contact.refuse(
        "external",
        fmt::format("the contact \"{}\" cannot be used: {}", address.substr(0, 80), fault),
        "an alert must arrive when the domain's own mail does not: name an address or a "
        "webhook elsewhere");
  }
}

}  // namespace mxswitch::orchestrator
