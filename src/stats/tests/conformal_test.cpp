#include "tristrata/stats/conformal.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

using namespace tristrata::stats;

namespace {

double evidence_of(const std::vector<double>& ps) {
    MixtureMartingale martingale;
    for (const double p : ps) martingale.update(p);
    return std::exp(martingale.log_evidence());
}

/// One measure of windows whose scores are these.
std::vector<WindowSeries> scores(const std::vector<double>& values) {
    return {WindowSeries(values.begin(), values.end())};
}

}  // namespace

TEST(MixtureMartingale, worked_example) {
    EXPECT_EQ(evidence_of({}), 1.0);
    EXPECT_NEAR(evidence_of({0.01}), 4.45, 0.005);
    EXPECT_NEAR(evidence_of(std::vector<double>(10, 0.1)), 37.5, 0.05);
}

TEST(MixtureMartingale, is_the_integral_over_the_exponent_as_far_as_a_mean_of_200_goes) {
    // One p: (1 - p + p ln p) / (p ln² p), the integral of e p^(e - 1) over (0, 1).
    for (const double p : {0.9, 0.3, 0.05, 0.002}) {
        const double l = std::log(p);
        EXPECT_NEAR(evidence_of({p}) / ((1.0 - p + p * l) / (p * l * l)), 1.0, 2e-3) << p;
    }
}

TEST(MixtureMartingale, has_mean_one_and_stays_finite) {
    // Over p = exp(-x), where the tail near 0 is not missed; beyond 700 lies .001 of it.
    double sum = 0.0;
    constexpr double step = 0.05;
    for (double x = step / 2; x < 700.0; x += step) sum += evidence_of({std::exp(-x)}) * std::exp(-x) * step;
    EXPECT_NEAR(sum, 1.0, 0.005);
    MixtureMartingale certain;
    for (int i = 0; i < 2000; ++i) certain.update(1e-300);
    EXPECT_TRUE(std::isfinite(certain.log_evidence()));
    MixtureMartingale bored;
    for (int i = 0; i < 100'000; ++i) bored.update(1.0);
    EXPECT_TRUE(std::isfinite(bored.log_evidence()));
    EXPECT_LT(bored.log_evidence(), 0.0);
}

TEST(NewestWindowRank, counts_what_is_above_and_what_is_equal) {
    const auto rank = newest_window_rank(scores({1, 5, 3, 2, 3}), 1);
    ASSERT_TRUE(rank);
    EXPECT_EQ(rank->above, 1u);
    EXPECT_EQ(rank->equal, 1u);
    EXPECT_EQ(rank->compared, 4u);
    EXPECT_DOUBLE_EQ(smoothed_p(*rank, 1.0), 3.0 / 5.0);
    EXPECT_DOUBLE_EQ(smoothed_p(*rank, 0.5), 2.0 / 5.0);
    EXPECT_FALSE(newest_window_rank(scores({2, 2, 2}), 1)) << "nothing varies";
    EXPECT_FALSE(newest_window_rank({}, 1));
    EXPECT_FALSE(newest_window_rank({{1.0, 2.0, std::nullopt}}, 1));
}

TEST(NewestWindowRank, leaves_out_windows_that_lack_a_measure_and_names_the_column) {
    const auto rank = newest_window_rank({{1.0, 4.0, 3.0, 4.0}, {1.0, std::nullopt, 2.0, 9.0}, {}, {}}, 1);
    ASSERT_TRUE(rank);
    EXPECT_EQ(rank->compared, 2u);
    EXPECT_EQ(rank->column, 1u);
    EXPECT_EQ(rank->above, 0u);
}

TEST(NewestWindowRank, of_exchangeable_windows_is_uniform_after_smoothing) {
    constexpr std::uint64_t seed = 8;
    SCOPED_TRACE(seed);
    Random random(seed, 0);
    constexpr int runs = 4000;
    int tenths[10] = {};
    for (int run = 0; run < runs; ++run) {
        std::vector<double> values(12);
        for (auto& value : values) value = std::floor(6 * random.uniform());  // Many ties.
        const auto rank = newest_window_rank(scores(values), 1);
        if (!rank) continue;
        ++tenths[static_cast<int>(std::min(9.0, 10 * smoothed_p(*rank, 1.0 - random.uniform())))];
    }
    for (const int tenth : tenths) EXPECT_NEAR(tenth, runs / 10, 4 * std::sqrt(runs * 0.09)) << tenth;
}

TEST(NewestWindowRank, of_a_class_is_among_its_class_alone_and_uniform_whatever_the_others_measure) {
    const std::vector<int> classes{0, 1, 0, 1, 0};
    const auto rank = newest_window_rank(scores({1, 50, 3, 70, 2}), 1, classes);
    ASSERT_TRUE(rank);
    EXPECT_EQ(rank->compared, 2u);
    EXPECT_EQ(rank->above, 1u);
    constexpr std::uint64_t seed = 9;
    SCOPED_TRACE(seed);
    Random random(seed, 0);
    constexpr int runs = 4000;
    double sum = 0.0, low = 0.0;
    for (int run = 0; run < runs; ++run) {
        std::vector<double> values;
        std::vector<int> week;
        for (int window = 0; window < 21; ++window) {
            week.push_back((window + run) % 7 >= 5);
            const double value = random.normal();
            values.push_back(week.back() != 0 ? std::exp(3.0 * value) : value);  // Another shape altogether.
        }
        const auto found = newest_window_rank(scores(values), 1, week);
        ASSERT_TRUE(found);
        const double p = smoothed_p(*found, 1.0 - random.uniform());
        sum += p;
        low += p <= 0.1;
    }
    EXPECT_NEAR(sum / runs, 0.5, 4 * std::sqrt(1.0 / 12 / runs));
    EXPECT_NEAR(low / runs, 0.1, 4 * std::sqrt(0.09 / runs));
}
