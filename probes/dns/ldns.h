// ldns, which redefines words that no C++ header survives: to be included last, and by
// `wire.cc` and `wire_answer.cc` alone.
#pragma once

#include <ldns/ldns.h>
#undef bool
#undef true
#undef false
