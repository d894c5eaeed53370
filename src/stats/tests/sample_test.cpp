#include "tristrata/stats/sample.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

using namespace tristrata::stats;

TEST(SortValues, radix_and_plain_sort_agree_on_values_of_every_kind) {
    std::mt19937_64 random{5};
    SCOPED_TRACE("seed 5");
    for (const std::size_t size : {0u, 1u, 2u, 100u, 2047u, 2048u, 5000u, 70000u}) {
        std::vector<double> values(size);
        for (auto& x : values) {
            switch (random() % 6) {
                case 0:
                    x = 0.0;
                    break;
                case 1:
                    x = -0.0;
                    break;
                case 2:
                    x = static_cast<double>(random() % 100) - 50.0;
                    break;
                case 3:
                    x = std::ldexp(1.0, static_cast<int>(random() % 2000) - 1000);
                    break;
                case 4:
                    x = -std::ldexp(1.0, static_cast<int>(random() % 2000) - 1000);
                    break;
                default:
                    x = static_cast<double>(random()) / 1e9;
                    break;
            }
        }
        auto expected = values;
        std::ranges::sort(expected);
        std::vector<double> scratch;
        sort_values(values, scratch);
        EXPECT_EQ(values, expected) << size;
        EXPECT_TRUE(std::ranges::none_of(values, [](double x) { return x == 0.0 && std::signbit(x); }));
    }
}

TEST(SortValues, tells_values_apart_that_agree_in_their_upper_digits) {
    std::mt19937_64 random(3);
    SCOPED_TRACE("seed 3");
    for (const double step : {1e-9, 1e-6, 1.0, 1000.0})
        for (const std::uint64_t distinct : {2u, 50u, 100'000u}) {
            std::vector<double> values(30'000);
            for (double& x : values) x = 1.7e9 + step * static_cast<double>(random() % distinct);
            for (std::size_t i = 0; i < 100; ++i) values[random() % values.size()] *= -1.0;
            auto expected = values;
            std::ranges::sort(expected);
            std::vector<double> scratch;
            sort_values(values, scratch);
            EXPECT_EQ(values, expected) << step << " " << distinct;
        }
}

// Most in one cell of the grid, all beyond it, a sample of every n-th value that is not like the rest.
TEST(SortValues, sorts_columns_of_every_shape) {
    std::mt19937_64 random(7);
    SCOPED_TRACE("seed 7");
    std::normal_distribution<double> normal;
    const double inf = std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::max();
    std::size_t row = 0;
    const std::vector<std::function<double()>> shapes{
        [&] { return normal(random); },
        [&] { return std::exp(20.0 * normal(random)); },
        [&] { return normal(random) / normal(random); },
        [&] { return random() % 10 != 0 ? -0.0 : normal(random); },
        [&] { return random() % 2 != 0 ? 1e9 + normal(random) : 1e-9 * normal(random); },
        [&] { return row % 32 == 0 ? normal(random) : 1e-6 * normal(random); },
        [&] { return row % 32 == 0 ? normal(random) : 1e6 + normal(random); },
        [&] { return random() % 3 != 0 ? most * normal(random) / 8.0 : 1.0; },
        [&] { return random() % 100 == 0   ? -inf
                     : random() % 100 == 0 ? inf
                                           : normal(random); },
        [&] { return random() % 2 != 0 ? inf : -inf; },
        [&] { return 5e-324 * static_cast<double>(random() % 1000); },
        [&] { return -static_cast<double>(row); },
    };
    std::vector<double> scratch;
    for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
        std::vector<double> values(8192);
        for (row = 0; row < values.size(); ++row) values[row] = shapes[shape]();
        auto expected = values;
        std::ranges::sort(expected);
        sort_values(values, scratch);
        ASSERT_EQ(values, expected) << shape;
        ASSERT_TRUE(std::ranges::none_of(values, [](double x) { return x == 0.0 && std::signbit(x); }))
            << shape;
    }
}

TEST(SortedSample, leaves_out_what_is_not_finite) {
    const double inf = std::numeric_limits<double>::infinity();
    const SortedSample sample(std::vector<double>{2, inf, 1, std::numeric_limits<double>::quiet_NaN(), -inf});
    EXPECT_EQ(std::vector<double>(sample.values().begin(), sample.values().end()),
              (std::vector<double>{1, 2}));
}

TEST(SortedSample, quantiles_interpolate_as_type_7_does) {
    // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1]) = 1, 1.75, 3, 5, 8
    const SortedSample sample(std::vector<double>{8, 1, 4, 2});
    EXPECT_EQ(sample.quantile(0.0), 1.0);
    EXPECT_EQ(sample.quantile(0.25), 1.75);
    EXPECT_EQ(sample.median(), 3.0);
    EXPECT_EQ(sample.quantile(0.75), 5.0);
    EXPECT_EQ(sample.quantile(1.0), 8.0);
    EXPECT_EQ(sample.iqr(), 3.25);
    EXPECT_EQ(SortedSample(std::vector<double>{7}).median(), 7.0);
}

TEST(SortedSample, from_sorted_takes_what_is_in_order_and_nothing_else) {
    const auto sample = SortedSample::from_sorted({1, 2, 2, 5});
    EXPECT_EQ(sample.size(), 4u);
    EXPECT_EQ(sample.median(), 2.0);
    EXPECT_TRUE(SortedSample::from_sorted({}).empty());
    EXPECT_DEATH((void)SortedSample::from_sorted({2, 1}), "is_sorted");
    EXPECT_DEATH((void)SortedSample::from_sorted({1, std::numeric_limits<double>::infinity()}), "isfinite");
}
