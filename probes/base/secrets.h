// Tokens, digests and random bytes (libsodium, OpenSSL's SHA-256). Secrets come from files, never
// from arguments.
#pragma once

#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch {

std::string sha256_hex(std::string_view bytes);
std::string random_hex(std::size_t bytes);  // 16 bytes: a 128-bit token
std::string random_uuid();                  // RFC 9562 version 4
std::string random_password();              // 16 characters, easy to read aloud
bool equal_in_constant_time(std::string_view a, std::string_view b);
// The first line of a file that only its owner can read; a wider mode is an error that says so.
Result<std::string> read_secret_file(const std::string& path);

}  // namespace mxswitch
