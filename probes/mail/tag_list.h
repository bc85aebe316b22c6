// Tag lists (RFC 6376 section 3.2), as DKIM keys and DMARC records are written. Pure; any bytes
// may come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::probes {

struct Tag {
  std::string name;   // as written: case matters
  std::string value;  // without white space around it
};

inline constexpr std::size_t kLongestTagList = 8192;  // octets; a key of 4,096 bits has about 800

// Fails with `malformed`: what, and in which tag. A name that stands twice makes the list invalid.
Result<std::vector<Tag>> parse_tag_list(std::string_view text);

// What can be read of a list, as receivers of DMARC read it (RFC 7489 section 6.3): a part that is
// no tag is passed over, and so is an empty one. A name may stand more than once.
struct LooseTags {
  std::vector<Tag> tags;                 // names in lower case
  std::vector<std::string> passed_over;  // the first few faults: "\"fo:0\" has no \"=\""
};
LooseTags read_loosely(std::string_view text);

// Null: there is no such tag.
const std::string* find_tag(const std::vector<Tag>& tags, std::string_view name);

// "sha1:sha256" -> its parts, without white space.
std::vector<std::string> split_colons(std::string_view value);

}  // namespace mxswitch::probes
