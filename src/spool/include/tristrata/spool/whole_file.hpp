#pragma once

#include "tristrata/spool/file_system.hpp"

#include <string>
#include <string_view>

namespace tristrata::spool {

/// Replaces a file of a folder that is there: whole and durable, its name too, once this has returned.
/// Whenever the process or the machine dies in between, the file is the one before or this one, and beside it
/// at most NAME.new, which the next write does away with. One writer at a time.
///
/// Cost    A sync of the file and one of the folder.
[[nodiscard]] core::Status write_whole(FileSystem& files, const std::string& folder, const std::string& name,
                                       std::string_view bytes);

}  // namespace tristrata::spool
