// The public resolvers that are sampled, and what is known of each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes {

enum class Tier { public_, isp };

struct Resolver {
  Endpoint endpoint;
  std::string operator_name;  // one operator is one opinion
  std::string name;
  std::string place;
  std::string country_code;  // ISO 3166-1 alpha-2
  double latitude = 0, longitude = 0;
  bool anycast = false;  // `place` then says no city
  bool filtering = false;
  Tier tier = Tier::public_;
  std::string upstream;  // a declared forwarder: the operator it forwards to
  std::string dot_name;  // that it proves by DNS over TLS, a name or an address; empty: not known
};

// Resolvers that many owners are watched through: copying the list copies a pointer.
class ResolverList {
 public:
  ResolverList() = default;
  ResolverList(std::vector<Resolver> resolvers)  // NOLINT(google-explicit-constructor): is one
      : all_(std::make_shared<const std::vector<Resolver>>(std::move(resolvers))) {}

  const Resolver* begin() const { return all_ ? all_->data() : nullptr; }
  const Resolver* end() const { return begin() + size(); }
  std::size_t size() const { return all_ ? all_->size() : 0; }
  bool empty() const { return size() == 0; }
  const Resolver& operator[](std::size_t index) const { return (*all_)[index]; }
  bool is_copy_of(const ResolverList& other) const { return all_ == other.all_; }
  // Null when no resolver of the list has this endpoint.
  const Resolver* find(const Endpoint& endpoint) const;

 private:
  std::shared_ptr<const std::vector<Resolver>> all_;
};

// The list compiled into the program: tier public, or all tiers.
std::vector<Resolver> builtin_resolvers(bool with_isp);
// CSV with the header of deploy/resolvers.csv; only `address` (with an optional :port) is
// required. Fails with file:line.
Result<std::vector<Resolver>> parse_resolvers(std::string_view csv, const std::string& file_name);
// "builtin", "all", or the path of a CSV file.
Result<std::vector<Resolver>> load_resolvers(const std::string& source);

}  // namespace mxswitch::probes
