#pragma once

#include <string>
#include <string_view>

namespace tristrata::core {

/// Where a part of the program lies that is loaded when first used: beside the program or the extension that
/// this code was linked into, or else in the lib next to its folder.
[[nodiscard]] std::string program_part(std::string_view file);

}  // namespace tristrata::core
