#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/spool/file_system.hpp"

#include <string>

namespace tristrata::notification {

/// not_found: it is not there any more.
[[nodiscard]] core::Result<std::string> read_kept_file(spool::FileSystem& files, const std::string& path);

}  // namespace tristrata::notification
