#include "tristrata/dataset/calendar.hpp"

#include "tristrata/core/time.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

constexpr std::int64_t hour_us = 3'600'000'000;

std::string last(const std::string& zone, std::int64_t day_us, const std::string& now) {
    auto calendar = Calendar::open(zone);
    EXPECT_TRUE(calendar) << calendar.error().message;
    return core::to_string(
        core::Timestamp{calendar->last_at(day_us, core::parse_timestamp(now)->microseconds)});
}

}  // namespace

TEST(Calendar, the_last_time_of_day_is_by_the_clocks_of_the_place) {
    EXPECT_EQ(last("UTC", 8 * hour_us, "2026-07-01T08:00Z"), "2026-07-01T08:00:00Z") << "on the edge";
    EXPECT_EQ(last("UTC", 8 * hour_us, "2026-07-01T07:59:59.999999Z"), "2026-06-30T08:00:00Z");
    EXPECT_EQ(last("UTC", 0, "1969-12-31T12:00Z"), "1969-12-31T00:00:00Z");
    EXPECT_EQ(last("Europe/Berlin", 8 * hour_us, "2026-07-01T05:59Z"), "2026-06-30T06:00:00Z");
    EXPECT_EQ(last("Europe/Berlin", 8 * hour_us, "2026-12-01T12:00Z"), "2026-12-01T07:00:00Z");
    EXPECT_EQ(last("Asia/Tokyo", 8 * hour_us, "2026-07-01T23:00Z"), "2026-07-01T23:00:00Z");
}

TEST(Calendar, a_time_that_clocks_skip_is_when_they_do_and_one_that_they_show_twice_is_the_first) {
    // 2026-03-29 in Berlin: from 02:00 (01:00Z) to 03:00. 2026-10-25: 03:00 (01:00Z) back to 02:00.
    const std::int64_t half_past_two = 2 * hour_us + hour_us / 2;
    EXPECT_EQ(last("Europe/Berlin", half_past_two, "2026-03-29T12:00Z"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(last("Europe/Berlin", half_past_two, "2026-10-25T12:00Z"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(last("Europe/Berlin", half_past_two, "2026-10-25T01:00Z"), "2026-10-25T00:30:00Z")
        << "it is not shown anew when it comes twice";
    // 24 local hours from one to the next, whatever the clocks did.
    EXPECT_EQ(last("Europe/Berlin", 8 * hour_us, "2026-03-29T06:00Z"), "2026-03-29T06:00:00Z");
    EXPECT_EQ(last("Europe/Berlin", 8 * hour_us, "2026-03-29T05:59Z"), "2026-03-28T07:00:00Z");
    // St. John's, 2010-11-07: a minute behind midnight (02:31Z) back to 23:01 of the day before.
    EXPECT_EQ(last("America/St_Johns", 0, "2010-11-07T02:45Z"), "2010-11-07T02:30:00Z");
    EXPECT_EQ(last("America/St_Johns", 0, "2010-11-07T02:29Z"), "2010-11-06T02:30:00Z");
}
