#include "tristrata/dataset/window.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

Column numbers(std::vector<double> values, Type type = Type::integer) {
    Column column;
    column.type = type;
    column.rows = values.size();
    column.numbers = std::move(values);
    return column;
}

core::TimeRange range(std::int64_t from, std::int64_t to) {
    return {core::Timestamp{from}, core::Timestamp{to}};
}

}  // namespace

TEST(TimesOf, the_unit_of_an_epoch_is_read_off_its_size) {
    for (const auto& [value, unit] :
         std::vector<std::pair<double, std::string>>{{1679443200, "seconds"},
                                                     {1679443200000, "milliseconds"},
                                                     {1679443200000000, "microseconds"},
                                                     {1679443200000000000, "nanoseconds"}}) {
        const auto times = times_of(numbers({value}), "a.csv", "t");
        ASSERT_TRUE(times) << unit;
        EXPECT_EQ(times->times[0], 1679443200000000) << unit;
        EXPECT_NE(times->note.find(unit), std::string::npos);
    }
}

TEST(TimesOf, what_is_no_time_names_row_and_value) {
    EXPECT_NE(times_of(numbers({1679443200, 0.5}), "a.csv", "t").error().message.find("row 2"),
              std::string::npos);
    EXPECT_FALSE(times_of(numbers({1, 2, 3}), "a.csv", "t")) << "no unit makes these times";
    Column text;
    text.type = Type::text;
    text.rows = 3;
    text.codes = {0, 1, 0};
    text.labels = {"2023-03-22", "yesterday"};
    const auto times = times_of(text, "a.csv", "t");
    ASSERT_FALSE(times);
    EXPECT_NE(times.error().message.find("row 2"), std::string::npos) << times.error().message;
    EXPECT_NE(times.error().message.find("\"yesterday\""), std::string::npos);
    Column flags;
    flags.type = Type::boolean;
    EXPECT_FALSE(times_of(flags, "a.csv", "t"));
}

TEST(SelectWindow, of_ascending_times_is_one_range_half_open) {
    const auto rows = select_window({10, 20, 30, 40}, range(20, 40));
    EXPECT_EQ(rows.begin, 1u);
    EXPECT_EQ(rows.end, 3u);
    EXPECT_TRUE(rows.was_sorted);
    EXPECT_EQ(select_window({10, 20}, range(50, 60)).size(), 0u);
    EXPECT_EQ(select_window({10, 20}, {}).size(), 2u);
}

TEST(SelectWindow, of_times_in_disorder_is_sorted_and_keeps_the_order_of_equals) {
    const auto rows = select_window({30, 10, Column::missing_time, 20, 10}, {});
    EXPECT_FALSE(rows.was_sorted);
    EXPECT_EQ(rows.missing, 1u);
    EXPECT_EQ(rows.rows, (std::vector<std::uint32_t>{1, 4, 3, 0}));
    EXPECT_EQ(select(std::vector<std::int64_t>{30, 10, 0, 20, 11}, rows),
              (std::vector<std::int64_t>{10, 11, 20, 30}));
}

TEST(SelectWindow, disorder_before_a_window_is_none_of_it) {
    const auto rows = select_window({20, 10, 30, 40, 50}, range(30, 50));
    EXPECT_TRUE(rows.was_sorted);
    EXPECT_EQ(rows.rows, (std::vector<std::uint32_t>{2, 3}));
    EXPECT_FALSE(select_window({20, 10, 30, 40, 50}, range(10, 31)).was_sorted);
}

TEST(SelectColumn, counts_missing_and_infinite_anew_and_drops_unused_labels) {
    const RowSelection rows{1, 3, {}, true, 0};
    const Column chosen = select(numbers({NAN, INFINITY, 5, NAN}, Type::real), rows);
    EXPECT_EQ(chosen.rows, 2u);
    EXPECT_EQ(chosen.missing, 0u);
    EXPECT_EQ(chosen.infinite, 1u);
    Column text;
    text.type = Type::text;
    text.rows = 4;
    text.codes = {0, 1, Column::missing_code, 0};
    text.labels = {"a", "b"};
    const Column labels = select(text, rows);
    EXPECT_EQ(labels.labels, (std::vector<std::string>{"b"}));
    EXPECT_EQ(labels.missing, 1u);
}

TEST(ProfileTimes, finds_the_step_what_is_missing_and_what_stands_twice) {
    const auto profile = profile_times({0, 10, 20, 20, 50, 60});
    EXPECT_EQ(profile.step_us, 10);
    EXPECT_EQ(profile.missing_rows, 2u);
    EXPECT_EQ(profile.duplicates, 1u);
    EXPECT_EQ(profile_times({0, 1, 3, 7, 20}).step_us, 0) << "no step that most share";
    EXPECT_EQ(profile_times({}).missing_rows, 0u);
}
