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

std::string chance_explains(double p, double alpha) {
    constexpr double usual = 0.05;
    if (alpha == usual) return fmt::format("chance explains it ({} after correction)", p_text(p));
    std::string of_p = fmt::format("{:.2g}", p), of_alpha = fmt::format("{:.2g}", alpha);
    for (int digits = 3; of_p == of_alpha && digits <= 17; ++digits) {
        of_p = fmt::format("{:.{}g}", p, digits);
        of_alpha = fmt::format("{:.{}g}", alpha, digits);
    }
    return fmt::format("chance explains it (p = {} after correction, above alpha {})", of_p, of_alpha);
}

}  // namespace tristrata::detection
