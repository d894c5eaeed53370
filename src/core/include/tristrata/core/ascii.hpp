#pragma once

#include <string>
#include <string_view>

namespace tristrata::core {

/// A capital of ASCII as its small letter; every other byte as it is, whatever the locale.
[[nodiscard]] constexpr char lowered(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
    std::string small(text);
    for (char& c : small) c = lowered(c);
    return small;
}

}  // namespace tristrata::core
