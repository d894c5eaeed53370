// Random numbers, and distances and tails of numeric samples. Golden values: scipy 1.14.1.
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/robust_deviation.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

}  // namespace

TEST(Random, is_a_pure_function_of_seed_stream_and_replicate) {
    Random a(1, 2, 3), b(1, 2, 3), c(1, 2, 4), d(1, 3, 3), e(2, 2, 3);
    const auto first = a();
    EXPECT_EQ(first, b());
    EXPECT_NE(first, c());
    EXPECT_NE(first, d());
    EXPECT_NE(first, e());
}

TEST(Random, uniform_normal_and_below_have_their_moments) {
    Random random(9, 1);
    double sum = 0.0, squares = 0.0, uniform = 0.0;
    constexpr int draws = 50000;
    for (int i = 0; i < draws; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
        uniform += random.uniform();
        ASSERT_LT(random.below(7), 7u);
    }
    EXPECT_NEAR(sum / draws, 0.0, 5.0 / std::sqrt(draws));
    EXPECT_NEAR(squares / draws, 1.0, 5.0 * std::sqrt(2.0 / draws));
    EXPECT_NEAR(uniform / draws, 0.5, 5.0 / std::sqrt(12.0 * draws));
}

TEST(Wasserstein, worked_example_and_golden) {
    EXPECT_NEAR(*value_of(wasserstein_trimmed(sample({0, 1, 2, 3, 4}), sample({1, 2, 3, 4, 5}))), 0.5, 1e-15);
    // scipy.stats.wasserstein_distance(x[1:-1], y[1:-1]) / IQR(x), x = 1..20, y = 1.5 * 1..15: 1.5 / 9.5
    std::vector<double> x, y;
    for (int i = 1; i <= 20; ++i) x.push_back(i);
    for (int i = 1; i <= 15; ++i) y.push_back(1.5 * i);
    EXPECT_NEAR(*value_of(wasserstein_trimmed(sample(x), sample(y))), 1.5 / 9.5, 1e-12);
}

TEST(Wasserstein, one_wild_value_a_side_does_not_move_it) {
    std::vector<double> a, b;
    for (int i = 0; i < 200; ++i) {
        a.push_back(i % 20);
        b.push_back(i % 20);
    }
    const double before = *value_of(wasserstein_trimmed(sample(a), sample(b)));
    b[0] = 1e6;
    a[5] = -1e6;
    EXPECT_NEAR(*value_of(wasserstein_trimmed(sample(a), sample(b))), before, 0.05);
}

TEST(Wasserstein, without_a_spread_there_is_no_answer) {
    EXPECT_EQ(std::get<Undefined>(wasserstein_trimmed(sample({5, 5, 5, 5}), sample({6, 6, 6, 6}))),
              Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(wasserstein_trimmed(sample({1, 2, 3}), sample({1, 2, 3}))),
              Undefined::too_few_values);
    EXPECT_TRUE(has_value(wasserstein_trimmed(sample({0, 0, 0, 0, 0, 0, 0, 1, 2, 3}), sample({0, 0, 1, 2}))))
        << "the rest has a spread";
}

TEST(WassersteinDistance, worked_example_and_golden) {
    EXPECT_EQ(*value_of(wasserstein_distance(sample({0, 2}), sample({1, 5}))), 2.0);
    EXPECT_EQ(*value_of(wasserstein_distance(sample({7}), sample({7, 7}))), 0.0);
    EXPECT_EQ(std::get<Undefined>(wasserstein_distance(sample({}), sample({7}))), Undefined::empty_sample);
    std::vector<double> a, b;
    for (int i = 0; i < 100; ++i) {
        a.push_back(i);
        b.push_back(i);
    }
    b[99] = 1e6 + 99.0;
    EXPECT_NEAR(*value_of(wasserstein_distance(sample(a), sample(b))), 1e4, 1e-6) << "one value moves it";
}

TEST(RobustDeviation, worked_example_and_edges) {
    EXPECT_EQ(*value_of(third_largest_robust_deviation(std::vector<double>{0, 1, 2, 3, 100, 200}, 2, 1)),
              2.0);
    EXPECT_EQ(*value_of(third_largest_robust_deviation(std::vector<double>{1, 2, 3}, 2, 1)), 0.0);
    EXPECT_EQ(std::get<Undefined>(third_largest_robust_deviation(std::vector<double>{1, 2}, 2, 1)),
              Undefined::too_few_values);
    EXPECT_EQ(std::get<Undefined>(third_largest_robust_deviation(std::vector<double>{1, 2, 3}, 2, 0)),
              Undefined::constant_sample);
}

TEST(AndersonDarling, golden_with_and_without_ties) {
    std::vector<double> x, y;
    for (int i = 1; i <= 20; ++i) x.push_back(i);
    for (int i = 1; i <= 15; ++i) y.push_back(1.5 * i);
    // scipy.stats.anderson_ksamp([x, y], midrank=True)
    EXPECT_NEAR(std::get<TestResult>(anderson_darling_test(sample(x), sample(y))).statistic,
                -0.7828182376090288, 1e-9);
    EXPECT_NEAR(std::get<TestResult>(
                    anderson_darling_test(sample({1, 1, 2, 2, 3, 4, 5}), sample({2, 3, 3, 4, 6, 6, 7, 8})))
                    .statistic,
                2.6341951091531874, 1e-9);
    EXPECT_EQ(std::get<Undefined>(anderson_darling_test(sample({5, 5}), sample({5, 5}))),
              Undefined::constant_sample);
}

TEST(AndersonDarling, golden_of_thousands_of_values_where_its_variance_comes_from_a_limit) {
    // scipy 1.14.1, anderson_ksamp([arange(n), 1.01 * arange(m) * n / m]).statistic
    const auto statistic = [](int n, int m) {
        std::vector<double> x, y;
        for (int i = 0; i < n; ++i) x.push_back(i);
        for (int i = 0; i < m; ++i) y.push_back(1.01 * i * n / m);
        return std::get<TestResult>(anderson_darling_test(sample(x), sample(y))).statistic;
    };
    EXPECT_NEAR(statistic(1200, 900), -0.9882538622593936, 1e-9);
    EXPECT_NEAR(statistic(30000, 20000), 6.5132690872634456, 1e-7);
}
