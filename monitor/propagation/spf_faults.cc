// What one view's evaluation leaves to be desired, each with what to do.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "monitor/propagation/spf_matrix.h"
#include "probes/spf/lint.h"

namespace mxswitch::monitor {
namespace {

namespace spf = probes::spf;
using spf::SpfResult;

std::string_view mechanism_of(const probes::IpAddress& ip) { return ip.is_v6() ? "ip6" : "ip4"; }

// What a stranger must get; none: anything but a pass.
std::optional<SpfResult> wanted_of(const std::string& all) {
  if (all == "-all") return SpfResult::fail;
  if (all == "~all") return SpfResult::softfail;
  if (all == "?all") return SpfResult::neutral;
  return std::nullopt;
}

class Judge {
 public:
  Judge(const SpfMove& move, const SpfEvaluation& seen, bool switched)
      : move_(move), seen_(seen), switched_(switched) {}

  std::vector<SpfFault> run() {
    judge_errors();
    for (std::size_t i = 0; i < std::min(move_.senders.size(), seen_.cells.size()); ++i)
      judge_sender(move_.senders[i], seen_.cells[i]);
    for (const SpfTermSeen& term : seen_.terms) judge_term(term);
    for (const SpfBroken& broken : seen_.broken)
      add(broken.failed ? Level::unknown : Level::error, "include", broken.why,
          broken.failed ? "" : "mend or remove what leads there");
    judge_budget(false);
    judge_budget(true);
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const auto& a, const auto& b) { return order(a.level) < order(b.level); });
    return std::move(faults_);
  }

 private:
  using Level = SpfFault::Level;
  static int order(Level level) {
    return level == Level::error ? 0 : level == Level::unknown ? 1 : 2;
  }
  void add(Level level, std::string code, std::string text, std::string mend = {}) {
    faults_.push_back({level, std::move(code), std::move(text), std::move(mend)});
  }

  // An error of the record is one of every sender that comes upon it: said once.
  void judge_errors() {
    for (const SpfResult result : {SpfResult::permerror, SpfResult::temperror}) {
      std::vector<std::string> who;
      std::string why;
      for (std::size_t i = 0; i < std::min(move_.senders.size(), seen_.cells.size()); ++i) {
        if (seen_.cells[i].result != result) continue;
        who.push_back(move_.senders[i].text());
        why = seen_.cells[i].why;
      }
      if (who.empty()) continue;
      const bool permanent = result == SpfResult::permerror;
      const std::string many =
          who.size() == seen_.cells.size()
              ? std::string("every sender gets")
              : fmt::format("{} get{}", fmt::join(who, ", "), who.size() == 1 ? "s" : "");
      add(permanent ? Level::error : Level::unknown, std::string(spf::to_text(result)),
          fmt::format("{} {} ({})", many, spf::to_text(result), why),
          permanent ? "mend the record" : "");
    }
  }

  void judge_sender(const SpfSender& sender, const SpfCell& cell) {
    if (cell.result == SpfResult::permerror || cell.result == SpfResult::temperror) return;
    const bool pass = cell.result == SpfResult::pass;
    const std::string ip = sender.ip.text();
    if (sender.role == SenderRole::stranger) return judge_stranger(ip, cell.result);
    if (sender.role == SenderRole::new_ && !pass)
      add(Level::error, "new-sender",
          fmt::format("the new sender {} gets {}", ip, spf::to_text(cell.result)),
          fmt::format("publish the required include or {}:{}", mechanism_of(sender.ip), ip));
    if (sender.role != SenderRole::old_ || also_new(sender.ip)) return;
    if (!switched_ && !pass)
      add(Level::error, "old-sender",
          fmt::format("the old sender {} gets {} before the switch", ip, spf::to_text(cell.result)),
          fmt::format("keep {}:{} until then", mechanism_of(sender.ip), ip));
    if (switched_ && pass)
      add(Level::warning, "leftover",
          fmt::format("the old sender {} still passes after the switch", ip),
          "take it out of the record when nothing sends from there");
  }

  void judge_stranger(const std::string& ip, SpfResult result) {
    const auto wanted = wanted_of(move_.all);
    if (gives_wanted(move_, {SenderRole::stranger, {}}, result)) return;
    add(Level::error, "stranger",
        wanted ? fmt::format("a stranger ({}) gets {}, not {}", ip, spf::to_text(result),
                             spf::to_text(*wanted))
               : fmt::format("a stranger ({}) passes", ip),
        "end the record in " + (wanted ? move_.all : std::string("~all or -all")));
  }

  void judge_term(const SpfTermSeen& term) {
    if (term.effect == SpfEffect::without_effect)
      add(Level::error, "required", fmt::format("{} has no effect, {}", term.term, term.why),
          "put it before \"all\" with the qualifier \"+\"");
    if (term.effect == SpfEffect::unknown)
      add(Level::unknown, "required", fmt::format("{}: {}", term.term, term.why));
  }

  // Strangers match nothing before "all", so their lookups are those of the whole record.
  void judge_budget(bool v6) {
    int lookups = 0, voids = 0;
    for (std::size_t i = 0; i < std::min(move_.senders.size(), seen_.cells.size()); ++i) {
      if (move_.senders[i].ip.is_v6() != v6) continue;
      lookups = std::max(lookups, seen_.cells[i].lookups);
      voids = std::max(voids, seen_.cells[i].voids);
    }
    const std::string_view family = v6 ? "IPv6" : "IPv4";
    if (!v6 && seen_.cost.lookups > spf::kMostLookups) {
      add(Level::error, "lookups",
          fmt::format("{} of {} lookups in the worst case", seen_.cost.lookups, spf::kMostLookups),
          "remove includes");
    } else if (lookups >= spf::kWarnLookups && lookups <= spf::kMostLookups) {
      add(Level::warning, "lookups",
          fmt::format("{} of {} lookups for an {} sender: the next include breaks the record",
                      lookups, spf::kMostLookups, family));
    }
    if (voids == spf::kMostVoids)
      add(Level::warning, "voids",
          fmt::format("{} of {} void lookups for an {} sender: one more name that goes away breaks "
                      "the record",
                      voids, spf::kMostVoids, family));
  }

  bool also_new(const probes::IpAddress& ip) const {
    return std::any_of(move_.senders.begin(), move_.senders.end(), [&](const SpfSender& sender) {
      return sender.role == SenderRole::new_ && sender.ip == ip;
    });
  }

  const SpfMove& move_;
  const SpfEvaluation& seen_;
  bool switched_;
  std::vector<SpfFault> faults_;
};

}  // namespace

bool gives_wanted(const SpfMove& move, const SpfSender& sender, SpfResult result) {
  if (sender.role != SenderRole::stranger) return result == SpfResult::pass;
  if (result == SpfResult::permerror || result == SpfResult::temperror) return false;
  const auto wanted = wanted_of(move.all);
  return wanted ? result == *wanted : result != SpfResult::pass;
}

std::vector<SpfFault> faults_of(const SpfMove& move, const SpfEvaluation& evaluation,
                                bool switched) {
  return Judge(move, evaluation, switched).run();
}

}  // namespace mxswitch::monitor
