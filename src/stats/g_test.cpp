#include "tristrata/stats/g_test.hpp"

#include "permutation.hpp"
#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

double times_logarithm(double x) { return x > 0.0 ? x * std::log(x) : 0.0; }

}  // namespace

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

namespace {

/// What of a table differs between its permutations, both margins being known: the sum of O ln O over the
/// cells.
double sum_of_cells(std::span<const std::uint64_t> side, std::span<const std::uint64_t> pooled) {
    double sum = 0.0;
    for (std::size_t i = 0; i < pooled.size(); ++i)
        sum += times_logarithm(static_cast<double>(side[i])) +
               times_logarithm(static_cast<double>(pooled[i] - side[i]));
    return sum;
}

}  // namespace

TestOutcome g_permutation_test(std::span<const std::uint64_t> reference,
                               std::span<const std::uint64_t> current, std::uint64_t draws, Random random) {
    const TestOutcome asymptotic = g_test(reference, current);
    const auto* test = std::get_if<TestResult>(&asymptotic);
    if (test == nullptr || test->how == "exact") return asymptotic;
    std::vector<std::uint64_t> pooled(reference.size()), drawn(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    const double observed = sum_of_cells(current, pooled);
    const double threshold = observed - 1e-9 * (1.0 + std::abs(observed));
    return permutation_result(test->statistic, draws, [&] {
        draw_hypergeometric(pooled, m, drawn, random);
        return sum_of_cells(drawn, pooled) >= threshold;
    });
}

TestOutcome g_permutation_test(std::span<const std::uint64_t> reference,
                               std::span<const std::uint64_t> current, std::uint64_t draws, Random random,
                               const Dependence& dependence) {
    const double sd = std::sqrt(dependence.log_variance);
    if (dependence.tau <= 1.0 && !(sd > 0.0)) return g_permutation_test(reference, current, draws, random);
    const TestOutcome asymptotic = g_test(reference, current);
    const auto* test = std::get_if<TestResult>(&asymptotic);
    if (test == nullptr || test->how == "exact") return asymptotic;
    std::vector<std::uint64_t> pooled(reference.size()), drawn(reference.size()), rest(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    TestResult result = permutation_result(test->statistic, draws, [&] {
        const double tau = std::max(1.0, dependence.tau * std::exp(sd * random.normal()));
        draw_hypergeometric(pooled, m, drawn, random);
        std::ranges::transform(pooled, drawn, rest.begin(), std::minus<>{});
        const auto permuted = g_test(rest, drawn);
        return tau * std::get<TestResult>(permuted).statistic >= test->statistic * (1.0 - 1e-9);
    });
    result.how = "permutation, times tau";
    return result;
}

}  // namespace tristrata::stats
