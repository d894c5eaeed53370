#include "seldom.hpp"

#include <gtest/gtest.h>

namespace tristrata::service {
namespace {

TEST(Seldom, ten_a_minute_are_said_and_the_next_minute_says_how_many_were_not) {
    core::ManualClock clock(core::Timestamp{0});
    Seldom seldom(clock);
    for (std::uint64_t i = 0; i < Seldom::a_minute; ++i)
        EXPECT_EQ(seldom.turn("a"), std::optional(std::uint64_t{0}));
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(seldom.turn("a"));
    EXPECT_EQ(seldom.turn("b"), std::optional(std::uint64_t{0})) << "another key has a minute of its own";
    clock.advance({59'999'999});
    EXPECT_FALSE(seldom.turn("a"));
    clock.advance({1});
    EXPECT_EQ(seldom.turn("a"), std::optional(std::uint64_t{6}));
    EXPECT_EQ(seldom.turn("a"), std::optional(std::uint64_t{0}));
}

}  // namespace
}  // namespace tristrata::service
