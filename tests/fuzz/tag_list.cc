// Tag lists of DKIM keys and DMARC records: any TXT of any domain (RFC 6376 section 3.2).
#include "probes/mail/tag_list.h"

#include "probes/mail/dkim_key.h"
#include "probes/mail/dmarc.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes;
  const auto text = mxswitch::fuzz::as_text({data, size});
  const auto tags = parse_tag_list(text);
  const auto key = parse_dkim_key(text);
  const auto policy = parse_dmarc(text);
  mxswitch::fuzz::require(tags.has_value() || (!key && !policy));
  if (key) {
    mxswitch::fuzz::require(key->bits >= 0 && key->revoked() == (key->bits == 0));
    mxswitch::fuzz::require(!key->revoked() || !dkim_key_fault(*key).empty());
    dkim_key_warnings(*key);
  }
  if (policy) mxswitch::fuzz::require(policy->percent >= 0 && policy->percent <= 100);
  return 0;
}
