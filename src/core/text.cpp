#include "tristrata/core/text.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/printable.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace tristrata::core {
namespace {

/// The length of the UTF-8 sequence that begins here, or 0 where there is none (RFC 3629: no overlong form,
/// no surrogate, nothing above U+10FFFF).
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) { return i < text.size() && (at(i) & 0xC0u) == 0x80u; };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        if (first == 0xE0 && at(1) < 0xA0) return 0;
        if (first == 0xED && at(1) > 0x9F) return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (first == 0xF0 && at(1) < 0x90) return 0;
        if (first == 0xF4 && at(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

/// Edits and swaps of neighbours, each counted once (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

}  // namespace

std::string quoted(std::string_view name, std::size_t limit) {
    std::string out = "\"";
    std::size_t shown = 0;
    while (!name.empty()) {
        if (shown == limit) {
            out += "...";
            break;
        }
        const std::size_t length = sequence_length(name);
        const auto byte = static_cast<unsigned char>(name[0]);
        if (length == 0) out += fmt::format("\\x{:02x}", byte);
        else if (byte == '\n') out += "\\n";
        else if (byte == '\r') out += "\\r";
        else if (byte == '\t') out += "\\t";
        else if (byte == '"' || byte == '\\') out += {'\\', name[0]};
        else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\x{:02x}", byte);
        else if (const auto odd = unprintable(name); odd.bytes > 0)
            out += fmt::format("\\u{:04x}", odd.code_point);
        else out += name.substr(0, length);
        name.remove_prefix(std::max<std::size_t>(1, length));
        ++shown;
    }
    return out + "\"";
}

std::string_view nearest(std::string_view name, std::span<const std::string> candidates) {
    std::string_view best;
    std::size_t best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::size_t allowed = (std::max(name.size(), candidate.size()) + 2) / 3;
        const std::size_t distance = edit_distance(name, candidate);
        const bool another =
            distance >= std::max(name.size(), candidate.size());  // Not a letter of it is left.
        if (distance > allowed || another || (!best.empty() && distance >= best_distance)) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) out += "\xEF\xBF\xBD";
        else out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        std::uint64_t eight = 0;  // Most text is ASCII.
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
            if ((eight & 0x8080'8080'8080'8080u) == 0) {
                text.remove_prefix(sizeof eight);
                continue;
            }
        }
        const std::size_t length = sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string logfmt_value(std::string_view text) {
    const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c != '=' && c != '"' && c != '\\' && c < '\x7f';
    });
    if (plain) return std::string(text);
    JsonWriter json;
    json.value(text);
    return json.take();
}

std::string readable(double number) {
    if (number == 0.0) return "0";
    const double size = std::abs(number);
    if (size >= 1e15 || size < 1e-4) return fmt::format("{:.3g}", number);
    if (size < 1000.0) return fmt::format("{:.4g}", number);
    const std::string digits = fmt::format("{:.0f}", size);
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
        grouped += digits[i];
    }
    return (number < 0 ? "-" : "") + grouped;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
    const bool single = count == 1;
    return fmt::format("{} {}{}", readable(static_cast<double>(count)), single || many.empty() ? one : many,
                       single || !many.empty() ? "" : "s");
}

}  // namespace tristrata::core
