#include "monitor/propagation/one_look.h"
#include "monitor/propagation/propagation.h"
#include "monitor/propagation/report.h"
#include "monitor/propagation/spf_text.h"

namespace mxswitch::monitor {

std::string_view to_text(AnswerClass c) {
  switch (c) {
    case AnswerClass::new_:
      return "new";
    case AnswerClass::old:
      return "old";
    case AnswerClass::mixed:
      return "mixed";
    case AnswerClass::foreign:
      return "foreign";
    case AnswerClass::absent:
      return "absent";
    case AnswerClass::failed:
      return "failed";
  }
  return "failed";
}

std::string_view to_text(Verdict v) {
  switch (v) {
    case Verdict::hold:
      return "hold";
    case Verdict::ready:
      return "ready";
    case Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_text(Forecast::Move::Effect effect) {
  switch (effect) {
    case Forecast::Move::Effect::later:
      return "later";
    case Forecast::Move::Effect::earlier:
      return "earlier";
    case Forecast::Move::Effect::part:
      return "part";
  }
  return "part";
}

std::string_view to_text(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::authority:
      return "authority";
    case ProbeKind::companion:
      return "companion";
    case ProbeKind::seed:
      return "seed";
    case ProbeKind::resolver:
      return "resolver";
    case ProbeKind::control:
      return "control";
    case ProbeKind::dot:
      return "dot";
    case ProbeKind::identity:
      return "identity";
  }
  return "resolver";
}

std::string_view to_text(Weight weight) {
  switch (weight) {
    case Weight::blocks:
      return "blocks";
    case Weight::open:
      return "open";
    case Weight::note:
      return "note";
    case Weight::good:
      return "good";
  }
  return "open";
}

std::string_view to_text(Look look) {
  switch (look) {
    case Look::all_new:
      return "all_new";
    case Look::not_yet:
      return "not_yet";
    case Look::inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

std::string_view to_text(SpfText verdict) {
  switch (verdict) {
    case SpfText::term_present:
      return "term_present";
    case SpfText::term_missing:
      return "term_missing";
    case SpfText::no_record:
      return "no_record";
    case SpfText::many_records:
      return "many_records";
    case SpfText::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace mxswitch::monitor
