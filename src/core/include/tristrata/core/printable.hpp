#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tristrata::core {

struct Unprintable {
    std::size_t bytes = 0;
    std::uint32_t code_point = 0;
};

/// The character that the text begins with, if it must not stand raw among others in a line: a control
/// character (C0, C1, DEL), a separator of lines or paragraphs, one that turns the direction of writing
/// (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), U+FFFE and U+FFFF. Without bytes for every
/// other, and for what is not UTF-8.
[[nodiscard]] Unprintable unprintable(std::string_view text) noexcept;

/// A foreign text on one line, as it may stand among others in a terminal, a message or a page: what
/// unprintable() names and what is not UTF-8 becomes U+FFFD; a line feed becomes its picture, ␤.
///
/// Example   "a\nb\x1b" gives "a␤b�" (tests/printable_test.cpp).
[[nodiscard]] std::string printable(std::string_view text);

/// Of a text that is meant to have several lines: printable() of each.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace tristrata::core
