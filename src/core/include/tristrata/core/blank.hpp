#pragma once

#include <string_view>

namespace tristrata::core {

/// Whether a text says nothing: it is empty, or holds spaces, tabs and ends of lines alone.
[[nodiscard]] constexpr bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace tristrata::core
