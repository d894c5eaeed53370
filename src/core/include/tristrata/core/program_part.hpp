#pragma once

#include "tristrata/core/result.hpp"

#include <string>
#include <string_view>

namespace tristrata::core {

/// Where a part of the program lies that is loaded when first used: beside the program or the extension that
/// this code was linked into, or else in the lib next to its folder.
[[nodiscard]] std::string program_part(std::string_view file);

/// What the part in this file calls `symbol`; it stays loaded. `purpose` begins the message ("serving HTTP"),
/// `package` is Debian's that the part needs. configuration: it cannot be loaded, or is of another build.
[[nodiscard]] Result<void*> load_part(const std::string& file, const char* symbol, std::string_view purpose,
                                      std::string_view package);

}  // namespace tristrata::core
