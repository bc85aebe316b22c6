// Small edits of encoded messages: building with ldns costs more than parsing, so a question is
// encoded once and its id and case are patched for each query. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace mxswitch::probes {

using MessageBytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kHeaderOctets = 12;

std::uint16_t message_id(std::span<const std::uint8_t> message);
void set_message_id(MessageBytes& message, std::uint16_t id);

// TC (RFC 1035 4.1.1): the rest did not fit.
bool is_truncated(std::span<const std::uint8_t> message);
void clear_truncated(MessageBytes& message);

// The octets of the one question of a query that we built: name, type and class.
std::span<const std::uint8_t> question_octets(std::span<const std::uint8_t> query);

// Gives each letter of the question's name a case by a random bit (draft-vixie-dnsext-dns0x20).
void randomise_case(MessageBytes& query, const std::function<std::uint32_t()>& random);

// Gives the name of a reply's question the case of `name` (wire form, no pointers), so that names
// compressed onto it don't show the random case. Another name is left alone.
void restore_case(MessageBytes& reply, std::string_view name);

// Puts a letter in the place of each octet of the question's name that no host's name has (RFC 1123
// 2.1 and "_", "/", "*"): the same query, for a reader that takes nothing else.
void name_a_host(MessageBytes& message);

// An error reply as header and question.
MessageBytes bare_reply(std::span<const std::uint8_t> reply,
                        std::span<const std::uint8_t> question);

}  // namespace mxswitch::probes
