// The SPF record (RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12): from text to terms. Everything that
// is a syntax error is found here, before any term is evaluated. Pure; any bytes may come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"
#include "probes/dns/endpoint.h"
#include "probes/spf/macro.h"

namespace mxswitch::probes::spf {

enum class Qualifier : char { pass = '+', fail = '-', softfail = '~', neutral = '?' };
enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };
std::string_view to_text(Mechanism mechanism);

struct Directive {
  std::string text;  // the term as it was published
  Qualifier qualifier = Qualifier::pass;
  Mechanism mechanism = Mechanism::all;
  std::optional<MacroString> domain;  // domain-spec; none: <domain>
  IpAddress network;                  // of ip4 and ip6
  unsigned prefix_v4 = 32, prefix_v6 = 128;
};

struct Modifier {
  std::string text, name;  // the name in lower case
  MacroString value;
};

struct Record {
  std::string text;
  std::vector<Directive> directives;
  std::optional<Modifier> redirect, explanation;
  std::vector<Modifier> unknown;

  bool has_all() const;
};

// Section 4.5: "v=spf1", and then a space or the end.
bool is_record(std::string_view text);

// Fails with `malformed`: which term, and why. `text` must be an is_record.
Result<Record> parse_record(std::string_view text);

// All of its terms as published, in order.
std::vector<std::string> terms_of(const Record& record);

// A domain-spec alone (section 7.1), as `exp=` and others hold it.
Result<MacroString> parse_domain_spec(std::string_view text);

}  // namespace mxswitch::probes::spf
