#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/spool/file_system.hpp"

#include <string>
#include <string_view>

namespace tristrata::notification {

/// A file of these bytes in a folder that is made where it is missing: whole and durable once this has
/// returned, and under another name until then.
[[nodiscard]] core::Status keep_file(spool::FileSystem& files, const std::string& folder,
                                     const std::string& name, std::string_view bytes);
/// not_found: it is not there any more.
[[nodiscard]] core::Result<std::string> read_kept_file(spool::FileSystem& files, const std::string& path);

}  // namespace tristrata::notification
