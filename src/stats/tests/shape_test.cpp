// Distances and tails of numeric samples, histograms, dependence and windows. Golden values: scipy 1.14.1.
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/histogram.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/robust_deviation.hpp"
#include "tristrata/stats/wasserstein.hpp"
#include "tristrata/stats/windows.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

using namespace tristrata::stats;

namespace {

SortedSample sample(std::vector<double> values) { return SortedSample(std::move(values)); }

std::vector<double> ar1(std::size_t n, double phi, Random& random) {
    std::vector<double> series(n);
    double x = random.normal() / std::sqrt(1.0 - phi * phi);
    for (auto& value : series) {
        value = x;
        x = phi * x + random.normal();
    }
    return series;
}

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

TEST(Histogram, a_value_on_an_edge_counts_to_the_bin_below) {
    Histogram histogram({1.0, 2.0});
    histogram.update(std::vector<double>{0.5, 1.0, 1.5, 2.0, 2.5});
    EXPECT_EQ(histogram.counts, (std::vector<std::uint64_t>{2, 2, 1}));
    Histogram sorted({1.0, 2.0});
    sorted.update_sorted(std::vector<double>{0.5, 1.0, 1.5, 2.0, 2.5});
    EXPECT_EQ(sorted.counts, histogram.counts);
    sorted.merge(histogram);
    EXPECT_EQ(sorted.total(), 10u);
}

TEST(Histogram, equal_mass_edges_cut_equal_shares_and_repeat_nothing) {
    std::vector<double> values(1000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
    Histogram histogram(equal_mass_edges(values, 10));
    histogram.update(values);
    for (const auto count : histogram.counts) EXPECT_EQ(count, 100u);
    EXPECT_TRUE(equal_mass_edges(std::vector<double>(50, 7.0), 10).empty());
    EXPECT_EQ(equal_mass_edges(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, 10).size(), 3u);
}

TEST(PlotEdges, one_wild_value_does_not_flatten_the_picture) {
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) values.push_back(i % 100);
    std::sort(values.begin(), values.end());
    auto wild = values;
    wild.back() = 1e6;
    EXPECT_LT(plot_edges(values, wild, 30).back(), 200.0);
    EXPECT_EQ(plot_edges(std::vector<double>{5}, std::vector<double>{5}, 30).size(), 2u);
    EXPECT_TRUE(plot_edges({}, {}, 30).empty());
}

TEST(Dependence, independent_rows_have_a_tau_near_one_and_persistent_ones_a_large_one) {
    Random random(3, 1);
    const auto white = integrated_autocorrelation_time(ar1(4000, 0.0, random), 96);
    EXPECT_LT(std::get<Dependence>(white).tau, 1.3);
    const auto red = integrated_autocorrelation_time(ar1(8640, 0.9, random), 960);
    // An AR(1) of .9 has (1 + φ)/(1 - φ) = 19 for its values; its indicators forget a little faster.
    EXPECT_GT(std::get<Dependence>(red).tau, 9.0);
    EXPECT_LT(std::get<Dependence>(red).tau, 19.0);
}

TEST(Dependence, a_monotone_change_of_scale_changes_nothing_and_a_constant_has_no_answer) {
    Random random(4, 1);
    auto series = ar1(2000, 0.7, random);
    const double tau = std::get<Dependence>(integrated_autocorrelation_time(series, 96)).tau;
    for (auto& x : series) x = std::exp(2.0 * x) - 5.0;
    EXPECT_EQ(std::get<Dependence>(integrated_autocorrelation_time(series, 96)).tau, tau);
    EXPECT_EQ(std::get<Undefined>(integrated_autocorrelation_time(std::vector<double>(100, 3.0), 96)),
              Undefined::constant_sample);
    EXPECT_EQ(std::get<Undefined>(integrated_autocorrelation_time(std::vector<double>(5, 3.0), 96)),
              Undefined::too_few_values);
}

TEST(Dependence, ks_at_n_over_tau_holds_its_size_on_an_autocorrelated_series) {
    int flagged = 0;
    constexpr int repeats = 300;
    for (std::uint64_t r = 0; r < repeats; ++r) {
        Random random(31, 1, r);
        const auto all = ar1(1344 + 96, 0.9, random);
        const std::vector<double> before(all.begin(), all.begin() + 1344),
            after(all.begin() + 1344, all.end());
        const auto dependence = std::get<Dependence>(integrated_autocorrelation_time(before, 96));
        const double d = *value_of(ks_distance(SortedSample(before), SortedSample(after)));
        const double root = std::sqrt(1344.0 * 96.0 / (1344.0 + 96.0)) * d;
        flagged += averaged_p([&](double tau) { return kolmogorov_survival(root / std::sqrt(tau)); },
                              dependence) <= 0.05;
    }
    EXPECT_LE(flagged, static_cast<int>(repeats * (0.05 + 3.5 * 0.0126))) << "seed 31";
}

TEST(AveragedP, of_a_tau_that_is_known_is_p_itself) {
    EXPECT_EQ(averaged_p([](double tau) { return 0.1 * tau; }, {4.0, 0.0, 0.0}), 0.4);
    const double spread = averaged_p([](double tau) { return std::exp(-20.0 / tau); }, {2.0, 10.0, 0.25});
    EXPECT_GT(spread, std::exp(-10.0)) << "an uncertain tau makes the far tail thicker";
}

TEST(Windows, one_shifted_column_is_found_and_the_others_are_not) {
    constexpr std::size_t k = 30;
    std::vector<WindowSeries> series;
    for (std::uint64_t column = 0; column < 4; ++column) {
        Random random(5, column);
        WindowSeries one;
        for (std::size_t w = 0; w <= k; ++w) one.emplace_back(random.normal());
        if (column == 2) one.back() = 12.0;
        else one.back() = 0.0;
        series.push_back(one);
    }
    const auto p = chunk_adjusted_p(series, 1, k);
    EXPECT_EQ(*p[2], 1.0 / 31.0);
    for (const std::size_t other : {0u, 1u, 3u}) EXPECT_GT(*p[other], 0.2);
}

TEST(Windows, any_column_is_flagged_at_most_as_often_as_alpha_says) {
    constexpr std::size_t k = 19;
    int flagged = 0;
    constexpr int repeats = 1000;
    for (std::uint64_t r = 0; r < repeats; ++r) {
        Random random(6, 1, r);
        std::vector<WindowSeries> series(6, WindowSeries(k + 1));
        for (std::size_t w = 0; w <= k; ++w) {
            const double shared = random.normal();  // Columns move together.
            for (auto& one : series) one[w] = shared + 0.5 * random.normal();
        }
        const auto p = chunk_adjusted_p(series, 2, k);
        flagged += std::ranges::any_of(p, [](const auto& one) { return one && *one <= 0.05; });
    }
    EXPECT_LE(flagged, static_cast<int>(repeats * (0.05 + 4.0 * 0.0069))) << "seed 6";
    EXPECT_GE(flagged, 10);
}

TEST(Windows, a_window_without_a_value_is_left_out_and_a_current_without_one_has_no_p) {
    std::vector<WindowSeries> series{{1.0, std::nullopt, 2.0, 3.0}, {1.0, 2.0, 3.0, std::nullopt}};
    const auto p = chunk_adjusted_p(series, 1, 3);
    EXPECT_TRUE(p[0]);
    EXPECT_FALSE(p[1]);
}
