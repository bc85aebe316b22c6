#include "dashboards/views/feed.h"

#include "dashboards/views/html.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {

std::string render_feed(const Snapshot& s, const std::string& base_url) {
  const std::string page = base_url + "/d/" + s.domain;
  const Time updated = s.history.empty() ? s.at : s.history.back().at;
  Html feed;
  feed.add(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
      "xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{0}</id>\n<title>Switchover of {1}</title>\n"
      "<updated>{2}</updated>\n<link rel=\"alternate\" type=\"text/html\" href=\"{0}\"/>\n",
      page, s.domain, format_time(updated));
  feed.add(
      "<link rel=\"self\" href=\"{}/feed/{}.atom\"/>\n<author><name>mxswitch</name></author>\n",
      base_url, s.domain);
  // The place in the whole history would shift once the oldest entries are dropped, so an entry's
  // id is made of its time and text, which never change.
  for (auto entry = s.history.rbegin(); entry != s.history.rend(); ++entry) {
    const std::string mark = sha256_hex(entry->who + "\n" + entry->what).substr(0, 16);
    feed.add("<entry><id>{}#{}-{}</id><title>{}</title><updated>{}</updated>", page,
             format_time_ms(entry->at), mark, entry->what, format_time(entry->at));
    feed.add(
        "<author><name>{}</name></author><link href=\"{}#log\"/><content type=\"text\">{}\n{}"
        "</content></entry>\n",
        entry->who, page, entry->why, entry->evidence);
  }
  return feed.add("</feed>\n").text();
}

}  // namespace mxswitch::dashboards
