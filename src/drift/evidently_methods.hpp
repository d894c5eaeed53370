#pragma once

#include <cstdint>
#include <string_view>

namespace tristrata::drift {

/// One of Evidently's tests: its registered name, the name it shows when it chose the test itself, when a
/// score is drift, and from which threshold on where its user set none.
struct EvidentlyMethod {
    enum class Rule : std::uint8_t {
        p_below,           ///< p < threshold
        p_at_most,         ///< p <= threshold
        distance_above,    ///< distance > threshold
        distance_from,     ///< distance >= threshold
        quantile_of_draws  ///< The score is compared with drawn ones: threshold and score do not tell.
    };
    std::string_view name;
    std::string_view shown;
    Rule rule;
    double default_threshold;

    [[nodiscard]] bool gives_p() const noexcept { return rule == Rule::p_below || rule == Rule::p_at_most; }
    [[nodiscard]] bool tells() const noexcept { return rule != Rule::quantile_of_draws; }
    [[nodiscard]] bool drifts(double score, double threshold) const noexcept {
        switch (rule) {
            case Rule::p_below:
                return score < threshold;
            case Rule::p_at_most:
                return score <= threshold;
            case Rule::distance_above:
                return score > threshold;
            case Rule::distance_from:
                return score >= threshold;
            case Rule::quantile_of_draws:
                break;
        }
        return false;
    }
};

/// By registered or shown name; nullptr for others.
[[nodiscard]] const EvidentlyMethod* find_evidently_method(std::string_view name) noexcept;

}  // namespace tristrata::drift
