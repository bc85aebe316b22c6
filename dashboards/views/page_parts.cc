#include "dashboards/views/page_parts.h"

#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

std::string lower_with_dashes(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == ' ' || c == '_') c = '-';
  }
  return out;
}

// The shapes of the classes and verdicts; each is told apart without its colour.
Html shapes() {
  return Html().add(R"(<svg class="shapes" aria-hidden="true" width="0" height="0">
<symbol id="s-new" viewBox="0 0 12 12"><circle cx="6" cy="6" r="5"/></symbol>
<symbol id="s-old" viewBox="0 0 12 12"><rect x="1.5" y="1.5" width="9" height="9" rx="1"/></symbol>
<symbol id="s-split" viewBox="0 0 12 12"><path d="M5 1a5 5 0 0 0 0 10zM7 1h4v10H7z"/></symbol>
<symbol id="s-mixed" viewBox="0 0 12 12"><path d="M6 .8 11.6 11H.4z"/></symbol>
<symbol id="s-foreign" viewBox="0 0 12 12"><path d="M6 .3 11.7 6 6 11.7.3 6z"/></symbol>
<symbol id="s-absent" viewBox="0 0 12 12"><path fill-rule="evenodd" d="M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zm0 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z"/></symbol>
<symbol id="s-failed" viewBox="0 0 12 12"><path d="M2.6 1 6 4.4 9.4 1 11 2.6 7.6 6 11 9.4 9.4 11 6 7.6 2.6 11 1 9.4 4.4 6 1 2.6z"/></symbol>
<symbol id="s-tick" viewBox="0 0 12 12"><path d="M4.6 10.4.9 6.7l1.5-1.5 2.2 2.2 5-5 1.5 1.5z"/></symbol>
<symbol id="s-clock" viewBox="0 0 12 12"><path fill-rule="evenodd" d="M6 .7a5.3 5.3 0 1 1 0 10.600A5.300 5.300 0 0 1 6 .7zm0 1.500a3.800 3.800 0 1 0 0 7.600 3.800 3.800 0 0 0 0-7.600zm-.7 1.400h1.400v2.100l1.600 1.000-.7 1.200-2.300-1.400z"/></symbol>
<symbol id="s-dash" viewBox="0 0 12 12"><rect x="1.5" y="5" width="9" height="2" rx="1"/></symbol>
<symbol id="s-ask" viewBox="0 0 12 12"><path d="M3 3.6A3 3 0 0 1 6 1a2.9 2.9 0 0 1 3 2.8C9 6 6.9 6.2 6.9 8H5.1c0-2.5 2-2.8 2-4.1C7.1 3.2 6.6 2.7 6 2.7s-1.200.5-1.300 1.200zM5 9.2h2V11H5z"/></symbol>
</svg>)");
}

std::string_view shape_of_verdict(std::string_view word) {
  if (word == "pass") return "tick";
  if (word == "fail") return "failed";
  if (word == "waits") return "clock";
  if (word == "not asked") return "dash";
  if (word == "overridden") return "foreign";
  return "ask";
}

}  // namespace

std::string page_document(const std::string& title, const Html& body, const PageFrame& frame) {
  Html page;
  page.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
      .add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
      .add("<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n", title)
      .add("<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n");
  for (const auto& path : frame.stylesheets) {
    page.add("<link rel=\"stylesheet\" href=\"{}\">\n", path);
  }
  if (!frame.script.empty()) {
    page.add("<script type=\"module\" src=\"{}\"></script>\n", frame.script);
  }
  if (frame.changes) {
    page.add("<noscript><meta http-equiv=\"refresh\" content=\"{}\"></noscript>\n",
             kRefreshWithoutScript.count());
  }
  page.add("</head>\n<body>\n").add("{}\n", shapes());
  page.add("<a class=\"skip\" href=\"#main\">Skip to the content</a>\n{}</body>\n</html>\n", body);
  return page.text();
}

Html class_badge(ClassSign sign) {
  return Html().add(
      "<span class=\"badge k-{0}\" title=\"{2}\"><svg aria-hidden=\"true\"><use "
      "href=\"#s-{0}\"/></svg><b aria-hidden=\"true\">{1}</b>{0}</span>",
      sign.word, std::string(1, sign.letter), sign.meaning);
}

Html verdict_badge(std::string_view word) {
  return Html().add(
      "<span class=\"badge v-{}\"><svg aria-hidden=\"true\"><use href=\"#s-{}\"/></svg>{}</span>",
      lower_with_dashes(word), shape_of_verdict(word), word);
}

Html headline_chip(const Headline& headline) {
  return Html().add("<span class=\"state st-{}\">{}</span>", headline.tone, headline.word);
}

Html frozen_chip(const Snapshot& snapshot) {
  if (!snapshot.frozen || headline_of(snapshot).tone == "frozen") return {};
  return Html().add(" <span class=\"state st-frozen\">FROZEN</span>");
}

Html time_of(Time t, Time now) {
  if (t == Time{}) return Html().add("<span class=\"none\">-</span>");
  return Html().add("<time datetime=\"{}\">{}</time>", format_time(t), moment(t, now));
}

Html time_with_distance(const std::optional<Time>& t, Time now) {
  if (!t) return Html().add("<span class=\"none\">not known</span>");
  return Html().add("{} <time class=\"distance\" datetime=\"{}\" data-tick=\"relative\">{}</time>",
                    time_of(*t, now), format_time(*t), relative(*t, now));
}

Html age_of(Time t, Time now) {
  if (t == Time{}) return Html().add("<span class=\"none\">-</span>");
  return Html().add("<time datetime=\"{}\" data-tick=\"age\">{}</time>", format_time(t),
                    format_duration(std::chrono::floor<seconds>(std::max(now - t, Duration(0)))));
}

Html countdown(const std::optional<Time>& t, Time now) {
  if (!t) return Html().add("<span class=\"none\">-</span>");
  const auto left = std::max(std::chrono::ceil<seconds>(*t - now), seconds(0));
  return Html().add("<time datetime=\"{}\" data-tick=\"left\">{}</time>", format_time(*t),
                    left > seconds(0) ? format_duration(left) : "expired");
}

Html card(std::string_view id, std::string_view title, const Html& aside, const Html& body) {
  return Html().add(
      "<section class=\"card\" id=\"{0}\" aria-labelledby=\"{0}-title\">\n<header><h2 "
      "id=\"{0}-title\">{1}</h2>{2}</header>\n{3}</section>\n",
      id, title, aside, body);
}

Html empty_note(std::string_view text) { return Html().add("<p class=\"empty\">{}</p>\n", text); }

}  // namespace mxswitch::dashboards
