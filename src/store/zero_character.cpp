#include "zero_character.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <vector>

namespace tristrata::store {
namespace {

/// An object or an array that is open, and where in it the reader stands.
struct Level {
    bool is_object = false;
    bool at_name = false;  ///< The next text names a member.
    std::string name;
    std::size_t index = 0;
};

std::string pointer_of(const std::vector<Level>& levels) {
    std::string pointer;
    for (const Level& level : levels) {
        pointer += '/';
        if (!level.is_object) {
            pointer += std::to_string(level.index);
            continue;
        }
        for (const char c : level.name) {
            if (c == '~') pointer += "~0";
            else if (c == '/') pointer += "~1";
            else pointer += c;
        }
    }
    return pointer;
}

/// What stands between the quotes, the first of which is at `at`; `at` is moved behind the second.
std::string_view text_at(std::string_view json, std::size_t& at) {
    const std::size_t begin = ++at;
    while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
    const std::size_t end = std::min(at, json.size());
    ++at;
    return json.substr(begin, end - begin);
}

bool holds_zero(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += text[at] == '\\' ? 2 : 1)
        if (text[at] == '\0' || text.substr(at).starts_with("\\u0000")) return true;
    return false;
}

}  // namespace

std::optional<std::string> pointer_to_zero(std::string_view json) {
    std::vector<Level> levels;
    for (std::size_t at = 0; at < json.size();) {
        const char c = json[at];
        if (c == '"') {
            const std::string_view text = text_at(json, at);
            if (!levels.empty() && levels.back().at_name) levels.back().name = text;
            if (holds_zero(text)) return pointer_of(levels);
            continue;
        }
        ++at;
        if (c == '{' || c == '[') {
            levels.push_back({c == '{', c == '{', {}, 0});
        } else if ((c == '}' || c == ']') && !levels.empty()) {
            levels.pop_back();
        } else if (c == ':' && !levels.empty()) {
            levels.back().at_name = false;
        } else if (c == ',' && !levels.empty()) {
            levels.back().at_name = levels.back().is_object;
            ++levels.back().index;
        }
    }
    return std::nullopt;
}

core::Error with_place_of_zero(core::Error error, std::span<const RefusedText> texts) {
    constexpr std::string_view in_json = "22P05", in_text = "22021";
    if (error.foreign_code != in_json && error.foreign_code != in_text) return error;
    for (const RefusedText& one : texts) {
        std::string place(one.column);
        if (!one.is_json) {
            if (one.text.find('\0') == std::string_view::npos) continue;
        } else if (const auto pointer = pointer_to_zero(one.text)) {
            place += fmt::format(" at {}", pointer->empty() ? "its top" : *pointer);
        } else {
            continue;
        }
        error.message = fmt::format(
            "{} holds the character U+0000, which PostgreSQL cannot keep: leave it out where the row is "
            "made, and "
            "emit it again ({})",
            place, error.message);
        break;
    }
    return error;
}

}  // namespace tristrata::store
