// Whether a newer snapshot of a domain says something else. A view is sent again when it does; that
// the same is known from a newer look is no news.
#pragma once

#include "orchestrator/switchover/snapshot.h"

namespace mxswitch::orchestrator {

enum class News {
  none,
  ages,     // only when and how often something was seen, or what moves with the clock
  meaning,  // anything else
};

// Complete by construction: every field of every part is named in snapshot_news.cc, and a new one
// does not compile there until somebody says what it is.
News news_between(const Snapshot& before, const Snapshot& after);

}  // namespace mxswitch::orchestrator
