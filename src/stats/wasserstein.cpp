#include "tristrata/stats/wasserstein.hpp"

#include "step_integral.hpp"

#include <array>
#include <cmath>

namespace tristrata::stats {
Statistic wasserstein_distance(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    return integrate_between<1>(reference.values(), current.values(),
                                [](double gap, double, double) { return std::array{std::abs(gap)}; })[0];
}

}  // namespace tristrata::stats
