// The sections of the page of one domain, in the order in which they stand.
#pragma once

#include "dashboards/views/html.h"
#include "dashboards/views/page.h"

namespace mxswitch::dashboards {

// How often a browser without scripts loads a page anew that changes.
inline constexpr seconds kRefreshWithoutScript{30};

std::string page_document(const std::string& title, const Html& body, const PageFrame& frame);

// The line on top of every page, with the sign of life of those that change.
Html top_bar(bool changes = true);

// Small pieces that all sections share.
Html class_badge(ClassSign sign);
Html verdict_badge(std::string_view word);
Html headline_chip(const Headline& headline);
// Beside a headline of another word; empty where nothing is frozen.
Html frozen_chip(const Snapshot& snapshot);
// <time>: in UTC, and the distance to now, which the script keeps ticking.
Html time_of(Time t, Time now);
Html time_with_distance(const std::optional<Time>& t, Time now);
Html age_of(Time t, Time now);
Html countdown(const std::optional<Time>& t, Time now);
// A card with a heading; `id` is its address on the page.
Html card(std::string_view id, std::string_view title, const Html& aside, const Html& body);
Html empty_note(std::string_view text);

Html banner(const DomainPage& page);
Html counts_strip(const DomainPage& page);
Html steps_strip(const DomainPage& page);
Html shares_card(const DomainPage& page);
Html gates_card(const DomainPage& page);
Html places_card(const DomainPage& page);
Html resolvers_card(const DomainPage& page);
Html authorities_card(const DomainPage& page);
Html obligations_card(const DomainPage& page);
Html outlook_card(const DomainPage& page);  // when READY may come; empty when it is here
Html spf_card(const DomainPage& page);      // empty where no SPF is watched
Html relay_card(const DomainPage& page);
Html roster_card(const DomainPage& page);
Html contact_card(const DomainPage& page);
Html exceptions_card(const DomainPage& page);  // overrides, waivers, warnings; may be empty
Html log_card(const DomainPage& page);

}  // namespace mxswitch::dashboards
