#include <fmt/format.h>

#include "dashboards/server/assets.h"
#include "dashboards/server/context.h"
#include "dashboards/views/badge.h"
#include "dashboards/views/feed.h"

namespace mxswitch::dashboards {
namespace {

ServerResponse html(int status, std::string body) {
  ServerResponse response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(body);
  return response;
}

// The digest makes the address of a changed file new, so browsers may keep each for ever.
std::string address_of(const Asset& asset) {
  return fmt::format("/assets/{}?v={}", asset.name, asset.digest.substr(0, 16));
}

PageFrame frame_of(const Context& context) { return page_frame(context.options.version); }

ServerResponse domain_page(const Context& context, const ServerRequest& request) {
  const auto snapshot = find_snapshot(context, request.captures.at(0));
  if (!snapshot) return unknown_domain(request.captures.at(0));
  const auto shares = context.recorder.shares(snapshot->domain);
  const auto show = request.query.find("show");
  const DomainPage page{*snapshot, shares, context.clock.now(),
                        show == request.query.end() ? "" : show->second};
  return html(200, render_page(page, frame_of(context)));
}

ServerResponse badge(const Context& context, const ServerRequest& request) {
  const auto snapshot = find_snapshot(context, request.captures.at(0));
  ServerResponse response;
  response.status = snapshot ? 200 : 404;
  response.content_type = "image/svg+xml";
  response.body = snapshot ? render_badge(*snapshot) : render_badge_unknown(request.captures.at(0));
  return response;
}

std::string base_url(const Context& context, const ServerRequest& request) {
  if (!context.options.public_url.empty()) return context.options.public_url;
  const bool tls = !context.options.http.certificate_file.empty();
  const auto host = request.headers.find("host");
  return (tls ? "https://" : "http://") + (host == request.headers.end() ? "" : host->second);
}

ServerResponse feed(const Context& context, const ServerRequest& request) {
  const auto snapshot = find_snapshot(context, request.captures.at(0));
  if (!snapshot) return unknown_domain(request.captures.at(0));
  ServerResponse response;
  response.content_type = "application/atom+xml; charset=utf-8";
  response.body = render_feed(*snapshot, base_url(context, request));
  return response;
}

ServerResponse asset(const ServerRequest& request) {
  const Asset* found = find_asset(request.captures.at(0));
  if (found == nullptr) return problem(404, "Not found", "nothing is at " + request.path);
  const std::string tag = fmt::format("\"{}\"", found->digest);
  ServerResponse response;
  response.content_type = std::string(found->content_type);
  response.headers["ETag"] = tag;
  response.headers["Cache-Control"] =
      request.query.contains("v") ? "public, max-age=31536000, immutable" : "no-cache";
  const auto known = request.headers.find("if-none-match");
  if (known != request.headers.end() && known->second.find(tag) != std::string::npos) {
    response.status = 304;
  } else {
    response.body = std::string(found->bytes);
  }
  return response;
}

ServerResponse acknowledge(const Context& context, const ServerRequest& request) {
  const auto said = context.acks.acknowledge(request.captures.at(0));
  if (said) return html(200, render_acknowledged(*said, frame_of(context)));
  const bool unknown = said.error().fault == Fault::not_found;
  return html(unknown ? 404 : 503, render_error_page(unknown ? 404 : 503, "Not acknowledged",
                                                     said.error().text(), frame_of(context)));
}

}  // namespace

PageFrame page_frame(const std::string& version) {
  PageFrame frame{version, {}, ""};
  if (const auto* style = find_asset("style.css")) frame.stylesheets.push_back(address_of(*style));
  if (const auto* script = find_asset("main.js")) frame.script = address_of(*script);
  return frame;
}

void show_problem_as_page(const PageFrame& frame, ServerResponse& response) {
  if (response.content_type != "application/problem+json") return;
  const auto said = nlohmann::json::parse(response.body, nullptr, false);
  if (!said.is_object()) return;
  response.content_type = "text/html; charset=utf-8";
  response.body = render_error_page(response.status, said.value("title", "Refused"),
                                    said.value("detail", ""), frame);
}

void add_pages(Context& context, const std::string& read, const AddRoute& add) {
  add("GET", "/", read, [&](const ServerRequest&) {
    return html(200, render_index(context.board.all(), context.clock.now(), frame_of(context)));
  });
  add("GET", "/d/{any}", read,
      [&](const ServerRequest& request) { return domain_page(context, request); });
  add("GET", "/badge/{any}.svg", read,
      [&](const ServerRequest& request) { return badge(context, request); });
  add("GET", "/feed/{any}.atom", read,
      [&](const ServerRequest& request) { return feed(context, request); });
  add("GET", "/assets/{word}", "", asset);
  add("GET", "/favicon.ico", "", [](ServerRequest request) {
    request.captures = {"icon.svg"};
    return asset(request);
  });
  // The token in the path is the right to acknowledge; whoever holds it needs no other.
  add("GET", "/ack/{word 16-128}", "", [&](const ServerRequest& request) {
    return html(200, render_acknowledge(request.path, frame_of(context)));
  });
  add("POST", "/ack/{word 16-128}", "",
      [&](const ServerRequest& request) { return acknowledge(context, request); });
}

}  // namespace mxswitch::dashboards
