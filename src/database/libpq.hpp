#pragma once

#include "tristrata/core/result.hpp"

namespace tristrata::database {

/// libpq is no part of the program: it brings two dozen libraries, and every command would take half as long
/// again to start. It is loaded here, once; before that, no function of it may be called.
///
/// Errors    unavailable: it is not there, or too old; the message names the package.
[[nodiscard]] core::Status load_libpq();
/// The same of a file.
[[nodiscard]] core::Status load_libpq(const char* file);

}  // namespace tristrata::database
