// What watching many domains costs: the real agenda, pacer, cores and database in virtual time,
// over a world that answers at once. Prints CPU seconds per simulated hour and the memory, at each
// number of domains; one in a hundred is draining, and all move to the same two exchanges. No
// packet is sent.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "monitor/watch/agenda.h"
#include "monitor/watch/observations.h"

namespace mxswitch::monitor {
namespace {

const Time kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kRoundTrip = Duration(20);
constexpr std::uint32_t kTtl = 3600;
constexpr int kResolvers = 20;
constexpr int kDomainsAServer = 100;
// A drain takes about 70 minutes, and changes are spread over the whole run, so this many change.
constexpr Duration kDrain = std::chrono::minutes(70);
constexpr Duration kRun = kHour * 3;       // one to settle in, one to measure, one ahead
constexpr Duration kMeasuredFrom = kHour;  // everything was asked once by then
constexpr Duration kMeasuredUntil = kHour * 2;

const MxSet kOld = MxSet::parse("10 mail.shop.example").value();
const MxSet kNew = MxSet::parse("10 mx1.filter.example, 20 mx2.filter.example").value();

// A and AAAA of both exchanges, at both servers of their zone.
std::vector<ListedCompanion> exchanges() {
  std::vector<AuthorityAddress> servers;
  for (const int number : {1, 2})
    servers.push_back({DnsName::parse(fmt::format("ns{}.filter.example", number)).value(),
                       Endpoint::parse(fmt::format("198.51.100.{}", number)).value()});
  std::vector<ListedCompanion> all;
  for (const probes::Mx& mx : kNew.records())
    for (const auto type : {probes::RrType::a, probes::RrType::aaaa}) {
      ListedCompanion& one = all.emplace_back();
      one.name = mx.exchange;
      one.type = type;
      one.endpoints = servers;
    }
  return all;
}

const DnsName kIncluded = DnsName::parse("spf.junkemailfilter.com").value();
const std::string kRequired = "include:spf.junkemailfilter.com";

SpfMove move() {
  SpfMove move;
  move.required = {kRequired};
  move.all = "~all";
  move.senders = matrix_senders({probes::IpAddress::v4({192, 0, 2, 25})},
                                {probes::IpAddress::v4({198, 51, 100, 25})});
  return move;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double resident_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word)
    if (word == "VmRSS:") status >> kib;
  return kib / 1024;
}

probes::ResolverList resolvers() {
  std::vector<probes::Resolver> all;
  for (int i = 0; i < kResolvers; ++i) {
    probes::Resolver& one = all.emplace_back();
    one.endpoint = Endpoint::parse(fmt::format("192.0.2.{}", i + 1)).value();
    one.operator_name = fmt::format("operator {}", i + 1);
    one.country_code = i % 2 ? "DE" : "FR";
  }
  return all;
}

struct Domain {
  std::shared_ptr<Watched> entry;
  std::vector<AuthorityAddress> servers;
  Time changes_at = Time::max();
};

struct Event {
  Time at;
  std::size_t domain;
  Task task;
  bool operator<(const Event& other) const { return at > other.at; }  // the earliest on top
};

class Bench {
 public:
  Bench(std::size_t domains, Database& database) : database_(database), domains_(domains) {
    const auto changing = static_cast<std::size_t>(static_cast<double>(domains) / 100 *
                                                   static_cast<double>(kRun / kDrain + 1));
    for (std::size_t i = 0; i < domains; ++i) add(i, i < changing);
  }

  void run_until(Time end) {
    while (now_ < end) {
      keep();
      for (Task& task : agenda_.take_due(now_)) start(std::move(task));
      while (!events_.empty() && events_.top().at <= now_) deliver();
      now_ = std::min(next(), end);
    }
  }

  std::size_t probes() const { return probes_; }
  std::size_t exchange_probes() const { return exchange_probes_; }
  std::size_t rows() const { return rows_; }

  int draining() const {
    return static_cast<int>(std::count_if(domains_.begin(), domains_.end(), [&](const auto& d) {
      return d.entry->core.change_started() && !d.entry->core.report(now_).ready();
    }));
  }

 private:
  void add(std::size_t index, bool changes) {
    Domain& domain = domains_[index];
    WatchedOwner owner;
    owner.input.owner = DnsName::parse(fmt::format("customer-{}.example", index)).value();
    owner.spf = move_;
    owner.spf->owner = owner.input.owner;
    owner.input.expected = kNew;
    owner.input.resolvers = resolvers_;
    for (const int half : {0, 1}) domain.servers.push_back(server(index / kDomainsAServer, half));
    // Nobody adds 100,000 domains in one second.
    std::uniform_int_distribution<std::int64_t> spread(0, (kHour / 2).count());
    if (changes)
      domain.changes_at =
          kStart + Duration(std::uniform_int_distribution<std::int64_t>(0, kRun.count())(random_));
    Propagation core(owner.input, kStart);
    domain.entry = agenda_.add(owner, std::move(core), kStart + Duration(spread(random_)));
  }

  static AuthorityAddress server(std::size_t provider, int half) {
    const auto low = static_cast<unsigned>(provider % 250),
               high = static_cast<unsigned>(provider / 250);
    return {DnsName::parse(fmt::format("ns{}.provider-{}.example", half + 1, provider)).value(),
            Endpoint::parse(fmt::format("10.{}.{}.{}", half, high, low + 1)).value()};
  }

  Time next() const {
    Time next = Time::max();
    for (const auto& at : {agenda_.next_wakeup(), agenda_.next_save()})
      if (at) next = std::min(next, *at);
    if (!events_.empty()) next = std::min(next, events_.top().at);
    return std::max(next, now_ + Duration(1));
  }

  void keep() {
    while (auto save = agenda_.take_save({now_, now_, now_ - kStart, "boot", true, Duration(1)})) {
      for (const Save::Owner& owner : save->owners) rows_ += 1 + owner.rows.size();
      const auto done = database_.transact_blocking(
          [&](Transaction& transaction) { write_save(transaction, *save); });
      if (!done) throw std::runtime_error(done.error().text());
      agenda_.saved(std::move(*save), true, now_);
    }
  }

  void start(Task task) {
    if (const auto* sample = std::get_if<SharedSample>(&task.what)) {
      task.entry->take(*sample);
      return agenda_.touched(task.entry, now_);
    }
    const std::size_t index = task.entry->number;  // given out in the order of adding
    events_.push({std::max(task.at, now_) + kRoundTrip, index, std::move(task)});
  }

  void deliver() {
    const Event event = events_.top();
    events_.pop();
    Domain& domain = domains_[event.domain];
    if (std::holds_alternative<Walk>(event.task.what)) {
      WalkResult found;
      found.endpoints = domain.servers;
      found.companions = exchanges_;
      return agenda_.walked(domain.entry, std::move(found), now_);
    }
    ++probes_;
    if (const auto* txt = std::get_if<TxtServer>(&event.task.what))
      domain.entry->txt->observe(txt_answer(*txt));
    else if (const auto* round = std::get_if<SpfRound>(&event.task.what))
      domain.entry->spf->observe(*round, evaluation(*round));
    else
      answer(domain, std::get<ProbeDue>(event.task.what));
    agenda_.touched(domain.entry, now_);
  }

  TxtSample txt_answer(const TxtServer& server) const {
    TxtSample sample;
    sample.from_authority = server.from_authority;
    sample.server = server.name;
    sample.endpoint = server.endpoint;
    sample.name = server.asked;
    sample.received_at = now_;
    sample.outcome = Outcome::answered;
    sample.texts = {server.asked == kIncluded ? "v=spf1 ip4:198.51.100.0/24 -all"
                                              : "v=spf1 include:spf.junkemailfilter.com ~all"};
    sample.ttl = kTtl;
    return sample;
  }

  SpfEvaluation evaluation(const SpfRound& round) const {
    SpfEvaluation made;
    made.from_authority = round.from_authority;
    made.resolver = round.resolver;
    made.record = round.record;
    made.senders = move_.senders;
    made.cells.assign(move_.senders.size(), {probes::spf::SpfResult::pass, "ip4 matches", 1, 0});
    made.terms = {{kRequired, SpfEffect::effective, ""}};
    made.at = now_;
    made.expires_at = now_ + seconds(kTtl);
    return made;
  }

  void answer(Domain& domain, const ProbeDue& probe) {
    if (probe.kind == ProbeKind::control) {
      const ControlSample sample{probe.endpoint, now_ - kRoundTrip, now_, true, false, false};
      agenda_.answered(domain.entry, sample, now_);
    } else if (probe.kind == ProbeKind::identity) {
      domain.entry->take(IdentitySample{probe.endpoint, now_, true, ""});
    } else if (probe.kind == ProbeKind::authority) {
      AuthoritySample sample;
      sample.server = probe.server;
      fill(sample, domain, now_ >= domain.changes_at, kTtl);
      sample.endpoint = probe.endpoint;
      sample.authoritative = true;
      domain.entry->take(sample);
    } else if (probe.kind == ProbeKind::companion) {
      ++exchange_probes_;
      agenda_.answered(domain.entry, address_answer(probe), now_);
    } else {
      answer_resolver(domain, probe);
    }
  }

  CompanionSample address_answer(const ProbeDue& probe) const {
    CompanionSample sample;
    sample.name = probe.name;
    sample.type = probe.type;
    sample.server = probe.server;
    sample.endpoint = probe.endpoint;
    sample.sent_at = now_ - kRoundTrip;
    sample.received_at = now_;
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.data = probe.type == probes::RrType::a ? "192.0.2.200" : "2001:db8::200";
    sample.ttl = kTtl;
    return sample;
  }

  // Each resolver filled its cache at a moment of its own, so it lets go within a TTL.
  void answer_resolver(Domain& domain, const ProbeDue& probe) {
    const auto offset = seconds((probe.endpoint.address.bytes()[3] * 1709) % kTtl);
    const Duration since = now_ - domain.changes_at;
    const auto age = std::chrono::duration_cast<seconds>(since - offset) % seconds(kTtl);
    ResolverSample sample;
    fill(sample, domain, since >= offset,
         kTtl - static_cast<std::uint32_t>(age.count() < 0 ? -age.count() : age.count()));
    sample.resolver = probe.endpoint;
    domain.entry->take(sample);
  }

  template <class Sample>
  void fill(Sample& sample, const Domain& domain, bool is_new, std::uint32_t ttl) const {
    sample.owner = domain.entry->core.input().owner;
    sample.sent_at = now_ - kRoundTrip;
    sample.received_at = now_;
    sample.outcome = Outcome::answered;
    sample.set = is_new ? kNew : kOld;
    sample.ttl = ttl;
  }

  Database& database_;
  Agenda agenda_{Rates{}};
  probes::ResolverList resolvers_ = resolvers();
  std::vector<ListedCompanion> exchanges_ = exchanges();
  SpfMove move_ = move();
  std::vector<Domain> domains_;
  std::priority_queue<Event> events_;
  std::mt19937_64 random_{1};
  Time now_ = kStart;
  std::size_t probes_ = 0, rows_ = 0, exchange_probes_ = 0;
};

int run(std::size_t domains, const std::string& folder) {
  const std::string path = fmt::format("{}/scale-{}.db", folder, domains);
  auto database = open_database("sqlite:" + path, observation_migrations());
  if (!database) throw std::runtime_error(database.error().text());
  Bench bench(domains, **database);
  bench.run_until(kStart + kMeasuredFrom);
  const double begun = cpu_seconds();
  const std::size_t probes = bench.probes(), rows = bench.rows();
  const std::size_t exchange_probes = bench.exchange_probes();
  bench.run_until(kStart + kMeasuredUntil);
  const double used = cpu_seconds() - begun;
  fmt::print("{} {:.3f} {} {} {} {:.0f} {} {}\n", domains, used, bench.draining(),
             bench.probes() - probes, bench.rows() - rows, resident_mib(),
             std::filesystem::file_size(path), bench.exchange_probes() - exchange_probes);
  return 0;
}

}  // namespace
}  // namespace mxswitch::monitor

// scale_bench DOMAINS FOLDER: one line: domains, CPU seconds of one simulated hour, draining,
// probes, rows written, MiB resident, bytes of the database, and how many of the probes went to the
// servers of the exchanges that all domains share.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("scale_bench DOMAINS FOLDER\n", stderr);
    return 2;
  }
  try {
    return mxswitch::monitor::run(std::stoul(argv[1]), argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scale_bench: %s\n", error.what());
    return 1;
  }
}
