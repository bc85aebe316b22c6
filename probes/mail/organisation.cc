#include "probes/mail/organisation.h"

#include <libpsl.h>

namespace mxswitch::probes {

Result<std::string> organisational_domain(const std::string& domain) {
  const psl_ctx_t* list = psl_builtin();
  if (list == nullptr)
    return fail(Fault::unavailable, "libpsl has no list of public suffixes built in", domain,
                "install the distribution's libpsl");
  const char* found = psl_registrable_domain(list, domain.c_str());
  return found == nullptr ? domain : std::string(found);
}

Result<bool> aligned(const std::string& from, const std::string& authenticated, bool strict) {
  if (from == authenticated) return true;
  if (strict) return false;
  const auto ours = organisational_domain(from);
  if (!ours) return Failure(ours.error());
  const auto theirs = organisational_domain(authenticated);
  if (!theirs) return Failure(theirs.error());
  return *ours == *theirs;
}

}  // namespace mxswitch::probes
