#include "dashboards/views/text_explain.h"

#include <fmt/format.h>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"
#include "dashboards/views/text_spf.h"
#include "dashboards/views/text_tree.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

std::string when(Time t, Time now) {
  return fmt::format("{} ({})", moment(t, now), relative(t, now));
}

std::string when(const std::optional<Time>& t, Time now) {
  return t ? when(*t, now) : std::string("not known yet");
}

void add_reasons(Branch& branch, const std::vector<monitor::Reason>& reasons, Time now) {
  for (const auto& reason : reasons) {
    const std::string until =
        reason.until ? fmt::format(", until {}", when(*reason.until, now)) : std::string();
    branch.add(fmt::format("{}{} [{}]", reason.text, until, reason.code), Colour::yellow);
  }
}

Branch condition_branch(char letter, std::string_view title, const monitor::Condition& condition,
                        Time now) {
  const std::string_view holds = to_text(condition.holds);
  const std::string_view said = holds == "yes" ? "holds" : holds == "no" ? "does not hold" : holds;
  Branch branch{fmt::format("{}  {}: {}", letter, title, said), colour_of(holds)};
  add_reasons(branch, condition.reasons, now);
  return branch;
}

Branch authorities_branch(const PropagationReport& report, Time now) {
  Branch branch = condition_branch('A', "the authorities agree", report.a, now);
  for (const auto* a : authorities_worst_first(report)) {
    const std::string_view word = sign_of(a->last_class).word;
    Branch& server = branch.add(
        fmt::format("{} {}: {}, {}", a->server.text(), a->endpoint.text(), word,
                    a->last_class == AnswerClass::failed ? "no usable answer" : set_text(a->set)),
        colour_of(word));
    std::string facts =
        fmt::format("TTL {} s, {}, {} new in a row", a->ttl, to_text(a->reach), a->new_rounds);
    if (a->new_since) facts += fmt::format(" since {}", moment(*a->new_since, now));
    if (a->serial) facts += fmt::format(", serial {}", *a->serial);
    if (!a->nsid.empty()) facts += ", site " + a->nsid;
    if (!a->authoritative) facts += ", without AA";
    if (a->last_at != Time{}) facts += ", asked " + relative(a->last_at, now);
    server.add(facts, Colour::dim);
    if (!a->note.empty()) server.add(a->note);
  }
  return branch;
}

// u, v and until, then the sentence that they come from.
void add_obligation(Branch& branch, const monitor::Obligation& o, Time now) {
  const std::string who = o.endpoint.empty() ? std::string() : " at " + o.endpoint;
  const std::string ended = o.ended_at ? "u " + when(*o.ended_at, now) : "u: still served";
  Branch& item = branch.add(fmt::format(
      "{} obligation{}: {}; {}; v {} s; {}", to_text(o.kind), who, held_text(o), ended,
      o.ttl.count(), o.until ? "until " + when(*o.until, now) : std::string("no end in sight")));
  item.add(o.evidence, Colour::dim);
}

Branch drain_branch(const PropagationReport& report, Time now) {
  Branch branch = condition_branch('B', "the drain bound has passed", report.b, now);
  if (report.obligations.empty())
    branch.add("no obligation: no authority was seen serving another set", Colour::dim);
  for (const auto& obligation : report.obligations) add_obligation(branch, obligation, now);
  Branch& bound = branch.add("the bound");
  bound.add("drain started " + when(report.drain_started_at, now));
  bound.add("strict until " + when(report.strict_until, now) +
            (report.drain_assumed ? ", resting on an assumption" : ""));
  bound.add("gate opens " + when(report.opens_at, now) +
            (report.stale_allowance ? ", with the allowance for an authority out of reach" : ""));
  bound.add("stale until (advice) " + when(report.stale_until, now));
  return branch;
}

std::string share_sentence(const PropagationReport& report) {
  if (!report.stale_share_upper)
    return "no cache that was sampled could have held the old record; the drain bound alone "
           "carries this verdict";
  return fmt::format(
      "{} warm caches sampled, {} stale: at most {:.1f} % of caches like these hold "
      "the old set (95 %)",
      report.warm, report.stale, *report.stale_share_upper * 100);
}

void add_cache(Branch& branch, const monitor::CacheReport& cache, Time now) {
  const std::string_view word = sign_of(cache.last_class).word;
  std::string text = fmt::format("{}cache{}: {}", cache.warm ? "warm " : "cold ",
                                 cache.nsid.empty() ? "" : " " + cache.nsid, word);
  if (cache.received_at)
    text += fmt::format(", {} with TTL {} s left at {}", set_text(cache.set), cache.ttl,
                        moment(*cache.received_at, now));
  if (cache.expires_at) text += ", E " + when(*cache.expires_at, now);
  branch.add(text, colour_of(word));
}

void add_draws(Branch& branch, const ResolverReport& r, Time now) {
  std::string text = fmt::format("draw: {} of {} samples new", r.new_samples, r.wanted_samples);
  if (!r.failed_draws.empty())
    text += fmt::format("; {} ended by another set within the hour, the last at {}",
                        r.failed_draws.size(), moment(r.failed_draws.back(), now));
  if (r.e0) text += fmt::format("; E0 {}", moment(*r.e0, now));
  if (r.control_at) text += fmt::format("; control name answered {}", relative(*r.control_at, now));
  branch.add(text, Colour::dim);
}

void add_resolver(Branch& branch, const ResolverReport& r, Time now) {
  const std::string place = place_of(r);
  const std::string address = r.endpoint.text();
  std::string who = name_of(r);
  if (who.find(address) == std::string::npos) who += " " + address;
  std::string text =
      fmt::format("{}{}: {}", who, place.empty() ? "" : ", " + place, sign_of(r).word);
  for (const auto mark : marks_of(r)) text += fmt::format(", {}", mark);
  Branch& item = branch.add(text, colour_of(sign_of(r).word));
  if (!r.reason.empty()) item.add(r.reason);
  if (!r.dot.empty()) item.add("DNS over TLS: " + r.dot);
  for (const auto& cache : r.caches) add_cache(item, cache, now);
  if (r.last_at != Time{}) add_draws(item, r, now);
}

Branch resolvers_branch(const PropagationReport& report, Time now) {
  Branch branch =
      condition_branch('C', "resolvers were sampled and none holds the old set", report.c, now);
  branch.add(fmt::format("{} counted of {} operators in {} countries; {} warm and {} cold caches",
                         report.counted, report.operators, report.countries, report.warm,
                         report.cold));
  branch.add(share_sentence(report));
  for (const auto* resolver : worst_first(report)) add_resolver(branch, *resolver, now);
  return branch;
}

Branch forecast_branch(const PropagationReport& report, Time now) {
  Branch branch{"When, and what would move it"};
  if (report.ready()) {
    branch.add("READY is here", Colour::green);
    return branch;
  }
  const auto& forecast = report.forecast;
  branch.add("earliest " + when(forecast.earliest, now));
  branch.add("by the known expiries at the latest " + when(forecast.latest, now));
  if (!forecast.waits_for.text.empty()) branch.add("waits for: " + forecast.waits_for.text);
  for (const auto& move : forecast.moves) {
    const std::string until = move.until ? ", until " + when(*move.until, now) : std::string();
    branch.add(fmt::format("{}: {}{} [{}]", to_text(move.effect), move.text, until, move.code));
  }
  return branch;
}

Branch assumptions_branch(const PropagationReport& report) {
  Branch branch{"Assumed"};
  for (const auto& assumption : report.assumptions)
    branch.add(fmt::format("{} [{}]", assumption.text, assumption.code));
  return branch;
}

Branch waivers_branch(const PropagationReport& report) {
  Branch branch{"Waived"};
  for (const auto& waiver : report.waivers) branch.add(waiver, Colour::yellow);
  if (report.waivers.empty()) branch.add("nothing", Colour::dim);
  return branch;
}

std::string matrix_text(const monitor::SpfMatrix& matrix, const TextOptions& options) {
  Canvas canvas(options);
  canvas.line("");
  add_tree(canvas, spf_matrix_branch(matrix));
  return canvas.text();
}

}  // namespace

std::vector<Branch> explanation(const PropagationReport& report, Time now) {
  std::vector<Branch> branches = {
      authorities_branch(report, now), drain_branch(report, now), resolvers_branch(report, now),
      condition_branch('D', "the evidence hangs together", report.d, now),
      forecast_branch(report, now)};
  if (report.spf) branches.push_back(spf_text_branch(*report.spf, now));
  branches.push_back(assumptions_branch(report));
  branches.push_back(waivers_branch(report));
  return branches;
}

std::string render_explain(const PropagationReport& report, Time now, const TextOptions& options) {
  Canvas canvas(options);
  add_title(canvas, report);
  for (const Branch& branch : explanation(report, now)) {
    canvas.line("");
    add_tree(canvas, branch);
  }
  return canvas.text();
}

std::string render_explain(const Snapshot& snapshot, Time now, const TextOptions& options) {
  std::string text = render_explain(snapshot.report, now, options);
  if (snapshot.spf) text += matrix_text(*snapshot.spf, options);
  for (const auto& matrix : snapshot.other_spf) text += matrix_text(matrix, options);
  for (const auto& report : snapshot.other_owners)
    text += "\n" + render_explain(report, now, options);
  return text;
}

}  // namespace mxswitch::dashboards
