#include "tristrata/core/blank.hpp"

#include "tristrata/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tristrata::core {
namespace {

struct CodePoints {
    std::uint32_t first = 0, last = 0;
};

/// Controls, Unicode's White_Space and Default_Ignorable_Code_Point, and the blank of Braille; in order.
constexpr std::array shown_as_nothing{
    CodePoints{0x0000, 0x0020},  CodePoints{0x007F, 0x00A0},   CodePoints{0x00AD, 0x00AD},
    CodePoints{0x034F, 0x034F},  CodePoints{0x061C, 0x061C},   CodePoints{0x115F, 0x1160},
    CodePoints{0x1680, 0x1680},  CodePoints{0x17B4, 0x17B5},   CodePoints{0x180B, 0x180F},
    CodePoints{0x2000, 0x200F},  CodePoints{0x2028, 0x202F},   CodePoints{0x205F, 0x206F},
    CodePoints{0x2800, 0x2800},  CodePoints{0x3000, 0x3000},   CodePoints{0x3164, 0x3164},
    CodePoints{0xFE00, 0xFE0F},  CodePoints{0xFEFF, 0xFEFF},   CodePoints{0xFFA0, 0xFFA0},
    CodePoints{0xFFF0, 0xFFF8},  CodePoints{0x1BCA0, 0x1BCA3}, CodePoints{0x1D173, 0x1D17A},
    CodePoints{0xE0000, 0xE0FFF}};

bool shows_nothing(std::uint32_t character) noexcept {
    const auto* const range =
        std::ranges::find_if(shown_as_nothing, [&](const CodePoints& one) { return character <= one.last; });
    return range != shown_as_nothing.end() && character >= range->first;
}

}  // namespace

bool is_blank(std::string_view text) noexcept {
    if (!is_utf8(text)) return false;
    while (!text.empty()) {
        const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
        const std::size_t bytes = at(0) < 0x80 ? 1 : at(0) < 0xE0 ? 2 : at(0) < 0xF0 ? 3 : 4;
        std::uint32_t character = bytes == 1 ? at(0) : at(0) & (0x7Fu >> bytes);
        for (std::size_t i = 1; i < bytes; ++i) character = character << 6u | (at(i) & 0x3Fu);
        if (!shows_nothing(character)) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace tristrata::core
