#include "tristrata/stats/proportions.hpp"

#include <cmath>

namespace tristrata::stats {

TestOutcome two_proportions_z_test(std::uint64_t reference, std::uint64_t reference_rest,
                                   std::uint64_t current, std::uint64_t current_rest) {
    const auto a = static_cast<double>(reference), c = static_cast<double>(current);
    const double n = a + static_cast<double>(reference_rest), m = c + static_cast<double>(current_rest);
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    const double marked = a + c, rest = n + m - marked;
    if (marked == 0.0 || rest == 0.0) return TestResult{0.0, 1.0, "exact"};
    const double all = n + m;
    const double error = std::sqrt(marked / all * (rest / all) * (1.0 / n + 1.0 / m));
    const double z = (a / n - c / m) / error;
    return TestResult{z, std::erfc(std::abs(z) / std::sqrt(2.0)), "asymptotic"};
}

}  // namespace tristrata::stats
