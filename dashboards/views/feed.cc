#include "dashboards/views/feed.h"

#include <map>
#include <vector>

#include "dashboards/views/html.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {

namespace {

// Ids are tag URIs (RFC 4151): the same under whatever name this server is reached.
std::string tag_of(const Snapshot& s) { return "tag:" + s.domain + ",2026:mxswitch/switchover"; }

// The place in the whole history would shift once the oldest entries are dropped, so the id is made
// of what never changes: the time and all that is said. Entries that are alike even so are counted.
std::vector<std::string> ids_of(const Snapshot& s) {
  std::vector<std::string> ids;
  std::map<std::string, int> seen;
  for (const auto& entry : s.history) {
    std::string all;
    for (const auto* part : {&entry.who, &entry.what, &entry.why, &entry.evidence})
      all += std::to_string(part->size()) + ":" + *part;
    std::string id =
        tag_of(s) + "/" + format_time_ms(entry.at) + "/" + sha256_hex(all).substr(0, 16);
    const int number = ++seen[id];
    if (number > 1) id += "/" + std::to_string(number);
    ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace

std::string render_feed(const Snapshot& s, const std::string& base_url) {
  const std::string page = base_url + "/d/" + s.domain;
  const Time updated = s.history.empty() ? s.at : s.history.back().at;
  Html feed;
  feed.add(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
      "xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{0}</id>\n<title>Switchover of {1}</title>\n"
      "<updated>{2}</updated>\n<link rel=\"alternate\" type=\"text/html\" href=\"{3}\"/>\n",
      tag_of(s), s.domain, format_time(updated), page);
  feed.add(
      "<link rel=\"self\" href=\"{}/feed/{}.atom\"/>\n<author><name>mxswitch</name></author>\n",
      base_url, s.domain);
  const auto ids = ids_of(s);
  for (std::size_t i = s.history.size(); i-- > 0;) {
    const auto& entry = s.history[i];
    feed.add("<entry><id>{}</id><title>{}</title><updated>{}</updated>", ids[i], entry.what,
             format_time(entry.at));
    feed.add(
        "<author><name>{}</name></author><link href=\"{}#log\"/><content type=\"text\">{}\n{}"
        "</content></entry>\n",
        entry.who, page, entry.why, entry.evidence);
  }
  return feed.add("</feed>\n").text();
}

}  // namespace mxswitch::dashboards
