// The status page as HTML, complete without JavaScript (UX: The page of one domain). A script may
// fetch it again and take over what changed; it never knows more than these bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {

// How many resolvers gave which class at one moment; a series of these is the chart.
struct SharePoint {
  Time at{};
  std::map<std::string, int, std::less<>> counts;  // by ClassSign::word
};
SharePoint share_point(const PropagationReport& report);

// What every page has around it.
struct PageFrame {
  std::string version;
  std::vector<std::string> stylesheets;  // paths on this server
  std::string script;                    // empty: the page has no live updates
  bool changes = true;  // what it shows is news: without a script it is loaded anew
};

struct DomainPage {
  const Snapshot& snapshot;
  const std::vector<SharePoint>& shares;
  Time now{};
  std::string show;  // a word of all_signs(): only those resolvers; else all
};

std::string render_page(const DomainPage& page, const PageFrame& frame);
std::string render_index(const std::vector<orchestrator::SnapshotPtr>& snapshots, Time now,
                         const PageFrame& frame);
// Why: every condition with what it rests on, of each owner.
std::string render_explain_page(const Snapshot& snapshot, Time now, const PageFrame& frame);
// 404, 503, ...: what happened, and what to do.
std::string render_error_page(int status, const std::string& title, const std::string& detail,
                              const PageFrame& frame);
// GET of /ack/TOKEN: a button, since scanners of mail follow links but press no buttons.
std::string render_acknowledge(const std::string& path, const PageFrame& frame);
std::string render_acknowledged(const std::string& what, const PageFrame& frame);

// A snapshot older than this is marked as stale: the daemon publishes far more often.
inline constexpr seconds kStaleAfter{60};

}  // namespace mxswitch::dashboards
