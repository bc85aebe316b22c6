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
  mxswitch::fuzz::require(tags.has_value() || !key);
  if (tags && is_dmarc(text) && find_tag(*tags, "p") != nullptr) {
    // What is well written is read the same way by both.
    const DmarcRecord alone =
        parse_dmarc("v=DMARC1; p=" + *find_tag(*tags, "p")).value_or(DmarcRecord{});
    mxswitch::fuzz::require(alone.policy.empty() || (policy && policy->policy >= alone.policy));
  }
  if (key) {
    mxswitch::fuzz::require(key->bits >= 0 && key->revoked() == (key->bits == 0));
    mxswitch::fuzz::require(!key->revoked() || !dkim_key_fault(*key).empty());
    dkim_key_warnings(*key);
  }
  if (policy) {
    mxswitch::fuzz::require(policy->percent >= 0 && policy->percent <= 100);
    // Whatever follows takes no policy away.
    const auto more = parse_dmarc(std::string(text) + ";;fo:0");
    mxswitch::fuzz::require(more && more->policy == policy->policy);
  }
  return 0;
}
