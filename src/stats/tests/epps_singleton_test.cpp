#include "tristrata/stats/epps_singleton.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

TestResult result(const std::vector<double>& a, const std::vector<double>& b) {
    return std::get<TestResult>(epps_singleton_test(sample(a), sample(b)));
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
