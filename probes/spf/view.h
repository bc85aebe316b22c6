// What an evaluation sees of the DNS: one resolver's answers, or the authorities' own. The
// evaluator asks nobody else, so the same record can be judged as each resolver sees it.
#pragma once

#include <asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probes/dns/delegation.h"
#include "probes/dns/transport.h"
#include "probes/spf/asking_budget.h"

namespace mxswitch::probes::spf {

// One lookup, CNAMEs followed.
struct Lookup {
  enum class Outcome {
    found,
    no_data,     // NOERROR without a record of the type: a void lookup
    name_error,  // NXDOMAIN: a void lookup too
    failed,      // any other RCODE, or silence: never void
    no_name,     // the text can't be a name; nothing was asked
  } outcome = Outcome::failed;
  std::string name;  // as asked
  RrType type = RrType::txt;
  std::vector<RecordData> records;
  std::uint32_t ttl = 0;       // remaining, the least of the chain
  bool authoritative = false;  // so `ttl` is what was published

  bool is_void() const { return outcome == Outcome::no_data || outcome == Outcome::name_error; }
};
std::string_view to_text(Lookup::Outcome outcome);

class DnsView {
 public:
  virtual ~DnsView() = default;
  // `name`: octets split at dots, without escapes. Never throws; on the loop's thread. What it asks
  // is taken from the budget, and where that is used up it failed.
  virtual asio::awaitable<Lookup> lookup(std::string name, RrType type, AskingBudget& budget) = 0;
};

// Octets between dots as labels; one final dot is allowed. None: an empty label or one over 63,
// or a name over 255 octets.
std::optional<DnsName> name_of(std::string_view text);
// Its inverse, in lower case.
std::string octets_of(const DnsName& name);

// Through one resolver; of a server that does not recurse only records are believed, or what it is
// an authority for. `transport` must outlive the view.
std::unique_ptr<DnsView> resolver_view(Transport& transport, Endpoint resolver, Duration deadline);

// From the authorities, walked to from the root for each zone that is met; where walks led, and
// which servers were silent, is kept for the life of the view, and any number of lookups may run at
// once. Only who speaks for the zone is believed (a referral upwards or an answer without AA is
// not): where no server does, the lookup failed. `transport` must outlive the view.
std::unique_ptr<DnsView> authority_view(Transport& transport, DelegationOptions options,
                                        Duration deadline);

}  // namespace mxswitch::probes::spf
