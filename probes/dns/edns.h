// The EDNS options that are read out of an answer: NSID (RFC 5001), client subnet (RFC 7871) and
// extended errors (RFC 8914). Pure; knows no ldns.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "probes/dns/wire.h"

namespace mxswitch::probes {

// An NSID option without data, as a query carries it.
inline constexpr std::array<std::uint8_t, 4> kNsidRequest = {0, 3, 0, 0};

// What a server calls itself, as it may be shown: printable ASCII, else hex; cut at 256 octets.
std::string identity_text(std::span<const std::uint8_t> bytes);

// "EDE 22, No Reachable Authority", with the server's own text behind it where there is one.
std::string extended_error_text(const ExtendedError& error);

// Reads the rdata of an OPT record into the answer. An option that is cut short ends the
// reading: options are hints and never make an answer malformed.
void read_edns_options(std::span<const std::uint8_t> rdata, Answer& answer);

}  // namespace mxswitch::probes
