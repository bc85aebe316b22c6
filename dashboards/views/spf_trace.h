// An SPF evaluation as people and programs read it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "probes/spf/evaluate.h"

namespace mxswitch::dashboards {

// {"result","explanation","why","lookups","voids","trace":[...]}; a trace entry is a term with its
// result, its lookups and the terms of the record that it led to.
nlohmann::json to_json(const probes::spf::CheckResult& result);

// What comes from outside may hold anything: only visible ASCII reaches the terminal, every other
// octet as "\x1b".
std::string visible(const std::string& text);

// Of one tree: its JSON, and its text with one term a line, its lookups below it.
nlohmann::json trace_json(const probes::spf::TraceTerm& term);
std::string trace_text(const probes::spf::TraceTerm& term);
// A line of it each: "include:x  no match: why", "TXT x: v=spf1 -all (300 s left)".
std::string term_text(const probes::spf::TraceTerm& term, std::size_t column = 0);
std::string lookup_text(const probes::spf::Lookup& lookup);

// The result and its tree.
std::string render_spf(const probes::spf::CheckResult& result);

}  // namespace mxswitch::dashboards
