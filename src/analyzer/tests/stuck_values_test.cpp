#include "stuck_values.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <functional>
#include <random>

namespace tristrata::analyzer {
namespace {

constexpr std::int64_t length = 6000;
constexpr int rows = 60, windows = 100;

using Draw = std::function<double(std::mt19937&)>;

double lognormal(std::mt19937& random) { return std::lognormal_distribution<double>(0.0, 0.4)(random); }
double rounded(double value, double step) { return std::round(value / step) * step; }

std::vector<TimedValue> drawn(std::int64_t from, int count, const Draw& draw, std::mt19937& random) {
    std::vector<TimedValue> values;
    for (int i = 0; i < count; ++i) values.push_back({from + i * length / rows, draw(random)});
    return values;
}

std::optional<std::string> said(const Draw& before, const Draw& now, unsigned seed = 1, int count = rows) {
    std::mt19937 random(seed);
    const auto reference = drawn(-windows * length, windows * rows, before, random);
    return stuck_values(reference, drawn(0, count, now, random), 0, length, detection::Season::none,
                        drift::SeverityPolicy::defaults());
}

/// Of many draws, those that are said to be stuck.
int stuck_of(int draws, const Draw& before, const Draw& now) {
    int stuck = 0;
    for (int seed = 0; seed < draws; ++seed) stuck += said(before, now, static_cast<unsigned>(seed)) ? 1 : 0;
    return stuck;
}

TEST(StuckValues, a_source_that_is_frozen_sticks_copies_or_fills_in_is_told) {
    EXPECT_EQ(said(lognormal, [](auto&) { return 3.0; }),
              "all 60 values are 3, where 0 of 100 such windows hold one value alone");
    EXPECT_TRUE(said(lognormal, [](auto&) { return 3.0; }, 1, 5)) << "of five values";
    EXPECT_FALSE(said(lognormal, [](auto&) { return 3.0; }, 1, 4)) << "too few to tell";
    int row = 0;
    double held = 0.0;
    const Draw sticky = [&](auto& random) {
        if (row++ % 20 == 0) held = lognormal(random);
        return held;
    };
    EXPECT_TRUE(said(lognormal, sticky));
    const Draw two_decimals = [](auto& random) { return rounded(lognormal(random), 0.01); };
    const Draw sticky_decimals = [&](auto& random) { return rounded(sticky(random), 0.01); };
    EXPECT_TRUE(said(two_decimals, sticky_decimals)) << "what is rounded repeats, but not so";
    for (const double share : {0.4, 0.5, 0.7})
        for (const double value : {0.0, 1.25}) {
            const Draw filled = [=](auto& random) {
                return std::uniform_real_distribution<double>()(random) < share ? value
                                                                                : two_decimals(random);
            };
            EXPECT_EQ(stuck_of(40, lognormal, filled), 40) << share << ' ' << value;
            EXPECT_EQ(stuck_of(40, two_decimals, filled), 40) << share << ' ' << value << ", rounded";
        }
}

TEST(StuckValues, a_worked_example) {
    int row = 0;
    const auto text = said(lognormal, [&](auto& random) { return row++ % 2 == 0 ? 0.0 : lognormal(random); });
    EXPECT_EQ(text,
              "30 of 60 values are 0 and 31 differ, where such windows hold 60 different ones: stuck, "
              "copied or filled in");
}

TEST(StuckValues, what_moved_by_itself_is_not_however_coarse_its_values_are) {
    const auto share_of_ones = [](double share) {
        return [=](std::mt19937& random) { return std::bernoulli_distribution(share)(random) ? 1.0 : 0.0; };
    };
    const auto counts = [](double mean) {
        return [=](std::mt19937& random) -> double { return std::poisson_distribution<int>(mean)(random); };
    };
    const auto scores = [](double mean, double sd, double step) {
        return [=](std::mt19937& random) {
            return rounded(std::normal_distribution<double>(mean, sd)(random), step);
        };
    };
    const auto times_three = [](std::mt19937& random) { return 3.0 * lognormal(random); };
    constexpr int draws = 200;
    EXPECT_EQ(stuck_of(draws, lognormal, times_three), 0);
    EXPECT_EQ(stuck_of(draws, lognormal, [](auto& random) { return 0.3 * lognormal(random); }), 0);
    EXPECT_EQ(stuck_of(draws, share_of_ones(0.97), share_of_ones(0.5)), 0);
    EXPECT_EQ(stuck_of(draws, share_of_ones(0.5), share_of_ones(0.2)), 0);
    EXPECT_EQ(stuck_of(draws, counts(30.0), counts(3.0)), 0);
    EXPECT_EQ(stuck_of(draws, counts(3.0), counts(30.0)), 0);
    EXPECT_EQ(stuck_of(draws, counts(3.0), [&](auto& random) { return 3.0 * counts(3.0)(random); }), 0);
    EXPECT_EQ(stuck_of(draws, scores(0.97, 0.01, 0.01), scores(0.6, 0.05, 0.01)), 0);
    EXPECT_EQ(stuck_of(draws, scores(0.9, 0.05, 0.01), scores(0.6, 0.01, 0.01)), 0) << "it scatters less";
    EXPECT_EQ(stuck_of(draws, scores(300.0, 60.0, 1.0), scores(30.0, 6.0, 1.0)), 0);
}

TEST(StuckValues, windows_that_hold_one_value_by_nature_are_not_frozen) {
    int row = 0;
    const Draw setting = [&](auto&) { return row++ / rows % 3 == 0 ? 8.0 : 16.0; };
    EXPECT_FALSE(said(setting, [](auto&) { return 4.0; }));
    // A column that is mostly 0: half of its windows are.
    const Draw seldom = [](auto& random) { return std::bernoulli_distribution(0.01)(random) ? 1.0 : 0.0; };
    EXPECT_FALSE(said(seldom, [](auto&) { return 0.0; }));
    EXPECT_FALSE(stuck_values({}, std::vector<TimedValue>(9), 0, length, detection::Season::none,
                              drift::SeverityPolicy::defaults()))
        << "nothing to compare with";
}

}  // namespace
}  // namespace tristrata::analyzer
