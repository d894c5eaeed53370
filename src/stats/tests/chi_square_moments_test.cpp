#include "tristrata/stats/chi_square.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

namespace {

ChiSquareMoments moments_of(const Counts& reference, const Counts& current) {
    return std::get<ChiSquareMoments>(chi_square_moments(reference, current));
}

double choose(std::uint64_t n, std::uint64_t k) {
    return std::exp(std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
                    std::lgamma(static_cast<double>(n - k) + 1));
}

/// Adds up weight and the powers of the statistic over every table with the margins.
void enumerate(const Counts& pooled, std::size_t at, std::uint64_t left, Counts& current, double weight,
               std::vector<double>& statistics, std::vector<double>& weights) {
    if (at == pooled.size()) {
        if (left > 0) return;
        Counts reference(pooled.size());
        for (std::size_t i = 0; i < pooled.size(); ++i) reference[i] = pooled[i] - current[i];
        statistics.push_back(std::get<TestResult>(chi_square_test(reference, current)).statistic);
        weights.push_back(weight);
        return;
    }
    for (std::uint64_t b = 0; b <= std::min(left, pooled[at]); ++b) {
        current[at] = b;
        enumerate(pooled, at + 1, left - b, current, weight * choose(pooled[at], b), statistics, weights);
    }
    current[at] = 0;
}

}  // namespace

TEST(ChiSquareMoments, are_those_of_the_enumeration_of_every_table) {
    constexpr std::uint64_t seed = 20261124;
    SCOPED_TRACE(seed);
    Random random(seed, 1);
    for (int round = 0; round < 60; ++round) {
        Counts pooled(2 + random.below(4));
        std::uint64_t rows = 0;
        for (auto& t : pooled) rows += t = 1 + random.below(6);
        std::uint64_t draws = 1 + random.below(rows - 1), left = draws;
        Counts reference(pooled.size()), current(pooled.size());
        for (std::size_t i = 0; i < pooled.size(); ++i) {
            current[i] = std::min(left, pooled[i]);
            left -= current[i];
            reference[i] = pooled[i] - current[i];
        }
        std::vector<double> statistics, weights;
        Counts scratch(pooled.size(), 0);
        enumerate(pooled, 0, draws, scratch, 1.0 / choose(rows, draws), statistics, weights);
        double mean = 0.0, variance = 0.0, third = 0.0;
        for (std::size_t i = 0; i < weights.size(); ++i) mean += weights[i] * statistics[i];
        for (std::size_t i = 0; i < weights.size(); ++i) {
            variance += weights[i] * std::pow(statistics[i] - mean, 2.0);
            third += weights[i] * std::pow(statistics[i] - mean, 3.0);
        }
        const auto found = moments_of(reference, current);
        EXPECT_NEAR(found.mean, mean, 1e-9 * (1.0 + mean)) << round;
        EXPECT_NEAR(found.variance, variance, 1e-9 * (1.0 + variance)) << round;
        if (variance <= 1e-6) continue;
        EXPECT_NEAR(found.skewness, third / std::pow(variance, 1.5), 1e-6) << round;
    }
}

TEST(ChiSquareMoments, of_a_dense_table_are_those_of_chi_square) {
    const Counts even(11, 100'000'000);
    const auto found = moments_of(even, even);
    EXPECT_NEAR(found.mean, 10.0, 1e-6);
    EXPECT_NEAR(found.variance, 20.0, 1e-6);
    EXPECT_NEAR(found.skewness, std::sqrt(8.0 / 10.0), 1e-6);
    EXPECT_NEAR(chi_square_survival(25.0, found), chi_square_survival(25.0, 10.0), 1e-8);
    EXPECT_NEAR(chi_square_survival(4.0, found), chi_square_survival(4.0, 10.0), 1e-8);
}

TEST(ChiSquareMoments, a_label_a_row_cannot_vary_and_is_no_evidence) {
    const Counts first{1, 1, 1, 0, 0}, second{0, 0, 0, 1, 1};
    const auto found = moments_of(first, second);
    EXPECT_EQ(found.variance, 0.0);
    EXPECT_EQ(chi_square_survival(std::get<TestResult>(chi_square_test(first, second)).statistic, found),
              1.0);
    EXPECT_EQ(std::get<Undefined>(chi_square_moments(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
}

TEST(ChiSquareMoments, the_curve_gives_the_p_of_a_hundred_thousand_permutations) {
    constexpr std::uint64_t seed = 20261125;
    SCOPED_TRACE(seed);
    for (const double steepness : {1.0, 4.0}) {
        Random random(seed, static_cast<std::uint64_t>(steepness));
        constexpr std::size_t categories = 120;
        const auto fill = [&](std::size_t rows, double power) {
            Counts counts(categories, 0);
            for (std::size_t i = 0; i < rows; ++i)
                ++counts[static_cast<std::size_t>(categories * std::pow(random.uniform(), power))];
            return counts;
        };
        const Counts reference = fill(1000, steepness);
        Counts current = fill(100, steepness);
        const auto curve = [&] {
            return chi_square_survival(std::get<TestResult>(chi_square_test(reference, current)).statistic,
                                       moments_of(reference, current));
        };
        while (curve() > 0.002) ++current[categories / 2];
        const auto drawn =
            std::get<TestResult>(chi_square_permutation_test(reference, current, 100'000, Random(seed, 9)));
        EXPECT_NEAR(curve() / drawn.p, 1.0, 0.3) << drawn.p;
    }
}
