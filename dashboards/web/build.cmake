# Run by embed.cmake: compiles the scripts in BUILD and writes them with FILES into
# BUILD/assets_data.cc. The packages lie in BUILD, never beside the sources.

set(scripts "")
if(NPM)
  # A script that was renamed must not live on in the program.
  file(REMOVE_RECURSE ${BUILD}/src ${BUILD}/dist)
  file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json ${SOURCE}/.npmrc
            ${SOURCE}/tsconfig.json ${SOURCE}/src DESTINATION ${BUILD})
  file(SHA256 ${SOURCE}/package-lock.json lock)
  set(installed "")
  if(EXISTS ${BUILD}/installed.txt)
    file(READ ${BUILD}/installed.txt installed)
  endif()
  set(failed 0)
  if(NOT installed STREQUAL lock)
    execute_process(COMMAND ${NPM} ci --no-audit --no-fund --ignore-scripts --loglevel=error
                    WORKING_DIRECTORY ${BUILD} RESULT_VARIABLE failed)
    if(failed EQUAL 0)
      file(WRITE ${BUILD}/installed.txt ${lock})
    endif()
  endif()
  if(NOT failed EQUAL 0 AND MODE STREQUAL "ON")
    message(FATAL_ERROR "npm ci failed in ${BUILD}; -DMXSWITCH_WEB=OFF builds without the script")
  elseif(NOT failed EQUAL 0)
    message(WARNING "npm ci failed (no network?): the status page is built without live updates")
  else()
    # A fault in our own script is a fault of the build, in every mode.
    execute_process(COMMAND ${NPM} run --silent build WORKING_DIRECTORY ${BUILD}
                    COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB scripts ${BUILD}/dist/*.js)
  endif()
endif()

function(content_type_of file result)
  if(file MATCHES "\\.css$")
    set(type "text/css; charset=utf-8")
  elseif(file MATCHES "\\.js$")
    set(type "text/javascript; charset=utf-8")
  elseif(file MATCHES "\\.svg$")
    set(type "image/svg+xml")
  else()
    set(type "application/json")
  endif()
  set(${result} "${type}" PARENT_SCOPE)
endfunction()

set(arrays "")
set(table "")
set(number 0)
foreach(file ${FILES} ${scripts})
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  file(SHA256 ${file} digest)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  content_type_of(${name} type)
  string(APPEND arrays "constexpr char kBytes${number}[] = {${bytes}'\\0'};\n")
  string(APPEND table "    {\"${name}\", \"${type}\", "
                      "std::string_view(kBytes${number}, sizeof(kBytes${number}) - 1), \"${digest}\"},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${BUILD}/assets_data.cc
"#include \"dashboards/server/assets.h\"

namespace mxswitch::dashboards {
namespace {

${arrays}
constexpr Asset kAssets[] = {
${table}};

}  // namespace

std::span<const Asset> assets() { return kAssets; }

}  // namespace mxswitch::dashboards
")
