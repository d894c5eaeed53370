#include "sentence.hpp"

#include <fmt/format.h>
#include <cctype>

namespace tristrata::detection {

std::string sentence(std::string text) {
    if (text.empty()) return text;
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    if (text.back() != '.') text += '.';
    return text;
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100.0 * share); }

std::string p_text(double p) { return p < 1e-4 ? "p < 0.0001" : fmt::format("p = {:.2g}", p); }

}  // namespace tristrata::detection
