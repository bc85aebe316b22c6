# Toolchain of the presets that sanitize or fuzz: the release's own clang, newest first.
# Debian 12 has up to 16 (its default, 14, lacks what our coroutines need), Debian 13 has 19.
find_program(MXSWITCH_CLANG NAMES clang++-19 clang++-18 clang++-17 clang++-16 REQUIRED)
set(CMAKE_CXX_COMPILER ${MXSWITCH_CLANG})
