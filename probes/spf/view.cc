#include "probes/spf/view.h"

#include <algorithm>
#include <array>

#include "probes/spf/answer.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 255;

// A server that neither recurses nor holds the zone knows nothing of a name: that it found no
// records is no void lookup.
bool speaks(const Answer& answer) { return !answer.answer.empty() || answer.ra || answer.aa; }

class ResolverView final : public DnsView {
 public:
  ResolverView(Transport& transport, Endpoint resolver, Duration deadline)
      : transport_(transport), resolver_(resolver), deadline_(deadline) {}

  asio::awaitable<Lookup> lookup(std::string name, RrType type, AskingBudget& budget) override {
    BudgetedTransport transport(transport_, budget);
    auto wanted = name_of(name);
    Lookup made = blank_lookup(std::move(name), type);
    if (!wanted) made.outcome = Lookup::Outcome::no_name;
    // A resolver ends a chain of aliases itself; one that does not is asked for the rest.
    for (int link = 0; wanted && link < kMostLinks; ++link) {
      Query query;
      query.server = resolver_;
      query.question = {std::move(*wanted), type};
      query.deadline = deadline_ / 2;
      query.wanted = Sections::answer;
      made.outcome = Lookup::Outcome::failed;
      Reply reply = co_await transport.ask(query);
      // Silence is believed after the second time: one datagram is easily lost.
      if (!reply.answer && reply.answer.error().fault == Fault::timed_out)
        reply = co_await transport.ask(query);
      wanted = std::nullopt;
      if (reply.answer && speaks(*reply.answer))
        wanted = take(made, std::move(*reply.answer), query.question);
      if (made.outcome != Lookup::Outcome::no_data) break;
    }
    if (made.records.empty()) made.ttl = 0;
    co_return made;
  }

 private:
  Transport& transport_;
  Endpoint resolver_;
  Duration deadline_;
};

}  // namespace

Lookup blank_lookup(std::string name, RrType type) {
  Lookup made;
  made.name = std::move(name);
  made.type = type;
  made.ttl = UINT32_MAX;
  return made;
}

std::optional<DnsName> take(Lookup& made, Answer answer, const Question& question) {
  made.outcome = Lookup::Outcome::failed;
  made.authoritative = answer.aa;
  if (answer.rcode != Rcode::noerror && answer.rcode != Rcode::nxdomain) return std::nullopt;
  ChainedRecords chained = follow_chain(std::move(answer.answer), question);
  for (const Record& link : chained.links) made.ttl = std::min(made.ttl, link.ttl);
  made.records.reserve(chained.records.size());
  for (Record& record : chained.records) {
    made.ttl = std::min(made.ttl, record.ttl);
    made.records.push_back(std::move(record.data));
  }
  // The code is that of the chain's last name (RFC 6604).
  made.outcome = !made.records.empty()             ? Lookup::Outcome::found
                 : answer.rcode == Rcode::nxdomain ? Lookup::Outcome::name_error
                                                   : Lookup::Outcome::no_data;
  if (!made.records.empty() || chained.links.empty()) return std::nullopt;
  const auto* target = std::get_if<DnsName>(&chained.links.back().data);
  return target ? std::optional(*target) : std::nullopt;
}

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
  if (text.empty() || text.size() + 2 > kLongestName) return std::nullopt;
  std::array<std::uint8_t, kLongestName> wire;
  std::size_t length_at = 0, end = 1;
  for (std::size_t at = 0; at <= text.size(); ++at, ++end) {
    if (at < text.size() && text[at] != '.') {
      wire[end] = static_cast<std::uint8_t>(text[at]);
      continue;
    }
    const std::size_t label = end - length_at - 1;
    if (label == 0 || label > kLongestLabel) return std::nullopt;
    wire[length_at] = static_cast<std::uint8_t>(label);
    length_at = end;
  }
  wire[length_at] = 0;
  auto name = DnsName::from_wire(std::span(wire).first(end));
  return name ? std::optional(std::move(*name)) : std::nullopt;
}

std::string octets_of(const DnsName& name) {
  const std::string_view wire = name.wire();
  std::string text;
  for (std::size_t at = 0; wire[at] != 0; at += 1u + static_cast<unsigned char>(wire[at])) {
    if (at > 0) text += '.';
    text += wire.substr(at + 1, static_cast<unsigned char>(wire[at]));
  }
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::unique_ptr<DnsView> resolver_view(Transport& transport, Endpoint resolver, Duration deadline) {
  return std::make_unique<ResolverView>(transport, resolver, deadline);
}

}  // namespace mxswitch::probes::spf
