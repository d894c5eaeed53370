#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

/// The definition, evaluated at every observed value.
double naive_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double d = 0.0;
    std::vector<double> all(a);
    all.insert(all.end(), b.begin(), b.end());
    for (const double x : all) {
        double f = 0.0, g = 0.0;
        for (const double v : a) f += v <= x;
        for (const double v : b) g += v <= x;
        d = std::max(d, std::abs(f / static_cast<double>(a.size()) - g / static_cast<double>(b.size())));
    }
    return d;
}

/// Every ordering of n + m distinct values, by recursion: the share with a distance of at least d.
void count_orderings(std::uint64_t i, std::uint64_t j, std::uint64_t n, std::uint64_t m, double worst,
                     double d, double& above, double& all) {
    const double here = std::abs(static_cast<double>(i) / static_cast<double>(n) -
                                 static_cast<double>(j) / static_cast<double>(m));
    worst = std::max(worst, here);
    if (i == n && j == m) {
        all += 1.0;
        above += worst >= d - 1e-12;
        return;
    }
    if (i < n) count_orderings(i + 1, j, n, m, worst, d, above, all);
    if (j < m) count_orderings(i, j + 1, n, m, worst, d, above, all);
}

}  // namespace

TEST(KsDistance, worked_example) {
    EXPECT_NEAR(*value_of(ks_distance(sample({1, 2, 3}), sample({2, 3, 4}))), 1.0 / 3.0, 1e-15);
}

TEST(KsBounds, worked_example_of_bounds) {
    const std::uint64_t reference[]{2, 1}, current[]{1, 2}, nothing[]{0, 0};
    const auto bounds = ks_bounds(reference, current);
    ASSERT_TRUE(bounds);
    EXPECT_NEAR(bounds->low, 1.0 / 3.0, 1e-15);
    EXPECT_NEAR(bounds->high, 2.0 / 3.0, 1e-15);
    EXPECT_FALSE(ks_bounds(reference, nothing));
}

RC_GTEST_PROP(KsBounds, hold_the_distance_whatever_the_edges, ()) {
    const auto values = rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 40), [](int x) { return 0.25 * x; }));
    const auto a = *rc::gen::nonEmpty(values), b = *rc::gen::nonEmpty(values);
    std::vector<double> edges = *values;
    std::ranges::sort(edges);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    Histogram before(edges), after(edges);
    before.update(a);
    after.update(b);
    const auto bounds = ks_bounds(before.counts, after.counts);
    RC_ASSERT(bounds.has_value());
    const double distance = naive_distance(a, b);
    RC_ASSERT(bounds->low <= distance + 1e-12);
    RC_ASSERT(distance <= bounds->high + 1e-12);
}

TEST(KsDistance, ties_constants_and_nothing) {
    EXPECT_EQ(*value_of(ks_distance(sample({5, 5, 5}), sample({5, 5}))), 0.0);
    EXPECT_EQ(*value_of(ks_distance(sample({5, 5}), sample({6, 6}))), 1.0);
    EXPECT_EQ(std::get<Undefined>(ks_distance(sample({}), sample({1}))), Undefined::empty_sample);
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();
    EXPECT_EQ(*value_of(ks_distance(sample({3, nan, 1, inf, 2}), sample({1, 2, 3}))), 0.0)
        << "only finite values count";
    EXPECT_EQ(*value_of(ks_distance(sample({-0.0}), sample({0.0}))), 0.0) << "-0 is 0";
}

RC_GTEST_PROP(KsDistanceProperty, is_the_definition_and_symmetric_and_blind_to_monotone_changes, ()) {
    const auto values = rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 12), [](int x) { return static_cast<double>(x); })));
    auto a = *values, b = *values;
    const double d = *value_of(ks_distance(sample(a), sample(b)));
    RC_ASSERT(std::abs(d - naive_distance(a, b)) < 1e-15);
    RC_ASSERT(d == *value_of(ks_distance(sample(b), sample(a))));
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = std::exp(0.3 * x) - 7.0;
    RC_ASSERT(d == *value_of(ks_distance(sample(a), sample(b))));
}

RC_GTEST_PROP(KsExactPProperty, falls_with_the_distance_and_does_not_know_the_sides, ()) {
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 40), m = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto step = *rc::gen::inRange<std::uint64_t>(1, n * m + 1);
    const auto at = [&](std::uint64_t k) { return static_cast<double>(k) / static_cast<double>(n * m); };
    const double p = ks_exact_p(at(step), n, m);
    RC_ASSERT(p > 0.0 && p <= 1.0);
    RC_ASSERT(p <= ks_exact_p(at(step - 1), n, m) + 1e-12);
    RC_ASSERT(std::abs(p - ks_exact_p(at(step), m, n)) < 1e-10);
}

TEST(KsExactP, is_the_share_of_all_orderings) {
    for (std::uint64_t n = 1; n <= 6; ++n)
        for (std::uint64_t m = 1; m <= 6; ++m)
            for (std::uint64_t step = 1; step <= n * m; ++step) {
                const double d = static_cast<double>(step) / static_cast<double>(n * m);
                double above = 0.0, all = 0.0;
                count_orderings(0, 0, n, m, 0.0, d, above, all);
                EXPECT_NEAR(ks_exact_p(d, n, m), above / all, 1e-12) << n << ' ' << m << ' ' << d;
            }
}

TEST(KsExactP, keeps_its_digits_where_it_is_tiny) {
    // No overlap at all: 2 of the orderings.
    double orderings = 1.0;
    for (int i = 1; i <= 100; ++i) orderings *= (100.0 + i) / i;
    EXPECT_NEAR(ks_exact_p(1.0, 100, 100) * orderings / 2.0, 1.0, 1e-12);
    // scipy 1.14.1, stats.ks_2samp(numpy.arange(120.), numpy.arange(100.) + 40.5 and + 90.5)
    EXPECT_NEAR(ks_exact_p(41.0 / 120.0, 120, 100) / 3.7775899267253932e-06, 1.0, 1e-12);
    EXPECT_NEAR(ks_exact_p(91.0 / 120.0, 120, 100) / 2.7740810514482834e-31, 1.0, 1e-12);
}

TEST(KolmogorovSurvival, known_values_and_the_seam_between_the_two_series) {
    // scipy 1.10: scipy.special.kolmogorov([.5, 1, 1.36, 2, 3])
    EXPECT_NEAR(kolmogorov_survival(0.5), 0.9639452436648751, 1e-14);
    EXPECT_NEAR(kolmogorov_survival(1.0), 0.26999967167735456, 1e-14);
    EXPECT_NEAR(kolmogorov_survival(2.0), 0.0006709252557796953, 1e-15);
    EXPECT_NEAR(kolmogorov_survival(3.0), 3.045995948942525e-08, 1e-20);
    EXPECT_NEAR(kolmogorov_survival(1.0 - 1e-12), kolmogorov_survival(1.0), 1e-11);
    EXPECT_EQ(kolmogorov_survival(0.0), 1.0);
}

TEST(KsPermutation, agrees_with_the_exact_p_where_there_are_no_ties) {
    const std::vector<std::uint64_t> a{1, 1, 1, 1, 0, 1, 0, 0, 0, 1}, b{0, 0, 0, 0, 1, 0, 1, 1, 1, 0};
    const auto outcome = ks_permutation_test(a, b, 20000, Random(7, 1));
    const auto& test = std::get<TestResult>(outcome);
    const double exact = ks_exact_p(test.statistic, 6, 4);
    // The early stop after 60 exceedances leaves a relative error of about 1/sqrt(60).
    EXPECT_NEAR(test.p, exact, 3.0 * exact / std::sqrt(60.0));
}

TEST(KsPermutation, the_same_seed_gives_the_same_p) {
    const std::vector<std::uint64_t> a{30, 20, 10}, b{5, 9, 12};
    EXPECT_EQ(std::get<TestResult>(ks_permutation_test(a, b, 999, Random(3, 2))).p,
              std::get<TestResult>(ks_permutation_test(a, b, 999, Random(3, 2))).p);
}

TEST(KsPermutation, holds_its_size_on_integers) {
    // Uniform digits, no drift: the share of p <= .05 among 600 repeats is .05 within four standard errors.
    std::mt19937_64 random{11};
    SCOPED_TRACE("seed 11");
    int flagged = 0;
    constexpr int repeats = 600;
    for (int r = 0; r < repeats; ++r) {
        std::vector<std::uint64_t> a(10, 0), b(10, 0);
        for (int i = 0; i < 200; ++i) ++a[random() % 10];
        for (int i = 0; i < 60; ++i) ++b[random() % 10];
        flagged +=
            std::get<TestResult>(ks_permutation_test(a, b, 999, Random(11, static_cast<std::uint64_t>(r))))
                .p <= 0.05;
    }
    EXPECT_LE(flagged, static_cast<int>(repeats * (0.05 + 4 * 0.0089)));
    EXPECT_GE(flagged, static_cast<int>(repeats * 0.02));
}

TEST(KsInterval, holds_the_estimate_and_stays_inside_zero_and_one) {
    const auto interval = ks_interval(0.2, 1000, 500, 0.05);
    EXPECT_LT(interval.low, 0.2);
    EXPECT_GT(interval.high, 0.2);
    EXPECT_NEAR(interval.high, 0.2 + 0.113005, 1e-6)
        << "sqrt(ln(4 / .05) / 2) (1 / sqrt(1000) + 1 / sqrt(500))";
    EXPECT_EQ(ks_interval(0.9, 10, 10, 0.05).high, 1.0);
    EXPECT_EQ(ks_interval(0.1, 10, 10, 0.05).low, 0.0);
}

TEST(KsAsymptoticP, is_near_the_exact_p_where_one_side_is_small) {
    double corrected = 0.0, plain = 0.0;
    for (double d = 0.05; d < 1.0; d += 0.01) {
        const double exact = ks_exact_p(d, 1000, 5);
        if (exact > 0.5) continue;
        corrected = std::max(corrected, std::abs(ks_asymptotic_p(d, 1000, 5) - exact));
        plain = std::max(plain, std::abs(kolmogorov_survival(d * std::sqrt(5000.0 / 1005.0)) - exact));
    }
    EXPECT_LT(corrected, 0.01);
    EXPECT_GT(plain, 0.03);
    EXPECT_EQ(ks_asymptotic_p(0.5, 0.0, 10.0), 1.0);
}
