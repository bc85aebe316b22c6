// Fills a Plan from the tables of its file, section by section. Errors stay in the document, which
// reports them together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/plan/plan.h"
#include "probes/base/toml_reader.h"

namespace mxswitch::orchestrator {

class PlanReader {
 public:
  PlanReader(TomlTable root, Plan& plan) : root_(std::move(root)), plan_(plan) {}
  void read();

 private:
  void read_names();
  void read_mx(TomlTable mx);
  void read_authority(TomlTable authority);
  void read_spf(TomlTable spf);
  void read_outbound(TomlTable outbound);
  void read_relay(TomlTable relay);
  void read_roster(TomlTable roster);
  void read_contact(TomlTable contact);
  void read_policy(TomlTable policy);
  void read_reprobe(TomlTable& policy);
  void read_failing_retry(TomlTable& policy);
  void read_operator_rules(TomlTable& policy);

  probes::DnsName name(TomlTable& table, std::string_view key, const std::string& text);
  probes::DnsName domain(TomlTable& table, std::string_view key, const std::string& text);
  probes::MxSet mx_set(TomlTable& table, std::string_view key);
  std::vector<probes::IpAddress> addresses(TomlTable& table, std::string_view key);
  std::optional<std::string> next_hop(TomlTable& table, std::string_view key);
  std::string mail_address(TomlTable& table, std::string_view key, const std::string& text);

  TomlTable root_;
  Plan& plan_;
};

}  // namespace mxswitch::orchestrator
