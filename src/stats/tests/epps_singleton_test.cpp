#include "tristrata/stats/epps_singleton.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

TestResult result(const std::vector<double>& a, const std::vector<double>& b) {
    return std::get<TestResult>(epps_singleton_test(sample(a), sample(b)));
}

/// The definition: d' V^-1 d times N, V being the pooled covariance times N/n + N/m, by elimination.
double naive_pooled(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all = a;
    all.insert(all.end(), b.begin(), b.end());
    const SortedSample both(std::span<const double>{all});
    const double unit = 0.5 * both.iqr();
    const auto parts = [&](double x) {
        const double t = x / unit;
        return std::array{std::cos(0.4 * t), std::cos(0.8 * t), std::sin(0.4 * t), std::sin(0.8 * t)};
    };
    const auto mean = [&](const std::vector<double>& values, std::size_t i) {
        double sum = 0.0;
        for (const double x : values) sum += parts(x)[i];
        return sum / static_cast<double>(values.size());
    };
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size()), rows = n + m;
    std::array<std::array<double, 5>, 4> system{};  // V | d
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            double sum = 0.0;
            for (const double x : all) sum += (parts(x)[i] - mean(all, i)) * (parts(x)[j] - mean(all, j));
            system[i][j] = sum / rows * (rows / n + rows / m);
        }
        system[i][4] = mean(a, i) - mean(b, i);
    }
    auto solved = system;
    for (std::size_t k = 0; k < 4; ++k) {
        const auto pivot =
            std::max_element(solved.begin() + static_cast<std::ptrdiff_t>(k), solved.end(),
                             [k](const auto& x, const auto& y) { return std::abs(x[k]) < std::abs(y[k]); });
        std::swap(solved[k], *pivot);
        for (std::size_t i = 0; i < 4; ++i) {
            if (i == k) continue;
            const double factor = solved[i][k] / solved[k][k];
            for (std::size_t j = k; j < 5; ++j) solved[i][j] -= factor * solved[k][j];
        }
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < 4; ++i) sum += system[i][4] * solved[i][4] / solved[i][i];
    return rows * sum;
}

}  // namespace

// scipy 1.14.1, stats.epps_singleton_2samp(x, y).
TEST(EppsSingleton, worked_example_and_golden) {
    const auto test = result({1, 2, 3, 4, 5, 6}, {4, 5, 6, 7, 8, 9});
    EXPECT_NEAR(test.statistic, 4.103911648297075, 1e-11);
    EXPECT_NEAR(test.p, 0.3921255596591954, 1e-12);
    std::vector<double> x, y;
    for (int i = 1; i <= 40; ++i) x.push_back(i);
    for (int i = 1; i <= 35; ++i) y.push_back(1.5 * i);
    EXPECT_NEAR(result(x, y).statistic, 8.81524606725744, 1e-11);
    EXPECT_NEAR(result(x, y).p, 0.06588704762872372, 1e-12);
}

TEST(EppsSingleton, little_nothing_and_no_spread) {
    EXPECT_EQ(std::get<Undefined>(epps_singleton_test(sample({}), sample({1, 2}))), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(epps_singleton_test(sample({1, 2, 3, 4}), sample({1, 2, 3, 4, 5}))),
              Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(
                  epps_singleton_test(sample({0, 0, 0, 0, 0, 0, 9}), sample({0, 0, 0, 0, 0, 0, 7}))),
              Undefined::constant_sample)
        << "most values are zero: the middle half has no spread";
}

TEST(EppsSingleton, a_column_of_two_values_has_one_degree) {
    // With two values all four parts say the same: the test is that of one proportion.
    std::vector<double> a(100, 0.0), b(100, 0.0);
    for (std::size_t i = 0; i < 40; ++i) a[i] = 1.0;
    for (std::size_t i = 0; i < 60; ++i) b[i] = 1.0;
    const auto test = result(a, b);
    // 200 (.4 - .6)^2 / (2 (.24 + .24)) = 8.3333
    EXPECT_NEAR(test.statistic, 200.0 * 0.04 / 0.96, 1e-9);
    EXPECT_NEAR(test.p, std::erfc(std::sqrt(0.5 * test.statistic)), 1e-12);
    EXPECT_EQ(std::get<EppsSingletonStatistic>(epps_singleton_statistic(sample(a), sample(b))).degrees, 1.0);
}

RC_GTEST_PROP(EppsSingletonProperty, does_not_know_the_unit_the_zero_or_the_sides, ()) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            *rc::gen::inRange<std::size_t>(6, 40),
            rc::gen::map(rc::gen::inRange(-500, 500), [](int x) { return static_cast<double>(x); }));
    };
    auto a = draw(), b = draw();
    const auto outcome = epps_singleton_test(sample(a), sample(b));
    RC_PRE(std::holds_alternative<TestResult>(outcome));
    const double statistic = std::get<TestResult>(outcome).statistic;
    const auto near = [&](double other) { return std::abs(other - statistic) < 1e-5 * (1.0 + statistic); };
    RC_ASSERT(near(result(b, a).statistic));
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = 8.0 * x + 1048576.0;
    RC_ASSERT(near(result(a, b).statistic));
}

TEST(EppsSingleton, one_outlier_of_a_million_does_not_move_it_far) {
    std::vector<double> a, b;
    for (int i = 0; i < 400; ++i) {
        a.push_back(i % 20);
        b.push_back(i % 20);
    }
    b[3] = 1e6;
    EXPECT_GT(result(a, b).p, 0.9);
}

TEST(EppsSingletonPermutation, p_is_the_share_of_all_splits_that_are_as_far_apart) {
    const std::vector<double> a{0.1, 0.9, 1.7, 2.2, 3.1, 4.3}, b{3.9, 5.2, 6.1, 6.6, 8.4};
    std::vector<double> all = a;
    all.insert(all.end(), b.begin(), b.end());
    const double observed = result(a, b).statistic;
    int splits = 0, as_far = 0;
    for (unsigned mask = 0; mask < 1u << all.size(); ++mask) {
        std::vector<double> left, right;
        for (std::size_t i = 0; i < all.size(); ++i) ((mask >> i & 1u) != 0 ? right : left).push_back(all[i]);
        if (right.size() != b.size()) continue;
        ++splits;
        as_far += result(left, right).statistic >= observed - 1e-9;
    }
    ASSERT_EQ(splits, 462);
    const double exact = static_cast<double>(as_far) / splits;
    const auto test =
        std::get<TestResult>(epps_singleton_permutation_test(sample(a), sample(b), 1999, Random(1, 1)));
    EXPECT_NEAR(test.statistic, observed, 1e-9);
    EXPECT_EQ(test.how, "permutation");
    EXPECT_NEAR(test.p, exact, exact / 2.0) << "a relative error of an eighth, four of them";
}

TEST(EppsSingletonPermutation, a_small_side_is_not_flagged_too_often) {
    int asymptotic = 0, permuted = 0;
    constexpr int runs = 200;
    for (std::uint64_t run = 0; run < runs; ++run) {
        Random random(2, 3, run);
        std::vector<double> a(500), b(30);
        for (auto* side : {&a, &b})
            for (double& x : *side) x = random.normal();
        asymptotic += result(a, b).p <= 0.05;
        permuted +=
            std::get<TestResult>(epps_singleton_permutation_test(sample(a), sample(b), 199, Random(4, run)))
                .p <= 0.05;
    }
    EXPECT_GT(asymptotic, runs / 5) << "what the permutation is for";
    EXPECT_LE(permuted, 0.05 * runs + 4.0 * std::sqrt(0.05 * 0.95 * runs));
}

TEST(EppsSingletonPermutation, refuses_what_the_test_refuses) {
    const auto refused = [](std::vector<double> a, std::vector<double> b) {
        return std::get<Undefined>(
            epps_singleton_permutation_test(sample(std::move(a)), sample(std::move(b)), 99, Random(1, 1)));
    };
    EXPECT_EQ(refused({}, {1, 2}), Undefined::empty_sample);
    EXPECT_EQ(refused({1, 2, 3, 4}, {1, 2, 3, 4, 5}), Undefined::too_few_values);
    EXPECT_EQ(refused({3, 3, 3, 3, 3}, {3, 3, 3, 3, 3, 3}), Undefined::constant_sample);
}

TEST(EppsSingletonPooled, worked_example) {
    const auto found = std::get<EppsSingletonStatistic>(
        epps_singleton_pooled_statistic(sample({1, 2, 3, 4, 5, 6}), sample({4, 5, 6, 7, 8, 9})));
    EXPECT_NEAR(found.statistic, 5.2670, 5e-5);
    EXPECT_EQ(found.degrees, 4.0);
}

RC_GTEST_PROP(EppsSingletonPooled, is_its_definition, ()) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            *rc::gen::inRange<std::size_t>(8, 40),
            rc::gen::map(rc::gen::inRange(-500, 500), [](int x) { return static_cast<double>(x); }));
    };
    const auto a = draw(), b = draw();
    const auto found = epps_singleton_pooled_statistic(sample(a), sample(b));
    RC_PRE(std::holds_alternative<EppsSingletonStatistic>(found));
    const auto& statistic = std::get<EppsSingletonStatistic>(found);
    RC_PRE(statistic.degrees == 4.0);
    const double naive = naive_pooled(a, b);
    RC_ASSERT(std::abs(statistic.statistic - naive) < 1e-5 * (1.0 + naive));
}
