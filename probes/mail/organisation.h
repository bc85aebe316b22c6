// Which domains belong to one organisation (RFC 7489 sections 3.1 and 3.2), by the list of public
// suffixes that libpsl has built in. Pure: the list is part of the program.
#pragma once

#include <string>

#include "probes/base/result.h"

namespace mxswitch::probes {

// The public suffix and one label more: "shop.example" of "news.shop.example". A domain that is a
// public suffix is its own. `domain`: A-labels, lower case, no final dot. Fails with `unavailable`
// where libpsl was built without a list.
Result<std::string> organisational_domain(const std::string& domain);

// Identifier alignment of a domain that was authenticated (d= of a signature, MAIL FROM) with the
// From domain: the same domain, or, unless `strict`, one organisation's.
Result<bool> aligned(const std::string& from, const std::string& authenticated, bool strict);

}  // namespace mxswitch::probes
