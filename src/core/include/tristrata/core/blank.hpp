#pragma once

#include <string_view>

namespace tristrata::core {

/// Whether a text says nothing to whoever reads it: it is empty, or holds nothing but what shows nothing:
/// blanks of every width, ends of lines, control characters, joiners, marks of direction and fillers. What
/// is not UTF-8 is shown as U+FFFD, and so is not blank.
///
/// Example   " \u00A0\u200B" is; "\u200Ba" is not (tests/blank_test.cpp).
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

}  // namespace tristrata::core
