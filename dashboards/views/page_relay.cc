#include "dashboards/views/page_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

Html gate_item(const GateResult& gate, Time now) {
  Html out;
  out.add("<li>{}<div><b>{}</b> <span class=\"why\">{}</span>", verdict_badge(word_of(gate)),
          gate.id, gate.why);
  out.add("<span class=\"meta\">");
  if (!gate.open()) out.add("turn: {} &middot; ", people_of(gate.turn));
  if (gate.earliest && !gate.open()) {
    out.add("earliest {} &middot; ", time_with_distance(gate.earliest, now));
  }
  out.add("seen {} ago{}</span>", age_of(gate.observed_at, now),
          gate.overridable ? "" : ", never overridable");
  return out.add("</div></li>\n");
}

Html node_item(const orchestrator::RelayNodeView& node, Time now) {
  Html out;
  out.add("<li data-key=\"{0}\"><div class=\"node\"><b>{0}</b> ", node.id);
  if (!node.reachable) {
    out.add("{} <span class=\"why\">{}</span>", verdict_badge("unreachable"), node.error);
  } else {
    out.add("<span class=\"mode m-{0}\">{0}</span> <span class=\"why\">{1}</span>",
            node.mode.empty() ? "unknown" : node.mode,
            node.in_force ? "in force" : "written, not yet seen in use");
  }
  out.add(
      "</div><dl class=\"flow\"><div><dt>accepted</dt><dd>{}</dd></div><div><dt>forwarded"
      "</dt><dd>{}</dd></div>",
      node.accepted, node.forwarded);
  out.add(
      "<div><dt>hosted</dt><dd>{}</dd></div><div><dt>rejected</dt><dd>{}</dd></div>"
      "<div><dt>queued</dt><dd>{}</dd></div></dl>",
      node.hosted, node.rejected, node.queued);
  return out.add("<span class=\"meta\">generation {}, seen {} ago</span></li>\n", node.generation,
                 age_of(node.observed_at, now));
}

std::string_view verdict_of(const orchestrator::ContactView& contact) {
  if (contact.last_delivery_at && !contact.last_delivery_ok) return "fail";
  return contact.acknowledged && contact.last_delivery_ok ? "pass" : "waits";
}

Html names(std::string_view title, const std::vector<std::string>& list, std::string_view good) {
  Html items;
  for (const auto& name : list) items.add("<li><code>{}</code></li>", name);
  if (items.empty()) {
    return Html().add("<h3>{}</h3><p class=\"empty\">{}</p>\n", title, good);
  }
  return Html().add("<h3>{}</h3><ul class=\"names\">{}</ul>\n", title, items);
}

}  // namespace

Html gates_card(const DomainPage& page) {
  Html items;
  for (const auto* gate : gates_worst_first(page.snapshot)) {
    items.add("{}", gate_item(*gate, page.now));
  }
  Html aside;
  aside.add("<p class=\"aside\">{} of {} open</p>",
            std::ranges::count_if(page.snapshot.gates, &GateResult::open),
            page.snapshot.gates.size());
  return card("gates", "Gates", aside,
              items.empty() ? empty_note("No gate was judged yet.")
                            : Html().add("<ul class=\"gates\">\n{}</ul>\n", items));
}

Html relay_card(const DomainPage& page) {
  const auto& relay = page.snapshot.relay;
  Html items;
  for (const auto& node : relay.nodes) items.add("{}", node_item(node, page.now));
  Html aside;
  if (!relay.name.empty()) {
    aside.add("<p class=\"aside\">{} ({}) &middot; desired {} &middot; observed {}</p>", relay.name,
              relay.driver, relay.desired, relay.observed);
  }
  return card("relay", "Relay", aside,
              items.empty() ? empty_note("This plan only watches: it has no relay.")
                            : Html().add("<ul class=\"nodes\">\n{}</ul>\n", items));
}

Html roster_card(const DomainPage& page) {
  const auto& roster = page.snapshot.roster;
  Html body;
  body.add("{}{}{}", names("Accounts missing at the relay", roster.missing_accounts, "None."),
           names("Aliases missing at the relay", roster.missing_aliases, "None."),
           names("Recipients in traffic that nobody has", roster.uncovered, "None."));
  if (!roster.extra_accounts.empty() || !roster.extra_aliases.empty()) {
    auto extra = roster.extra_accounts;
    extra.insert(extra.end(), roster.extra_aliases.begin(), roster.extra_aliases.end());
    body.add("{}", names("Only at the relay", extra, "None."));
  }
  return card("roster", "Roster", Html(), body);
}

Html contact_card(const DomainPage& page) {
  Html items;
  for (const auto& c : page.snapshot.contact) {
    items.add(
        "<li>{}<div><b>{}</b> <code>{}</code><span class=\"meta\">{}, last delivery {} {}</span>"
        "</div></li>\n",
        verdict_badge(verdict_of(c)), c.channel, c.address,
        c.acknowledged ? "acknowledged" : "not acknowledged by its button yet",
        c.last_delivery_ok ? "arrived" : "failed",
        c.last_delivery_at ? Html().add("{} ago", age_of(*c.last_delivery_at, page.now)) : Html());
  }
  return card("contact", "Contact", Html(),
              items.empty() ? empty_note("No channel outside the moved domain is set: READY could "
                                         "not reach anybody.")
                            : Html().add("<ul class=\"gates\">\n{}</ul>\n", items));
}

Html exceptions_card(const DomainPage& page) {
  const Snapshot& s = page.snapshot;
  Html items;
  for (const auto& warning : s.report.warnings) {
    items.add("<li><b>Warning</b> <span class=\"why\">{}</span></li>\n", warning);
  }
  for (const auto& o : s.overrides) {
    items.add(
        "<li><b>Override of {}</b> <span class=\"why\">{}</span><span class=\"meta\">by {}, "
        "expires {}</span></li>\n",
        o.gate, o.reason, o.author, time_with_distance(o.expires_at, page.now));
  }
  for (const auto& w : s.waivers) {
    items.add(
        "<li><b>Waiver of {} for {}</b> <span class=\"why\">{}</span><span class=\"meta\">by {}, "
        "{}</span></li>\n",
        w.resolver, w.owner, w.reason, w.author,
        w.until ? Html().add("until {}", time_with_distance(w.until, page.now))
                : Html().add("without end"));
  }
  for (const auto& name : s.approvals) items.add("<li><b>Approved by</b> {}</li>\n", name);
  if (items.empty()) return {};
  return card("exceptions", "Exceptions", Html(),
              Html().add("<ul class=\"plain\">\n{}</ul>\n", items));
}

Html log_card(const DomainPage& page) {
  Html items;
  const auto& history = page.snapshot.history;
  for (auto entry = history.rbegin(); entry != history.rend(); ++entry) {
    items.add("<li>{} <b>{}</b> <span class=\"what\">{}</span>", time_of(entry->at, page.now),
              entry->who, entry->what);
    if (!entry->why.empty()) items.add(" <span class=\"why\">{}</span>", entry->why);
    if (!entry->evidence.empty()) {
      items.add("<span class=\"meta\">{}</span>", entry->evidence);
    }
    items.add("</li>\n");
  }
  return card("log", "Log", Html(),
              items.empty() ? empty_note("Nothing has happened yet.")
                            : Html().add("<ol class=\"log\">\n{}</ol>\n", items));
}

}  // namespace mxswitch::dashboards
