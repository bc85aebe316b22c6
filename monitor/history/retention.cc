#include "monitor/history/retention.h"

#include "monitor/history/row.h"

namespace mxswitch::monitor {
namespace {

std::int64_t number(Time time) { return time.time_since_epoch().count(); }

// The first and the newest sample still say since when and until when.
std::string ends_of(const std::string& text) {
  const auto moments = parse_moments(text);
  if (!moments || moments->size() <= 2) return text;
  return moments_text({moments->front(), moments->back()});
}

}  // namespace

Retention::Step Retention::step(Transaction& transaction, const std::string& after,
                                Time now) const {
  Step step;
  const auto anchors = transaction.query(
      "SELECT owner, max(seq) FROM observations WHERE mark > 0 AND mark = ? AND owner > ? "
      "GROUP BY owner ORDER BY owner LIMIT ?",
      {static_cast<std::int64_t>(Mark::anchor), after, std::int64_t{kOwnersAStep}});
  for (const Row& found : anchors) {
    const Scope scope{found.text(0), found.integer(1)};
    if (!prune(transaction, scope, now, step)) return step;  // more of this owner next time
    step.after = scope.owner;
  }
  if (anchors.size() < static_cast<std::size_t>(kOwnersAStep)) step.after.clear();
  return step;
}

// False when the step is full before the owner is done.
bool Retention::prune(Transaction& transaction, const Scope& scope, Time now, Step& step) const {
  const auto left = [&] { return static_cast<int>(kRowsAStep - step.deleted - step.thinned); };
  if (options_.observations > Duration(0))
    step.deleted += transaction.execute(
        "DELETE FROM observations WHERE owner = ?1 AND seq IN (SELECT seq FROM observations WHERE "
        "owner = ?1 AND (seq < ?2 OR (seq = ?2 AND kind = 'left')) AND last_at < ?3 LIMIT ?4)",
        {scope.owner, scope.before, number(now - options_.observations), std::int64_t{left()}});
  if (left() <= 0) return false;
  if (options_.samples > Duration(0))
    step.thinned += thin(transaction, scope, now - options_.samples, left());
  return left() > 0;
}

std::int64_t Retention::thin(Transaction& transaction, const Scope& scope, Time cutoff,
                             int most) const {
  const auto rows = transaction.query(
      "SELECT seq, moments FROM observations WHERE owner = ? AND seq < ? AND last_at < ? AND "
      "whole = 1 AND open = 0 AND moments <> '' LIMIT ?",
      {scope.owner, scope.before, number(cutoff), std::int64_t{most}});
  for (const Row& row : rows)
    transaction.execute(
        "UPDATE observations SET moments = ?, whole = 0 WHERE owner = ? AND seq = ?",
        {ends_of(row.text(1)), scope.owner, row.integer(0)});
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace mxswitch::monitor
