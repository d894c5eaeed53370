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

TEST(ParseTimestamp, says_what_is_wrong_with_a_text) {
    for (const auto& [text, why] :
         {std::pair{"2026-13-01", "\"2026-13-01\" is not a time: there is no month 13; expected ISO 8601"},
          {"2026-00-01", "there is no month 00"},
          {"2026-01-32", "there is no day 32"},
          {"2026-02-29", "2026-02 has no day 29"},
          {"noon", "it does not begin with a date as YYYY-MM-DD"},
          {"2026-01-01x", "behind its date stands no T or space"},
          {"2026-01-01T8:05", "behind its date stands no time of day as HH:MM"},
          {"2026-01-01T24:00", "there is no hour 24"},
          {"2026-01-01T23:60", "there is no minute 60"},
          {"2026-01-01T23:59:60Z", "there is no second 60"},
          {"2026-01-01T23:59:Z", "behind its minute stands no second as SS"},
          {"2026-01-01T23:59:59.1234567Z", "has no digit or more than six"},
          {"2026-01-01T23:59 CET", "\" CET\" is no zone, as Z and +02:00 are"},
          {"2026-01-01T23:59+02:", "\"+02:\" is no zone"},
          {"2026-01-01T23:59+25:00", "\"+25:00\" is no zone"}}) {
        const auto parsed = parse_timestamp(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().message.find(why), std::string::npos) << parsed.error().message;
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
    EXPECT_EQ(to_string(Duration{-999LL * 86'400'000'000}), "-999 d");
    EXPECT_EQ(to_string(Duration{26'340LL * 86'400'000'000}), "26,340 d");
}

TEST(ParseDuration, takes_a_whole_number_with_its_unit_and_nothing_else) {
    EXPECT_EQ(tristrata::core::parse_duration("90s")->microseconds, 90'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("15m")->microseconds, 900'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("6h")->microseconds, 21'600'000'000);
    EXPECT_EQ(tristrata::core::parse_duration("2d")->microseconds, 172'800'000'000);
    for (const char* text : {"", "h", "0h", "-1h", "1.5h", "1 h", "1w", "1hh", "99999999999999d"})
        EXPECT_FALSE(tristrata::core::parse_duration(text).has_value()) << text;
}
