#include "compact_json.hpp"

namespace tristrata::store {

std::string compact_json(std::string_view json) {
    std::string compact;
    compact.reserve(json.size());
    bool in_text = false, escaped = false;
    for (const char c : json) {
        if (in_text) {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            continue;
        } else {
            in_text = c == '"';
        }
        compact += c;
    }
    return compact;
}

}  // namespace tristrata::store
