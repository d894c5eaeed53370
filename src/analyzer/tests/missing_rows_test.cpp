#include "missing_rows.hpp"

#include "tristrata/detection/season.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <random>
#include <vector>

namespace tristrata::analyzer {
namespace {

constexpr std::int64_t length = 1000;

/// `rows` times in each of as many windows as there are numbers, the last of which ends at 0; not regular.
std::vector<std::int64_t> windows_of(const std::vector<int>& rows) {
    std::vector<std::int64_t> times;
    const auto first = -static_cast<std::int64_t>(rows.size()) * length;
    for (std::size_t window = 0; window < rows.size(); ++window)
        for (std::int64_t i = 0; i < rows[window]; ++i)
            times.push_back(first + static_cast<std::int64_t>(window) * length + i * i % 7 + i * 9);
    return times;
}

std::optional<std::string> found(const std::vector<int>& before, int now) {
    std::vector<std::int64_t> current;
    for (std::int64_t i = 0; i < now; ++i) current.push_back(i * i % 7 + i * 9);
    return missing_rows(windows_of(before), current, 0, length, detection::Season::none,
                        drift::SeverityPolicy::defaults());
}

TEST(MissingRows, fewer_than_three_of_four_windows_by_more_than_they_scatter) {
    EXPECT_EQ(found({99, 98, 100, 99, 97, 99}, 66),
              "66 rows in the window, where three of four such windows have 98 or more");
    EXPECT_FALSE(found({99, 98, 100, 99, 97, 99}, 97)) << "less than the share that is a warning";
    EXPECT_FALSE(found({99, 98, 100, 99, 97, 99}, 140));
    EXPECT_FALSE(found({90, 40, 20, 75, 30, 60}, 25)) << "they scatter so much";
    EXPECT_FALSE(found({99, 99, 99, 99}, 66)) << "too few windows to tell";
    EXPECT_FALSE(found({}, 66));
}

TEST(MissingRows, windows_that_hold_as_few_already_hide_nothing_before_they_are_a_quarter) {
    EXPECT_TRUE(found({99, 98, 100, 99, 97, 99, 99, 98, 66, 67}, 66));
    EXPECT_FALSE(found({99, 98, 100, 40, 97, 99, 41, 99, 40, 99}, 40))
        << "each third one is so, as a night is";
}

TEST(MissingRows, windows_of_another_season_class_are_no_measure) {
    constexpr std::int64_t day = 86'400'000'000, hour = day / 24;
    constexpr std::int64_t saturday = 2 * day;  // 1970-01-03
    std::vector<std::int64_t> reference, current;
    for (std::int64_t back = 84; back > 0; --back) {
        const std::int64_t begin = saturday - back * day;
        const bool weekend = detection::season_class(begin, detection::Season::weekend) == 1;
        for (std::int64_t i = 0; i < (weekend ? 40 + back % 3 : 99 + back % 3); ++i)
            reference.push_back(begin + i * hour / 5 + i * i % 7);
    }
    for (std::int64_t i = 0; i < 42; ++i) current.push_back(saturday + i * hour / 5 + i * i % 7);
    const auto policy = drift::SeverityPolicy::defaults();
    const auto of = [&](detection::Season season) {
        return missing_rows(reference, current, saturday, day, season, policy);
    };
    EXPECT_FALSE(of(detection::Season::weekend));
    current.resize(20);
    EXPECT_TRUE(of(detection::Season::weekend));
}

TEST(MissingRows, more_of_the_regular_step_is_left_out_than_in_the_reference) {
    std::vector<std::int64_t> reference, current, holes;
    for (std::int64_t time = -3000; time < 0; time += 10) reference.push_back(time);
    for (std::int64_t time = 0; time < length; time += 10) {
        current.push_back(time);
        if (time % 30 != 20) holes.push_back(time);
    }
    const auto policy = drift::SeverityPolicy::defaults();
    EXPECT_FALSE(missing_rows(reference, current, 0, length, detection::Season::none, policy));
    EXPECT_EQ(missing_rows(reference, holes, 0, length, detection::Season::none, policy),
              "33 % more of the regular step is left out than in the reference");
    // Three series at the same times are one step.
    std::vector<std::int64_t> thrice;
    for (const auto time : current) thrice.insert(thrice.end(), 3, time);
    EXPECT_FALSE(missing_rows(reference, thrice, 0, length, detection::Season::none, policy));
}

TEST(MissingRows, a_stretch_without_a_row_that_chance_does_not_leave) {
    constexpr int rows = 60, windows = 100;
    int told = 0, told_of_whole = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 random(seed);
        const auto at_any_time = [&](std::int64_t from, std::int64_t to, int count) {
            std::vector<std::int64_t> times;
            std::poisson_distribution<int> scattered(count);
            for (int i = scattered(random); i > 0; --i)
                times.push_back(std::uniform_int_distribution<std::int64_t>(from, to - 1)(random));
            std::ranges::sort(times);
            return times;
        };
        constexpr std::int64_t minutes = 600'000'000;
        const auto reference = at_any_time(-windows * minutes, 0, windows * rows);
        const auto found_in = [&](const std::vector<std::int64_t>& current) {
            return missing_rows(reference, current, 0, minutes, detection::Season::none,
                                drift::SeverityPolicy::defaults());
        };
        // As many rows as ever, of the last 70 %: their number alone says nothing.
        const auto lost = found_in(at_any_time(minutes * 3 / 10, minutes, rows));
        told += lost && lost->find("at a stretch") != std::string::npos ? 1 : 0;
        told_of_whole += found_in(at_any_time(0, minutes, rows)) ? 1 : 0;
    }
    EXPECT_EQ(told, 40);
    EXPECT_LE(told_of_whole, 1);
}

}  // namespace
}  // namespace tristrata::analyzer
