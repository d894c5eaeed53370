#include "tristrata/stats/g_test.hpp"

#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tristrata::stats {

TestOutcome g_test(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    assert(reference.size() == current.size());
    const auto total_of = [](std::span<const std::uint64_t> counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const double n = total_of(reference), m = total_of(current);
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    double sum = 0.0, categories = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto a = static_cast<double>(reference[i]), b = static_cast<double>(current[i]);
        if (a + b == 0.0) continue;
        categories += 1.0;
        const double share = (a + b) / (n + m);
        if (a > 0.0) sum += a * std::log(a / (n * share));
        if (b > 0.0) sum += b * std::log(b / (m * share));
    }
    if (categories < 2.0) return TestResult{0.0, 1.0, "exact"};
    const double g = std::max(0.0, 2.0 * sum);
    return TestResult{g, chi_square_survival(g, categories - 1.0), "asymptotic"};
}

}  // namespace tristrata::stats
