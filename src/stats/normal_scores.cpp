#include "tristrata/stats/normal_scores.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>

namespace tristrata::stats {

std::vector<double> normal_scores(std::span<const double> sorted, std::span<const double> values) {
    std::vector<double> scores(values.size(), 0.0);
    if (sorted.empty()) return scores;
    const double n = static_cast<double>(sorted.size()) + 1.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        const auto range = std::ranges::equal_range(sorted, values[i]);
        const auto below = static_cast<double>(range.begin() - sorted.begin());
        const auto equal = static_cast<double>(range.size());
        const double share = (below + (equal > 0.0 ? (equal + 1.0) / 2.0 : 0.5)) / n;
        scores[i] = -std::sqrt(2.0) * boost::math::erfc_inv(2.0 * share);
    }
    return scores;
}

}  // namespace tristrata::stats
