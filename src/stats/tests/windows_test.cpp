#include "tristrata/stats/windows.hpp"

#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata::stats;

namespace {

/// The share of undrifted runs in which any of `columns` correlated columns has p <= .05: each run gets its
/// windows from `measure(random, column, window)`, of which some may be absent.
template <typename Presence>
double any_flagged(std::size_t columns, std::size_t windows, int runs, Presence present) {
    int flagged = 0;
    for (int run = 0; run < runs; ++run) {
        Random random(20240607, columns, static_cast<std::uint64_t>(run));
        std::vector<WindowSeries> series(2 * columns, WindowSeries(windows + 1));
        for (std::size_t window = 0; window <= windows; ++window) {
            const double shared = random.normal();
            for (std::size_t i = 0; i < series.size(); ++i) {
                const double value = 0.7 * shared + random.normal();
                if (present(i / 2, window)) series[i][window] = value;
            }
        }
        bool any = false;
        for (const auto& p : chunk_adjusted_p(series, 2, windows)) any = any || (p && p->p <= 0.05);
        flagged += any;
    }
    return flagged / static_cast<double>(runs);
}

}  // namespace

TEST(ChunkAdjustedP, worked_example_counts_windows_at_least_as_high) {
    const WindowSeries highest{1.0, 2.0, 3.0, 9.0}, middle{1.0, 2.0, 9.0, 3.0};
    EXPECT_EQ(chunk_adjusted_p({highest}, 1, 3)[0]->p, 0.25);
    EXPECT_EQ(chunk_adjusted_p({middle}, 1, 3)[0]->p, 0.5);
    EXPECT_EQ(chunk_adjusted_p({{2.0, 1.0, 2.0, 2.0}}, 1, 3)[0]->p, 0.75) << "a tie counts";
}

TEST(ChunkAdjustedP, undrifted_windows_are_flagged_as_often_as_alpha_says) {
    // Exact: floor(.05 * 40) / 40 = .05; 3,000 runs have a standard error of .004.
    const double one = any_flagged(1, 39, 3000, [](auto, auto) { return true; });
    const double twelve = any_flagged(12, 39, 3000, [](auto, auto) { return true; });
    EXPECT_LE(one, 0.066);
    EXPECT_GE(one, 0.034);
    EXPECT_LE(twelve, 0.066);
    EXPECT_GE(twelve, 0.034);
}

TEST(ChunkAdjustedP, windows_without_the_column_do_not_make_its_p_small) {
    for (const std::size_t held : {3u, 10u, 25u}) {
        const double share = any_flagged(1, 39, 2000, [&](auto, auto w) { return w == 39 || w < held; });
        EXPECT_LE(share, 0.068) << held << " of 39 windows";
    }
    const WindowSeries rare{std::nullopt, std::nullopt, std::nullopt, std::nullopt, 1.0, 2.0, 50.0};
    EXPECT_EQ(chunk_adjusted_p({rare}, 1, 6)[0]->compared, 2u);
    EXPECT_NEAR(chunk_adjusted_p({rare}, 1, 6)[0]->p, 1.0 / 3.0, 1e-15);
}

TEST(ChunkAdjustedP, a_column_with_gaps_neither_floods_nor_silences_the_others) {
    const auto patchy = [](auto column, auto w) { return w == 39 || column % 3 != 0 || w % 4 != 0; };
    const double share = any_flagged(12, 39, 2000, patchy);
    EXPECT_LE(share, 0.075);
    EXPECT_GE(share, 0.02);
}

TEST(ChunkAdjustedP, one_shifted_column_is_found_and_the_others_are_not) {
    constexpr std::size_t windows = 60, columns = 10;
    Random random(3, 1);
    std::vector<WindowSeries> series(columns, WindowSeries(windows + 1));
    for (auto& one : series)
        for (auto& value : one) value = random.normal();
    for (auto& one : series) one[windows] = 0.0;
    series[4][windows] = 8.0;
    const auto p = chunk_adjusted_p(series, 1, windows);
    for (std::size_t column = 0; column < columns; ++column) {
        if (column == 4) EXPECT_EQ(p[column]->p, 1.0 / 61.0);
        else EXPECT_GT(p[column]->p, 0.05);
    }
}

TEST(ChunkAdjustedP, scale_and_shift_of_a_measure_change_nothing) {
    Random random(8, 1);
    std::vector<WindowSeries> series(4, WindowSeries(31));
    for (auto& one : series)
        for (auto& value : one) value = random.normal();
    const auto before = chunk_adjusted_p(series, 2, 30);
    for (auto& value : series[1]) value = 1e3 + 50.0 * *value;
    const auto after = chunk_adjusted_p(series, 2, 30);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i]->p, before[i]->p);
}

TEST(ChunkAdjustedP, a_constant_or_unmeasured_column_has_no_answer_and_costs_the_others_none) {
    const WindowSeries constant(4, 2.0), none(4), fine{1.0, 2.0, 3.0, 9.0}, no_current{1.0, 2.0, 3.0, {}};
    const auto p = chunk_adjusted_p({constant, none, fine, no_current, {}}, 1, 3);
    EXPECT_FALSE(p[0]);
    EXPECT_FALSE(p[1]);
    EXPECT_EQ(p[2]->p, 0.25);
    EXPECT_FALSE(p[3]);
    EXPECT_FALSE(p[4]) << "not measured by windows at all";
}

TEST(ChunkAdjustedP, windows_are_standardised_within_their_class) {
    // Weekends measure around 10 and spread by 4, weekdays around 0 and spread by 1.
    const WindowSeries series{-1.0, 0.0, 1.0, 0.5, -0.5, 6.0, 10.0, 14.0, 3.0};
    const std::vector<int> classes{0, 0, 0, 0, 0, 1, 1, 1, 0};
    EXPECT_EQ(chunk_adjusted_p({series}, 1, 8, classes)[0]->p, 1.0 / 9.0) << "high for a weekday";
    EXPECT_EQ(chunk_adjusted_p({series}, 1, 8)[0]->p, 4.0 / 9.0) << "three weekends are higher";
    const auto standard = standardised(series, classes);
    EXPECT_DOUBLE_EQ(*standard[5], -1.0);
    EXPECT_DOUBLE_EQ(*standard[7], 1.0);
    const std::vector<int> lonely{0, 0, 0, 0, 0, 1, 1, 1, 2};
    EXPECT_FALSE(chunk_adjusted_p({series}, 1, 8, lonely)[0]) << "alone in its class";
}

TEST(ChunkAdjustedP, the_smallest_p_is_that_of_a_change_without_end) {
    // Eight windows of class 0, of which one lies 2.47 spreads out; of class 1 as many as are asked for.
    for (const std::size_t members : {1u, 2u, 5u, 30u}) {
        WindowSeries series{0.0, 0.1, -0.1, 0.05, -0.05, 0.0, 0.02, 9.0};
        std::vector<int> classes(8, 0);
        for (std::size_t i = 0; i < members; ++i) {
            series.push_back(1.0 + 0.01 * static_cast<double>(i));
            classes.push_back(1);
        }
        classes.push_back(1);
        series.push_back(1.5);
        const std::size_t windows = 8 + members;
        const double smallest = chunk_adjusted_p({series}, 1, windows, classes)[0]->smallest;
        EXPECT_EQ(chunk_adjusted_p({series}, 1, windows, classes)[0]->alike, members);
        series.back() = 1e12;
        EXPECT_EQ(chunk_adjusted_p({series}, 1, windows, classes)[0]->p, smallest) << members;
        EXPECT_EQ(smallest, (members < 7 ? 2.0 : 1.0) / static_cast<double>(windows + 1)) << members;
    }
    // Another column of the window counts, the column's own part of it does not.
    const WindowSeries quiet{0.0, 1.0, 0.0, 1.0, 0.0}, loud{0.0, 50.0, 0.0, 0.0, 0.0};
    EXPECT_EQ(chunk_adjusted_p({quiet, loud}, 1, 4)[0]->smallest, 0.4);
    EXPECT_EQ(chunk_adjusted_p({quiet, loud}, 1, 4)[1]->smallest, 0.2);
}

TEST(ChunkAdjustedP, over_all_classes_together_undrifted_windows_are_flagged_as_often_as_alpha_says) {
    // 39 windows and current: two of seven are weekends, which measure another scale; current is any of them.
    constexpr std::uint64_t seed = 17;
    constexpr std::size_t windows = 39;
    constexpr int runs = 6000;
    int flagged = 0;
    for (int run = 0; run < runs; ++run) {
        Random random(seed, 0, static_cast<std::uint64_t>(run));
        std::vector<WindowSeries> series(4, WindowSeries(windows + 1));
        std::vector<int> classes;
        for (std::size_t window = 0; window <= windows; ++window) {
            const bool weekend = (window + static_cast<std::size_t>(run)) % 7 >= 5;
            classes.push_back(weekend);
            for (auto& one : series)
                one[window] = weekend ? 10.0 + 4.0 * std::abs(random.normal()) : random.normal();
        }
        bool any = false;
        for (const auto& p : chunk_adjusted_p(series, 2, windows, classes)) any = any || (p && p->p <= 0.05);
        flagged += any;
    }
    // floor(.05 * 40) / 40 = .05, within three standard errors of .0028.
    EXPECT_NEAR(flagged / static_cast<double>(runs), 0.05, 0.0084) << "seed " << seed;
}
