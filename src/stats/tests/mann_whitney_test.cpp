#include "tristrata/stats/mann_whitney.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

double naive_u(const std::vector<double>& a, const std::vector<double>& b) {
    double u = 0.0;
    for (const double x : a)
        for (const double y : b) u += x > y ? 1.0 : (x == y ? 0.5 : 0.0);
    return u;
}

TestResult result(const std::vector<double>& a, const std::vector<double>& b,
                  Alternative alternative = Alternative::two_sided) {
    return std::get<TestResult>(mann_whitney_test(sample(a), sample(b), alternative));
}

std::vector<double> ladder(int count, double step) {
    std::vector<double> values;
    for (int i = 1; i <= count; ++i) values.push_back(step * i);
    return values;
}

}  // namespace

TEST(MannWhitney, worked_example) {
    const auto test = result({1, 2, 3}, {4, 5, 6});
    EXPECT_EQ(test.statistic, 0.0);
    EXPECT_NEAR(test.p, 0.1, 1e-14);
    EXPECT_EQ(test.how, "exact");
    EXPECT_NEAR(result({1, 2, 3}, {4, 5, 6}, Alternative::less).p, 0.05, 1e-14);
    EXPECT_NEAR(result({4, 5, 6}, {1, 2, 3}, Alternative::less).p, 1.0, 1e-14);
}

TEST(MannWhitney, golden) {
    // scipy 1.14.1, stats.mannwhitneyu(x, y[, alternative="less"]), x = 1..40, y = 1.5 * 1..35 (ties).
    const auto x = ladder(40, 1.0), y = ladder(35, 1.5);
    EXPECT_EQ(result(x, y).statistic, 526.5);
    EXPECT_NEAR(result(x, y).p, 0.066149394503333, 1e-13);
    EXPECT_NEAR(result(x, y, Alternative::less).p, 0.0330746972516665, 1e-13);
    EXPECT_EQ(result(x, y).how, "asymptotic");
}

TEST(MannWhitney, little_nothing_and_constants) {
    EXPECT_EQ(std::get<Undefined>(mann_whitney_test(sample({}), sample({1}))), Undefined::empty_sample);
    EXPECT_EQ(result({5, 5}, {5}).p, 1.0);
    EXPECT_EQ(result(std::vector<double>(50, 5.0), std::vector<double>(60, 5.0)).p, 1.0);
    EXPECT_EQ(result({1}, {2}).p, 1.0) << "either order is as far from the middle";
}

TEST(MannWhitney, one_outlier_of_a_million_is_one_rank) {
    auto x = ladder(50, 1.0), y = ladder(50, 1.0);
    y[49] = 1e6;
    EXPECT_GT(result(x, y).p, 0.9);
}

RC_GTEST_PROP(MannWhitneyProperty, u_counts_pairs_and_both_sides_add_up_to_all_of_them, ()) {
    const auto values = rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 12), [](int x) { return static_cast<double>(x); })));
    const auto a = *values, b = *values;
    const auto one = result(a, b), other = result(b, a);
    RC_ASSERT(one.statistic == naive_u(a, b));
    RC_ASSERT(one.statistic + other.statistic == static_cast<double>(a.size() * b.size()));
    RC_ASSERT(std::abs(one.p - other.p) < 1e-12);
}

RC_GTEST_PROP(MannWhitneyProperty, the_exact_p_is_the_share_of_all_choices_with_and_without_ties, ()) {
    const auto distinct = *rc::gen::element(2, 4, 1000);
    const auto draw = [&](std::size_t count) {
        return *rc::gen::container<std::vector<double>>(
            count, rc::gen::map(rc::gen::inRange(0, distinct), [](int x) { return static_cast<double>(x); }));
    };
    const auto a = draw(*rc::gen::inRange<std::size_t>(1, 6)), b = draw(*rc::gen::inRange<std::size_t>(1, 6));
    std::vector<double> all(a);
    all.insert(all.end(), b.begin(), b.end());
    std::vector<int> side(all.size(), 1);
    std::fill_n(side.begin(), a.size(), 0);
    double at_most = 0.0, at_least = 0.0, choices = 0.0;
    const double observed = naive_u(a, b);
    do {
        std::vector<double> x, y;
        for (std::size_t i = 0; i < all.size(); ++i) (side[i] == 0 ? x : y).push_back(all[i]);
        choices += 1.0;
        at_most += naive_u(x, y) <= observed;
        at_least += naive_u(x, y) >= observed;
    } while (std::next_permutation(side.begin(), side.end()));
    RC_ASSERT(std::abs(result(a, b, Alternative::less).p - at_most / choices) < 1e-12);
    RC_ASSERT(std::abs(result(a, b).p - std::min(1.0, 2.0 * std::min(at_most, at_least) / choices)) < 1e-12);
}

TEST(MannWhitneyAsymptotic, a_tau_of_two_is_every_value_told_twice) {
    const auto x = ladder(60, 1.0), y = ladder(50, 1.3);
    const auto counts_of = [](const std::vector<double>& a, const std::vector<double>& b) {
        return std::get<MannWhitneyCounts>(mann_whitney_counts(sample(a), sample(b)));
    };
    const auto twice = [](std::vector<double> values) {
        const auto copy = values;
        values.insert(values.end(), copy.begin(), copy.end());
        return values;
    };
    const double p = mann_whitney_asymptotic_p(counts_of(x, y), Alternative::two_sided);
    EXPECT_EQ(p, result(x, y).p);
    EXPECT_NEAR(mann_whitney_asymptotic_p(counts_of(twice(x), twice(y)), Alternative::two_sided, 2.0), p,
                2e-4)
        << "but for the ties that telling twice makes";
    EXPECT_EQ(std::get<Undefined>(mann_whitney_counts(sample({}), sample(x))), Undefined::empty_sample);
}
