#include "monitor/history/history.h"

#include <algorithm>
#include <utility>

#include "probes/base/json_text.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

// Long enough for everything that a judgement still looks back at: three failed polls, a site of
// an anycast address, a control name (10 min), the outcomes that make a resolver `failed` (16).
constexpr std::size_t kWindow = 4, kResolverWindow = 17;
constexpr Duration kWindowAge = std::chrono::minutes(15);

}  // namespace

ListIndex::Entry ListIndex::of(const probes::ResolverList& list) {
  auto& [kept, digest] = known_[list.begin()];
  if (!digest.empty()) return {digest, std::nullopt};
  kept = list;
  std::string text = json_text(resolvers_json(list));
  digest = sha256_hex(text);
  return {digest, std::move(text)};
}

std::string History::key_of(const std::string& kind, const std::string& server) {
  return kind + " " + server;
}

void History::begin(const PropagationInput& input, ListIndex& lists, Time at,
                    const std::optional<json>& state) {
  begun_ = true;
  json body = {{"input", input_body(input, lists)}};
  if (state) body["state"] = *state;
  event("begin", at, std::move(body), Mark::anchor);
}

void History::restarted(const PropagationInput& input, ListIndex& lists, Time at, json clocks) {
  const std::string before = input_;
  json body = std::move(clocks);
  json now = input_body(input, lists);
  const bool other = input_ != before;
  if (other) body["input"] = std::move(now);
  event("restart", at, std::move(body), other ? Mark::input : Mark::none);
}

void History::plan(const PropagationInput& input, ListIndex& lists, Time at,
                   const std::optional<json>& state) {
  const std::string before = input_;
  json body = {{"input", input_body(input, lists)}};
  if (input_ == before) return;
  if (state) body["state"] = *state;
  event("plan", at, std::move(body), state ? Mark::anchor : Mark::input);
}

void History::waived(const Endpoint& resolver, const std::string& reason, std::optional<Time> until,
                     Time at) {
  json body = {{"resolver", resolver.text()}, {"reason", reason}};
  if (until) body["until_at"] = format_time_ms(*until);
  event("waive", at, std::move(body));
}

void History::unwaived(const Endpoint& resolver, Time at) {
  event("unwaive", at, {{"resolver", resolver.text()}});
}

void History::left(Time at) {
  for (auto& [key, server] : servers_)
    while (!server.runs.empty()) close(server, server.runs.front());
  event("left", at, json::object(), Mark::anchor);
  begun_ = false;
}

json History::input_body(const PropagationInput& input, ListIndex& lists) {
  ListIndex::Entry list = lists.of(input.resolvers);
  if (list.fresh) {
    ObservationRow row;
    row.kind = "resolvers";
    row.server = list.digest;
    row.body = std::move(*list.fresh);
    rows_.push_back(std::move(row));
  }
  policy_ = input.policy;
  json body = input_json(input, list.digest);
  input_ = sha256_hex(json_text(body));
  return body;
}

// Events are judged by what was known when they came, so that is kept.
ObservationRow& History::event(std::string kind, Time at, json body, Mark mark) {
  for (auto& [key, server] : servers_) keep_window(server);
  ObservationRow row;
  row.seq = next_seq_++;
  row.kind = std::move(kind);
  row.body = json_text(body);
  row.first_at = row.last_at = at;
  row.mark = mark;
  return rows_.emplace_back(std::move(row));
}

void History::note(const Sighting& sighting, bool material, bool calm) {
  auto& [key, server] = *servers_.try_emplace(key_of(sighting.kind, sighting.server)).first;
  const bool is_resolver = sighting.kind == "resolver";
  Run& run = run_of(server, sighting);
  run.key = &key;
  Moment moment = sighting.moment;
  moment.seq = next_seq_++;
  const bool first = run.row.count == 0;
  if (first) {
    run.row.first_at = moment.received_at;
  } else {
    run.row.largest_gap = std::max(run.row.largest_gap, moment.received_at - run.row.last_at);
  }
  run.row.last_at = std::max(run.row.last_at, moment.received_at);
  ++run.row.count;
  // Few and many: doubling would waste most of the memory.
  if (!is_resolver) server.window.reserve(server.window.size() + 1);
  server.window.emplace_back(run.row.seq, moment);
  dirty_.insert(run.row.seq);
  const bool longest = is_resolver && moment.ttl > server.largest_ttl;
  server.largest_ttl = std::max(server.largest_ttl, moment.ttl);
  if (material || first) urgent_.insert(run.row.seq);
  if (material || first || longest || (is_resolver && !calm))
    keep_window(server);
  else
    trim(server, is_resolver, moment.received_at);
  if (run.row.moments.size() >= kMostKept) close(server, run.row.seq);
}

const History::Details& History::Run::details() const {
  static const Details kBlank;
  return apart ? *apart : kBlank;
}

void History::Run::set_details(Details details) {
  const bool blank = details.occasional.empty() && details.site.empty() && details.set.empty();
  apart = blank ? nullptr : std::make_unique<Details>(std::move(details));
}

History::Run& History::run_of(Server& server, const Sighting& sighting) {
  end_others(server, sighting);
  if (Run* run = find_run(server, sighting)) return *run;
  if (server.runs.size() >= kMostOpenRuns) close(server, server.runs.front());
  Run& run = open_[next_seq_];
  run.row.seq = next_seq_;
  run.answer = answers_.of(sighting.answer);
  run.row.count = 0;
  run.row.open = true;
  run.set_details({sighting.occasional, sighting.site, sighting.set});
  server.runs.push_back(next_seq_);
  return run;
}

History::Run* History::find_run(Server& server, const Sighting& sighting) {
  for (auto seq = server.runs.begin(); seq != server.runs.end(); ++seq) {
    Run& run = open_.at(*seq);
    const Details& known = run.details();
    const bool same_extra = sighting.occasional.empty() || known.occasional.empty() ||
                            sighting.occasional == known.occasional;
    if (*run.answer != sighting.answer || !same_extra) continue;
    if (known.occasional.empty()) run.set_details({sighting.occasional, known.site, known.set});
    std::rotate(seq, seq + 1, server.runs.end());
    return &run;
  }
  return nullptr;
}

// A site that answers with another set has ended its run; so has a long silence.
void History::end_others(Server& server, const Sighting& sighting) {
  for (const std::uint64_t seq : std::vector(server.runs)) {
    const Run& run = open_.at(seq);
    const Details& known = run.details();
    const bool other_set = !sighting.set.empty() && !known.set.empty() &&
                           known.site == sighting.site && known.set != sighting.set;
    const bool silent = sighting.moment.received_at - run.row.last_at > kRunGap;
    if (other_set || silent) close(server, seq);
  }
}

void History::close(Server& server, std::uint64_t seq) {
  keep_window(server);
  const auto run = open_.find(seq);
  run->second.row.open = false;
  rows_.push_back(rendered(run->second));
  open_.erase(run);
  dirty_.erase(seq);
  urgent_.erase(seq);
  std::erase(server.runs, seq);
}

void History::append(Observed& row, Moment moment, std::uint32_t& repeats) {
  moment.repeats = std::exchange(repeats, 0);
  row.moments.push_back(moment);
}

void History::keep_window(Server& server) {
  for (const auto& [seq, moment] : server.window) {
    Run& run = open_.at(seq);
    append(run.row, moment, run.repeats);
  }
  server.window.clear();
}

void History::trim(Server& server, bool is_resolver, Time now) {
  const auto k = static_cast<std::size_t>(std::max(0, policy_.k)) + 1;
  const std::size_t least = is_resolver ? std::max(kResolverWindow, k) : kWindow;
  const Duration age = std::max({kWindowAge, policy_.authority_spread, policy_.validity});
  while (server.window.size() > least && now - server.window.front().second.received_at > age) {
    ++open_.at(server.window.front().first).repeats;
    server.window.erase(server.window.begin());
  }
}

void History::follow(const PropagationReport& report) {
  if (!begun_) return;
  if (report.ready()) {
    if (!ready_since_) ready_since_ = report.at;
  } else {
    ready_since_.reset();
  }
  VerdictGist gist = gist_of(report);
  if (gist_ == gist) return;
  gist_ = std::move(gist);
  event("verdict", report.at, verdict_json(report, policy_));
}

ObservationRow History::rendered(const Run& run) const {
  const std::size_t space = run.key->find(' ');
  ObservationRow row{run.row, run.key->substr(0, space), run.key->substr(space + 1)};
  row.body = *run.answer;
  if (const std::string& occasional = run.details().occasional; !occasional.empty()) {
    row.body.pop_back();  // both are JSON objects that hold something
    row.body += "," + occasional.substr(1);
  }
  const auto server = servers_.find(*run.key);
  std::uint32_t repeats = run.repeats;
  for (const auto& [seq, moment] : server->second.window)
    if (seq == row.seq) append(row, moment, repeats);
  return row;
}

std::vector<ObservationRow> History::take() {
  std::vector<ObservationRow> rows = std::move(rows_);
  rows_.clear();
  for (const std::uint64_t seq : dirty_) rows.push_back(rendered(open_.at(seq)));
  dirty_.clear();
  urgent_.clear();
  return rows;
}

void History::put_back(std::vector<ObservationRow> rows) {
  const auto newer = [this](const ObservationRow& row) {
    return std::any_of(rows_.begin(), rows_.end(), [&](const ObservationRow& other) {
      return other.seq == row.seq && other.kind == row.kind && other.server == row.server;
    });
  };
  std::vector<ObservationRow> older;
  for (ObservationRow& row : rows) {
    if (row.open && open_.contains(row.seq)) {
      dirty_.insert(row.seq);
      urgent_.insert(row.seq);
    } else if (!newer(row)) {
      older.push_back(std::move(row));
    }
  }
  rows_.insert(rows_.begin(), std::make_move_iterator(older.begin()),
               std::make_move_iterator(older.end()));
}

json History::head(const PropagationReport& now) const {
  return {{"begun", begun_},
          {"next_seq", next_seq_},
          {"input", input_},
          {"at", format_time_ms(now.at)},
          {"now", verdict_json(now, policy_)}};
}

History History::restore(const json& head, std::vector<ObservationRow> open) {
  History history;
  history.begun_ = head.at("begun").get<bool>();
  history.next_seq_ = head.at("next_seq").get<std::uint64_t>();
  history.input_ = head.at("input").get<std::string>();
  history.gist_ = gist_from_json(head.at("now"));
  for (ObservationRow& row : open) {
    const Sighting last = sighting_of_row(row.kind, row.server, row.body);
    auto& [key, server] = *history.servers_.try_emplace(key_of(row.kind, row.server)).first;
    server.runs.push_back(row.seq);
    for (const Moment& moment : row.moments)
      server.largest_ttl = std::max(server.largest_ttl, moment.ttl);
    Run& run = history.open_[row.seq];
    run.key = &key;
    run.row = static_cast<Observed&&>(std::move(row));
    std::string().swap(run.row.body);
    run.answer = history.answers_.of(last.answer);
    run.set_details({last.occasional, last.site, last.set});
  }
  return history;
}

}  // namespace mxswitch::monitor
