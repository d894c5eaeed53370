#pragma once

#include "location.hpp"
#include "tristrata/objects/object_store.hpp"

#include <memory>
#include <string>

namespace tristrata::objects {

/// Objects as files below a folder: a key's segments are folders and a file, spelled as they are. A file is
/// written and synced as .incoming/ID, and gets its name, which is synced too, only where nothing has it.
/// Symbolic links below the folder are not followed. The folder is made by the first put where it is not
/// there.
[[nodiscard]] core::Result<std::unique_ptr<ObjectStore>> open_folder(const Location& location,
                                                                     const std::string& origin);

}  // namespace tristrata::objects
