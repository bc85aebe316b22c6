#include "orchestrator/relay_agent/postfix_queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/program.h"
#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kDeadline = std::chrono::seconds(10);
constexpr std::size_t kFlushLimit = 1000;

bool is_for(const nlohmann::json& message, const std::string& domain) {
  const auto recipients = message.find("recipients");
  if (recipients == message.end() || !recipients->is_array()) return false;
  return std::ranges::any_of(*recipients, [&](const nlohmann::json& recipient) {
    if (!recipient.is_object()) return false;
    const auto address = recipient.find("address");
    return address != recipient.end() && address->is_string() &&
           lower_case(address->get_ref<const std::string&>()).ends_with("@" + domain);
  });
}

}  // namespace

std::vector<QueuedMessage> messages_of(std::string_view postqueue_json, const std::string& domain) {
  std::vector<QueuedMessage> messages;
  while (!postqueue_json.empty()) {
    const auto line = postqueue_json.substr(0, postqueue_json.find('\n'));
    postqueue_json.remove_prefix(std::min(postqueue_json.size(), line.size() + 1));
    const auto message = nlohmann::json::parse(line, nullptr, false);
    if (!message.is_object() || !is_for(message, domain)) continue;
    const auto id = message.find("queue_id");
    const auto arrived = message.find("arrival_time");
    if (id == message.end() || !id->is_string()) continue;
    QueuedMessage queued{id->get<std::string>(), {}};
    if (arrived != message.end() && arrived->is_number_integer()) {
      queued.arrived_at = Time(std::chrono::seconds(arrived->get<std::int64_t>()));
    }
    messages.push_back(std::move(queued));
  }
  return messages;
}

Result<std::vector<QueuedMessage>> PostfixQueue::list(const std::string& domain) const {
  const auto output =
      run_program({commands_.postqueue, "-c", commands_.config_directory, "-j"}, {}, kDeadline);
  if (!output) return tl::unexpected(output.error());
  return messages_of(*output, domain);
}

Result<void> PostfixQueue::flush(const std::vector<QueuedMessage>& messages) const {
  for (std::size_t i = 0; i < std::min(messages.size(), kFlushLimit); ++i) {
    // A message that was delivered meanwhile is no reason to leave the others.
    const auto done =
        run_program({commands_.postqueue, "-c", commands_.config_directory, "-i", messages[i].id},
                    {}, kDeadline);
    if (!done && done.error().fault == Fault::timed_out) return tl::unexpected(done.error());
  }
  return {};
}

Result<void> PostfixQueue::submit(const std::string& recipient) const {
  const auto done = run_program(
      {commands_.sendmail, "-C", commands_.config_directory, "-i", "-f", "<>", recipient},
      "Subject: route probe\n\nDiscarded on arrival.\n", std::chrono::seconds(2));
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace mxswitch::orchestrator
