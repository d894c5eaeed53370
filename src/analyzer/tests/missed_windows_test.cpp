#include "tristrata/analyzer/missed_windows.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using analyzer::missed_windows;

namespace {

constexpr core::Duration every_minute{60'000'000};
/// So many seconds behind noon of a day.
constexpr core::Timestamp noon_and(std::int64_t seconds) { return {(1'699'963'200 + seconds) * 1'000'000}; }

}  // namespace

TEST(MissedWindows, are_those_between_what_was_looked_at_and_the_latest) {
    const auto missed = missed_windows(every_minute, noon_and(20), noon_and(180));
    EXPECT_EQ(missed.from, noon_and(60));
    EXPECT_EQ(missed.owed, (std::vector{noon_and(60), noon_and(120)}));
    EXPECT_EQ(missed.skipped, 0u);
    EXPECT_EQ(missed_windows(every_minute, noon_and(60), noon_and(180)).owed, std::vector{noon_and(120)})
        << "on the edge";
    EXPECT_EQ(missed_windows(every_minute, noon_and(120), noon_and(180)).count(), 0u)
        << "the latest is due at any rate";
    EXPECT_EQ(missed_windows(every_minute, noon_and(600), noon_and(180)).count(), 0u)
        << "of a clock that was set back";
}

TEST(MissedWindows, of_too_many_the_latest_are_owed) {
    const auto missed = missed_windows(every_minute, noon_and(0), noon_and(60 * 301));
    EXPECT_EQ(missed.count(), 300u);
    EXPECT_EQ(missed.skipped, 100u);
    ASSERT_EQ(missed.owed.size(), analyzer::missed_windows_max);
    EXPECT_EQ(missed.from, noon_and(60));
    EXPECT_EQ(missed.owed.front(), noon_and(60 * 101));
    EXPECT_EQ(missed.owed.back(), noon_and(60 * 300));
}
