#include "tristrata/analyzer/failures.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::analyzer;

namespace {

constexpr core::Duration minute{60'000'000};
core::Timestamp at(std::int64_t minutes) { return {1'700'000'000'000'000 + minutes * minute.microseconds}; }

}  // namespace

TEST(Failures, a_window_counts_once_and_an_answer_ends_the_row) {
    Failures failures;
    EXPECT_EQ(failures.failed("a", at(1), minute), 1u);
    EXPECT_EQ(failures.failed("a", at(1), minute), 1u) << "tried again";
    EXPECT_EQ(failures.failed("a", at(2), minute), 2u);
    EXPECT_EQ(failures.failed("b", at(2), minute), 1u) << "each for itself";
    EXPECT_EQ(failures.failed("a", at(3), minute), 3u);
    failures.answered("a");
    failures.answered("c");
    EXPECT_EQ(failures.failed("a", at(4), minute), 1u);
}

TEST(Failures, behind_a_pause_in_which_nobody_looked_it_begins_anew_on_the_edge_it_does_not) {
    Failures failures;
    (void)failures.failed("often", at(0), minute);
    EXPECT_EQ(failures.failed("often", at(60), minute), 2u);
    EXPECT_EQ(failures.failed("often", at(121), minute), 1u);
    const core::Duration day{1440 * minute.microseconds};
    (void)failures.failed("seldom", at(0), day);
    EXPECT_EQ(failures.failed("seldom", at(3 * 1440), day), 2u);
    EXPECT_EQ(failures.failed("seldom", at(6 * 1440 + 1), day), 1u);
}

TEST(Failures, what_was_kept_goes_on) {
    Failures::Lines kept;
    std::uint64_t times = 0;
    const auto keep = [&](const Failures::Lines& lines) {
        kept = lines;
        ++times;
    };
    Failures before({}, keep);
    (void)before.failed("a", at(1), minute);
    (void)before.failed("a", at(1), minute);
    (void)before.failed("a", at(2), minute);
    before.answered("b");
    EXPECT_EQ(times, 2u) << "only what changed";
    Failures after(kept, keep);
    EXPECT_EQ(after.failed("a", at(3), minute), 3u);
    after.answered("a");
    EXPECT_TRUE(kept.empty());
}
