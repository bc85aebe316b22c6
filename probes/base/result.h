// Errors as values. Every function that can fail for a reason outside the program returns
// Result<T>; exceptions stay inside the function that calls a throwing library.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mxswitch {

// Closed set of causes; the exit code and the HTTP status follow from it.
enum class Fault {
  usage,        // bad flag, file line, key, address, unknown domain: the caller mends it
  not_found,    // the named thing does not exist
  conflict,     // it exists, or something else holds it
  stale,        // a precondition (digest, ETag, generation) no longer holds
  forbidden,    // token missing, wrong, or without the scope
  blocked,      // a gate or the state does not allow it now
  unavailable,  // a peer or program is not there or not ready
  timed_out,    // no answer in time; after a write the outcome is unknown
  malformed,    // bytes from outside that break their format
  internal,     // a bug of ours
};

// What was being done, with what, and what to do next: each said once.
struct Error {
  Fault fault = Fault::internal;
  std::string what;   // "unknown key \"polcy\""
  std::string where;  // "shop.toml:12", a domain, an address; may be empty
  std::string mend;   // "did you mean \"policy\"?"; may be empty

  // "shop.toml:12: unknown key "polcy"; did you mean "policy"?"
  std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

inline Failure fail(Fault fault, std::string what, std::string where = {}, std::string mend = {}) {
  return Failure(Error{fault, std::move(what), std::move(where), std::move(mend)});
}

}  // namespace mxswitch
