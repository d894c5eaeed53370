#pragma once

#include "tristrata/core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::objects {

/// What a folder writes before it has its key: no key begins so.
inline constexpr std::string_view incoming = ".incoming";

/// The key's segments; usage: it can be no key.
[[nodiscard]] core::Result<std::vector<std::string>> segments_of_key(std::string_view key);
/// The same of a folder of keys: none for "", and one '/' at the end is allowed.
[[nodiscard]] core::Result<std::vector<std::string>> segments_of_prefix(std::string_view prefix);

}  // namespace tristrata::objects
