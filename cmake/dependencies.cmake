# Everything third-party, in one place. Arrow comes with the pyarrow wheel that `./dev setup` puts into build/env.
find_package(Threads REQUIRED)
# Two digests of it are used; the whole library, loaded and relocated, would be a tenth of a command's start.
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
# libpq's header; the library itself is loaded when first used (src/database/libpq.hpp).
find_package(PostgreSQL REQUIRED)
add_library(libpq::header INTERFACE IMPORTED GLOBAL)
set_target_properties(libpq::header PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${PostgreSQL_INCLUDE_DIRS}")
find_package(SQLite3 REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(Boost REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(tl-expected CONFIG REQUIRED)
find_package(Eigen3 3.4 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
find_package(CLI11 CONFIG REQUIRED)
# Markdown as GitHub reads it, and YAML, for the readiness gate: static, since a command's start pays for each library.
find_path(CMARK_GFM_INCLUDE_DIR cmark-gfm-core-extensions.h REQUIRED)
find_library(CMARK_GFM_LIBRARY libcmark-gfm.a REQUIRED)
find_library(CMARK_GFM_EXTENSIONS_LIBRARY libcmark-gfm-extensions.a REQUIRED)
add_library(cmark_gfm::cmark_gfm INTERFACE IMPORTED GLOBAL)
set_target_properties(cmark_gfm::cmark_gfm PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${CMARK_GFM_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES "${CMARK_GFM_EXTENSIONS_LIBRARY};${CMARK_GFM_LIBRARY}"
  INTERFACE_COMPILE_DEFINITIONS "CMARK_GFM_STATIC_DEFINE;CMARK_GFM_EXTENSIONS_STATIC_DEFINE")
find_path(YAML_CPP_INCLUDE_DIR yaml-cpp/yaml.h REQUIRED)
find_library(YAML_CPP_LIBRARY libyaml-cpp.a REQUIRED)
add_library(yaml_cpp::yaml_cpp INTERFACE IMPORTED GLOBAL)
set_target_properties(yaml_cpp::yaml_cpp PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${YAML_CPP_INCLUDE_DIR}" INTERFACE_LINK_LIBRARIES "${YAML_CPP_LIBRARY}")
# Linked by what serves HTTP alone, which is loaded when first used (ADR-17).
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)
# Linked by what speaks S3 (ADR-21) and what sends over HTTP alone, which are loaded when first used too.
find_package(CURL REQUIRED)
# OTLP's messages alone, loaded when first used as well (ADR-22).
pkg_check_modules(PROTOBUF_LITE REQUIRED IMPORTED_TARGET GLOBAL protobuf-lite)
find_program(PROTOBUF_COMPILER protoc REQUIRED)
find_package(ZLIB REQUIRED)
# XGBoost's C header; the library itself is loaded when first used (ADR-7).
find_path(XGBOOST_INCLUDE_DIR xgboost/c_api.h REQUIRED)
add_library(xgboost::header INTERFACE IMPORTED GLOBAL)
set_target_properties(xgboost::header PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${XGBOOST_INCLUDE_DIR}")
if(BUILD_TESTING)
  find_package(GTest CONFIG REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
  add_library(rapidcheck::rapidcheck ALIAS rapidcheck)
endif()

if(TRISTRATA_WHEEL)
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  set(_python "${Python_EXECUTABLE}")
else()
  set(_python "${PROJECT_SOURCE_DIR}/build/env/bin/python")
endif()
set(TRISTRATA_PYTHON "${_python}" CACHE FILEPATH "The Python whose pyarrow is linked")
execute_process(
  COMMAND "${TRISTRATA_PYTHON}" -c
    "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('pyarrow').origin).parent)"
  OUTPUT_VARIABLE PYARROW_DIR OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _found)
if(NOT _found EQUAL 0)
  message(FATAL_ERROR "pyarrow was not found by ${TRISTRATA_PYTHON}. Run ./dev setup, or set TRISTRATA_PYTHON.")
endif()
file(STRINGS "${PYARROW_DIR}/include/arrow/util/config.h" _so REGEX "define ARROW_SO_VERSION ")
string(REGEX MATCH "[0-9]+" ARROW_SO_VERSION "${_so}")
foreach(_library arrow arrow_s3 parquet)
  add_library(pyarrow::${_library} SHARED IMPORTED GLOBAL)
  set_target_properties(pyarrow::${_library} PROPERTIES
    IMPORTED_LOCATION "${PYARROW_DIR}/lib${_library}.so.${ARROW_SO_VERSION}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${PYARROW_DIR}/include"
    INTERFACE_INCLUDE_DIRECTORIES "${PYARROW_DIR}/include")
endforeach()
set_property(TARGET pyarrow::arrow_s3 APPEND PROPERTY INTERFACE_LINK_LIBRARIES pyarrow::arrow)
set_property(TARGET pyarrow::parquet APPEND PROPERTY INTERFACE_LINK_LIBRARIES pyarrow::arrow)
