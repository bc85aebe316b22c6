#include "deploy/mxswitch/plan_questions.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "deploy/mxswitch/terminal.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/roster/files.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

constexpr int kMostTries = 5;

std::string nothing(const PlanDraft&) { return {}; }

Failure wrong(std::string what, std::string mend) {
  return fail(Fault::usage, std::move(what), {}, std::move(mend));
}

// What is written must be a good plan as it stands, so the plan's reader judges each answer. With
// what was answered before it would be one: what it finds is wrong with this answer.
Result<void> keep_if_good(PlanDraft& draft, orchestrator::PlanAnswers answers) {
  const auto plan = orchestrator::parse_plan(orchestrator::write_plan_template(answers), "plan");
  if (!plan) return wrong(plan.error().what, plan.error().mend);
  draft.answers = std::move(answers);
  return {};
}

// ---- domain ----

std::string domain_text(const PlanDraft&) { return "Which domain is to be moved?"; }

void say_what_is_published(const PlanDraft& draft) {
  const PublishedMx& found = draft.published;
  const std::string name = draft.domain.text();
  if (found.alias_of)
    fmt::print(stderr, "{} is an alias; its MX stands at {}.\n", name, found.alias_of->text());
  if (!found.answer)
    fmt::print(stderr, "No authority answered for {}: the old MX is not known.\n", name);
  else if (found.is_null())
    fmt::print(stderr,
               "{} takes no mail now (null MX \"0 .\", RFC 7505): there is nothing to forward "
               "to.\n",
               name);
  else if (found.known())
    fmt::print(stderr, "Mail goes now to: {} (TTL {} s)\n", found.answer->set.text(),
               found.answer->ttl);
  else if (found.has_address)
    fmt::print(stderr,
               "{} has no MX now, but an address: mail goes there (implicit MX, RFC 5321 5.1).\n",
               name);
  else
    fmt::print(stderr, "{} has neither an MX nor an address now: no mail gets there.\n", name);
}

Result<void> take_domain(PlanDraft& draft, const std::string& answer) {
  if (answer.empty())
    return wrong("the domain is not given", "write it: mxswitch plan init shop.example");
  const auto domain = probes::DnsName::from_user(answer);
  if (!domain) return wrong(domain.error().what, domain.error().mend);
  if (domain->label_count() < 2 || probes::IpAddress::parse(answer))
    return wrong(fmt::format("\"{}\" is no domain of a customer", answer),
                 "write it like shop.example");
  auto published = find_mx(*domain, draft.dns);
  if (!published)
    return wrong(published.error().what + ": " + domain->text(), published.error().mend);
  draft.domain = *domain;
  draft.answers.domain = domain->text();
  draft.published = std::move(*published);
  say_what_is_published(draft);
  return {};
}

// ---- file ----

std::string file_text(const PlanDraft&) { return "Where shall the plan be written?"; }
std::string file_fallback(const PlanDraft& draft) { return draft.domain.text() + ".toml"; }

Result<void> take_file(PlanDraft& draft, const std::string& answer) {
  std::error_code ignored;
  const std::filesystem::path path(answer);
  if (std::filesystem::exists(path, ignored))
    return wrong(fmt::format("the file {} exists; it is left as it is", answer),
                 "name another by --file, or move it away");
  const auto folder = path.parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    return wrong(fmt::format("there is no folder {}", folder.string()), "make it first");
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
    return wrong(fmt::format("nothing can be written to {}",
                             folder.empty() ? "this folder" : folder.string()),
                 "name a file elsewhere by --file");
  draft.file = answer;
  return {};
}

// ---- new MX ----

std::string new_mx_text(const PlanDraft&) { return "Where shall mail go? The relay's MX set"; }

bool holds(const probes::MxSet& set, const probes::DnsName& exchange) {
  return std::ranges::any_of(set.records(),
                             [&](const probes::Mx& mx) { return mx.exchange == exchange; });
}

// Does every exchange that mail goes to now belong to the new set already?
bool is_behind(const PublishedMx& now, const probes::MxSet& wanted) {
  const probes::MxSet set = now.set();
  return now.known() && std::ranges::all_of(set.records(), [&](const probes::Mx& mx) {
           return holds(wanted, mx.exchange);
         });
}

void advise(const PlanDraft& draft) {
  if (draft.answers.behind)
    fmt::print(stderr,
               "That is the new MX already, so the old set can't be found in DNS: fill in old, "
               "old_ttl and changed_at, or caches are taken to hold it for a week.\n");
}

Result<void> take_new_mx(PlanDraft& draft, const std::string& answer) {
  constexpr const char* kForm = "10 mx1.filter.example, 20 mx2.filter.example";
  if (answer.empty())
    return wrong("the new MX set is not given", fmt::format("write it: --new-mx \"{}\"", kForm));
  const auto wanted = probes::MxSet::parse(answer);
  if (!wanted)
    return wrong(wanted.error().what, wanted.error().mend.empty()
                                          ? fmt::format("write it like {}", kForm)
                                          : wanted.error().mend);
  auto answers = draft.answers;
  answers.new_mx = answer;
  const PublishedMx& now = draft.published;
  answers.behind = is_behind(now, *wanted);
  if (now.known() && !answers.behind) answers.old_mx = now.set().text();
  if (auto kept = keep_if_good(draft, std::move(answers)); !kept) return kept;
  draft.new_mx = *wanted;
  advise(draft);
  return {};
}

// ---- the TTL before ----

std::string old_ttl_text(const PlanDraft& draft) {
  if (!draft.published.known() || draft.answers.behind)
    return "What TTL had the old MX, at most, in the last days? Leave it empty if nobody knows";
  return fmt::format(
      "Its TTL is {} s now. Was it lowered in the last days, and from what? \"no\" or a time like "
      "1d; leave it empty if nobody knows",
      draft.published.answer->ttl);
}

bool is_no(const std::string& answer) { return answer == "no" || answer == "n"; }

// Caches may hold what was fetched before it was lowered. The least that it can be is seen now.
Result<void> take_old_ttl(PlanDraft& draft, const std::string& answer) {
  const bool seen = draft.published.known() && !draft.answers.behind;
  const seconds now(seen ? draft.published.answer->ttl : 0);
  if (answer.empty()) {
    fmt::print(
        stderr,
        "Whether the TTL was lowered lately is not known: a day from the first look is taken "
        "for granted (history_ttl). --old-ttl no if it never was.\n");
    return {};
  }
  seconds given = now;
  if (!(is_no(answer) && seen)) {
    const bool bare = answer.find_first_not_of("0123456789") == answer.npos;
    const auto parsed = parse_duration(bare ? answer + "s" : answer);
    if (!parsed)
      return wrong(fmt::format("\"{}\" is no TTL", answer),
                   seen
                       ? "write \"no\" if it was never lowered, or the earlier TTL like 86400 or 1d"
                       : "write it like 86400 or 1d");
    given = std::chrono::duration_cast<seconds>(*parsed);
  }
  if (given < now)
    return wrong(fmt::format("the TTL is {} s now, so it can't have been {} s at most", now.count(),
                             given.count()),
                 "write \"no\" if it was never lowered, or the earlier TTL");
  auto answers = draft.answers;
  answers.old_ttl = given;
  return keep_if_good(draft, std::move(answers));
}

// ---- next hops ----

std::string forward_text(const PlanDraft&) { return "Where does mail go now? The old server"; }
std::string forward_fallback(const PlanDraft& draft) {
  const PublishedMx& now = draft.published;
  if (draft.answers.behind || now.is_null()) return {};
  if (now.known()) return now.set().records().front().exchange.text();
  return now.has_address ? draft.domain.text() : std::string();
}

// A host becomes a next hop by SMTP; who writes a whole next hop gets it.
Result<void> take_forward(PlanDraft& draft, const std::string& answer) {
  if (answer.empty()) return {};
  std::string hop = answer;
  const bool address = static_cast<bool>(probes::IpAddress::parse(answer));
  if (address || answer.find(':') == answer.npos) {
    const auto host = probes::DnsName::from_user(answer);
    if (!address && !host)
      return wrong(fmt::format("\"{}\" is no host: {}", answer, host.error().what),
                   "write its name or address, like mail.old.example");
    if (!address && holds(draft.new_mx, *host))
      return wrong(
          fmt::format("{} is one of the new exchanges: mail would go round in a circle", answer),
          "name the server that holds the mailboxes now");
    hop = fmt::format("smtp:[{}]:25", address ? answer : host->text());
  }
  auto answers = draft.answers;
  answers.forward = hop;
  return keep_if_good(draft, std::move(answers));
}

std::string hosted_text(const PlanDraft&) { return "Next hop to the hosted mailboxes"; }
std::string hosted_fallback(const PlanDraft&) { return "lmtp:unix:private/dovecot-lmtp"; }

Result<void> take_hosted(PlanDraft& draft, const std::string& answer) {
  auto answers = draft.answers;
  answers.hosted = answer;
  return keep_if_good(draft, std::move(answers));
}

// ---- roster ----

// As it is typed at a prompt, where no shell opens the tilde; and as the plan's own folder sees it.
std::string path_for_plan(const PlanDraft& draft, const std::string& answer) {
  const char* home = std::getenv("HOME");
  std::filesystem::path path = answer.starts_with("~/") && home != nullptr
                                   ? std::filesystem::path(home) / answer.substr(2)
                                   : std::filesystem::path(answer);
  std::error_code ignored;
  if (!std::filesystem::path(draft.file).parent_path().empty())
    path = std::filesystem::absolute(path, ignored).lexically_normal();
  return path.string();
}

// Every fault of the files, so that a roster that would be refused later is mended now.
Result<void> take_roster(PlanDraft& draft, std::string accounts, std::string aliases) {
  const auto seen = [&](const std::string& path) {
    return orchestrator::path_beside(draft.file, path);
  };
  const auto files =
      orchestrator::load_roster_files(seen(accounts), seen(aliases), draft.domain.text());
  if (!files) return Failure(orchestrator::as_one_error(files.error()));
  auto answers = draft.answers;
  answers.accounts = std::move(accounts);
  answers.aliases = std::move(aliases);
  return keep_if_good(draft, std::move(answers));
}

std::string accounts_text(const PlanDraft&) {
  return "File of accounts, one \"name password\" a line";
}
Result<void> take_accounts(PlanDraft& draft, const std::string& answer) {
  if (answer.empty()) return {};
  return take_roster(draft, path_for_plan(draft, answer), {});
}

std::string aliases_text(const PlanDraft&) { return "File of aliases"; }
Result<void> take_aliases(PlanDraft& draft, const std::string& answer) {
  if (answer.empty()) return {};
  return take_roster(draft, draft.answers.accounts, path_for_plan(draft, answer));
}

// ---- contact, relay ----

std::string contact_text(const PlanDraft& draft) {
  return fmt::format("Where shall alerts go? An address or webhook outside {}",
                     draft.domain.text());
}

Result<void> take_contact(PlanDraft& draft, const std::string& answer) {
  auto answers = draft.answers;
  std::string left = answer;
  while (!left.empty()) {
    const auto end = left.find(',');
    std::string one = left.substr(0, end);
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
    const bool form =
        one.find('@') != one.npos || one.starts_with("http://") || one.starts_with("https://");
    if (!one.empty() && !form)
      return wrong(fmt::format("\"{}\" is neither a mail address nor a webhook", one),
                   "write it like you@elsewhere.example or https://hooks.example/x");
    if (!one.empty()) answers.contacts.push_back(one);
    left = end == left.npos ? "" : left.substr(end + 1);
  }
  return keep_if_good(draft, std::move(answers));
}

std::string relay_text(const PlanDraft&) { return "Name of the relay in mxswitch.toml"; }
Result<void> take_relay(PlanDraft& draft, const std::string& answer) {
  draft.answers.relay = answer;
  return {};
}

constexpr PlanQuestion kQuestions[] = {
    {"domain", &GivenAnswers::domain, false, domain_text, nothing, take_domain},
    {"--file", &GivenAnswers::file, true, file_text, file_fallback, take_file},
    {"--new-mx", &GivenAnswers::new_mx, false, new_mx_text, nothing, take_new_mx},
    {"--old-ttl", &GivenAnswers::old_ttl, false, old_ttl_text, nothing, take_old_ttl},
    {"--forward", &GivenAnswers::forward, false, forward_text, forward_fallback, take_forward},
    {"--hosted", &GivenAnswers::hosted, true, hosted_text, hosted_fallback, take_hosted},
    {"--accounts", &GivenAnswers::accounts, false, accounts_text, nothing, take_accounts},
    {"--aliases", &GivenAnswers::aliases, true, aliases_text, nothing, take_aliases},
    {"--contact", &GivenAnswers::contact, false, contact_text, nothing, take_contact},
    {"--relay", &GivenAnswers::relay, true, relay_text, nothing, take_relay},
};

// ---- asking ----

std::string trimmed(std::string line) {
  line.erase(0, line.find_first_not_of(" \t"));
  line.erase(line.find_last_not_of(" \t\r") + 1);
  return line;
}

void tell(const Error& error) {
  const std::string where = error.where.empty() ? "" : error.where + ": ";
  const std::string mend = error.mend.empty() ? "" : "\n    " + error.mend;
  fmt::print(stderr, "  {}\n", printable_lines(where + error.what + mend));
}

Result<std::string> ask(const PlanQuestion& question, const PlanDraft& draft) {
  const std::string fallback = question.fallback(draft);
  fmt::print(stderr, "{}{}: ", question.text(draft),
             fallback.empty() ? std::string() : " [" + fallback + "]");
  std::string line;
  if (!std::getline(std::cin, line)) {
    fmt::print(stderr, "\n");
    return fail(Fault::usage, "the input ended before all was answered; nothing was written");
  }
  line = trimmed(std::move(line));
  return line.empty() ? fallback : line;
}

Error at_flag(Error error, const PlanQuestion& question) {
  if (error.where.empty()) error.where = question.flag;
  return error;
}

Result<void> settle(PlanDraft& draft, const PlanQuestion& question, const std::string& given) {
  const bool person = ::isatty(STDIN_FILENO) != 0;
  if (!given.empty() || question.quiet || !person) {
    auto taken = question.take(draft, given.empty() ? question.fallback(draft) : given);
    if (taken) return taken;
    if (!person) return Failure(at_flag(taken.error(), question));
    tell(taken.error());
  }
  for (int tries = 0; tries < kMostTries; ++tries) {
    const auto answer = ask(question, draft);
    if (!answer) return Failure(answer.error());
    const auto taken = question.take(draft, *answer);
    if (taken) return {};
    tell(taken.error());
  }
  return fail(Fault::usage,
              fmt::format("no good answer in {} tries; nothing was written", kMostTries));
}

}  // namespace

std::span<const PlanQuestion> plan_questions() { return kQuestions; }

Result<void> answer_all(PlanDraft& draft, const GivenAnswers& given) {
  for (const PlanQuestion& question : plan_questions()) {
    if (auto done = settle(draft, question, given.*question.given); !done) return done;
  }
  return {};
}

}  // namespace mxswitch
