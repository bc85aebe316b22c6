#include "orchestrator/relay_agent/address_book.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <memory>

namespace mxswitch::orchestrator {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// One spelling for one address, for comparing.
std::string canonical(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  char out[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes) == 1) {
      return inet_ntop(family, bytes, out, sizeof out);
    }
  }
  return text;
}

std::vector<std::string> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) return {};
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  std::vector<std::string> found;
  for (const addrinfo* each = list.get(); each; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      found.push_back(canonical(text));
    }
  }
  return found;
}

}  // namespace

AddressBook::AddressBook(const std::vector<std::string>& relay_addresses) {
  for (const auto& address : relay_addresses) relay_.insert(canonical(address));
}

Result<void> AddressBook::check(const NextHop& hop) {
  if (hop.kind == NextHopKind::lmtp_unix) return {};
  auto found = hop.is_address ? std::vector<std::string>{canonical(hop.host)} : look_up(hop.host);
  if (found.empty()) {
    return fail(Fault::usage, "the next hop's host has no address", hop.host,
                "check the name, or give an address");
  }
  for (const auto& address : found) {
    if (relay_.contains(address)) {
      return fail(Fault::conflict, "the next hop is a node of this relay: mail would go round",
                  hop.host + " (" + address + ")", "name the old server's own address");
    }
  }
  const std::lock_guard lock(mutex_);
  found_[hop.host] = std::move(found);
  return {};
}

std::vector<std::string> AddressBook::addresses(const NextHop& hop) const {
  if (hop.kind == NextHopKind::lmtp_unix) return {};
  if (hop.is_address) return {hop.host};
  const std::lock_guard lock(mutex_);
  const auto found = found_.find(hop.host);
  return found == found_.end() ? std::vector<std::string>{} : found->second;
}

std::map<std::string, std::string> find_loops(AddressBook& book, const RelayState& state) {
  std::map<std::string, std::string> loops;
  for (const auto& [name, domain] : state.domains) {
    std::vector<NextHop> hops{domain->hosted};
    if (domain->forward) hops.push_back(*domain->forward);
    for (const auto& hop : hops) {
      const auto checked = book.check(hop);
      if (!checked && checked.error().fault == Fault::conflict) {
        loops.emplace(name, checked.error().text());
      }
    }
  }
  return loops;
}

}  // namespace mxswitch::orchestrator
