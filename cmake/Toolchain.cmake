# Compiler flags, sanitizers and ccache for every target of the project.

# Another compiler warns of other things: that must not keep anybody from building a release.
# Warnings are errors in the presets of developers alone, all of them Debug builds.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-Werror)
endif()
# g++ 12, optimising, sees uninitialised values, overlapping copies and mismatched deletes of
# coroutine frames that are none.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-mismatched-new-delete)
endif()

# Clang builds what runs under sanitizers: in half of g++'s time, and with a second opinion.
# Asio 1.22 looks for coroutines under the names of clang's first drafts.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_definitions(ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
endif()

if(MXSWITCH_SANITIZE)
  add_compile_options(-fsanitize=${MXSWITCH_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MXSWITCH_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The sloppiness lets ccache work with precompiled headers; the base folder lets clones share.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Coroutine frames come and go by the handful: they are taken from the allocator by its shortest way.
add_compile_definitions(ASIO_NO_DEPRECATED ASIO_STANDALONE ASIO_DISABLE_STD_ALIGNED_ALLOC)
