#include "tristrata/stats/fisher.hpp"

#include <algorithm>
#include <cmath>

namespace tristrata::stats {

TestOutcome fisher_test(std::uint64_t reference, std::uint64_t reference_rest, std::uint64_t current,
                        std::uint64_t current_rest) {
    const std::uint64_t n = reference + reference_rest, m = current + current_rest;
    if (n == 0 || m == 0) return Undefined::empty_sample;
    const std::uint64_t marked = reference + current;
    const double statistic = static_cast<double>(current) / static_cast<double>(m) -
                             static_cast<double>(reference) / static_cast<double>(n);
    const std::uint64_t low = marked > m ? marked - m : 0, high = std::min(n, marked);
    if (low == high) return TestResult{statistic, 1.0, "exact"};
    // Relative to the mode, which cancels: the weights of all tables and of those no likelier than the
    // observed.
    const auto a = static_cast<double>(n), b = static_cast<double>(m), k = static_cast<double>(marked);
    const auto mode =
        std::clamp(static_cast<std::uint64_t>((a + 1.0) * (k + 1.0) / (a + b + 2.0)), low, high);
    const auto ratio_up = [&](double x) { return (a - x) * (k - x) / ((x + 1.0) * (b - k + x + 1.0)); };
    double observed = 1.0;
    for (std::uint64_t x = mode; x < reference; ++x) observed *= ratio_up(static_cast<double>(x));
    for (std::uint64_t x = mode; x > reference; --x) observed /= ratio_up(static_cast<double>(x) - 1.0);
    const double limit = observed * (1.0 + 1e-7);
    double all = 0.0, extreme = 0.0;
    const auto add = [&](double weight) {
        all += weight;
        if (weight <= limit) extreme += weight;
    };
    add(1.0);
    double weight = 1.0;
    for (std::uint64_t x = mode; x < high && weight > 0.0; ++x)
        add(weight *= ratio_up(static_cast<double>(x)));
    weight = 1.0;
    for (std::uint64_t x = mode; x > low && weight > 0.0; --x)
        add(weight /= ratio_up(static_cast<double>(x) - 1.0));
    return TestResult{statistic, std::min(1.0, extreme / all), "exact"};
}

}  // namespace tristrata::stats
