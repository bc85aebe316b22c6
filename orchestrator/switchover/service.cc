#include "orchestrator/switchover/service.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <atomic>
#include <chrono>
#include <future>

#include "monitor/alerts/outbox.h"
#include "orchestrator/switchover/arguments.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);

Failure stopping() {
  return fail(Fault::unavailable, "the daemon is stopping", {}, "try again when it runs");
}

// A command on its way from an HTTP thread to the loop. Either the loop begins it or the thread
// that lost patience withdraws it: what was called `unavailable` is never carried out later.
class Errand {
 public:
  bool begin() { return decide(Fate::begun); }
  bool withdraw() { return decide(Fate::withdrawn); }
  std::promise<Result<Operation>> answer;

 private:
  enum class Fate { open, begun, withdrawn };
  bool decide(Fate fate) {
    Fate open = Fate::open;
    return fate_.compare_exchange_strong(open, fate);
  }
  std::atomic<Fate> fate_{Fate::open};
};

}  // namespace

SwitchoverService::SwitchoverService(SwitchoverParts parts) : parts_(std::move(parts)) {}
SwitchoverService::~SwitchoverService() { stop(); }

asio::awaitable<Result<void>> SwitchoverService::start() {
  const auto work = [](monitor::Transaction& tx) { return journal_domains(tx); };
  auto domains = co_await parts_.database.transact(work);
  if (!domains) co_return tl::unexpected(domains.error());
  parts_.reports.on_change([this](const probes::DnsName& owner) { reports_moved(owner); });
  Result<void> worst;
  for (const std::string& domain : *domains) {
    auto switchover = std::make_shared<Switchover>(parts_, domain);
    auto loaded = co_await switchover->load();
    if (!loaded) worst = loaded;
    switchovers_[domain] = switchover;
    switchover->start();
  }
  co_return worst;
}

void SwitchoverService::stop() {
  if (!stopped_.exchange(true)) parts_.reports.on_change({});
  for (const auto& [domain, switchover] : switchovers_) switchover->stop();
}

std::shared_ptr<Switchover> SwitchoverService::find(const std::string& domain) const {
  const auto found = switchovers_.find(domain);
  return found == switchovers_.end() ? nullptr : found->second;
}

// Several plans may watch one owner: another's alias domain is somebody's domain.
void SwitchoverService::reports_moved(const probes::DnsName& owner) {
  const std::string name = owner.text();
  for (const auto& [domain, switchover] : switchovers_)
    if (domain == name || switchover->owns(name)) switchover->reports_moved();
}

// A domain begins with its first plan.
asio::awaitable<std::shared_ptr<Switchover>> SwitchoverService::open(std::string domain) {
  if (auto known = find(domain)) co_return known;
  auto switchover = std::make_shared<Switchover>(parts_, domain);
  (void)co_await switchover->load();
  const auto [place, added] = switchovers_.emplace(domain, switchover);
  if (added) switchover->start();
  co_return place->second;
}

asio::awaitable<Result<Operation>> SwitchoverService::acknowledge(std::string token) {
  const Time now = parts_.clock.now();
  const auto work = [token, now](monitor::Transaction& tx) {
    return monitor::acknowledge(tx, token, now);
  };
  auto state = co_await parts_.database.transact(work);
  if (!state) co_return tl::unexpected(state.error());
  if (auto switchover = find(state->domain)) co_await switchover->refresh_contacts();
  Operation operation;
  operation.id = random_uuid();
  operation.domain = state->domain;
  operation.verb = "alert";
  operation.status = "done";
  operation.detail = {{"text", "acknowledged; alerts of " + state->domain + " are read here"}};
  co_return operation;
}

asio::awaitable<Result<Operation>> SwitchoverService::carry_out(Command command) {
  if (stopped_) co_return stopping();
  const bool object = command.arguments.is_object();
  if (command.verb == "alert" && object && command.arguments.value("action", "") == "ack") {
    const std::string token = command.arguments.value("token", "");
    co_return co_await acknowledge(token);
  }
  auto switchover = find(command.domain);
  if (switchover == nullptr && command.verb == "plan") {
    // Only a plan that can be read, and is of this domain, makes one known.
    const std::string text = object ? command.arguments.value("plan", "") : "";
    const std::string name = object ? command.arguments.value("name", "plan") : "";
    auto view = parts_.read_plan(text, name, 1, nlohmann::json::object());
    if (!view) co_return tl::unexpected(view.error());
    if (view->gate.domain != command.domain) {
      co_return fail(Fault::usage, "the plan is of " + view->gate.domain, command.domain);
    }
    const std::string domain = command.domain;
    switchover = co_await open(domain);
  }
  // A view of an alias domain names that one: its waivers belong to the plan that has it.
  if (switchover == nullptr && object && (command.verb == "waive" || command.verb == "unwaive")) {
    for (const auto& [domain, candidate] : switchovers_) {
      if (!candidate->owns(command.domain)) continue;
      switchover = candidate;
      command.arguments["owner"] = command.domain;
      command.domain = domain;
      break;
    }
  }
  if (switchover == nullptr) {
    co_return fail(Fault::not_found, "there is no switchover of this domain", command.domain,
                   "give its plan: mxswitch plan apply FILE");
  }
  co_return co_await switchover->execute(std::move(command));
}

Result<Operation> SwitchoverService::submit(Command command) {
  if (stopped_) return stopping();
  if (const auto sound = check_reason(command); !sound) return Failure(sound.error());
  if (waiting_.fetch_add(1) >= kWaiting) {
    --waiting_;
    return fail(Fault::unavailable, "too many commands wait", command.domain, "try again");
  }
  auto errand = std::make_shared<Errand>();
  auto answer = errand->answer.get_future();
  const auto run = [](SwitchoverService* self, Command taken,
                      std::shared_ptr<Errand> on) -> asio::awaitable<void> {
    Result<Operation> result = stopping();
    try {
      if (on->begin()) result = co_await self->carry_out(std::move(taken));
    } catch (const std::exception& e) {
      result = fail(Fault::internal, e.what());
    }
    --self->waiting_;
    on->answer.set_value(std::move(result));
  };
  const std::string domain = command.domain;
  asio::co_spawn(parts_.loop, run(this, std::move(command), errand), asio::detached);
  if (answer.wait_for(kPatience) == std::future_status::ready) return answer.get();
  if (errand->withdraw()) {
    return fail(Fault::unavailable, "the daemon is too busy to take the command", domain,
                "nothing was done; try again in a moment");
  }
  return fail(Fault::timed_out, "the command was not answered within 5 s", domain,
              "repeat it with the same Idempotency-Key");
}

Result<Operation> SwitchoverService::operation(const std::string& id) {
  const auto work = [id](monitor::Transaction& tx) { return find_operation(tx, id); };
  auto kept = parts_.database.transact_blocking(work);
  if (!kept) return tl::unexpected(kept.error());
  if (!*kept) return fail(Fault::not_found, "there is no such operation", id);
  return (*kept)->operation;
}

}  // namespace mxswitch::orchestrator
