#include "orchestrator/plan/plan_template.h"

#include <fmt/format.h>

namespace mxswitch::orchestrator {
namespace {

// A TOML basic string: quotes, backslashes and control characters are escaped.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

// A setting, or an example of it as a comment where there is no answer.
std::string setting(std::string_view key, const std::optional<std::string>& value,
                    std::string_view example, std::string_view comment) {
  std::string text = fmt::format("\n# {}\n", comment);
  if (value && !value->empty()) return text + fmt::format("{} = {}\n", key, toml_string(*value));
  return text + fmt::format("# Not set; an example:\n# {} = {}\n", key, toml_string(example));
}

std::string names_section(const PlanAnswers& answers) {
  return fmt::format(
      "# The plan for moving the mail of {0}.\n"
      "# Lines that begin with \"#\" are comments; what they show is optional.\n"
      "# After a change run: mxswitch plan apply, with the name of this file.\n"
      "\n"
      "domain = {1}\n"
      "\n"
      "# Other domains of this customer that move with it; each is watched for itself.\n"
      "# alias_domains = [\"shop.test\"]\n"
      "# Names below the domain with an MX of their own, as whole names.\n"
      "# subdomains = [\"news.{0}\"]\n",
      answers.domain.substr(0, answers.domain.find_first_of("\r\n")), toml_string(answers.domain));
}

std::string mx_section(const PlanAnswers& answers) {
  std::string text = "\n[mx]\n# Where mail shall go: the relay's exchanges.\nnew = ";
  text += toml_string(answers.new_mx) + "\n";
  text += setting("old", answers.old_mx, "10 mail.old.example",
                  answers.behind ? "Where mail went before: the MX was the relay's already when "
                                   "this was written, so it is not to be found in DNS."
                                 : "Where mail went before. Found at the authorities if left out.");
  text +=
      "\n# The largest TTL that the old MX had in the last days, before somebody lowered it. "
      "Without\n"
      "# it a day is taken for granted ([policy] history_ttl).\n";
  text += answers.old_ttl ? fmt::format("old_ttl = \"{}s\"\n", answers.old_ttl->count())
                          : "# old_ttl = \"1d\"\n";
  text +=
      "\n# When the MX is to be, or was, changed: it is polled more often from then on.\n"
      "# changed_at = 2026-11-22T14:00:00Z\n"
      "\n[authority]\n"
      "# Authoritative servers that do not count, each with the reason; kept in the history.\n"
      "# ignore = [{server = \"ns9.old.example\", reason = \"was lame long before the move\"}]\n"
      "# Name servers that left the delegation before watching began: caches may still ask them.\n"
      "# formerly = [\"ns1.old.example\"]\n";
  return text;
}

std::string spf_section() {
  return "\n# Without this section the gate \"spf\" is not asked.\n"
         "# [spf]\n"
         "# require = [\"include:_spf.filter.example\"]  # must take effect in the record\n"
         "# all = \"~all\"                              # what strangers must get\n"
         "# senders_old = [\"192.0.2.25\"]               # IPv4 and IPv6; pass until the switch\n"
         "# senders_new = [\"198.51.100.25\"]            # must pass at every resolver\n"
         "# helo = \"mail.filter.example\"               # the name that they greet with\n"
         "\n# Without selectors the gate \"outbound\" is not asked.\n"
         "# [outbound]\n"
         "# dkim_selectors = [\"s1\"]     # the key at s1._domainkey must be published and sound\n"
         "# and be this one, if the hosted side tells it (RSA or Ed25519)\n"
         "# dkim_keys = [{selector = \"s1\", p = "
         "\"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"}]\n";
}

std::string relay_section(const PlanAnswers& answers) {
  std::string text = "\n[relay]";
  text += setting("name", answers.relay, "filter",
                  "Which [[relay]] of mxswitch.toml receives the mail.");
  text += setting("forward", answers.forward, "smtp:[mail.old.example]:25",
                  "The old server, to which the relay passes mail before the switch.");
  text += setting("hosted", answers.hosted, "lmtp:unix:private/dovecot-lmtp",
                  "The mailbox server, to which it delivers after the switch.");
  text += setting("probe_recipient", std::nullopt, "postmaster@" + answers.domain,
                  "A recipient that the old server accepts: it is asked (RCPT, no mail) "
                  "before the switch.");
  text +=
      "\n# The customer has let the relay's addresses pass SPF, DMARC, greylist and rate limits\n"
      "# at the old server.\n"
      "# old_server_exempts = true\n";
  return text;
}

std::string roster_section(const PlanAnswers& answers) {
  std::string text = "\n[roster]";
  text += setting("accounts", answers.accounts, "accounts.txt",
                  "One \"name password\" a line; a name alone gets the default password.");
  text +=
      setting("aliases", answers.aliases, "aliases.txt", "One \"name: target, target\" a line.");
  text +=
      "\n# Who gets mail for names that are neither account nor alias.\n"
      "# catch_all = \"mary\"\n"
      "\n# Recipients that the old server accepts and that are not to be moved.\n"
      "# ignore = [\"old-printer\"]\n";
  return text;
}

std::string contact_section(const PlanAnswers& answers) {
  std::string list;
  for (const auto& contact : answers.contacts) {
    list += (list.empty() ? "" : ", ") + toml_string(contact);
  }
  return "\n[contact]\n"
         "# Where alerts go: addresses or webhooks that work while this domain's mail does not.\n" +
         (list.empty()
              ? std::string("# Not set; an example:\n# external = [\"you@elsewhere.example\"]\n")
              : fmt::format("external = [{}]\n", list));
}

std::string policy_section(bool lab) {
  std::string text =
      "\n[policy]\n"
      "# quiet = true                       # no real message is expected within a day\n"
      "# window = \"Mon-Fri 18:00-23:00\"     # when a switch may run, in UTC\n"
      "# approvers = 1                      # people beside the one who commands it\n"
      "# unknown_grace = \"1h\"               # after the switch unknown names get 450, then 550\n"
      "# probe_from = \"smtp://probe.elsewhere.example:587\"\n";
  if (!lab)
    return text + "# floor = \"1h\"                       # caches may keep a record so long\n";
  return text +
         "\n# The lab: short TTLs, few resolvers, nothing to be polite to.\n"
         "authority_poll_before = \"1s\"\n"
         "authority_poll = \"1s\"\n"
         "authority_poll_done = \"5s\"\n"
         "authority_spread = \"1s\"\n"
         "delta = \"2s\"\n"
         "floor = \"10s\"\n"
         "k = 7\n"
         "sample_spacing = \"1s\"\n"
         "min_operators = 8\n"
         "min_countries = 3\n"
         "reprobe = [\"1s\", \"5s\", \"5m\"]\n"
         "history_ttl = \"0s\"\n"
         "recovery = \"10s\"\n"
         "failing_retry = [\"1s\", \"10s\", \"0s\"]\n"
         "stretcher_after = \"10s\"\n"
         "violator_after = \"60s\"\n"
         "settle = \"10s\"\n"
         "seed = true\n"
         "unknown_grace = \"0s\"\n";
}

}  // namespace

std::string write_plan_template(const PlanAnswers& answers) {
  return names_section(answers) + mx_section(answers) + spf_section() + relay_section(answers) +
         roster_section(answers) + contact_section(answers) + policy_section(answers.lab_policy);
}

}  // namespace mxswitch::orchestrator
