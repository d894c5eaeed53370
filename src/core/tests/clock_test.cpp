#include "tristrata/core/clock.hpp"

#include <gtest/gtest.h>

using namespace tristrata::core;

TEST(Clock, wall_time_is_after_the_day_this_was_written) {
    EXPECT_GT(system_clock().now(), *parse_timestamp("2026-01-01"));
}

TEST(Clock, a_stop_ends_a_sleep_at_once) {
    std::stop_source source;
    source.request_stop();
    const auto before = system_clock().steady_now();
    EXPECT_FALSE(system_clock().sleep_for({3'600'000'000}, source.get_token()));
    EXPECT_LT((system_clock().steady_now() - before).microseconds, 60'000'000);
}

TEST(ManualClock, stands_still_until_it_is_moved) {
    ManualClock clock(Timestamp{5});
    EXPECT_EQ(clock.now(), clock.now());
    EXPECT_TRUE(clock.sleep_for({7}, {}));
    EXPECT_EQ(clock.now().microseconds, 12);
}
