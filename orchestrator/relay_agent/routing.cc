#include "orchestrator/relay_agent/routing.h"

#include <algorithm>

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

LookupReply ok(std::string value) { return {LookupStatus::ok, std::move(value)}; }
LookupReply not_found() { return {LookupStatus::not_found, {}}; }
LookupReply temporary(std::string reason) { return {LookupStatus::temporary, std::move(reason)}; }

enum class Destination { forward, mailbox, aliases, postmaster, nowhere };

// An alias that names its own account keeps a copy there: for the transport it is that account,
// else the reinjected copy would come back for ever.
bool has_mailbox(const Resolution& found) {
  return found.kind == RecipientKind::account ||
         (found.kind == RecipientKind::alias && std::ranges::count(found.targets, found.name) > 0);
}

Resolution resolve_in(const RoutedDomain& domain, std::string_view local_part) {
  return domain.roster ? domain.roster->resolve(local_part) : Resolution{};
}

// Where a name belongs in this mode. In `split` a name under the catch-all alone is not known yet:
// the old server may have it as an account.
Destination destination(const RoutedDomain& domain, const Resolution& found,
                        std::string_view local_part) {
  const bool old_server = domain.forward.has_value();
  if (domain.mode == Mode::forward && old_server) return Destination::forward;
  if (has_mailbox(found)) return Destination::mailbox;
  if (found.kind == RecipientKind::alias) return Destination::aliases;
  if (domain.mode == Mode::split && old_server) return Destination::forward;
  if (found.kind == RecipientKind::catch_all) return Destination::aliases;
  return is_always_accepted(local_part) ? Destination::postmaster : Destination::nowhere;
}

std::string join_targets(const RoutedDomain& domain, const Resolution& found) {
  std::string text;
  for (const std::string& target : found.targets) {
    if (!text.empty()) text += ", ";
    text += target;
    if (!is_outside(target)) text += "@" + domain.name;
  }
  return text;
}

}  // namespace

bool is_always_accepted(std::string_view local_part) {
  const std::string name = lower_case(local_part);
  return name == "postmaster" || name == "abuse";
}

bool is_route(const RoutedDomain& domain, std::string_view local_part) {
  constexpr const char* kRouting = "%!@";
  if (local_part.find_first_of(kRouting) == local_part.npos) return false;
  const std::string name = resolve_in(domain, local_part).name;
  return name.empty() || local_part.find_first_of(kRouting, name.size()) != local_part.npos;
}

LookupReply answer_domain(const RoutedDomain* domain) {
  return domain ? ok(domain->name) : not_found();
}

LookupReply answer_recipient(const RoutedDomain& domain, std::string_view local_part,
                             TokenKind token) {
  if (token != TokenKind::none) return ok(domain.name);
  if (domain.withheld) return temporary(*domain.withheld);
  if (is_route(domain, local_part)) return not_found();
  if (domain.mode == Mode::hold) return temporary("mail for " + domain.name + " is on hold");
  // While nodes may differ an unknown name is not refused; before the switch the old server says.
  if (domain.mode == Mode::forward || domain.mode == Mode::split) return ok(domain.name);
  const auto found = resolve_in(domain, local_part);
  if (destination(domain, found, local_part) != Destination::nowhere) return ok(domain.name);
  return domain.unknown == UnknownNames::defer ? ok(domain.name) : not_found();
}

LookupReply answer_alias(const RoutedDomain& domain, const RelayFacts& relay,
                         std::string_view local_part, TokenKind token) {
  if (token != TokenKind::none) return not_found();
  if (domain.withheld) return temporary(*domain.withheld);
  if (domain.mode == Mode::hold) return not_found();
  const auto found = resolve_in(domain, local_part);
  switch (destination(domain, found, local_part)) {
    case Destination::mailbox:
      return found.kind == RecipientKind::alias ? ok(join_targets(domain, found)) : not_found();
    case Destination::aliases:
      return ok(join_targets(domain, found));
    case Destination::postmaster:
      return ok(relay.postmaster);
    case Destination::forward:
    case Destination::nowhere:
      break;
  }
  return not_found();
}

LookupReply answer_transport(const RoutedDomain& domain, const RelayFacts& relay,
                             std::string_view local_part, TokenKind token) {
  if (token == TokenKind::inbound) return ok("discard:probe");
  if (token == TokenKind::hosted) return ok(to_transport(domain.hosted, domain.soak));
  if (domain.withheld) return temporary(*domain.withheld);
  if (domain.mode == Mode::hold) return ok("retry:4.3.0 mail for " + domain.name + " is on hold");
  const auto found = resolve_in(domain, local_part);
  switch (destination(domain, found, local_part)) {
    case Destination::mailbox:
      return ok(to_transport(domain.hosted, domain.soak));
    case Destination::aliases:
    case Destination::postmaster:
      return ok(relay.reinject);
    case Destination::forward:
    case Destination::nowhere:
      break;
  }
  if (domain.forward) return ok(to_transport(*domain.forward, domain.soak));
  return ok("retry:4.1.1 neither an account nor an alias, and there is no old server");
}

bool defers_unknown(const RoutedDomain& domain, std::string_view local_part, TokenKind token) {
  if (token != TokenKind::none || domain.withheld) return false;
  if (domain.mode != Mode::hosted || domain.unknown != UnknownNames::defer) return false;
  return destination(domain, resolve_in(domain, local_part), local_part) == Destination::nowhere;
}

}  // namespace mxswitch::orchestrator
