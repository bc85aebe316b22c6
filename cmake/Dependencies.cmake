# Every outside library, all of them Debian packages (see deploy/packages).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
# What its new releases offer in place of ares_send() and socket functions is not in the old ones.
target_compile_definitions(PkgConfig::cares INTERFACE CARES_NO_DEPRECATED)
pkg_check_modules(ldns REQUIRED IMPORTED_TARGET ldns)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(psl REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(xcrypt REQUIRED IMPORTED_TARGET libcrypt)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
# Debian's cpp-httplib is a compiled library: without its macros the class layouts differ.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)

# The quickstart builds the programs alone, on a machine without the tests' packages.
if(MXSWITCH_TESTS)
  find_package(GTest)
  if(NOT GTest_FOUND)
    message(STATUS "GoogleTest is not installed: no tests are built (deploy/test installs it)")
    set(MXSWITCH_TESTS OFF)
  endif()
endif()
