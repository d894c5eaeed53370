// The powers that docs/statistics/ states: the share of 400 runs of 300 reference and 100 current values in
// which p is at most .05. The seeds are fixed; bounds are four standard errors.
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/cramer_von_mises.hpp"
#include "tristrata/stats/epps_singleton.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/t_test.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

struct Powers {
    double ks = 0.0, cramer_von_mises = 0.0, epps_singleton = 0.0, mann_whitney = 0.0;
};

template <class Draw>
Powers powers_against(Draw draw) {
    constexpr int runs = 400;
    Powers powers;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Random random(17, 1, run);
        std::vector<double> x, y;
        for (int i = 0; i < 300; ++i) x.push_back(random.normal());
        for (int i = 0; i < 100; ++i) y.push_back(draw(random));
        const SortedSample a(x), b(y);
        const auto flags = [](const TestOutcome& outcome) {
            return std::get<TestResult>(outcome).p <= 0.05 ? 1.0 / runs : 0.0;
        };
        powers.ks += flags(ks_test(a, b));
        powers.cramer_von_mises += flags(cramer_von_mises_test(a, b));
        powers.epps_singleton += flags(epps_singleton_test(a, b));
        powers.mann_whitney += flags(mann_whitney_test(a, b));
    }
    return powers;
}

}  // namespace

TEST(Power, without_drift_each_flags_one_in_twenty) {
    const Powers powers = powers_against([](Random& random) { return random.normal(); });
    for (const double power :
         {powers.ks, powers.cramer_von_mises, powers.epps_singleton, powers.mann_whitney})
        EXPECT_NEAR(power, 0.05, 0.044);
}

TEST(Power, a_shift_moves_the_whole_range) {
    const Powers powers = powers_against([](Random& random) { return random.normal() + 0.3; });
    EXPECT_NEAR(powers.cramer_von_mises, 0.68, 0.1);
    EXPECT_NEAR(powers.ks, 0.55, 0.1);
    EXPECT_NEAR(powers.mann_whitney, 0.71, 0.1);
}

TEST(Power, a_wider_spread_is_what_epps_singleton_sees_and_mann_whitney_does_not) {
    const Powers powers = powers_against([](Random& random) { return 1.4 * random.normal(); });
    EXPECT_NEAR(powers.epps_singleton, 0.77, 0.1);
    EXPECT_NEAR(powers.ks, 0.30, 0.1);
    EXPECT_LT(powers.mann_whitney, 0.12);
}

TEST(Power, what_happens_in_one_place_ks_sees_first) {
    const Powers powers =
        powers_against([](Random& random) { return random.uniform() < 0.15 ? 0.0 : random.normal(); });
    EXPECT_NEAR(powers.ks, 0.28, 0.1);
    EXPECT_NEAR(powers.cramer_von_mises, 0.14, 0.1);
}

TEST(Power, student_flags_most_undrifted_runs_where_the_small_side_is_the_wide_one) {
    constexpr int runs = 400;
    double student = 0.0, welch = 0.0;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Random random(17, 2, run);
        std::vector<double> x, y;
        for (int i = 0; i < 2000; ++i) x.push_back(random.normal());
        for (int i = 0; i < 50; ++i) y.push_back(10.0 * random.normal());
        const SortedSample a(x), b(y);
        student += std::get<TestResult>(student_t_test(a, b)).p <= 0.05 ? 1.0 / runs : 0.0;
        welch += std::get<TestResult>(welch_t_test(a, b)).p <= 0.05 ? 1.0 / runs : 0.0;
    }
    EXPECT_NEAR(student, 0.70, 0.1);
    EXPECT_NEAR(welch, 0.05, 0.044);
}

TEST(Power, what_skewed_columns_and_ties_do_to_tests_that_are_not_made_for_them) {
    constexpr int runs = 400;
    double epps_singleton = 0.0, welch = 0.0, anderson_darling = 0.0;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Random random(17, 3, run);
        const auto draw = [&](int count, double zeros) {
            std::vector<double> values;
            for (int i = 0; i < count; ++i) {
                const bool zero = random.uniform() < zeros;
                values.push_back(zero ? 0.0 : -std::log1p(-random.uniform()));
            }
            return SortedSample(values);
        };
        const auto flags = [](const TestOutcome& outcome) {
            return std::get<TestResult>(outcome).p <= 0.05 ? 1.0 / runs : 0.0;
        };
        const auto a = draw(300, 0.0), b = draw(100, 0.0);
        epps_singleton += flags(epps_singleton_test(a, b));
        const auto c = draw(1000, 0.9), d = draw(96, 0.9);
        welch += flags(welch_t_test(c, d));
        anderson_darling += flags(anderson_darling_test(c, d));
    }
    EXPECT_NEAR(epps_singleton, 0.11, 0.062);
    EXPECT_NEAR(welch, 0.12, 0.065);
    EXPECT_NEAR(anderson_darling, 0.09, 0.057);
}
