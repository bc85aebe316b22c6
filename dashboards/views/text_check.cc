#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"

namespace mxswitch::dashboards {
namespace {

using monitor::Look;
using monitor::LookCounts;
using monitor::LookFact;
using monitor::OneLook;
using monitor::Weight;

constexpr std::size_t kBarWidth = 22;
constexpr std::size_t kMostNames = 6;  // of one fact, on a terminal

struct Word {
  std::string_view text;
  Colour colour;
};

Word word_of(Look look) {
  switch (look) {
    case Look::all_new:
      return {"all sampled answers new", Colour::green};
    case Look::not_yet:
      return {"not yet", Colour::red};
    case Look::inconclusive:
      return {"inconclusive", Colour::yellow};
  }
  return {"inconclusive", Colour::yellow};
}

Word word_of(Weight weight) {
  switch (weight) {
    case Weight::blocks:
      return {"not yet", Colour::red};
    case Weight::open:
      return {"unknown", Colour::yellow};
    case Weight::note:
      return {"note", Colour::dim};
    case Weight::good:
      return {"new", Colour::green};
  }
  return {"unknown", Colour::yellow};
}

std::string share(std::string_view kind, const LookCounts& counts) {
  const auto fresh = counts.of(AnswerClass::new_);
  return fmt::format("{} {}/{} new", kind, fresh, counts.counted());
}

void add_answer(Canvas& canvas, const OneLook& look) {
  const Word word = word_of(look.look);
  canvas.labelled("Answer", {{std::string(word.text), word.colour},
                             {fmt::format(": {}, {}; drain not judged by one look",
                                          share("authorities", look.authorities),
                                          share("resolvers", look.resolvers))}});
}

void add_bar(Canvas& canvas, const LookCounts& counts) {
  const int fresh = counts.of(AnswerClass::new_), all = counts.counted();
  Line line = {{"new ", Colour::dim},
               {fmt::format("{} {}/{}", bar(fresh, all, kBarWidth), fresh, all),
                fresh == all && all > 0 ? Colour::green : Colour::plain}};
  const auto add = [&](std::string_view word, int count) {
    if (count > 0) line.push_back({fmt::format("   {} {}", word, count), colour_of(word)});
  };
  for (const auto c : {AnswerClass::old, AnswerClass::mixed, AnswerClass::absent,
                       AnswerClass::foreign, AnswerClass::failed}) {
    const int split = c == AnswerClass::mixed ? counts.split : 0;
    add(monitor::to_text(c), counts.of(c) - split);
    add("split", split);
  }
  add("not counted", counts.excluded);
  canvas.line(std::move(line));
}

std::string sentence(const LookFact& fact, bool whole) {
  if (whole || fact.who.size() <= kMostNames + 1) return fact.sentence();
  const std::vector<std::string> first(fact.who.begin(), fact.who.begin() + kMostNames);
  return fmt::format("{}: {}, +{} more (--all)", fact.text, fmt::join(first, ", "),
                     fact.who.size() - kMostNames);
}

void add_fact(Canvas& canvas, const LookFact& fact, bool whole) {
  const Word word = word_of(fact.weight);
  // Of what is as it should be, the number is enough.
  const bool names = fact.weight != Weight::good;
  const std::string text = names ? sentence(fact, whole) : fact.text;
  canvas.labelled(word.text, {{text, names ? word.colour : Colour::plain}});
}

}  // namespace

std::string render_check(const CheckView& view, Time now, const TextOptions& options) {
  Canvas canvas(options);
  add_title(canvas, view.report);
  add_answer(canvas, view.look);
  add_bar(canvas, view.look.resolvers);
  canvas.line("");
  const bool whole = view.rows || options.width == 0;  // nothing is cut in a pipe
  for (const LookFact& fact : view.look.facts) add_fact(canvas, fact, whole);
  add_notes(canvas, view.report);
  if (!view.ttl.empty()) canvas.labelled("TTL", {{view.ttl}});
  for (const std::string& text : view.outlook)
    canvas.labelled(&text == &view.outlook.front() ? "Outlook" : "", {{text}});
  for (const std::string& text : view.look.not_looked_at)
    canvas.labelled(&text == &view.look.not_looked_at.front() ? "Not looked at" : "", {{text}});
  if (!view.rows) return canvas.text();
  canvas.line("");
  canvas.table({"AUTHORITY", "CLASS", "ANSWER", "TTL", "RTT", "AGE", "NOTE"},
               authority_rows(view.report, now), 1);
  canvas.line("");
  canvas.table({"RESOLVER", "CLASS", "ANSWER", "TTL", "RTT", "AGE", "NOTE"},
               resolver_rows(view.report, now), 1);
  return canvas.text();
}

}  // namespace mxswitch::dashboards
