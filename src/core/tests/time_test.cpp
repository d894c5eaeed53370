#include "tristrata/core/time.hpp"

#include <gtest/gtest.h>
#include <random>

using namespace tristrata::core;

TEST(ParseTimestamp, reads_dates_times_fractions_and_zones) {
    // date -u -d 2023-03-22T00:00:00Z +%s
    const std::int64_t day = 1679443200LL * 1'000'000;
    EXPECT_EQ(parse_timestamp("2023-03-22")->microseconds, day);
    EXPECT_EQ(parse_timestamp("2023-03-22T08:05")->microseconds, day + 29100LL * 1'000'000);
    EXPECT_EQ(parse_timestamp("2023-03-22 08:05:01.25Z")->microseconds, day + 29101LL * 1'000'000 + 250'000);
    EXPECT_EQ(parse_timestamp("2023-03-22T02:00:00+02:00")->microseconds, day);
    EXPECT_EQ(parse_timestamp("2023-03-21T22:00:00-0200")->microseconds, day);
    EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.999999Z")->microseconds, -1);
}

TEST(ParseTimestamp, refuses_what_it_would_have_to_guess_or_round) {
    for (const char* text :
         {"", "22.03.2023", "2023-02-30", "2023-03-22T24:00", "2023-03-22T00:00:00.1234567Z", "2023-03-22x",
          "2023-03-22T00:00+25:00", "1679443200"}) {
        const auto parsed = parse_timestamp(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().message.find("ISO 8601"), std::string::npos);
    }
}

TEST(ToString, is_read_back_to_the_same_moment) {
    std::mt19937_64 random{7};
    SCOPED_TRACE("seed 7");
    for (int i = 0; i < 1000; ++i) {
        const Timestamp time{static_cast<std::int64_t>(random() % 8'000'000'000'000'000ULL) -
                             2'000'000'000'000'000LL};
        EXPECT_EQ(parse_timestamp(to_string(time))->microseconds, time.microseconds) << to_string(time);
    }
}

TEST(TimeRange, is_half_open) {
    const auto range = parse_time_range("2023-03-22..2023-04-05");
    ASSERT_TRUE(range);
    EXPECT_TRUE(range->contains(*parse_timestamp("2023-03-22")));
    EXPECT_FALSE(range->contains(*parse_timestamp("2023-04-05")));
    EXPECT_TRUE(parse_time_range("..2023-04-05")->contains(Timestamp{INT64_MIN}));
}

TEST(TimeRange, a_window_without_time_is_refused) {
    EXPECT_FALSE(parse_time_range("2023-04-05..2023-04-05"));
    EXPECT_FALSE(parse_time_range("2023-04-05"));
}

TEST(DurationText, takes_the_unit_that_fits) {
    EXPECT_EQ(to_string(Duration{14LL * 86'400'000'000}), "14 d");
    EXPECT_EQ(to_string(Duration{900'000'000}), "15 min");
    EXPECT_EQ(to_string(Duration{0}), "0 s");
}

TEST(ParseDuration, takes_a_whole_number_with_its_unit_and_nothing_else) {
    EXPECT_EQ(tristrata::core::parse_duration("90s")->microseconds, 90'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("15m")->microseconds, 900'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("6h")->microseconds, 21'600'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("2d")->microseconds, 172'800'000'000);
    for (const char* text : {"", "h", "0h", "-1h", "1.5h", "1 h", "1w", "1hh", "99999999999999d"})
        EXPECT_FALSE(tristrata::core::parse_duration(text).has_value()) << text;
}
