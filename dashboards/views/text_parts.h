// Parts that several terminal views share.
#pragma once

#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {

// "shop.example    10 mail.shop.example -> 10 mx1.filter.example"
void add_title(Canvas& canvas, const PropagationReport& report);
// When READY is to be expected and what decides it; nothing where READY is here.
void add_forecast(Canvas& canvas, const PropagationReport& report, Time now);
// What would move it.
void add_moves(Canvas& canvas, const PropagationReport& report);
// Who sees the required terms of SPF, and until when others may not; nothing where it isn't asked.
void add_spf(Canvas& canvas, const PropagationReport& report);
// "new [####----] 31/48   old 12   split 2"
void add_counts(Canvas& canvas, const PropagationReport& report);

// Waivers and warnings: what a verdict leaves out or rests on.
struct Note {
  std::string_view label;
  std::string text;
};
std::vector<Note> notes_of(const PropagationReport& report);
void add_note(Canvas& canvas, const Note& note);
void add_notes(Canvas& canvas, const PropagationReport& report);

Line authority_row(const AuthorityReport& authority, Time now);
Line resolver_row(const ResolverReport& resolver, Time now);
// All of them, worst first.
std::vector<Line> authority_rows(const PropagationReport& report, Time now);
std::vector<Line> resolver_rows(const PropagationReport& report, Time now);

}  // namespace mxswitch::dashboards
