#include "tristrata/core/printable.hpp"

#include "tristrata/core/text.hpp"

#include <algorithm>

namespace tristrata::core {

Unprintable unprintable(std::string_view text) noexcept {
    if (text.empty()) return {};
    const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
    const std::uint32_t first = at(0);
    if (first < 0x20 || first == 0x7f) return {1, first};
    if (first == 0xC2 && text.size() > 1 && at(1) >= 0x80 && at(1) < 0xA0) return {2, at(1)};
    if (first == 0xD8 && text.size() > 1 && at(1) == 0x9C) return {2, 0x061C};
    if ((first != 0xE2 && first != 0xEF) || text.size() < 3) return {};
    const std::uint32_t third = (first & 0x0Fu) << 12u | (at(1) & 0x3Fu) << 6u | (at(2) & 0x3Fu);
    const bool whole = (at(1) & 0xC0u) == 0x80u && (at(2) & 0xC0u) == 0x80u;
    const bool separates_or_turns = third == 0x200E || third == 0x200F ||
                                    (third >= 0x2028 && third <= 0x202E) ||
                                    (third >= 0x2066 && third <= 0x2069);
    return whole && (separates_or_turns || third >= 0xFFFE) ? Unprintable{3, third} : Unprintable{};
}

std::string printable(std::string_view text) {
    std::string out;
    const std::string valid = valid_utf8(text);
    for (std::string_view rest = valid; !rest.empty();) {
        const std::size_t bytes = unprintable(rest).bytes;
        if (rest[0] == '\n') out += "\xE2\x90\xA4";  // The picture of a line feed.
        else if (bytes > 0) out += "\xEF\xBF\xBD";
        else out += rest[0];
        rest.remove_prefix(std::max<std::size_t>(1, bytes));
    }
    return out;
}

std::string printable_lines(std::string_view text) {
    std::string out;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        out += printable(text.substr(0, end)) + "\n";
        text.remove_prefix(end + 1);
    }
    return out + printable(text);
}

}  // namespace tristrata::core
