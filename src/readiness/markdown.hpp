#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/readiness/plan.hpp"

#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// The blocks of a Markdown document, flat and in order, comments left out.
[[nodiscard]] core::Result<std::vector<Entry>> read_entries(std::string_view text, std::string_view name);

/// The text without <!-- … -->; a comment that does not end takes the rest. Line feeds stay, so that lines
/// keep their numbers.
[[nodiscard]] std::string without_comments(std::string_view text);

}  // namespace tristrata::readiness
