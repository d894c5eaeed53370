#pragma once

#include <string_view>

namespace tristrata::readiness {

// Of ASCII; each byte of any other letter counts as one.

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_word(char c) noexcept { return is_digit(c) || is_letter(c) || c == '_'; }

constexpr bool is_ascii(std::string_view text) noexcept {
    unsigned all = 0;
    for (const char c : text) all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

}  // namespace tristrata::readiness
