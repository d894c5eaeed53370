#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::report {

/// What is wrong with the nesting of tags, or nothing. Style and script are skipped; `empty` need no end.
inline std::string unbalanced(std::string_view text, const std::vector<std::string_view>& empty) {
    std::vector<std::string> open;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        if (text.substr(at, 2) == "<!" || text.substr(at, 2) == "<?") continue;
        const auto end = text.find('>', at);
        if (end == std::string_view::npos) return "a tag that never ends";
        const bool closing = text[at + 1] == '/';
        const auto start = at + (closing ? 2 : 1);
        const std::string tag(text.substr(start, text.find_first_of(" />", start) - start));
        if (closing) {
            if (open.empty() || open.back() != tag) return "</" + tag + "> closes nothing";
            open.pop_back();
        } else if (text[end - 1] != '/' && std::ranges::find(empty, tag) == empty.end()) {
            open.push_back(tag);
        }
        at = tag == "style" || tag == "script" ? text.find("</" + tag, end) - 1 : end;
        if (closing) at = end;
    }
    return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

inline bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace tristrata::report
