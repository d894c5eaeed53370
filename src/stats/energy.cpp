#include "tristrata/stats/energy.hpp"

#include "step_integral.hpp"

#include <array>
#include <cmath>

namespace tristrata::stats {

Statistic energy_distance(const SortedSample& reference, const SortedSample& current) {
    if (reference.empty() || current.empty()) return Undefined::empty_sample;
    const auto [squares] =
        integrate_between<1>(reference.values(), current.values(),
                             [](double gap, double, double) { return std::array{gap * gap}; });
    return std::sqrt(2.0 * squares);
}

}  // namespace tristrata::stats
