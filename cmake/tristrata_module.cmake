# The only target shapes of this project. Flags live on tristrata_flags, never in CMAKE_CXX_FLAGS.
set(TRISTRATA_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(tristrata_flags INTERFACE)
target_compile_features(tristrata_flags INTERFACE cxx_std_20)
# A file's private type in a struct of the same file is no matter of linkage where GCC sees the file included.
# -ffp-contract=off: the same bytes whatever the compiler may fuse. GCC 12 sees overlaps and unset optionals
# that are not there (PR105651, PR80635); clang 19 sees libstdc++ 12's own stable_sort use what it deprecates.
target_compile_options(tristrata_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -ffp-contract=off
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(TRISTRATA_SANITIZE)
  target_compile_options(tristrata_flags INTERFACE
    -fsanitize=${TRISTRATA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  string(REPLACE "fuzzer-no-link," "" _link "${TRISTRATA_SANITIZE}")
  target_link_options(tristrata_flags INTERFACE -fsanitize=${_link})
endif()
find_program(TRISTRATA_CCACHE ccache)
if(TRISTRATA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TRISTRATA_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TRISTRATA_CCACHE})
endif()
find_program(TRISTRATA_MOLD mold)
if(TRISTRATA_MOLD)
  target_link_options(tristrata_flags INTERFACE -fuse-ld=mold)
endif()

# A room. EXPOSES: rooms (and third-party targets) whose types stand in this room's face. USES: rooms and third-party
# targets behind it, which those who depend on this room cannot see. TEST_USES: what only its tests need. APART: sources
# and tests whose private names another file of the room uses for something else: where CMAKE_UNITY_BUILD puts several
# files into one compilation, they have one of their own.
#   tristrata_module(stats HEADERS ks.hpp SOURCES ks.cpp TESTS ks_test EXPOSES core USES Boost::headers)
# Names of rooms are written bare; anything with :: is taken as it is.
set_property(GLOBAL PROPERTY TRISTRATA_ROOMS "")
function(tristrata_module name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;TESTS;EXPOSES;USES;TEST_USES;APART" ${ARGN})
  foreach(list EXPOSES USES TEST_USES)
    set(${list}_targets "")
    foreach(item IN LISTS ARG_${list})
      if(item MATCHES "::")
        list(APPEND ${list}_targets ${item})
      else()
        list(APPEND ${list}_targets tristrata::${item})
      endif()
    endforeach()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY TRISTRATA_ROOMS ${name})
  set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  list(TRANSFORM ARG_HEADERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/include/tristrata/${name}/)
  add_library(tristrata_${name} STATIC ${ARG_SOURCES})
  add_library(tristrata::${name} ALIAS tristrata_${name})
  target_sources(tristrata_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS})
  target_include_directories(tristrata_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(tristrata_${name} PUBLIC ${EXPOSES_targets} PRIVATE ${USES_targets} tristrata_flags)
  target_compile_features(tristrata_${name} PUBLIC cxx_std_20)
  set_target_properties(tristrata_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(BUILD_TESTING AND ARG_TESTS)  # One program a room; the tests may look inside.
    list(TRANSFORM ARG_TESTS PREPEND tests/)
    list(TRANSFORM ARG_TESTS APPEND .cpp)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE tristrata::${name} ${USES_targets} ${TEST_USES_targets}
                          GTest::gmock GTest::gtest_main tristrata_flags)
    target_include_directories(${name}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    # Tests run once and are compiled as often as what they test: optimising them took longer than it saves (of
    # drift_test under the address sanitizer 47 s in place of 19). Under that of threads they stay as quick as what they
    # race with.
    if(TRISTRATA_SANITIZE MATCHES "address")
      target_compile_options(${name}_test PRIVATE -O0)
    elseif(NOT TRISTRATA_SANITIZE)
      target_compile_options(${name}_test PRIVATE -O1)
    endif()
    # Where pages and golden figures lie; __FILE__ may be relative to whatever folder the compiler ran in.
    target_compile_definitions(${name}_test PRIVATE TRISTRATA_SOURCE="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS ${name} ENVIRONMENT
                         TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/thread_sanitizer.supp:die_after_fork=0)
  endif()
endfunction()

# Puts a room's migrations into the program, so that tables can be made wherever it is: schema_text.cpp.in names
# migrations/sqlite/001.sql as @TRISTRATA_SQLITE_001@, and schema_text.cpp comes of it.
macro(tristrata_migrations)
  foreach(_migration ${ARGN})
    string(REPLACE "/" "_" _name ${_migration})
    string(TOUPPER ${_name} _upper)
    set(_sql ${CMAKE_CURRENT_SOURCE_DIR}/migrations/${_migration}.sql)
    file(READ ${_sql} TRISTRATA_${_upper})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_sql})
  endforeach()
  configure_file(schema_text.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/schema_text.cpp @ONLY)
endmacro()
