#include "tristrata/stats/scipy_p.hpp"

#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/ks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <numeric>
#include <vector>

using namespace tristrata::stats;

namespace {
/// first, first + step, ...
SortedSample ladder(std::size_t n, double first, double step = 1.0) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = first + step * static_cast<double>(i);
    return SortedSample(std::move(values));
}
}  // namespace

// Golden values: scipy 1.10.1, numpy 1.24.2; ks_2samp, kstwo.sf, cramervonmises_2samp, anderson_ksamp as
// called in each case. Tolerances are relative: both sides add positive terms, some thousand roundings of
// 1e-16.

TEST(ScipyP, exact_ks_keeps_the_digits_of_small_p) {
    EXPECT_NEAR(scipy_ks_p(0.4083333333333333, 120, 100) / 1.189700613767582e-08, 1.0, 1e-11);
    EXPECT_NEAR(scipy_ks_p(0.51, 100, 100) / 3.319419024623016e-12, 1.0, 1e-11);
    EXPECT_NEAR(scipy_ks_p(0.12, 50, 70), 0.7481700063173087, 1e-12);
    EXPECT_NEAR(scipy_ks_p(0.20033333333333334, 3000, 500) / 1.616734983993921e-15, 1.0, 1e-10);
    EXPECT_EQ(scipy_ks_p(0.0, 5, 5), 1.0);
}

TEST(ScipyP, one_sample_ks_is_right_in_every_corner_of_its_formulas) {
    struct Case {
        std::uint64_t n;
        double d, p;
    };
    for (const Case& one : {Case{5, .15, 0.9988},
                            {5, .9, 1.9999999999999978e-05},
                            {20, .3, 0.04306706665851623},
                            {20, .04, 0.9999999999991517},
                            {100, .05, 0.9532159710635725},
                            {100, .1, 0.2526927570063874},
                            {100, .25, 5.408871776434847e-06},
                            {140, .15, 0.0032495604415101703},
                            {1000, .01, 0.9999496745370611},
                            {1000, .03, 0.3226902143914636},
                            {1000, .05, 0.013012074781090332},
                            {5000, .02, 0.03613941395325637},
                            {90909, .003, 0.3857468564468999},
                            {90909, .006, 0.0028617062969556214},
                            {200000, .0018, 0.5354518757352705},
                            {500000, .001, 0.6989801443661663},
                            {90909, .0001, 1.0}})
        // The expansion is scipy's too, so that its own error is not part of the comparison; lgamma of 90,909
        // is 1e6, and its last digit 1e-10.
        EXPECT_NEAR(kolmogorov_one_sample_survival(one.d, one.n), one.p, 1e-9 * one.p)
            << one.n << ' ' << one.d;
}

TEST(ScipyP, beyond_ten_thousand_values_ks_is_the_one_sample_distribution) {
    EXPECT_EQ(scipy_ks_p(0.05, 10'001, 1111), kolmogorov_one_sample_survival(0.05, 1000));
    EXPECT_NE(scipy_ks_p(0.05, 10'000, 1111), kolmogorov_one_sample_survival(0.05, 1000));
}

TEST(ScipyP, cramer_von_mises_is_scipys_even_where_it_has_no_digits_left) {
    const auto p = [](const SortedSample& a, const SortedSample& b) {
        return std::get<TestResult>(scipy_cramer_von_mises_test(a, b)).p;
    };
    EXPECT_NEAR(p(ladder(3, 1), ladder(3, 4)), 0.1, 1e-15);
    const std::vector<double> tied{1, 2, 2, 3, 7}, other{2, 3, 5, 5};
    EXPECT_NEAR(p(SortedSample(tied), SortedSample(other)), 0.4523809523809524, 1e-15);
    // One minus a series that is 1 to so many digits: absolute, some roundings of 1e-16.
    EXPECT_NEAR(p(ladder(30, 0), ladder(30, 11.5)), 7.624233081449105e-05, 1e-14);
    EXPECT_NEAR(p(ladder(30, 0), ladder(30, 20.5)), 1.1278491474087105e-09, 1e-14);
    EXPECT_NEAR(p(ladder(21, 0), ladder(40, .25, .5)), 0.9999999999999981, 1e-14);
    EXPECT_TRUE(std::holds_alternative<Undefined>(scipy_cramer_von_mises_test(ladder(1, 0), ladder(9, 0))));
}

TEST(ScipyP, anderson_darling_is_a_parabola_between_its_ends) {
    const auto statistic = [](double shift) {
        return std::get<TestResult>(anderson_darling_test(ladder(40, 0), ladder(40, shift))).statistic;
    };
    EXPECT_NEAR(statistic(6), 2.4825632446335746, 1e-12);
    // A least-squares fit by singular values there, by normal equations here: 1e-12.
    EXPECT_NEAR(scipy_anderson_darling_p(statistic(6)), 0.03116064228848024, 1e-12);
    EXPECT_NEAR(scipy_anderson_darling_p(statistic(9)), 0.0015927360469669121, 1e-12);
    EXPECT_EQ(scipy_anderson_darling_p(-1.0), 0.25);
    EXPECT_EQ(scipy_anderson_darling_p(50.0), 0.001);
}

RC_GTEST_PROP(ScipyP, exact_ks_is_the_share_of_orderings, (unsigned a, unsigned b, unsigned step)) {
    const std::uint64_t n = 1 + a % 12, m = 1 + b % 12;
    const std::uint64_t multiple = std::lcm(n, m);
    const double d = static_cast<double>(step % (multiple + 1)) / static_cast<double>(multiple);
    RC_ASSERT(std::abs(scipy_ks_p(d, n, m) - ks_exact_p(d, n, m)) < 1e-13);
}
