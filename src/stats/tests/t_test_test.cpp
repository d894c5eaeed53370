#include "tristrata/stats/t_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <utility>
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

TEST(WelchT, has_no_unit_however_large_or_small_the_values_are) {
    const std::vector<double> a{1, 2, 3, 4}, b{3, 4, 5, 9};
    for (const int power : {-1070, -700, 700, 1019}) {
        auto scaled_a = a, scaled_b = b;
        for (auto* side : {&scaled_a, &scaled_b})
            for (double& x : *side) x = std::ldexp(x, power);
        EXPECT_EQ(welch(scaled_a, scaled_b).p, welch(a, b).p) << power;
        EXPECT_EQ(student(scaled_a, scaled_b).p, student(a, b).p) << power;
    }
}

TEST(WelchT, its_degrees_are_told) {
    const auto found = std::get<WelchStatistic>(welch_statistic(sample({1, 2, 3, 4}), sample({3, 4, 5, 9})));
    EXPECT_NEAR(welch_degrees(found), 4.366442584716696, 1e-12);  // scipy 1.14.1
    EXPECT_EQ(welch_p(found), welch({1, 2, 3, 4}, {3, 4, 5, 9}).p);
}

TEST(WelchT, rows_that_are_worth_half_have_the_degrees_of_half_as_many) {
    const auto found = std::get<WelchStatistic>(welch_statistic(sample({1, 2, 3, 4}), sample({3, 4, 5, 9})));
    // n/tau - 1 = 1 on both sides: 1 / (a^2 + b^2).
    const double a = found.reference_share;
    EXPECT_NEAR(a, (5.0 / 12.0) / (5.0 / 12.0 + 83.0 / 48.0), 1e-12);
    EXPECT_NEAR(welch_degrees(found, 2.0), 1.0 / (a * a + (1.0 - a) * (1.0 - a)), 1e-12);
    EXPECT_NEAR(welch_p(found, 2.0),
                student_t_two_sided_p(found.t / std::sqrt(2.0), welch_degrees(found, 2.0)), 1e-15);
    EXPECT_GT(welch_p(found, 2.0), welch_p(found));
    EXPECT_EQ(welch_degrees(found, 4.0), 0.0) << "one value a side has no spread";
    EXPECT_EQ(welch_p(found, 4.0), 1.0);
}

TEST(WelchPermutation, p_is_twice_the_smaller_share_of_the_choices_on_one_side_of_t_or_students) {
    const std::vector<double> values{0, 1, 4, 9, 9.5, 30};
    for (const auto& [first, second] : {std::pair<std::size_t, std::size_t>{0, 1}, {0, 2}, {3, 5}, {4, 5}}) {
        const auto drawn_and_rest = [&](std::size_t i, std::size_t j) {
            std::vector<double> rest;
            for (std::size_t k = 0; k < values.size(); ++k)
                if (k != i && k != j) rest.push_back(values[k]);
            return std::pair{std::vector<double>{values[i], values[j]}, rest};
        };
        const auto [drawn, rest] = drawn_and_rest(first, second);
        const double t = welch(rest, drawn).statistic;
        double at_most = 0.0, at_least = 0.0, choices = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i)
            for (std::size_t j = i + 1; j < values.size(); ++j) {
                const auto [others, left] = drawn_and_rest(i, j);
                const double other = welch(left, others).statistic;
                at_most += other <= t + 1e-9;
                at_least += other >= t - 1e-9;
                choices += 1.0;
            }
        const double exact = std::min(1.0, 2.0 * std::min(at_most, at_least) / choices);
        const double wanted = std::max(exact, welch(rest, drawn).p);
        const auto found =
            std::get<TestResult>(welch_permutation_test(sample(rest), sample(drawn), 20'000, Random(1, 1)));
        EXPECT_EQ(found.statistic, t);
        EXPECT_EQ(found.how, "permutation");
        EXPECT_NEAR(found.p, wanted, 4.0 * exact / 7.7) << "ends after sixty draws: an eighth, four of them";
        const auto turned =
            std::get<TestResult>(welch_permutation_test(sample(drawn), sample(rest), 20'000, Random(1, 1)));
        EXPECT_EQ(turned.statistic, -t);
        EXPECT_NEAR(turned.p, wanted, 4.0 * exact / 7.7);
    }
}

TEST(WelchPermutation, few_skew_values_are_flagged_as_often_as_is_said) {
    constexpr std::uint64_t seed = 15;
    SCOPED_TRACE(seed);
    int by_permutation = 0, by_student = 0, symmetric = 0;
    constexpr int runs = 600;
    for (std::uint64_t run = 0; run < std::uint64_t{runs}; ++run) {
        Random random(seed, run);
        const auto drawn = [&](std::size_t count, bool skew) {
            std::vector<double> values(count);
            for (double& x : values) x = skew ? std::exp(2.0 * random.normal()) : random.normal();
            return sample(std::move(values));
        };
        const auto p = [&](const SortedSample& a, const SortedSample& b) {
            return std::get<TestResult>(welch_permutation_test(a, b, 199, Random(seed + 1, run))).p;
        };
        const auto a = drawn(400, true), b = drawn(40, true);
        by_permutation += p(a, b) <= 0.05;
        by_student += std::get<TestResult>(welch_t_test(a, b)).p <= 0.05;
        symmetric += p(drawn(40, false), drawn(60, false)) <= 0.05;
    }
    // Four standard errors of a share of .05.
    EXPECT_NEAR(by_permutation, 0.05 * runs, 4.0 * std::sqrt(0.05 * 0.95 * runs));
    EXPECT_NEAR(symmetric, 0.05 * runs, 4.0 * std::sqrt(0.05 * 0.95 * runs));
    EXPECT_GT(by_student, 0.12 * runs) << "what it is for";
}

TEST(WelchPermutation, another_spread_alone_is_no_other_mean) {
    constexpr std::uint64_t seed = 16;
    SCOPED_TRACE(seed);
    int flagged = 0;
    constexpr int runs = 400;
    for (std::uint64_t run = 0; run < std::uint64_t{runs}; ++run) {
        Random random(seed, run);
        std::vector<double> wide(50), narrow(2000);
        for (double& x : wide) x = 10.0 * random.normal();
        for (double& x : narrow) x = random.normal();
        flagged += std::get<TestResult>(
                       welch_permutation_test(sample(narrow), sample(wide), 199, Random(seed + 1, run)))
                       .p <= 0.05;
    }
    EXPECT_LT(flagged, 0.05 * runs + 4.0 * std::sqrt(0.05 * 0.95 * runs)) << "Student's flags .70";
}

TEST(WelchPermutation, little_constants_and_a_wild_value) {
    const auto outcome = [](std::vector<double> a, std::vector<double> b) {
        return welch_permutation_test(sample(std::move(a)), sample(std::move(b)), 999, Random(3, 3));
    };
    EXPECT_EQ(std::get<Undefined>(outcome({}, {1, 2})), Undefined::empty_sample);
    EXPECT_EQ(std::get<Undefined>(outcome({1}, {1, 2})), Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(outcome({5, 5}, {6, 6})), Undefined::constant_sample);
    EXPECT_LT(std::get<TestResult>(outcome(std::vector<double>(30, 5),
                                           [] {
                                               std::vector<double> six(30, 6);
                                               six.back() = 6.5;
                                               return six;
                                           }()))
                  .p,
              0.01);
    std::vector<double> a, b;
    for (int i = 0; i < 200; ++i) a.push_back(i % 13), b.push_back(i % 11);
    b.back() = 1e12;  // Blinds it, and makes no false alarm.
    EXPECT_GT(std::get<TestResult>(outcome(a, b)).p, 0.3);
    EXPECT_EQ(std::get<TestResult>(outcome(a, b)).p, std::get<TestResult>(outcome(a, b)).p) << "a seed's";
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
