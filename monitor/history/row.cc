#include "monitor/history/row.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace mxswitch::monitor {
namespace {

// A number and the mark after it; moves past both.
bool read_number(std::string_view& text, char mark, std::int64_t& number) {
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc() || stop == end || *stop != mark) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return true;
}

}  // namespace

std::string moments_text(const std::vector<Moment>& moments) {
  std::string text;
  Moment last;
  for (const Moment& moment : moments) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{};", moment.seq - last.seq,
                   (moment.received_at - last.received_at).count(), moment.took.count(), moment.ttl,
                   moment.repeats);
    last = moment;
  }
  return text;
}

Result<std::vector<Moment>> parse_moments(std::string_view text) {
  std::vector<Moment> moments;
  Moment last;
  while (!text.empty()) {
    std::int64_t seq = 0, at = 0, took = 0, ttl = 0, repeats = 0;
    if (!read_number(text, ',', seq) || !read_number(text, ',', at) ||
        !read_number(text, ',', took) || !read_number(text, ',', ttl) ||
        !read_number(text, ';', repeats) || ttl < 0 || ttl > UINT32_MAX || repeats < 0 ||
        repeats > UINT32_MAX)
      return fail(Fault::malformed, "kept samples can't be read");
    last.seq += static_cast<std::uint64_t>(seq);
    last.received_at += Duration(at);
    last.took = Duration(took);
    last.ttl = static_cast<std::uint32_t>(ttl);
    last.repeats = static_cast<std::uint32_t>(repeats);
    moments.push_back(last);
  }
  return moments;
}

}  // namespace mxswitch::monitor
