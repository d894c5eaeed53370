#include "zero_character.hpp"

#include "tristrata/drift/zero_character.hpp"

#include <fmt/format.h>

namespace tristrata::store {

core::Error with_place_of_zero(core::Error error, std::span<const RefusedText> texts) {
    constexpr std::string_view in_json = "22P05", in_text = "22021";
    if (error.foreign_code != in_json && error.foreign_code != in_text) return error;
    for (const RefusedText& one : texts) {
        std::string place(one.column);
        if (!one.is_json) {
            if (one.text.find('\0') == std::string_view::npos) continue;
        } else if (const auto pointer = drift::pointer_to_zero(one.text)) {
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
