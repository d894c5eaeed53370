#include "tristrata/stats/g_test.hpp"

#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/goodness_of_fit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;
using Counts = std::vector<std::uint64_t>;

TEST(G, worked_example_and_golden) {
    // scipy 1.14.1, stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    const auto test = std::get<TestResult>(g_test(Counts{10, 20}, Counts{20, 10}));
    EXPECT_NEAR(test.statistic, 6.79596147181589, 1e-13);
    EXPECT_NEAR(test.p, 0.009136430620696674, 1e-15);
    const auto three = std::get<TestResult>(g_test(Counts{10, 20, 5}, Counts{20, 10, 1}));
    EXPECT_NEAR(three.statistic, 9.464420263376947, 1e-13);
    EXPECT_NEAR(three.p, 0.008806984917764205, 1e-15);
}

TEST(G, little_nothing_and_empty_categories) {
    EXPECT_EQ(std::get<Undefined>(g_test(Counts{0, 0}, Counts{1, 2})), Undefined::empty_sample);
    EXPECT_EQ(std::get<TestResult>(g_test(Counts{5, 0}, Counts{9, 0})).p, 1.0) << "one category is left";
    EXPECT_EQ(std::get<TestResult>(g_test(Counts{10, 0, 20}, Counts{20, 0, 10})).p,
              std::get<TestResult>(g_test(Counts{10, 20}, Counts{20, 10})).p);
    // Nothing in common: 2 N ln 2 for equal sides.
    EXPECT_NEAR(std::get<TestResult>(g_test(Counts{50, 0}, Counts{0, 50})).statistic, 200.0 * std::log(2.0),
                1e-11);
}

RC_GTEST_PROP(GProperty, is_near_chi_square_symmetric_and_zero_for_equal_shares, ()) {
    const auto bins = *rc::gen::inRange<std::size_t>(2, 6);
    const auto counts = rc::gen::container<Counts>(bins, rc::gen::inRange<std::uint64_t>(900, 1100));
    const Counts a = *counts, b = *counts;
    const double g = std::get<TestResult>(g_test(a, b)).statistic;
    RC_ASSERT(std::abs(g - std::get<TestResult>(chi_square_test(a, b)).statistic) < 0.02 * (1.0 + g));
    RC_ASSERT(std::abs(g - std::get<TestResult>(g_test(b, a)).statistic) < 1e-8);
    Counts doubled = a;
    for (auto& count : doubled) count *= 2;
    RC_ASSERT(std::get<TestResult>(g_test(a, doubled)).statistic < 1e-9);
}

TEST(GPermutation, p_is_that_of_all_tables_with_the_same_margins) {
    // 2 x 2: the tables are the hypergeometric distribution's, and those at least as far apart add up to p.
    const Counts reference{9, 3}, current{2, 5};
    const auto g_of = [](std::uint64_t a) {  // of 11 and 8, 7 are current's, a of them of the first category
        return std::get<TestResult>(g_test(Counts{11 - a, 8 - (7 - a)}, Counts{a, 7 - a})).statistic;
    };
    const auto choose = [](double n, double k) {
        return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1));
    };
    double exact = 0.0;
    for (std::uint64_t a = 0; a <= 7; ++a)
        if (g_of(a) >= g_of(2) - 1e-9)
            exact +=
                choose(11, static_cast<double>(a)) * choose(8, static_cast<double>(7 - a)) / choose(19, 7);
    const auto test = std::get<TestResult>(g_permutation_test(reference, current, 1999, Random(1, 1)));
    EXPECT_EQ(test.statistic, g_of(2));
    EXPECT_EQ(test.how, "permutation");
    EXPECT_NEAR(test.p, exact, 4.0 * exact / 8.0) << "a relative error of an eighth, four of them";
    EXPECT_EQ(test.p, std::get<TestResult>(g_permutation_test(reference, current, 1999, Random(1, 1))).p);
}

TEST(GPermutation, sparse_categories_are_not_flagged_too_often) {
    int asymptotic = 0, permuted = 0;
    constexpr int runs = 200;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Random random(2, 3, run);
        Counts a(100, 0), b(100, 0);
        for (int i = 0; i < 1000; ++i) ++a[random.below(100)];
        for (int i = 0; i < 200; ++i) ++b[random.below(100)];
        asymptotic += std::get<TestResult>(g_test(a, b)).p <= 0.05;
        permuted += std::get<TestResult>(g_permutation_test(a, b, 199, Random(4, run))).p <= 0.05;
    }
    EXPECT_GT(asymptotic, runs / 6) << "what the permutation is for";
    EXPECT_LE(permuted, 0.05 * runs + 4.0 * std::sqrt(0.05 * 0.95 * runs));
}

TEST(GPermutation, of_rows_that_repeat_each_other_is_the_share_of_the_draws_that_tau_lifts_as_high) {
    const Counts reference{6, 12}, current{9, 3};  // Of fifteen in each category, twelve are current's.
    const double g = std::get<TestResult>(g_test(reference, current)).statistic;
    const auto choose = [](double n, double k) {
        return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1));
    };
    double exact = 0.0;
    for (std::uint64_t a = 0; a <= 12; ++a) {
        const double other = std::get<TestResult>(g_test(Counts{15 - a, 3 + a}, Counts{a, 12 - a})).statistic;
        if (3.0 * other >= g * (1.0 - 1e-9))
            exact +=
                choose(15, static_cast<double>(a)) * choose(15, static_cast<double>(12 - a)) / choose(30, 12);
    }
    const auto at = [&](Dependence dependence) {
        return std::get<TestResult>(g_permutation_test(reference, current, 20'000, Random(5, 1), dependence));
    };
    EXPECT_EQ(at({3.0, 0.0, 0.0}).statistic, g);
    EXPECT_EQ(at({3.0, 0.0, 0.0}).how, "permutation, times tau");
    EXPECT_NEAR(at({3.0, 0.0, 0.0}).p, exact, 4.0 * exact / 7.7) << "ends after sixty draws";
    const auto plain = std::get<TestResult>(g_permutation_test(reference, current, 20'000, Random(5, 1)));
    EXPECT_EQ(at({}).p, plain.p) << "tau is 1";
    EXPECT_GT(at({3.0, 0.0, 0.0}).p, plain.p);
    EXPECT_EQ(std::get<Undefined>(
                  g_permutation_test(Counts{0, 0}, Counts{1, 2}, 99, Random(1, 1), {2.0, 0.0, 0.1})),
              Undefined::empty_sample);
    EXPECT_EQ(std::get<TestResult>(
                  g_permutation_test(Counts{5, 0}, Counts{9, 0}, 99, Random(1, 1), {2.0, 0.0, 0.1}))
                  .p,
              1.0);
}

TEST(GPermutation, an_uncertain_tau_makes_no_thin_tail) {
    const Counts reference{60, 60}, current{40, 12};
    const auto p = [&](double log_variance) {
        return std::get<TestResult>(
                   g_permutation_test(reference, current, 20'000, Random(5, 2), {1.5, 10.0, log_variance}))
            .p;
    };
    EXPECT_GT(p(0.5), 1.3 * p(0.0));
}

TEST(GPermutation, sparse_labels_that_stay_are_not_flagged_too_often) {
    // A label stays with probability .1, or is drawn anew of sixty: tau is (1 + .1) / (1 - .1).
    constexpr Dependence dependence{1.1 / 0.9, 0.0, 0.0};
    int asymptotic = 0, permuted = 0;
    constexpr int runs = 400;
    for (std::uint64_t run = 0; run < std::uint64_t{runs}; ++run) {
        Random random(6, 7, run);
        Counts a(60, 0), b(60, 0);
        std::uint64_t label = random.below(60);
        for (int i = 0; i < 1464; ++i) {
            if (random.uniform() >= 0.1) label = random.below(60);
            ++(i < 1344 ? a : b)[label];
        }
        const double g = std::get<TestResult>(g_test(a, b)).statistic;
        asymptotic += chi_square_survival(g / dependence.tau, 59.0) <= 0.05;
        permuted += std::get<TestResult>(g_permutation_test(a, b, 199, Random(8, run), dependence)).p <= 0.05;
    }
    EXPECT_GT(asymptotic, runs / 10) << "what the permutation is for";
    EXPECT_LE(permuted, 0.05 * runs + 4.0 * std::sqrt(0.05 * 0.95 * runs));
    EXPECT_GE(permuted, runs / 100) << "it can flag";
}

TEST(GPermutation, little_nothing_and_one_category) {
    EXPECT_EQ(std::get<Undefined>(g_permutation_test(Counts{0, 0}, Counts{1, 2}, 99, Random(1, 1))),
              Undefined::empty_sample);
    EXPECT_EQ(std::get<TestResult>(g_permutation_test(Counts{5, 0}, Counts{9, 0}, 99, Random(1, 1))).p, 1.0);
    EXPECT_EQ(std::get<TestResult>(g_permutation_test(Counts{7, 7}, Counts{7, 7}, 99, Random(1, 1))).p, 1.0)
        << "equal shares: every table is as far apart";
}

TEST(GoodnessOfFit, worked_examples) {
    // scipy 1.14.1, stats.chisquare([20, 10], [10, 20]) and power_divergence(..., lambda_="log-likelihood")
    const auto chi = std::get<TestResult>(one_sample_chi_square_test(Counts{10, 20}, Counts{20, 10}));
    EXPECT_NEAR(chi.statistic, 15.0, 1e-13);
    EXPECT_NEAR(chi.p, 0.00010751117672950066, 1e-17);
    const auto g = std::get<TestResult>(one_sample_g_test(Counts{10, 20}, Counts{20, 10}));
    EXPECT_NEAR(g.statistic, 13.862943611198906, 1e-13);
    EXPECT_NEAR(g.p, 0.00019663765560209797, 1e-17);
}

TEST(GoodnessOfFit, a_category_the_reference_lacks_is_impossible) {
    for (const auto test : {one_sample_chi_square_test, one_sample_g_test}) {
        const auto result = std::get<TestResult>(test(Counts{10, 10, 0}, Counts{10, 9, 1}));
        EXPECT_TRUE(std::isinf(result.statistic));
        EXPECT_EQ(result.p, 0.0);
        EXPECT_EQ(std::get<Undefined>(test(Counts{5, 0}, Counts{9, 0})), Undefined::constant_sample);
        EXPECT_EQ(std::get<Undefined>(test(Counts{0, 0}, Counts{9, 1})), Undefined::empty_sample);
        EXPECT_EQ(std::get<TestResult>(test(Counts{10, 20}, Counts{5, 10})).p, 1.0) << "shares, not counts";
    }
}

TEST(GoodnessOfFit, takes_the_reference_as_known_so_that_its_statistic_is_larger) {
    // To first order (1 + m / n) times the two-sample one.
    const Counts a{5000, 5100, 4900}, b{5100, 4900, 5000};
    EXPECT_NEAR(std::get<TestResult>(one_sample_chi_square_test(a, b)).statistic /
                    std::get<TestResult>(chi_square_test(a, b)).statistic,
                2.0, 0.05);
}
