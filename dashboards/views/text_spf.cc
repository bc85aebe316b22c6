#include "dashboards/views/text_spf.h"

#include <fmt/format.h>

#include <algorithm>

#include "dashboards/views/spf_trace.h"
#include "dashboards/views/text_canvas.h"
#include "dashboards/views/words.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

std::string when(Time t, Time now) {
  return fmt::format("{} ({})", moment(t, now), relative(t, now));
}

Branch trace_branch(const probes::spf::TraceTerm& term) {
  Branch branch{term_text(term), Colour::dim};
  for (const auto& lookup : term.asked) branch.add(lookup_text(lookup), Colour::dim);
  for (const auto& inner : term.terms) branch.below.push_back(trace_branch(inner));
  return branch;
}

void add_cells(Branch& item, const monitor::SpfMatrix& matrix, const monitor::SpfRow& row) {
  for (std::size_t i = 0; i < std::min(row.cells.size(), matrix.senders.size()); ++i) {
    const monitor::SpfCell& cell = row.cells[i];
    Branch& sender = item.add(fmt::format("{}: {}, {} lookups, {} void", matrix.senders[i].text(),
                                          to_text(cell.result), cell.lookups, cell.voids));
    if (cell.trace) sender.below.push_back(trace_branch(*cell.trace));
  }
}

Branch row_branch(const monitor::SpfMatrix& matrix, const monitor::SpfRow& row) {
  Branch item{fmt::format("{}: {}", row.who(), to_text(row.state)),
              colour_of(verdict_word(row.state, false))};
  add_cells(item, matrix, row);
  for (const auto& term : row.terms)
    item.add(fmt::format("{}: {}{}{}", term.term, to_text(term.effect),
                         term.why.empty() ? "" : ", ", term.why));
  for (const auto& fault : row.faults)
    item.add(fmt::format("{}: {} [{}]", to_text(fault.level), fault.sentence(), fault.code),
             fault.level == monitor::SpfFault::Level::error ? Colour::red : Colour::yellow);
  if (!row.record.empty()) item.add(row.record, Colour::dim);
  return item;
}

}  // namespace

Branch spf_text_branch(const monitor::SpfTextReport& spf, Time now) {
  Branch branch{"SPF as text: " + spf.why};
  branch.add(spf.views);
  for (const auto& server : spf.servers) {
    Branch& item = branch.add(fmt::format(
        "{} {}: {}{}", server.server, server.endpoint.text(), monitor::to_text(server.verdict),
        server.current || server.verdict == monitor::SpfText::unknown
            ? ""
            : ", not what the authorities have"));
    if (!server.record.empty()) item.add(server.record, Colour::dim);
    if (server.expires_at) item.add("its copy expires " + when(*server.expires_at, now));
  }
  for (const auto& target : spf.targets) branch.add(target.why);
  return branch;
}

Branch spf_matrix_branch(const monitor::SpfMatrix& matrix) {
  Branch branch{fmt::format("SPF of {} by result: {}", matrix.owner, matrix.why),
                colour_of(verdict_word(matrix.state, false))};
  branch.add(matrix.views);
  for (const auto& row : matrix.rows) branch.below.push_back(row_branch(matrix, row));
  return branch;
}

}  // namespace mxswitch::dashboards
