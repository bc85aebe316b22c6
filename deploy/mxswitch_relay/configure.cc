#include <cstdio>

#include "deploy/mxswitch_relay/config.h"
#include "deploy/mxswitch_relay/verbs.h"

namespace mxswitch {
namespace {

constexpr const char* kPostfix = R"(
# ---- Postfix: main.cf -------------------------------------------------------------------
# (whole files stand in deploy/postfix/relay; these are the lines that matter)
# mydestination =
# relay_domains = socketmap:inet:127.0.0.1:8026:relay_domains
# relay_recipient_maps = socketmap:inet:127.0.0.1:8026:recipients
# virtual_alias_maps = socketmap:inet:127.0.0.1:8026:aliases
# transport_maps = socketmap:inet:127.0.0.1:8026:transport
# parent_domain_matches_subdomains =
# fast_flush_domains =
# recipient_delimiter =
# allow_percent_hack = no
# swap_bangpath = no
# enable_original_recipient = no
# enable_long_queue_ids = yes
# smtpd_relay_restrictions = reject_unauth_destination
# allow_untrusted_routing = yes
# allow_min_user = yes
# smtpd_recipient_restrictions = check_policy_service { inet:127.0.0.1:8027, timeout=3s, { default_action = 451 4.3.5 the relay agent does not answer } }
# smtpd_forbid_bare_newline = normalize
# smtputf8_enable = no
# smtpd_end_of_data_restrictions = check_policy_service { inet:127.0.0.1:8027, timeout=3s, default_action=DUNNO }
#
# ---- Postfix: master.cf (no service chrooted) ---------------------------------------------
# smtp       inet  n  -  n  -  -  smtpd
#     -o max_use=1
# soak-smtp  unix  -  -  n  -  -  smtp
#     -o soft_bounce=yes
# soak-lmtp  unix  -  -  n  -  -  lmtp
#     -o soft_bounce=yes
# reinject   unix  -  -  n  -  -  smtp
#     -o soft_bounce=yes
# 127.0.0.1:10026  inet  n  -  n  -  -  smtpd
#     (all of deploy/postfix/relay/master.cf.in's options)
)";

}  // namespace

int run_relay_configure() {
  std::fputs(example_config().c_str(), stdout);
  std::fputs(kPostfix, stdout);
  return 0;
}

}  // namespace mxswitch
