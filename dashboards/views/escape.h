// Makes bytes from outside safe to show. DNS labels, banners of servers and reasons typed by
// people may hold anything; nothing of it may become markup or move a terminal's cursor.
#pragma once

#include <string>
#include <string_view>

namespace mxswitch::dashboards {

// For text and quoted attributes of HTML, SVG and XML 1.0: & < > " ' become references; octets
// that XML forbids and invalid UTF-8 become U+FFFD.
std::string escape(std::string_view text);

// For a line of a terminal: control characters and invalid UTF-8 become '?', so no escape
// sequence and no line break of others gets through.
std::string printable(std::string_view text);

// The columns that UTF-8 takes in a terminal: wide letters two, marks on a letter none, what is no
// UTF-8 one an octet.
std::size_t columns(std::string_view text);

// Cut to at most `width` columns, the last of them "…" (or "." in plain ASCII) if any is lost.
std::string cut(std::string_view text, std::size_t width, bool ascii = false);

}  // namespace mxswitch::dashboards
