// Any bytes as a line of the mail log, and as what a stranger wrote into one: a field ends where
// Postfix ends it, and only an id that was accepted is believed.
#include "orchestrator/relay_agent/log_line.h"

#include <algorithm>

#include "orchestrator/relay_agent/mail_trail.h"
#include "orchestrator/roster/address.h"
#include "tests/fuzz/fuzz.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

const mxswitch::Time kNow{std::chrono::hours(500000)};
const std::string kHead = "Nov  3 01:46:25 mx1 postfix-mx1/";
const std::string kFields =
    ", relay=mail.shop.example[192.0.2.7]:25, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent ";

bool is_plain(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// As Postfix quotes a local part.
std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + "\"";
}

void check_form(const LogLine& line) {
  const auto is_of_id = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  require(!line.queue_id.empty() && std::ranges::all_of(line.queue_id, is_of_id));
  require(std::ranges::all_of(line.new_id, is_of_id));
  require((line.kind == LogKind::requeued) == !line.new_id.empty());
  if (line.kind != LogKind::delivery) return;
  const LogEvent& event = line.delivery;
  require(event.queue_id == line.queue_id);
  for (const std::string& each : {event.relay, event.dsn}) {
    require(!each.empty() && each.find(' ') == each.npos && each.find(',') == each.npos);
  }
  require(is_plain(event.recipient) && is_plain(event.reply));
}

// What a stranger writes changes nothing of what the line says.
void check_places(std::string_view text) {
  const std::string own(text);
  require(!parse_log_line(kHead + "cleanup[7]: 4A1: message-id=<" + own));
  require(!parse_log_line(kHead + "smtpd[7]: 4A1: reject: RCPT from c[192.0.2.66]: 550 " + own));
  require(!parse_log_line(kHead + "cleanup[7]: 4A1: warning: header Subject: " + own));
  const bool fits = is_plain(text) && text.size() < 4000;
  const auto reason =
      parse_log_line(kHead + "smtp[7]: 4A1: to=<joe@shop.example>" + kFields + "(" + own + ")");
  require(reason.has_value() || text.size() >= 4000);
  const auto sender = parse_log_line(kHead + "qmgr[7]: 4A1: from=<" + quoted(text) +
                                     "@evil.example>, size=1, nrcpt=1 (queue active)");
  require(sender.has_value() == fits || text.size() >= 4000);
  const auto recipient = parse_log_line(kHead + "smtp[7]: 4A1: to=<" + quoted(text) +
                                        "@shop.example>" + kFields + "(x)");
  require(recipient.has_value() == fits || text.size() >= 4000);
  if (reason) {
    require(reason->delivery.status == LogStatus::sent && reason->delivery.dsn == "2.0.0");
    require(reason->delivery.recipient == "joe@shop.example");
  }
  if (recipient) {
    require(recipient->delivery.recipient == lower_case(quoted(text) + "@shop.example"));
    require(recipient->delivery.status == LogStatus::sent);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mxswitch::fuzz::as_text({data, size});
  check_places(text);
  MailTrail trail(10026, true);
  trail.complete("4A1", {"joe@shop.example"}, kNow);
  std::size_t accepted = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto read = parse_log_line(line);
    if (!read) continue;
    check_form(*read);
    accepted += trail.read(std::move(*read), kNow).accepted.size();
    require(trail.waiting() <= MailTrail::kEarlyLimit && accepted <= 1);
  }
  // Nobody else's id ever tells of mail.
  MailTrail empty(10026, true);
  if (auto read = parse_log_line(text)) {
    const auto proof = empty.read(std::move(*read), kNow);
    require(proof.accepted.empty() && proof.deliveries.empty());
  }
  return 0;
}
