#include "evidently_methods.hpp"

#include <algorithm>
#include <array>

namespace tristrata::drift {
namespace {

using Rule = EvidentlyMethod::Rule;

// Evidently 0.7.21, legacy/calculations/stattests.
constexpr std::array table{
    EvidentlyMethod{"ks", "K-S p_value", Rule::p_at_most, 0.05},
    EvidentlyMethod{"z", "Z-test p_value", Rule::p_below, 0.05},
    EvidentlyMethod{"chisquare", "chi-square p_value", Rule::p_below, 0.05},
    EvidentlyMethod{"wasserstein", "Wasserstein distance (normed)", Rule::distance_from, 0.1},
    EvidentlyMethod{"jensenshannon", "Jensen-Shannon distance", Rule::distance_from, 0.1},
    EvidentlyMethod{"kl_div", "Kullback-Leibler divergence", Rule::distance_from, 0.1},
    EvidentlyMethod{"psi", "PSI", Rule::distance_from, 0.1},
    EvidentlyMethod{"hellinger", "Hellinger distance", Rule::distance_from, 0.1},
    EvidentlyMethod{"ed", "Energy-distance", Rule::distance_above, 0.1},
    EvidentlyMethod{"anderson", "Anderson-Darling", Rule::p_below, 0.1},
    EvidentlyMethod{"cramer_von_mises", "Cramer-von Mises", Rule::p_at_most, 0.1},
    EvidentlyMethod{"es", "Epps-Singleton", Rule::p_below, 0.05},
    EvidentlyMethod{"mannw", "Mann-Whitney U-rank test", Rule::p_below, 0.05},
    EvidentlyMethod{"t_test", "t_test", Rule::p_below, 0.05},
    EvidentlyMethod{"empirical_mmd", "empirical_mmd", Rule::p_below, 0.1},
    EvidentlyMethod{"g_test", "g_test", Rule::p_below, 0.1},
    EvidentlyMethod{"fisher_exact", "Fisher's Exact test", Rule::p_below, 0.1},
    EvidentlyMethod{"TVD", "Total-Variation-Distance", Rule::p_below, 0.1},
    EvidentlyMethod{"perc_text_content_drift", "Percentile text content drift", Rule::quantile_of_draws,
                    0.95},
    EvidentlyMethod{"abs_text_content_drift", "Absolute text content drift", Rule::distance_above, 0.55},
};

}  // namespace

const EvidentlyMethod* find_evidently_method(std::string_view name) noexcept {
    const auto* row =
        std::ranges::find_if(table, [&](const auto& one) { return one.name == name || one.shown == name; });
    return row == table.end() ? nullptr : row;
}

}  // namespace tristrata::drift
