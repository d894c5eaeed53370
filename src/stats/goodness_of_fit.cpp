#include "tristrata/stats/goodness_of_fit.hpp"

#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace tristrata::stats {
namespace {

/// `term(observed, expected)` summed over the categories that the reference has.
template <class Term>
TestOutcome tested(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current,
                   Term term) {
    assert(reference.size() == current.size());
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return Undefined::empty_sample;
    double sum = 0.0, categories = 0.0;
    bool impossible = false;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (reference[i] == 0 && current[i] == 0) continue;
        categories += 1.0;
        if (reference[i] == 0) {
            impossible = true;
            continue;
        }
        const double expected =
            static_cast<double>(reference[i]) * static_cast<double>(m) / static_cast<double>(n);
        sum += term(static_cast<double>(current[i]), expected);
    }
    if (categories < 2.0) return Undefined::constant_sample;
    if (impossible) return TestResult{std::numeric_limits<double>::infinity(), 0.0, "exact"};
    const double statistic = std::max(0.0, sum);
    return TestResult{statistic, chi_square_survival(statistic, categories - 1.0), "asymptotic"};
}

}  // namespace

TestOutcome one_sample_chi_square_test(std::span<const std::uint64_t> reference,
                                       std::span<const std::uint64_t> current) {
    return tested(reference, current, [](double observed, double expected) {
        return (observed - expected) * (observed - expected) / expected;
    });
}

TestOutcome one_sample_g_test(std::span<const std::uint64_t> reference,
                              std::span<const std::uint64_t> current) {
    return tested(reference, current, [](double observed, double expected) {
        return observed == 0.0 ? 0.0 : 2.0 * observed * std::log(observed / expected);
    });
}

}  // namespace tristrata::stats
