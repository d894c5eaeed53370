#include "tristrata/stats/t_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <vector>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

TestResult welch(const std::vector<double>& a, const std::vector<double>& b) {
    return std::get<TestResult>(welch_t_test(sample(a), sample(b)));
}
TestResult student(const std::vector<double>& a, const std::vector<double>& b) {
    return std::get<TestResult>(student_t_test(sample(a), sample(b)));
}

}  // namespace

// scipy 1.14.1, stats.ttest_ind(x, y, equal_var=False or True).
TEST(WelchT, worked_example_and_golden) {
    const auto test = welch({1, 2, 3, 4}, {3, 4, 5, 9});
    EXPECT_NEAR(test.statistic, -1.8773044091622955, 1e-14);
    EXPECT_NEAR(test.p, 0.1276804127833924, 1e-13);
    std::vector<double> x, y;
    for (int i = 1; i <= 40; ++i) x.push_back(i);
    for (int i = 1; i <= 35; ++i) y.push_back(1.5 * i);
    EXPECT_NEAR(welch(x, y).p, 0.04569250082936557, 1e-13);
    EXPECT_NEAR(student(x, y).p, 0.04144482868118621, 1e-13);
    EXPECT_NEAR(student({1, 2, 3, 4}, {3, 4, 5, 9}).p, 0.10956370476661484, 1e-13);
}

TEST(WelchT, its_degrees_are_told) {
    const auto found = std::get<WelchStatistic>(welch_statistic(sample({1, 2, 3, 4}), sample({3, 4, 5, 9})));
    EXPECT_NEAR(found.degrees, 4.366442584716696, 1e-12);  // scipy 1.14.1
    EXPECT_GT(student_t_two_sided_p(found.t / std::sqrt(2.0), found.degrees / 2.0), 0.1276804127833924);
}

TEST(WelchT, little_nothing_and_constants) {
    EXPECT_EQ(std::get<Undefined>(welch_t_test(sample({}), sample({1, 2}))), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(welch_t_test(sample({1}), sample({1, 2}))), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(welch_t_test(sample({5, 5}), sample({6, 6}))), Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(student_t_test(sample({5, 5}), sample({6, 6}))),
              Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(student_t_test(sample({5}), sample({6}))), Undefined::too_few_values);
    EXPECT_LT(welch({5, 5, 5, 5, 5}, {6, 6, 6, 6, 6.001}).p, 1e-9) << "one side varies";
    EXPECT_TRUE(std::holds_alternative<TestResult>(student_t_test(sample({5}), sample({6, 7}))));
}

TEST(WelchT, a_column_of_constants_that_are_no_short_binary_number_is_constant) {
    EXPECT_EQ(std::get<Undefined>(welch_t_test(sample(std::vector<double>(1000, 0.1)),
                                               sample(std::vector<double>(500, 0.3)))),
              Undefined::constant_sample);
}

TEST(WelchT, a_mean_of_a_million_and_an_sd_of_one_keep_their_digits) {
    std::vector<double> x, y, x_far, y_far;
    for (int i = 0; i < 2000; ++i) {
        x.push_back(0.001953125 * (i % 512));  // Whole multiples of 1/512: adding 1e6 rounds nothing.
        y.push_back(0.001953125 * ((i * 7) % 509));
        x_far.push_back(x.back() + 1e6);
        y_far.push_back(y.back() + 1e6);
    }
    EXPECT_NEAR(welch(x_far, y_far).statistic, welch(x, y).statistic, 1e-6);
    EXPECT_NEAR(student(x_far, y_far).p, student(x, y).p, 1e-6);
}

RC_GTEST_PROP(TTestProperty, is_the_definition_whatever_the_unit_and_the_zero, ()) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            *rc::gen::inRange<std::size_t>(2, 30),
            rc::gen::map(rc::gen::inRange(-50, 50), [](int x) { return static_cast<double>(x); }));
    };
    auto a = draw(), b = draw();
    a.push_back(a.front() + 1.0);  // Something varies.
    const auto mean = [](const std::vector<double>& v) {
        double sum = 0.0;
        for (const double x : v) sum += x;
        return sum / static_cast<double>(v.size());
    };
    const auto variance = [&](const std::vector<double>& v) {
        double sum = 0.0;
        for (const double x : v) sum += (x - mean(v)) * (x - mean(v));
        return sum / static_cast<double>(v.size() - 1);
    };
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    const double t = (mean(a) - mean(b)) / std::sqrt(variance(a) / n + variance(b) / m);
    const double pooled = ((n - 1) * variance(a) + (m - 1) * variance(b)) / (n + m - 2);
    const double t_pooled = (mean(a) - mean(b)) / std::sqrt(pooled * (1 / n + 1 / m));
    RC_ASSERT(std::abs(welch(a, b).statistic - t) < 1e-10 * (1.0 + std::abs(t)));
    RC_ASSERT(std::abs(student(a, b).statistic - t_pooled) < 1e-10 * (1.0 + std::abs(t_pooled)));
    RC_ASSERT(std::abs(welch(b, a).p - welch(a, b).p) < 1e-12);
    const double p = welch(a, b).p;
    for (auto* side : {&a, &b})
        for (auto& x : *side) x = 1024.0 * x - 3.0;
    RC_ASSERT(std::abs(welch(a, b).p - p) < 1e-9);
}
