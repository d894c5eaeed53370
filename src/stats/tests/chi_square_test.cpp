#include "tristrata/stats/chi_square.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

// Golden values: scipy 1.17.1, stats.chi2_contingency([reference, current], correction=False) with empty
// categories left out. Tolerance 1e-12 relative: both sum a handful of terms of one sign.

namespace {

TestResult result(const Counts& reference, const Counts& current) {
    return std::get<TestResult>(chi_square_test(reference, current));
}

struct Golden {
    Counts reference, current;
    double statistic, p, smallest_expected;
};

const std::vector<Golden> goldens{
    {{10, 20}, {20, 10}, 6.666666666666667, 0.009823274507519235, 15.0},
    {{5, 0, 9, 30}, {7, 0, 1, 22}, 5.512770007770008, 0.06352098190980143, 4.054054054054054},
    {{100, 200, 300, 400}, {30, 50, 60, 110}, 4.053544494720965, 0.25574003711530824, 26.0},
    {{4000, 3, 1}, {900, 4, 1}, 8.315052472051573, 0.015646215129182874, 0.3687105316765125}};

}  // namespace

TEST(ChiSquare, agrees_with_scipy) {
    for (const Golden& golden : goldens) {
        const TestResult found = result(golden.reference, golden.current);
        EXPECT_NEAR(found.statistic, golden.statistic, 1e-12 * golden.statistic);
        EXPECT_NEAR(found.p, golden.p, 1e-12);
        EXPECT_NEAR(min_expected_count(golden.reference, golden.current), golden.smallest_expected, 1e-12);
    }
}

TEST(ChiSquare, order_of_categories_and_of_sides_and_empty_ones_change_nothing) {
    const TestResult one = result({5, 9, 30}, {7, 1, 22});
    EXPECT_NEAR(result({30, 5, 9}, {22, 7, 1}).p, one.p, 1e-14);
    EXPECT_NEAR(result({7, 1, 22}, {5, 9, 30}).p, one.p, 1e-14);
    EXPECT_EQ(result({5, 0, 9, 0, 30}, {7, 0, 1, 0, 22}).p, one.p);
}

TEST(ChiSquare, nothing_on_a_side_has_no_answer_and_one_category_no_evidence) {
    EXPECT_EQ(std::get<Undefined>(chi_square_test(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(chi_square_test(Counts{}, Counts{})), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(chi_square_permutation_test(Counts{1}, Counts{0}, 10, Random(1, 1))),
              Undefined::empty_sample);
    EXPECT_EQ(result({7, 0}, {9, 0}).p, 1.0);
}

TEST(ChiSquare, permutation_agrees_with_the_exact_enumeration_of_a_small_table) {
    // 2 x 2, margins (6, 5) and (5, 6): six tables; p is the mass of those with a statistic as large.
    const auto choose = [](int n, int k) {
        return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1));
    };
    const double observed = result({5, 1}, {0, 5}).statistic;
    double exact = 0.0;
    for (std::uint64_t x = 0; x <= 5; ++x) {
        const double here = result({x, 6 - x}, {5 - x, x}).statistic;
        if (here >= observed - 1e-9)
            exact += choose(5, static_cast<int>(x)) * choose(6, 6 - static_cast<int>(x)) / choose(11, 6);
    }
    const auto drawn = std::get<TestResult>(
        chi_square_permutation_test(Counts{5, 1}, Counts{0, 5}, 4000, Random(20240607, 1)));
    EXPECT_NEAR(drawn.p, exact, 5.0 * std::sqrt(exact * (1.0 - exact) / 4000.0) + 1.0 / 4001.0);
    EXPECT_EQ(drawn.how, "permutation");
}

TEST(ChiSquare, permutation_p_is_never_zero_and_repeats_with_its_seed) {
    const Counts a{50, 0}, b{0, 50};
    const auto far = std::get<TestResult>(chi_square_permutation_test(a, b, 199, Random(1, 2)));
    EXPECT_DOUBLE_EQ(far.p, 1.0 / 200.0);
    const Counts c{9, 5, 3, 2}, d{4, 6, 4, 5};
    const auto p = [&] {
        return std::get<TestResult>(chi_square_permutation_test(c, d, 999, Random(7, 3))).p;
    };
    EXPECT_EQ(p(), p());
}

TEST(ChiSquare, permutation_keeps_its_size_where_the_asymptotic_p_does_not_apply) {
    constexpr std::uint64_t seed = 20240607;
    SCOPED_TRACE(seed);
    constexpr int runs = 400, categories = 30;
    int flagged = 0;
    for (int run = 0; run < runs; ++run) {
        Random random(seed, 5, static_cast<std::uint64_t>(run));
        Counts a(categories, 0), b(categories, 0);
        const auto category = [&] {  // Steep shares: most categories are expected less than once.
            return static_cast<std::size_t>(categories * std::pow(random.uniform(), 4.0));
        };
        for (int i = 0; i < 200; ++i) ++a[category()];
        for (int i = 0; i < 30; ++i) ++b[category()];
        flagged += std::get<TestResult>(chi_square_permutation_test(
                                            a, b, 199, Random(seed, 6, static_cast<std::uint64_t>(run))))
                       .p <= 0.05;
    }
    EXPECT_LE(flagged, 36) << "of 400; .05 and 3.7 standard errors";
    EXPECT_GE(flagged, 6) << "a test that never fires is no test";
}

TEST(YatesChiSquare, corrects_two_categories_and_no_more) {
    // scipy 1.14.1, stats.chi2_contingency([[10, 20], [20, 10]])
    const std::vector<std::uint64_t> a{10, 20}, b{20, 10}, wide{10, 20, 5}, other{20, 10, 1};
    const auto two = std::get<TestResult>(yates_chi_square_test(a, b));
    EXPECT_NEAR(two.statistic, 5.4, 1e-13);
    EXPECT_NEAR(two.p, 0.02013675155034633, 1e-15);
    EXPECT_EQ(std::get<TestResult>(yates_chi_square_test(wide, other)).p,
              std::get<TestResult>(chi_square_test(wide, other)).p);
    const std::vector<std::uint64_t> one_more{11, 20}, nothing{0, 0};
    EXPECT_EQ(std::get<TestResult>(yates_chi_square_test(a, one_more)).statistic, 0.0)
        << "a gap below half a count is none";
    EXPECT_EQ(std::get<Undefined>(yates_chi_square_test(nothing, b)), Undefined::empty_sample);
}
