# Makes the files of the status page part of the program: the target mxswitch_web builds the
# scripts (where npm is there) and writes them all into one source file, MXSWITCH_WEB_ASSETS.

set(MXSWITCH_WEB AUTO CACHE STRING
    "Script of the status page: ON fails without npm, AUTO does without live updates, OFF never builds it")
set(web_source ${CMAKE_SOURCE_DIR}/dashboards/web)
set(web_build ${CMAKE_BINARY_DIR}/web)
set(MXSWITCH_WEB_ASSETS ${web_build}/assets_data.cc)

set(NPM_PROGRAM NPM_PROGRAM-NOTFOUND)
if(NOT MXSWITCH_WEB STREQUAL "OFF")
  find_program(NPM_PROGRAM npm)
  if(NOT NPM_PROGRAM AND MXSWITCH_WEB STREQUAL "ON")
    message(FATAL_ERROR "MXSWITCH_WEB=ON needs npm: apt-get install nodejs npm")
  elseif(NOT NPM_PROGRAM)
    message(WARNING "npm is not there: the status page is built without live updates and has to "
                    "be reloaded by hand. For them: apt-get install nodejs npm")
  endif()
endif()

file(GLOB web_scripts CONFIGURE_DEPENDS ${web_source}/src/*.ts)
set(web_files ${web_source}/style.css ${web_source}/icon.svg
    ${CMAKE_SOURCE_DIR}/dashboards/server/openapi.json)
add_custom_command(
  OUTPUT ${MXSWITCH_WEB_ASSETS}
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${web_source} -DBUILD=${web_build} -DNPM=${NPM_PROGRAM}
          -DMODE=${MXSWITCH_WEB} "-DFILES=${web_files}" -P ${web_source}/build.cmake
  DEPENDS ${web_files} ${web_scripts} ${web_source}/build.cmake ${web_source}/package.json
          ${web_source}/package-lock.json ${web_source}/tsconfig.json
  COMMENT "Building the status page"
  VERBATIM)
add_custom_target(mxswitch_web DEPENDS ${MXSWITCH_WEB_ASSETS})
