#pragma once

#include "tristrata/core/result.hpp"

#include <string_view>

namespace tristrata::config {

/// configuration: the text is neither a module's name nor the beginning of several with one * at its end
/// ("*": of all). `example` is how the file writes one; its place is the caller's to say.
[[nodiscard]] core::Status check_module_pattern(std::string_view pattern, std::string_view example);

/// Of a pattern that passed.
///
/// Example   "train.*" fits train.lstm, and not train (tests/module_pattern_test.cpp).
[[nodiscard]] bool fits(std::string_view pattern, std::string_view module) noexcept;

}  // namespace tristrata::config
