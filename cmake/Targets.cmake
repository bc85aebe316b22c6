# One folder, one target. `mxswitch_library(DEPENDS a/b ... EXTERNAL x ...)` in a folder's
# CMakeLists.txt makes the target a_b of all its *.cc files. DEPENDS must agree with
# tests/architecture/edges.txt; a test compares the two.

# The headers that nearly every file reads; compiled once and shared by all targets.
file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cc "")
add_library(mxswitch_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cc)
target_precompile_headers(mxswitch_pch PRIVATE
  <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <unordered_map> <variant> <vector> <tl/expected.hpp> <fmt/format.h>
  <nlohmann/json.hpp>)
target_link_libraries(mxswitch_pch PRIVATE fmt::fmt)

function(mxswitch_target_name folder result)
  string(REPLACE "/" "_" name ${folder})
  set(${result} ${name} PARENT_SCOPE)
endfunction()

function(mxswitch_configure target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC fmt::fmt Threads::Threads)
  target_precompile_headers(${target} REUSE_FROM mxswitch_pch)
endfunction()

function(mxswitch_library)
  cmake_parse_arguments(ARG "" "" "DEPENDS;EXTERNAL" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  mxswitch_target_name(${folder} target)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    add_library(${target} STATIC ${sources})
    mxswitch_configure(${target})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    set(scope INTERFACE)
  endif()
  foreach(dependency ${ARG_DEPENDS})
    mxswitch_target_name(${dependency} name)
    target_link_libraries(${target} ${scope} ${name})
  endforeach()
  target_link_libraries(${target} ${scope} ${ARG_EXTERNAL})
endfunction()

# What is shipped, and what measures it, takes jemalloc: thousands of small pieces come and go with
# every state that is saved, and glibc's malloc searches longer the more there are. Sanitizers bring
# their own.
function(mxswitch_allocator target)
  if(NOT MXSWITCH_SANITIZE)
    target_link_libraries(${target} PRIVATE PkgConfig::jemalloc)
  endif()
endfunction()

# mxswitch_program(NAME DEPENDS ... EXTERNAL ...): the program NAME of this folder's *.cc files.
function(mxswitch_program name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;EXTERNAL" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  mxswitch_configure(${name})
  foreach(dependency ${ARG_DEPENDS})
    mxswitch_target_name(${dependency} library)
    target_link_libraries(${name} PRIVATE ${library})
  endforeach()
  target_link_libraries(${name} PRIVATE ${ARG_EXTERNAL})
  mxswitch_allocator(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
