#include "orchestrator/relay_agent/mail_trail.h"

namespace mxswitch::orchestrator {

// "127.0.0.1[127.0.0.1]:10026": nobody but our own master.cf listens there.
bool MailTrail::is_own_hop(std::string_view relay) const {
  const auto open = relay.rfind('[');
  if (open == relay.npos) return false;
  const auto place = relay.substr(open + 1);
  const bool loopback = place.starts_with("127.") || place.starts_with("::1]");
  return loopback && place.ends_with("]:" + std::to_string(reinject_port_));
}

void MailTrail::forget(const std::string& queue_id) {
  const auto found = mail_.find(queue_id);
  if (found == mail_.end()) return;
  by_until_.erase({found->second.until, queue_id});
  if (found->second.saved) gone_.push_back(queue_id);
  unsaved_.erase(queue_id);
  mail_.erase(found);
}

void MailTrail::forget_at(const std::string& queue_id, Mail& mail, Time until) {
  by_until_.erase({mail.until, queue_id});
  mail.until = until;
  by_until_.insert({until, queue_id});
  // Only what is still under way is worth a row.
  if (std::exchange(mail.saved, false)) gone_.push_back(queue_id);
  unsaved_.erase(queue_id);
}

void MailTrail::forget_old(Time now) {
  while (!by_until_.empty() && (by_until_.begin()->first <= now || mail_.size() > kMailLimit)) {
    forget(std::string(by_until_.begin()->second));
  }
  while (!early_order_.empty() &&
         (early_order_.front().first + kEarly <= now || early_order_.size() > kEarlyLimit)) {
    drop_first_waiting();
  }
}

void MailTrail::drop_first_waiting() {
  const auto found = early_.find(early_order_.front().second);
  if (found != early_.end()) {
    found->second.pop_front();
    if (found->second.empty()) early_.erase(found);
  }
  early_order_.pop_front();
}

void MailTrail::wait(LogLine line, Time now) {
  early_order_.emplace_back(now, line.queue_id);
  const std::string id = line.queue_id;
  early_[id].push_back(std::move(line));
}

void MailTrail::know(const std::string& queue_id, Time at, std::vector<std::string> recipients,
                     Reading& reading) {
  const auto [place, is_new] = mail_.try_emplace(queue_id);
  if (!is_new) return;
  place->second = {at, at + kLifetime, std::move(recipients), false};
  by_until_.insert({place->second.until, queue_id});
  unsaved_.insert(queue_id);
  const auto waited = early_.find(queue_id);
  if (waited == early_.end()) return;
  for (LogLine& line : waited->second) reading.lines.push_back(std::move(line));
  early_.erase(waited);
}

void MailTrail::follow_delivery(const LogLine& line, Mail& mail, Reading& reading) {
  const LogEvent& delivery = line.delivery;
  reading.proof.deliveries.push_back(delivery);
  if (delivery.status != LogStatus::sent || !is_own_hop(delivery.relay)) return;
  if (const auto next = queued_as(delivery.reply)) know(*next, mail.at, {}, reading);
}

void MailTrail::follow(const LogLine& line, Mail& mail, Reading& reading) {
  // Only the queue manager hands out messages, so a delivery shows what `active` does.
  const bool is_in = line.kind == LogKind::active || line.kind == LogKind::delivery;
  if (is_in && !mail.recipients.empty()) {
    reading.proof.accepted.push_back(std::exchange(mail.recipients, {}));
    unsaved_.insert(line.queue_id);
  }
  switch (line.kind) {
    case LogKind::active:
      break;
    case LogKind::delivery:
      follow_delivery(line, mail, reading);
      break;
    case LogKind::refused:
      forget(line.queue_id);
      break;
    case LogKind::requeued:
      know(line.new_id, mail.at, std::move(mail.recipients), reading);
      forget_at(line.queue_id, mail, reading.now + kAfterRemoval);
      break;
    case LogKind::removed:
      forget_at(line.queue_id, mail, reading.now + kAfterRemoval);
      break;
  }
}

TrailProof MailTrail::work_off(Reading reading) {
  while (!reading.lines.empty()) {
    LogLine line = std::move(reading.lines.front());
    reading.lines.pop_front();
    const auto found = mail_.find(line.queue_id);
    if (found == mail_.end()) {
      wait(std::move(line), reading.now);
    } else {
      follow(line, found->second, reading);
    }
  }
  forget_old(reading.now);
  return std::move(reading.proof);
}

TrailProof MailTrail::complete(const std::string& queue_id, std::vector<std::string> recipients,
                               Time now) {
  if (recipients.empty()) return {};
  if (!has_log_) return {{std::move(recipients)}, {}};
  if (queue_id.empty()) return {};
  Reading reading;
  reading.now = now;
  know(queue_id, now, std::move(recipients), reading);
  return work_off(std::move(reading));
}

TrailProof MailTrail::read(LogLine line, Time now) {
  Reading reading;
  reading.now = now;
  reading.lines.push_back(std::move(line));
  return work_off(std::move(reading));
}

MailTrail::Unsaved MailTrail::take_unsaved() {
  Unsaved unsaved;
  for (const std::string& id : std::exchange(unsaved_, {})) {
    Mail& mail = mail_.find(id)->second;
    mail.saved = true;
    unsaved.kept.push_back({id, mail.at, mail.recipients});
  }
  unsaved.gone = std::exchange(gone_, {});
  return unsaved;
}

void MailTrail::restore(std::vector<TrailedMail> kept) {
  for (TrailedMail& each : kept) {
    const Mail mail{each.at, each.at + kLifetime, std::move(each.recipients), true};
    by_until_.insert({mail.until, each.queue_id});
    mail_.insert_or_assign(each.queue_id, mail);
  }
}

}  // namespace mxswitch::orchestrator
