#include "probes/spf/view.h"

#include <algorithm>
#include <array>

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 255;

Lookup blank(const std::string& name, RrType type) {
  Lookup made;
  made.name = name;
  made.type = type;
  return made;
}

// RCODE 0 and 3 say something; all others are a failure (section 4.4).
void read(Lookup& made, const Answer& answer, const Question& question) {
  ChainedRecords chained = follow_chain(answer, question);
  if (answer.rcode == Rcode::nxdomain) {
    made.outcome = Lookup::Outcome::name_error;
    return;
  }
  if (answer.rcode != Rcode::noerror) return;
  made.outcome = chained.records.empty() ? Lookup::Outcome::no_data : Lookup::Outcome::found;
  std::uint32_t least = UINT32_MAX;
  for (const Record& link : chained.links) least = std::min(least, link.ttl);
  for (Record& record : chained.records) {
    least = std::min(least, record.ttl);
    made.records.push_back(std::move(record.data));
  }
  made.ttl = made.records.empty() ? 0 : least;
}

class ResolverView final : public DnsView {
 public:
  ResolverView(Transport& transport, Endpoint resolver, Duration deadline)
      : transport_(transport), resolver_(resolver), deadline_(deadline) {}

  asio::awaitable<Lookup> lookup(std::string name, RrType type) override {
    Lookup made = blank(name, type);
    const auto wanted = name_of(name);
    if (!wanted) {
      made.outcome = Lookup::Outcome::no_name;
      co_return made;
    }
    Query query;
    query.server = resolver_;
    query.question = {*wanted, type};
    query.deadline = deadline_;
    const Reply reply = co_await transport_.ask(query);
    made.rtt = reply.rtt;
    if (reply.answer) read(made, *reply.answer, query.question);
    co_return made;
  }

 private:
  Transport& transport_;
  Endpoint resolver_;
  Duration deadline_;
};

}  // namespace

std::string_view to_text(Lookup::Outcome outcome) {
  switch (outcome) {
    case Lookup::Outcome::found:
      return "found";
    case Lookup::Outcome::no_data:
      return "no data";
    case Lookup::Outcome::name_error:
      return "NXDOMAIN";
    case Lookup::Outcome::failed:
      return "failed";
    case Lookup::Outcome::no_name:
      return "no name";
  }
  return "failed";
}

std::optional<DnsName> name_of(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  std::vector<std::uint8_t> wire;
  while (!text.empty() || wire.empty()) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool last = label.size() == text.size();
    if (label.empty() || label.size() > kLongestLabel) return std::nullopt;
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    if (wire.size() >= kLongestName) return std::nullopt;
    if (last) break;
    text.remove_prefix(label.size() + 1);
    if (text.empty()) return std::nullopt;  // two final dots
  }
  wire.push_back(0);
  const auto name = DnsName::from_wire(wire);
  return name ? std::optional(*name) : std::nullopt;
}

std::unique_ptr<DnsView> resolver_view(Transport& transport, Endpoint resolver, Duration deadline) {
  return std::make_unique<ResolverView>(transport, resolver, deadline);
}

}  // namespace mxswitch::probes::spf
