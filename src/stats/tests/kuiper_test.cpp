#include "tristrata/stats/kuiper.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

double naive_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double above = 0.0, below = 0.0;
    for (const auto* side : {&a, &b})
        for (const double x : *side) {
            double f = 0.0, g = 0.0;
            for (const double v : a) f += v <= x;
            for (const double v : b) g += v <= x;
            const double gap = f / static_cast<double>(a.size()) - g / static_cast<double>(b.size());
            above = std::max(above, gap);
            below = std::max(below, -gap);
        }
    return above + below;
}

/// Every ordering of n + m distinct values, by recursion: the share with a V of at least v.
void count_orderings(std::uint64_t i, std::uint64_t j, std::uint64_t n, std::uint64_t m, double low,
                     double high, double v, double& reached, double& all) {
    const double here =
        static_cast<double>(i) / static_cast<double>(n) - static_cast<double>(j) / static_cast<double>(m);
    low = std::min(low, here);
    high = std::max(high, here);
    if (i == n && j == m) {
        all += 1.0;
        reached += high - low >= v - 1e-12;
        return;
    }
    if (i < n) count_orderings(i + 1, j, n, m, low, high, v, reached, all);
    if (j < m) count_orderings(i, j + 1, n, m, low, high, v, reached, all);
}

}  // namespace

TEST(Kuiper, worked_example) { EXPECT_EQ(*value_of(kuiper_distance(sample({1, 4}), sample({2, 3}))), 1.0); }

TEST(Kuiper, ties_constants_and_nothing) {
    EXPECT_EQ(*value_of(kuiper_distance(sample({5, 5, 5}), sample({5, 5}))), 0.0);
    EXPECT_EQ(*value_of(kuiper_distance(sample({5, 5}), sample({6, 6}))), 1.0);
    EXPECT_EQ(std::get<Undefined>(kuiper_test(sample({}), sample({1}))), Undefined::empty_sample);
    EXPECT_EQ(std::get<TestResult>(kuiper_test(sample({5, 5, 5}), sample({5, 5}))).p, 1.0);
    EXPECT_EQ(std::get<TestResult>(kuiper_test(sample({1}), sample({2}))).p, 1.0) << "either order has V = 1";
}

TEST(Kuiper, sees_a_change_of_spread_that_ks_sees_half) {
    // N(0, 1) against N(0, 3), quantiles in place of draws: frouros returns KS's D, about .27, under this
    // name.
    std::vector<double> a, b;
    for (int i = 1; i < 100; ++i) {
        const double x = std::tan(3.14159265358979 * (i / 100.0 - 0.5));
        a.push_back(x);
        b.push_back(3.0 * x);
    }
    const double v = *value_of(kuiper_distance(sample(a), sample(b)));
    EXPECT_NEAR(v, naive_distance(a, b), 1e-12);
    EXPECT_GT(v, 0.3);
}

RC_GTEST_PROP(KuiperProperty, is_the_definition_symmetric_and_the_same_wherever_a_circle_is_cut, ()) {
    const auto values = rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 24), [](int x) { return static_cast<double>(x); })));
    auto a = *values, b = *values;
    const double v = *value_of(kuiper_distance(sample(a), sample(b)));
    RC_ASSERT(std::abs(v - naive_distance(a, b)) < 1e-12);
    RC_ASSERT(v == *value_of(kuiper_distance(sample(b), sample(a))));
    const int turn = *rc::gen::inRange(0, 24);
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = std::fmod(x + turn, 24.0);
    RC_ASSERT(std::abs(v - *value_of(kuiper_distance(sample(a), sample(b)))) < 1e-12);
}

TEST(KuiperExactP, is_the_share_of_all_orderings) {
    for (std::uint64_t n = 1; n <= 6; ++n)
        for (std::uint64_t m = 1; m <= 6; ++m)
            for (std::uint64_t step = 1; step <= n * m; ++step) {
                const double v = static_cast<double>(step) / static_cast<double>(n * m);
                double reached = 0.0, all = 0.0;
                count_orderings(0, 0, n, m, 0.0, 0.0, v, reached, all);
                EXPECT_NEAR(kuiper_exact_p(v, n, m), reached / all, 1e-12) << n << ' ' << m << ' ' << v;
            }
}

TEST(KuiperExactP, is_never_made_up_to_be_nothing) {
    double last = 1.0;
    for (double v = 0.3; v <= 1.0; v += 0.02) {
        const double p = kuiper_exact_p(v, 100, 100);
        EXPECT_GT(p, 0.0) << v;
        EXPECT_LE(p, last) << v;
        last = p;
    }
    EXPECT_LT(last, 1e-30);
}

TEST(KuiperAsymptoticP, published_points_and_the_exact_p_of_forty_values_a_side) {
    // Stephens (1970), table: modified V of 1.620, 1.747, 2.001 at .10, .05, .01.
    const auto at = [](double modified) { return kuiper_asymptotic_p(modified / 1000.0, 2e6, 2e6); };
    EXPECT_NEAR(at(1.620), 0.10, 5e-4);
    EXPECT_NEAR(at(1.747), 0.05, 3e-4);
    EXPECT_NEAR(at(2.001), 0.01, 1e-4);
    for (double v = 0.25; v <= 0.7; v += 0.025) {
        const double exact = kuiper_exact_p(v, 40, 40);
        EXPECT_NEAR(kuiper_asymptotic_p(v, 40, 40), exact, 0.06) << v;
    }
    EXPECT_EQ(kuiper_asymptotic_p(0.5, 0.0, 10.0), 1.0);
    EXPECT_EQ(kuiper_asymptotic_p(0.0, 10.0, 10.0), 1.0);
}

TEST(KuiperPermutation, agrees_with_the_exact_p_where_there_are_no_ties) {
    const std::vector<std::uint64_t> a{1, 1, 1, 1, 0, 1, 0, 0, 0, 1}, b{0, 0, 0, 0, 1, 0, 1, 1, 1, 0};
    const auto test = std::get<TestResult>(kuiper_permutation_test(a, b, 20000, Random(7, 1)));
    const double exact = kuiper_exact_p(test.statistic, 6, 4);
    EXPECT_NEAR(test.p, exact, 3.0 * exact / std::sqrt(60.0));
    const std::vector<std::uint64_t> none{0, 0};
    EXPECT_EQ(std::get<Undefined>(kuiper_permutation_test(none, none, 9, Random(7, 1))),
              Undefined::empty_sample);
}
