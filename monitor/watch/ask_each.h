// One TXT question at many servers, all at the same time.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "monitor/watch/ask.h"

namespace mxswitch::monitor {

struct TxtQuestion {
  probes::Transport* transport = nullptr;  // must outlive the answer
  TxtAsk ask;
};

// One sample a question, as they came. Never fails.
asio::awaitable<std::vector<TxtSample>> ask_each(std::vector<TxtQuestion> questions);

}  // namespace mxswitch::monitor
