#include "dashboards/server/accept.h"
#include "dashboards/server/assets.h"
#include "dashboards/server/context.h"
#include "dashboards/views/json.h"
#include "dashboards/views/metrics.h"
#include "dashboards/views/text.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;
using PartOf = std::function<json(const Snapshot&)>;
using TextOf = std::function<std::string(const Snapshot&, const TextOptions&)>;

bool asks_for_text(const ServerRequest& request) {
  const auto accept = request.headers.find("accept");
  return accept != request.headers.end() && accept->second.starts_with("text/plain");
}

bool has_flag(const ServerRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found != request.query.end() && found->second == "1";
}

// A count of columns or lines; 0, no end, for what was not asked or is none.
std::size_t count_of(const ServerRequest& request, const std::string& name, std::size_t least) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return 0;
  const std::string& text = found->second;
  const bool number = !text.empty() && text.size() <= 4 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t count = number ? std::stoul(text) : 0;
  return count == 0 ? 0 : std::max(least, count);
}

// A terminal says how it is: ?width=120&height=40&ascii=1&colour=1. To all others nothing is cut.
TextOptions text_options(const ServerRequest& request) {
  TextOptions options;
  options.width = count_of(request, "width", 40);
  options.height = count_of(request, "height", 8);
  options.ascii = has_flag(request, "ascii");
  options.colour = has_flag(request, "colour");
  return options;
}

ServerResponse text_response(std::string text) {
  ServerResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

// The same part of a snapshot for programs and, where `Accept: text/plain` asks for it, as people
// read it in a terminal.
Handler part_of_switchover(Context& context, PartOf part, TextOf text) {
  return [&context, part = std::move(part), text = std::move(text)](const ServerRequest& request) {
    const auto snapshot = find_snapshot(context, request.captures.at(0));
    if (!snapshot) return unknown_domain(request.captures.at(0));
    if (!asks_for_text(request)) return json_response(200, part(*snapshot));
    return text_response(text(*snapshot, text_options(request)));
  };
}

// A browser gets a page, a terminal (curl) the text.
ServerResponse explain_page(const Context& context, const ServerRequest& request) {
  const auto snapshot = find_snapshot(context, request.captures.at(0));
  if (!snapshot) return unknown_domain(request.captures.at(0));
  const Time now = context.clock.now();
  const auto accept = request.headers.find("accept");
  if (accept == request.headers.end() || !prefers_html(accept->second))
    return text_response(render_explain(*snapshot, now, text_options(request)));
  ServerResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = render_explain_page(*snapshot, now, page_frame(context.options.version));
  return response;
}

ServerResponse list(const Context& context, const ServerRequest& request) {
  json rows = json::array();
  std::string lines;
  for (const auto& snapshot : context.board.all()) {
    rows.push_back(summary_json(*snapshot));
    lines += render_line(*snapshot);
  }
  if (asks_for_text(request)) {
    if (lines.empty()) lines = "nothing is watched; make a plan: mxswitch plan init DOMAIN\n";
    return text_response(std::move(lines));
  }
  return json_response(200, {{"switchovers", std::move(rows)}});
}

ServerResponse observations(const Context& context, const ServerRequest& request) {
  const std::string owner = orchestrator::domain_as_kept(request.captures.at(0));
  const auto format = request.query.find("format");
  const bool csv = format != request.query.end() && format->second == "csv";
  if (format != request.query.end() && !csv && format->second != "jsonl")
    return problem(400, "Unknown format", "format is jsonl or csv, not \"" + format->second + "\"");
  std::optional<Time> since;
  if (const auto given = request.query.find("since"); given != request.query.end()) {
    const auto time = parse_time(given->second);
    if (!time) return problem(400, "Not a time", time.error().text());
    since = *time;
  }
  if (context.options.observations == nullptr) return unknown_domain(owner);
  auto stream = context.options.observations->open(owner, csv, since);
  if (!stream)
    return stream.error().fault == Fault::not_found ? unknown_domain(owner)
                                                    : problem(stream.error());
  ServerResponse response;
  response.content_type = csv ? "text/csv; charset=utf-8" : "application/jsonl";
  response.stream = std::move(*stream);
  return response;
}

ServerResponse openapi() {
  const Asset* asset = find_asset("openapi.json");
  if (asset == nullptr) return problem(404, "Not found", "this build has no API description");
  ServerResponse response;
  response.body = std::string(asset->bytes);
  return response;
}

ServerResponse metrics(const Context& context) {
  ServerResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  const auto& options = context.options;
  const ProcessCounts counts = options.counts ? options.counts() : ProcessCounts();
  response.body = render_metrics(context.board.all(), context.clock.now(), options.version, counts);
  return response;
}

ServerResponse health(bool well, const std::string& why) {
  ServerResponse response;
  response.status = well ? 200 : 503;
  response.content_type = "text/plain; charset=utf-8";
  response.body = (well ? "ok" : why) + "\n";
  return response;
}

}  // namespace

orchestrator::SnapshotPtr find_snapshot(const Context& context, const std::string& domain) {
  const std::string kept = orchestrator::domain_as_kept(domain);
  context.board.note_reader(kept, context.clock.now());
  return context.board.find(kept);
}

ServerResponse json_response(int status, const json& body) {
  ServerResponse response;
  response.status = status;
  response.body = json_line(body) + "\n";
  return response;
}

ServerResponse unknown_domain(const std::string& domain) {
  return problem(
      404, "Unknown domain",
      "\"" + domain + "\" has no plan here; make one with: mxswitch plan init " + domain);
}

void add_api(Context& context, const std::string& read, const AddRoute& add) {
  const std::string one = "/api/v1/switchovers/{any}";
  add("GET", "/api/v1/switchovers", read,
      [&](const ServerRequest& request) { return list(context, request); });
  const auto now = [&context] { return context.clock.now(); };
  add("GET", one, read,
      part_of_switchover(
          context, [](const Snapshot& s) { return to_json(s); },
          [now](const Snapshot& s, const TextOptions& o) { return render_status(s, now(), o); }));
  add("GET", one + "/explain", read,
      part_of_switchover(
          context, [](const Snapshot& s) { return explanation_json(s); },
          [now](const Snapshot& s, const TextOptions& o) { return render_explain(s, now(), o); }));
  add("GET", "/d/{any}/explain", read,
      [&](const ServerRequest& request) { return explain_page(context, request); });
  add("GET", one + "/gates", read,
      part_of_switchover(
          context,
          [](const Snapshot& s) {
            return json{{"domain", s.domain}, {"gates", gates_json(s)}};
          },
          [now](const Snapshot& s, const TextOptions& o) { return render_gates(s, now(), o); }));
  add("GET", one + "/history", read,
      part_of_switchover(
          context,
          [](const Snapshot& s) {
            return json{{"domain", s.domain}, {"history", history_json(s)}};
          },
          [](const Snapshot& s, const TextOptions& o) { return render_history(s, o); }));
  add("GET", one + "/observations", read,
      [&](const ServerRequest& request) { return observations(context, request); });
  add("GET", "/api/v1/openapi.json", "", [](const ServerRequest&) { return openapi(); });
  add("GET", "/metrics", read, [&](const ServerRequest&) { return metrics(context); });
  add("GET", "/livez", "", [](const ServerRequest&) { return health(true, ""); });
  add("GET", "/readyz", "", [&](const ServerRequest&) {
    return health(context.ready, "not ready: starting or stopping");
  });
}

}  // namespace mxswitch::dashboards
