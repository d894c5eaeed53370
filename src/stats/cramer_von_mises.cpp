#include "tristrata/stats/cramer_von_mises.hpp"

#include "cramer_von_mises_exact.hpp"
#include "cramer_von_mises_sum.hpp"
#include "permutation.hpp"
#include "pooled_walk.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t exact_values_max = 20;

double exact_p(std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<std::int64_t>(a.size()), m = static_cast<std::int64_t>(b.size());
    struct Runs {
        std::int64_t n, m, sum = 0;
        std::vector<std::int64_t> sizes;
        void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            sum += squared_gap(i, j, i - i0 + j - j0, n, m);
            sizes.push_back(i - i0 + j - j0);
        }
    };
    std::array<Runs, 2> stretches{Runs{n, m, 0, {}}, Runs{n, m, 0, {}}};
    walk_pooled(a, b, stretches);
    auto& [low, high] = stretches;
    low.sizes.insert(low.sizes.end(), high.sizes.begin(), high.sizes.end());
    return share_of_orderings(low.sizes, n, m, low.sum + high.sum);
}

}  // namespace

std::variant<CramerVonMisesMoments, Undefined> cramer_von_mises_moments(const SortedSample& reference,
                                                                        const SortedSample& current) {
    const auto a = reference.values(), b = current.values();
    if (a.empty() || b.empty()) return Undefined::empty_sample;
    if (a.size() < 2 || b.size() < 2) return Undefined::too_few_values;
    struct Stretch {
        CramerVonMisesSum sum;
        void operator()(double, std::int64_t i0, std::int64_t j0, std::int64_t i, std::int64_t j) {
            sum.add(i0, j0, i, j);
        }
    };
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    std::array<Stretch, 2> stretches{Stretch{{n, m}}, Stretch{{n, m}}};
    walk_pooled(a, b, stretches);
    CramerVonMisesSum& sum = stretches[0].sum;
    sum.append(stretches[1].sum);
    return CramerVonMisesMoments{sum.statistic(), sum.mean(), sum.variance()};
}

double cramer_von_mises_asymptotic_p(const CramerVonMisesMoments& moments, double tau) {
    return cramer_von_mises_asymptotic_p(moments, tau, tau);
}

double cramer_von_mises_asymptotic_p(const CramerVonMisesMoments& moments, double tau_of_mean,
                                     double tau_of_deviation) {
    if (!(moments.variance > 0.0)) return 1.0;
    return cramer_von_mises_survival(1.0 / 6.0 + (moments.statistic - tau_of_mean * moments.mean) /
                                                     (tau_of_deviation * std::sqrt(45.0 * moments.variance)));
}

double cramer_von_mises_asymptotic_p(double statistic, double n, double m) {
    if (!(n > 0.0) || !(m > 0.0)) return 1.0;
    return cramer_von_mises_asymptotic_p(
        {statistic, (1.0 + 1.0 / (n + m)) / 6.0, CramerVonMisesSum::untied_variance(n, m)});
}

TestOutcome cramer_von_mises_test(const SortedSample& reference, const SortedSample& current) {
    const auto found = cramer_von_mises_moments(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&found)) return *reason;
    const auto& moments = std::get<CramerVonMisesMoments>(found);
    if (std::max(reference.size(), current.size()) <= exact_values_max)
        return TestResult{moments.statistic, exact_p(reference.values(), current.values()), "exact"};
    return TestResult{moments.statistic, cramer_von_mises_asymptotic_p(moments), "asymptotic"};
}

TestOutcome cramer_von_mises_permutation_test(std::span<const std::uint64_t> reference,
                                              std::span<const std::uint64_t> current, std::uint64_t draws,
                                              Random random) {
    std::vector<std::uint64_t> pooled(reference.size());
    std::ranges::transform(reference, current, pooled.begin(), std::plus<>{});
    const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return Undefined::empty_sample;
    if (n < 2 || m < 2) return Undefined::too_few_values;
    const auto statistic_of = [&](std::span<const std::uint64_t> drawn) {
        CramerVonMisesSum sum(static_cast<double>(n), static_cast<double>(m));
        std::int64_t i = 0, j = 0;
        for (std::size_t value = 0; value < drawn.size(); ++value) {
            const auto from_b = static_cast<std::int64_t>(drawn[value]);
            const auto from_a = static_cast<std::int64_t>(pooled[value] - drawn[value]);
            sum.add(i, j, i + from_a, j + from_b);
            i += from_a;
            j += from_b;
        }
        return sum.statistic();
    };
    const double observed = statistic_of(current);
    const double threshold = observed * (1.0 - 1e-9);
    std::vector<std::uint64_t> drawn(pooled.size());
    return permutation_result(observed, draws, [&] {
        draw_hypergeometric(pooled, m, drawn, random);
        return statistic_of(drawn) >= threshold;
    });
}

}  // namespace tristrata::stats
