// resolvers: the list of those that are sampled, and a check-up of them from here.
#include "deploy/mxswitch/verb_resolvers.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "dashboards/views/text_resolvers.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "monitor/watch/resolver_checkup.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

using monitor::ResolverHealth;
using probes::Resolver;

struct ResolverFlags {
  std::string source = "builtin";
  std::vector<std::string> operators, countries, addresses;
  std::string tier;
  bool filtering = false, unfiltered = false;
  std::string bogus_name = "dnssec-failed.org", filtered_name = "isitblocked.org";
  int burst = 8;
  TerminalFlags terminal;
};

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

bool among(const std::string& word, const std::vector<std::string>& wanted) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
           return same_word(one, word);
         });
}

bool wanted(const Resolver& one, const ResolverFlags& flags) {
  const std::string_view tier = one.tier == probes::Tier::isp ? "isp" : "public";
  return among(one.operator_name, flags.operators) && among(one.country_code, flags.countries) &&
         among(one.endpoint.text(), flags.addresses) &&
         (flags.tier.empty() || flags.tier == tier) && (!flags.filtering || one.filtering) &&
         (!flags.unfiltered || !one.filtering);
}

Result<std::vector<Resolver>> chosen_ones(const ResolverFlags& flags) {
  auto all = probes::load_resolvers(flags.source);
  if (!all) return tl::unexpected(all.error());
  std::erase_if(*all, [&](const Resolver& one) { return !wanted(one, flags); });
  if (!all->empty()) return all;
  return fail(Fault::not_found, "no resolver of the list is like that",
              "--resolvers " + flags.source, "leave an option out, or see mxswitch resolvers list");
}

template <class Item>
void print_json(const std::vector<Item>& items) {
  nlohmann::json all = nlohmann::json::array();
  for (const Item& item : items) all.push_back(dashboards::to_json(item));
  nlohmann::json body = nlohmann::json::object();
  body["resolvers"] = std::move(all);
  fmt::print("{}\n", json_text(body, 2));
}

int run_list(const ResolverFlags& flags) {
  const auto resolvers = chosen_ones(flags);
  if (!resolvers) return report_error(resolvers.error());
  if (flags.terminal.json)
    print_json(*resolvers);
  else
    fmt::print("{}", dashboards::render_resolvers(*resolvers,
                                                  text_options(flags.terminal, Extent::whole)));
  return 0;
}

Result<probes::DnsName> name_of(const std::string& text, std::string_view option) {
  if (text.empty()) return probes::DnsName();
  auto name = probes::DnsName::from_user(text);
  if (name) return name;
  Error error = name.error();
  error.where = fmt::format("{} {}", option, text);
  return tl::unexpected(error);
}

std::vector<ResolverHealth> check_all(monitor::CheckupRequest request) {
  const SystemClock clock;
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  std::vector<ResolverHealth> all;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        all = co_await monitor::check_up(*transport, request);
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  return all;
}

// 0: each is of use; 3: some are not; 4: none is, so it is rather the way there.
int code_of(const std::vector<ResolverHealth>& all) {
  const auto bad = std::count_if(all.begin(), all.end(), [](const ResolverHealth& one) {
    return judge_health(one).worth == monitor::Worth::bad;
  });
  if (bad == 0) return static_cast<int>(ExitCode::done);
  const bool none = static_cast<std::size_t>(bad) == all.size();
  return static_cast<int>(none ? ExitCode::in_flight : ExitCode::blocked);
}

int run_checkup(const ResolverFlags& flags) {
  auto resolvers = chosen_ones(flags);
  if (!resolvers) return report_error(resolvers.error());
  const auto bogus = name_of(flags.bogus_name, "--bogus-name");
  if (!bogus) return report_error(bogus.error());
  const auto filtered = name_of(flags.filtered_name, "--filtered-name");
  if (!filtered) return report_error(filtered.error());
  monitor::CheckupRequest request;
  request.resolvers = std::move(*resolvers);
  request.bogus_name = *bogus;
  request.filtered_name = *filtered;
  request.burst = flags.burst;
  request.progress = progress_line("checked");
  const auto all = check_all(std::move(request));
  if (flags.terminal.json)
    print_json(all);
  else
    fmt::print("{}", dashboards::render_checkup(all, text_options(flags.terminal, Extent::whole)));
  return code_of(all);
}

void add_filters(CLI::App& verb, ResolverFlags& flags) {
  verb.add_option("--resolvers", flags.source,
                  "builtin (48 public ones), all (139), or a CSV file of address[:port],...")
      ->capture_default_str();
  verb.add_option("--tier", flags.tier, "public or isp")->check(CLI::IsMember({"public", "isp"}));
  verb.add_option("--operator", flags.operators, "of these operators alone");
  verb.add_option("--country", flags.countries, "of these countries alone: DE, NG");
  verb.add_option("--address", flags.addresses, "these addresses alone");
  auto* filtering = verb.add_flag("--filtering", flags.filtering, "those declared to filter");
  verb.add_flag("--unfiltered", flags.unfiltered, "those that are not")->excludes(filtering);
  add_terminal_flags(verb, flags.terminal);
}

}  // namespace

void add_resolvers(CLI::App& app, Chosen& chosen) {
  CLI::App* verb =
      app.add_subcommand("resolvers", "who is sampled, and how good they are from here");
  verb->require_subcommand(1);

  auto listed = std::make_shared<ResolverFlags>();
  CLI::App* list = verb->add_subcommand("list", "the list: operator, tier, country, place");
  add_filters(*list, *listed);
  list->footer("Example: mxswitch resolvers list --resolvers all --country DE");
  list->callback([listed, &chosen] { chosen.run = [listed] { return run_list(*listed); }; });

  auto asked = std::make_shared<ResolverFlags>();
  CLI::App* check = verb->add_subcommand(
      "check", "ask each: does it answer, honestly, validated, unfiltered, how fast?");
  add_filters(*check, *asked);
  check
      ->add_option("--burst", asked->burst, "questions at once, for signs of a rate limit; 0: none")
      ->check(CLI::Range(0, 50))
      ->capture_default_str();
  check
      ->add_option("--bogus-name", asked->bogus_name,
                   "a name with broken signatures, which a validator refuses; \"\": none")
      ->capture_default_str();
  check
      ->add_option("--filtered-name", asked->filtered_name,
                   "a name that filters keep from their users; \"\": none")
      ->capture_default_str();
  check->footer(
      "Example: mxswitch resolvers check --tier public --country DE\n"
      "Some 15 questions each. Exit: 0 each is of use to a watch, 3 some are not, 4 none is.");
  check->callback([asked, &chosen] { chosen.run = [asked] { return run_checkup(*asked); }; });
}

}  // namespace mxswitch
