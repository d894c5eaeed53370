#pragma once

#include "tristrata/core/printable.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::report {

using core::printable;

/// Cells of a terminal that a line of UTF-8 takes: two for East Asian wide characters and for emoji, joined
/// ones included; none for what combines with the character before it.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The text in at most `cells` cells: what is too long loses its middle to "…". Characters stay whole.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t cells);

/// The words of a text in lines of at most `width` cells, each behind `indent` spaces and ending with a line
/// feed; `hanging` more from the second line on. A word longer than a line is broken.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0,
                                  std::size_t hanging = 0);

/// Rows under headings, each cell printable(), two spaces between columns that are as wide as their widest
/// cell.
[[nodiscard]] std::string aligned(const std::vector<std::string>& headings,
                                  const std::vector<std::vector<std::string>>& rows);

}  // namespace tristrata::report
