#include "tristrata/stats/pooled_comparison.hpp"

#include "step_integral.hpp"
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

using namespace tristrata::stats;

namespace {

/// Whole numbers, so that there are ties within a side and between the two; now and then one far out.
SortedSample drawn(std::mt19937_64& random, std::size_t size, std::uint64_t distinct) {
    std::vector<double> values(size);
    for (double& x : values) {
        x = static_cast<double>(random() % distinct);
        if (random() % 16 == 0) x = (random() % 2 == 0 ? -1.0 : 1.0) * std::numeric_limits<double>::max();
    }
    return SortedSample(std::move(values));
}

}  // namespace

TEST(PooledComparison, is_to_the_bit_what_each_is_alone) {
    std::mt19937_64 random{23};
    SCOPED_TRACE("seed 23");
    for (int round = 0; round < 2000; ++round) {
        const auto a = drawn(random, random() % 40, 1 + random() % 50);
        const auto b = drawn(random, random() % 40, 1 + random() % 50);
        const auto all = compare_pooled(a, b);
        ASSERT_EQ(all.ks, ks_distance(a, b));
        ASSERT_EQ(all.trimmed.wasserstein, wasserstein_trimmed(a, b));
        ASSERT_EQ(all.trimmed.energy, energy_coefficient(a, b));
        const auto alone = anderson_darling_test(a, b);
        ASSERT_EQ(all.anderson_darling.index(), alone.index());
        if (const auto* test = std::get_if<TestResult>(&alone)) {
            ASSERT_EQ(std::get<TestResult>(all.anderson_darling).statistic, test->statistic);
            ASSERT_EQ(std::get<TestResult>(all.anderson_darling).p, test->p);
        } else {
            ASSERT_EQ(std::get<Undefined>(all.anderson_darling), std::get<Undefined>(alone));
        }
    }
}

// The walk over all values counts the outer ones out; this one does not see them.
TEST(PooledComparison, trims_as_if_the_outer_values_were_not_there) {
    std::mt19937_64 random{29};
    SCOPED_TRACE("seed 29");
    for (int round = 0; round < 2000; ++round) {
        const auto a = drawn(random, 4 + random() % 40, 1 + random() % 50);
        const auto b = drawn(random, 4 + random() % 40, 1 + random() % 50);
        const auto inner = [](std::span<const double> values) {
            return values.subspan(1, values.size() - 2);
        };
        const auto [squares, mixed] =
            integrate_between<2>(inner(a.values()), inner(b.values()), [](double gap, double f, double g) {
                return std::array{gap * gap, f * (1.0 - g) + g * (1.0 - f)};
            });
        const auto energy = compare_pooled(a, b).trimmed.energy;
        if (!(mixed > 0.0)) {
            ASSERT_EQ(energy, Statistic(0.0));
        } else if (std::isfinite(mixed)) {
            ASSERT_EQ(energy, Statistic(std::clamp(squares / mixed, 0.0, 1.0)));
        } else {
            ASSERT_EQ(energy, Statistic(Undefined::not_applicable));
        }
    }
}

TEST(PooledComparison, two_outer_values_that_are_an_infinite_step_apart_change_nothing) {
    constexpr double far = std::numeric_limits<double>::max();
    const SortedSample a({-far, 1.0, 2.0, 3.0, far}), b({-far, 2.0, 3.0, 4.0, far});
    const auto all = compare_pooled(a, b);
    EXPECT_DOUBLE_EQ(*value_of(all.trimmed.energy), 3.0 / 11.0);
    EXPECT_DOUBLE_EQ(*value_of(all.trimmed.wasserstein), 0.5);
}
