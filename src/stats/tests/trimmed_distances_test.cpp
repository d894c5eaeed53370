#include "tristrata/stats/trimmed_distances.hpp"

#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/ks.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

/// Whole numbers, so that there are ties within a side and between the two.
std::vector<double> drawn(std::mt19937_64& random, std::size_t size, std::uint64_t distinct) {
    std::vector<double> values(size);
    for (double& x : values) x = static_cast<double>(random() % distinct);
    return values;
}

double mean_distance(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (const double x : a)
        for (const double y : b) sum += std::abs(x - y);
    return sum / static_cast<double>(a.size() * b.size());
}

/// 1-Wasserstein by its definition: the area between the quantile functions, on a grid that both fit.
double quantile_area(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size() * b.size(); ++k) sum += std::abs(a[k / b.size()] - b[k / a.size()]);
    return sum / static_cast<double>(a.size() * b.size());
}

}  // namespace

TEST(TrimmedDistances, are_what_their_definitions_say) {
    std::mt19937_64 random{17};
    SCOPED_TRACE("seed 17");
    for (int round = 0; round < 300; ++round) {
        const auto a = sample(drawn(random, 4 + random() % 20, 2 + random() % 30));
        const auto b = sample(drawn(random, 4 + random() % 20, 2 + random() % 30));
        const auto found = trimmed_distances(a, b);
        const auto x = a.values().subspan(1, a.size() - 2), y = b.values().subspan(1, b.size() - 2);
        const double between = 2.0 * mean_distance(x, y);
        const double expected =
            between > 0.0 ? (between - mean_distance(x, x) - mean_distance(y, y)) / between : 0.0;
        ASSERT_NEAR(*value_of(found.energy), expected, 1e-12);
        if (a.iqr() > 0.0) {
            ASSERT_NEAR(*value_of(found.wasserstein), quantile_area(x, y) / a.iqr(), 1e-12);
        }
    }
}

TEST(TrimmedDistances, say_why_there_is_no_answer) {
    const auto some = sample({1, 2, 3, 4});
    const auto none = trimmed_distances(sample({}), some);
    EXPECT_EQ(std::get<Undefined>(none.wasserstein), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(none.energy), Undefined::empty_sample);
    const auto few = trimmed_distances(some, sample({1, 2, 3}));
    EXPECT_EQ(std::get<Undefined>(few.wasserstein), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(few.energy), Undefined::too_few_values);
    const auto constant = trimmed_distances(sample({1, 1, 1, 1, 1}), some);
    EXPECT_EQ(std::get<Undefined>(constant.wasserstein), Undefined::constant_sample);
    EXPECT_GT(*value_of(constant.energy), 0.0);
}

TEST(KsAndAndersonDarling, are_to_the_bit_what_each_is_alone) {
    std::mt19937_64 random{23};
    SCOPED_TRACE("seed 23");
    for (int round = 0; round < 300; ++round) {
        const auto a = sample(drawn(random, random() % 40, 1 + random() % 50));
        const auto b = sample(drawn(random, random() % 40, 1 + random() % 50));
        const auto both = ks_and_anderson_darling(a, b);
        ASSERT_EQ(both.ks, ks_distance(a, b));
        const auto alone = anderson_darling_test(a, b);
        ASSERT_EQ(both.anderson_darling.index(), alone.index());
        if (const auto* test = std::get_if<TestResult>(&alone)) {
            ASSERT_EQ(std::get<TestResult>(both.anderson_darling).statistic, test->statistic);
            ASSERT_EQ(std::get<TestResult>(both.anderson_darling).p, test->p);
        } else {
            ASSERT_EQ(std::get<Undefined>(both.anderson_darling), std::get<Undefined>(alone));
        }
    }
}
