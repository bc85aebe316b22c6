// The words of the contract's enumerations.
#include <array>
#include <utility>

#include "orchestrator/relay/contract/codec.h"

namespace mxswitch::orchestrator {
namespace {

template <class Enum>
using Word = std::pair<Enum, std::string_view>;

constexpr std::array kModes = {Word<Mode>{Mode::forward, "forward"},
                               Word<Mode>{Mode::split, "split"}, Word<Mode>{Mode::hosted, "hosted"},
                               Word<Mode>{Mode::hold, "hold"}};
constexpr std::array kUnknownNames = {Word<UnknownNames>{UnknownNames::reject, "reject"},
                                      Word<UnknownNames>{UnknownNames::defer, "defer"}};
constexpr std::array kProbeKinds = {Word<ProbeKind>{ProbeKind::inbound, "inbound"},
                                    Word<ProbeKind>{ProbeKind::hosted, "hosted"},
                                    Word<ProbeKind>{ProbeKind::forward, "forward"}};
constexpr std::array kProbeResults = {Word<ProbeResult>{ProbeResult::waiting, "waiting"},
                                      Word<ProbeResult>{ProbeResult::accepted, "accepted"},
                                      Word<ProbeResult>{ProbeResult::delivered, "delivered"},
                                      Word<ProbeResult>{ProbeResult::refused, "refused"},
                                      Word<ProbeResult>{ProbeResult::expired, "expired"}};

template <class Table, class Enum>
std::string_view word_of(const Table& table, Enum value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  return {};
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<Word<Enum>, N>& table, std::string_view text) {
  for (const auto& [value, word] : table) {
    if (word == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Mode m) { return word_of(kModes, m); }
std::string_view to_text(UnknownNames u) { return word_of(kUnknownNames, u); }
std::string_view to_text(ProbeKind k) { return word_of(kProbeKinds, k); }
std::string_view to_text(ProbeResult r) { return word_of(kProbeResults, r); }

std::optional<Mode> mode_from(std::string_view text) { return value_of(kModes, text); }
std::optional<UnknownNames> unknown_names_from(std::string_view text) {
  return value_of(kUnknownNames, text);
}
std::optional<ProbeKind> probe_kind_from(std::string_view text) {
  return value_of(kProbeKinds, text);
}
std::optional<ProbeResult> probe_result_from(std::string_view text) {
  return value_of(kProbeResults, text);
}

}  // namespace mxswitch::orchestrator
