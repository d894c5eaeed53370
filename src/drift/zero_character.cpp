#include "tristrata/drift/zero_character.hpp"

#include <algorithm>
#include <vector>

namespace tristrata::drift {
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

}  // namespace tristrata::drift
