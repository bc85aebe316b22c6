// Owners with one exchange, driven through the agenda in virtual time over a world that answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "monitor/history/export_lines.h"
#include "monitor/history/replay.h"
#include "monitor/watch/agenda.h"

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
constexpr Duration kTrip{20};
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const AuthorityAddress kServer{*DnsName::parse("ns1.shop.example"),
                               *Endpoint::parse("198.51.100.11")};
const AuthorityAddress kExchangeServer{*DnsName::parse("ns1.filter.example"),
                                       *Endpoint::parse("198.51.100.21")};

class World {
 public:
  explicit World(int owners, Duration apart = Duration(0)) {
    for (int i = 0; i < owners; ++i) {
      WatchedOwner made;
      made.input.owner = *DnsName::parse("owner-" + std::to_string(i) + ".example");
      made.input.expected = kNew;
      const Time begins = kStart + apart * i;
      owners_.push_back(agenda_.add(made, Propagation(made.input, kStart), begins));
      owners_.back()->walk_at = begins;
    }
  }

  World& run_until(Duration end) {
    for (; now_ < kStart + end; now_ = std::min(kStart + end, next())) {
      for (; !answers_.empty() && answers_.begin()->first <= now_; answers_.erase(answers_.begin()))
        agenda_.answered(answers_.begin()->second.first, answers_.begin()->second.second, now_);
      for (Task& task : agenda_.take_due(now_)) run(std::move(task));
      keep();
    }
    return *this;
  }

  Time now() const { return now_; }
  const std::vector<std::shared_ptr<Watched>>& owners() const { return owners_; }
  const std::vector<Time>& asked() const { return asked_; }  // when the exchange's server was
  std::string exported(const Watched& entry) const {
    const auto& [rows, head] = kept_.at(entry.core.input().owner);
    ListIndex lists;
    const auto list = lists.of(entry.core.input().resolvers);
    ExportHead first;
    first.owner = entry.core.input().owner.text();
    first.exported_at = now_;
    first.head = head;
    first.input = input_json(entry.core.input(), list.digest);
    first.resolvers_digest = list.digest;
    first.resolvers = resolvers_json(entry.core.input().resolvers);
    std::string text = header_line(first);
    for (const auto& [seq, row] : rows)
      text += row_line(row, head.at("next_seq").get<std::uint64_t>());
    return text + end_line(head);
  }

  Time mx_moves = Time::max(), address_moves = Time::max();
  bool silent = false;  // the exchange's server

 private:
  Time next() const {
    Time next = agenda_.next_wakeup().value_or(Time::max());
    if (!answers_.empty()) next = std::min(next, answers_.begin()->first);
    return std::max(next, now_ + Duration(1));
  }

  void run(Task task) {
    if (std::holds_alternative<Walk>(task.what)) return agenda_.walked(task.entry, walk(), now_);
    if (const auto* sample = std::get_if<SharedSample>(&task.what)) {
      task.entry->take(*sample);
    } else if (std::get<ProbeDue>(task.what).kind == ProbeKind::companion) {
      asked_.push_back(task.at);
      const CompanionSample answer = address(std::get<ProbeDue>(task.what), task.at);
      answers_.emplace(answer.received_at, std::pair(task.entry, answer));
      return;
    } else {
      task.entry->take(mx(task.entry->core.input().owner));
    }
    agenda_.touched(task.entry, now_);
  }

  static WalkResult walk() {
    WalkResult found;
    found.endpoints = {kServer};
    ListedCompanion& one = found.companions.emplace_back();
    one.name = kNew.records()[0].exchange;
    one.endpoints = {kExchangeServer};
    return found;
  }

  AuthoritySample mx(const DnsName& owner) const {
    AuthoritySample sample;
    sample.owner = owner;
    sample.server = kServer.server;
    sample.endpoint = kServer.endpoint;
    sample.sent_at = sample.received_at = now_;
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.set = now_ < mx_moves ? kOld : kNew;
    sample.ttl = 300;
    return sample;
  }

  CompanionSample address(const ProbeDue& probe, Time at) const {
    CompanionSample sample;
    sample.name = probe.name;
    sample.type = probe.type;
    sample.server = probe.server;
    sample.endpoint = probe.endpoint;
    sample.sent_at = at;
    sample.received_at = at + kTrip;
    if (silent) return sample;
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.data = at < address_moves ? "192.0.2.1" : "192.0.2.9";
    sample.ttl = 3600;
    return sample;
  }

  void keep() {
    while (auto save = agenda_.take_save({now_, now_, now_ - kStart, "boot", true, Duration(1)})) {
      for (const Save::Owner& owner : save->owners) {
        auto& [rows, head] = kept_[owner.entry->core.input().owner];
        for (const ObservationRow& row : owner.rows)
          if (row.kind != "resolvers") rows[row.seq] = row;
        head = owner.head;
      }
      agenda_.saved(std::move(*save), true, now_);
    }
  }

  Agenda agenda_{Rates{}};
  Time now_ = kStart;
  std::vector<std::shared_ptr<Watched>> owners_;
  std::multimap<Time, std::pair<std::shared_ptr<Watched>, CompanionSample>> answers_;
  std::vector<Time> asked_;
  std::map<DnsName, std::pair<std::map<std::uint64_t, ObservationRow>, nlohmann::json>> kept_;
};

bool says(const PropagationReport& report, const std::string& code) {
  return std::any_of(report.reasons.begin(), report.reasons.end(),
                     [&](const Reason& reason) { return reason.code == code; });
}

TEST(Sharing, OneQuestionServesAllWhoWantIt) {
  World world(600);  // more than are served at once
  world.run_until(seconds(5));
  EXPECT_EQ(world.asked().size(), 1u);
  for (const auto& entry : world.owners())
    EXPECT_FALSE(says(entry->core.report(world.now()), "companion-not-asked"));
}

// Each owner asks once anew when its change begins; all else is at most one question in half of
// authority_poll, whatever their number.
TEST(Sharing, QuestionsDoNotGrowWithOwners) {
  const auto asked = [](int owners) {
    World world(owners, seconds(300) / owners);
    world.mx_moves = kStart + seconds(400);
    const auto& all = world.run_until(seconds(2400)).asked();
    return std::count_if(all.begin(), all.end(),
                         [](Time at) { return at >= kStart + seconds(1200); });
  };
  const auto few = asked(10), many = asked(200);
  EXPECT_GT(few, 10);
  EXPECT_LE(many, 1200 / 15);
  EXPECT_LE(many, few * 2) << "20 times the owners";
}

TEST(Sharing, ADeadServerIsNotAskedForEachOwnerEither) {
  World world(100, seconds(3));
  world.silent = true;
  EXPECT_LE(world.run_until(seconds(1800)).asked().size(), 1800u / 15 + 1);
  const auto report = world.owners()[50]->core.report(world.now());
  EXPECT_TRUE(std::any_of(report.warnings.begin(), report.warnings.end(), [](const auto& text) {
    return text.find("does not answer for mx1.filter.example A") != std::string::npos;
  }));
}

// u is the receive time of the first later answer, whoever asked for it, and never a later one.
TEST(Sharing, ADrainBeginsWhenTheAnswerWasTrue) {
  World world(20, seconds(7));
  world.mx_moves = kStart + seconds(300);
  world.address_moves = kStart + seconds(1000);
  world.run_until(seconds(1800));
  for (const auto& entry : world.owners()) {
    const auto report = entry->core.report(world.now());
    const auto owed = std::find_if(report.obligations.begin(), report.obligations.end(),
                                   [](const auto& o) { return !o.what.empty(); });
    ASSERT_NE(owed, report.obligations.end()) << report.owner.text();
    const Time u = owed->ended_at.value();
    EXPECT_GE(u, world.address_moves);
    EXPECT_TRUE(std::find(world.asked().begin(), world.asked().end(), u - kTrip) !=
                world.asked().end())
        << "not a time at which the server answered";
  }
}

TEST(Sharing, TheSameWorldIsJudgedTheSame) {
  const auto judged = [] {
    World world(30, seconds(11));
    world.mx_moves = kStart + seconds(400);
    world.address_moves = kStart + seconds(1000);
    world.run_until(seconds(3000));
    std::string all;
    for (const auto& entry : world.owners())
      all += entry->core.save({world.now(), world.now(), Duration(0), "boot", true, Duration(1)})
                 .dump();
    return all;
  };
  EXPECT_EQ(judged(), judged());
}

TEST(Sharing, WhatWasSharedReplays) {
  World world(25, seconds(9));
  world.mx_moves = kStart + seconds(400);
  world.address_moves = kStart + seconds(1000);
  world.run_until(seconds(6000));
  for (const auto& entry : world.owners()) {
    const auto file = parse_export(world.exported(*entry), "export");
    ASSERT_TRUE(file) << file.error().text();
    const auto replayed = replay(*file);
    ASSERT_TRUE(replayed) << replayed.error().text();
    EXPECT_GT(replayed->verdicts.size(), 3u);
    EXPECT_TRUE(replayed->equal()) << entry->core.input().owner.text();
  }
}

}  // namespace
}  // namespace mxswitch::monitor
