// Whatever a record leads to: an evaluation ends after 20 s and 200 queries.
#include "probes/spf/asking_budget.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "probes/spf/evaluate.h"
#include "probes/spf/survey.h"

namespace mxswitch::probes::spf {
namespace {

// Every name publishes all that asks: ten mx, of which each has ten exchanges, of which each is an
// alias of another.
class EndlessDns final : public Transport {
 public:
  explicit EndlessDns(ManualClock& clock) : clock_(clock) {}
  Duration takes{0};
  int asked = 0;
  Duration longest_deadline_at_end{0};

  asio::awaitable<Reply> ask(Query query) override {
    ++asked;
    longest_deadline_at_end = query.deadline;
    clock_.advance(std::min(takes, query.deadline));
    Answer answer;
    answer.question = query.question;
    answer.ra = true;
    add(answer, query.question);
    Reply reply;
    reply.rtt = takes;
    reply.answer = std::move(answer);
    co_return reply;
  }

 private:
  void add(Answer& answer, const Question& question) {
    const auto under = [&](int i) { return *question.name.with_prefix("n" + std::to_string(i)); };
    const auto put = [&](RrType type, RecordData data) {
      answer.answer.push_back({question.name, type, 300, std::move(data)});
    };
    if (question.type == RrType::txt) {
      std::string record = "v=spf1";
      for (int i = 0; i < 10; ++i) record += " mx:m" + std::to_string(i) + ".example.org";
      put(RrType::txt, Txt{{record + " -all"}});
    } else if (question.type == RrType::mx) {
      for (int i = 0; i < 10; ++i) put(RrType::mx, Mx{10, under(i)});
    } else {
      put(RrType::cname, under(0));
    }
  }
  ManualClock& clock_;
};

class AskingBudgets : public testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> asking) {
    T made;
    asio::io_context loop;
    asio::co_spawn(
        loop, [&]() -> asio::awaitable<void> { made = co_await std::move(asking); },
        asio::detached);
    loop.run();
    return made;
  }
  CheckResult check() {
    CheckRequest request;
    request.ip = *IpAddress::parse("192.0.2.25");
    request.mail_from = "joe@shop.example";
    return run(check_host(*view, request, clock));
  }

  const Time start{seconds(1000)};
  ManualClock clock{start};
  EndlessDns dns{clock};
  std::unique_ptr<DnsView> view = resolver_view(dns, *Endpoint::parse("9.9.9.9"), seconds(5));
};

TEST_F(AskingBudgets, AnEvaluationEndsAfterItsQueries) {
  const CheckResult made = check();
  EXPECT_EQ(made.result, SpfResult::temperror);
  EXPECT_EQ(made.why, "the lookups took over 200 queries");
  EXPECT_EQ(dns.asked, AskingBudget::kQueries);
}

TEST_F(AskingBudgets, AnEvaluationEndsAfterItsTime) {
  dns.takes = Duration(1500);
  const CheckResult made = check();
  EXPECT_EQ(made.result, SpfResult::temperror);
  EXPECT_EQ(made.why, "the lookups took over 20 s");
  EXPECT_EQ(clock.now() - start, AskingBudget::kTime) << "the last query waits for what is left";
  EXPECT_EQ(dns.longest_deadline_at_end, Duration(500));
}

TEST_F(AskingBudgets, ASurveyEndsLikewiseAndSaysThatItSawAPart) {
  const Survey made = run(survey(*view, "shop.example", clock));
  EXPECT_EQ(dns.asked, AskingBudget::kQueries);
  EXPECT_TRUE(worst_case(made.root).at_least);
}

TEST_F(AskingBudgets, EachEvaluationHasItsOwn) {
  check();
  check();
  EXPECT_EQ(dns.asked, 2 * AskingBudget::kQueries);
}

}  // namespace
}  // namespace mxswitch::probes::spf
