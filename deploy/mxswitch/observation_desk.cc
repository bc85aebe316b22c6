#include "deploy/mxswitch/observation_desk.h"

#include "monitor/history/export_stream.h"
#include "probes/base/log.h"

namespace mxswitch {

Result<StreamSource> ObservationDesk::open(const std::string& owner, bool csv,
                                           std::optional<Time> since) {
  auto opened = monitor::ExportStream::open(database_, {owner, csv, since, clock_.now()});
  if (!opened) return tl::unexpected(opened.error());
  const std::shared_ptr<monitor::ExportStream> stream = std::move(*opened);
  return StreamSource([stream](const std::function<bool(std::string_view)>& write) {
    const auto piece = stream->next();
    if (!piece) log(LogLevel::error, "an export was cut short: " + piece.error().text());
    return piece && *piece && write(**piece);
  });
}

}  // namespace mxswitch
