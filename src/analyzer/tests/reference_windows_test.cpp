#include "tristrata/analyzer/reference_windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::analyzer {
namespace {

constexpr std::int64_t window_length = 100;

Definition of_ten_windows() {
    Definition one;
    one.window = {window_length};
    one.reference_windows = 10;
    return one;
}

/// The window that ends at 5000 is judged: those before it end at 4900, 4800, …
ReferenceWindows of(std::vector<core::TimeRange> bad) { return reference_of(of_ten_windows(), {5000}, bad); }

core::TimeRange lasting(std::int64_t first) { return {core::Timestamp{first}, {}}; }
core::TimeRange over(std::int64_t first, std::int64_t last) {
    return {core::Timestamp{first}, core::Timestamp{last}};
}

TEST(ReferenceWindows, are_the_last_before_it_where_nothing_was_bad) {
    const auto usual = of({});
    EXPECT_EQ(usual.from.microseconds, 3900);
    EXPECT_EQ(usual.to.microseconds, 4900);
    EXPECT_TRUE(usual.left_out.empty());
}

TEST(ReferenceWindows, of_what_lasts_end_before_its_first_bad_window_begins) {
    const auto since = of({lasting(4600)});
    EXPECT_EQ(since.to.microseconds, 4500);
    EXPECT_EQ(since.from.microseconds, 3500);
    EXPECT_EQ(of({lasting(4550)}).to.microseconds, 4400) << "begun within a window of the grid";
    EXPECT_EQ(of({lasting(5000)}).to.microseconds, 4900) << "the first bad one itself";
    EXPECT_EQ(of({lasting(6000)}).to.microseconds, 4900) << "what came behind it";
}

TEST(ReferenceWindows, what_is_over_is_left_out_and_made_up_for_by_older_ones) {
    const auto gap = of({over(4500, 4700)});
    EXPECT_EQ(gap.to.microseconds, 4900);
    EXPECT_EQ(gap.from.microseconds, 3600);
    EXPECT_THAT(gap.left_out, testing::ElementsAre(over(4400, 4700)));
    const auto both = of({over(4100, 4200), lasting(4800), over(4500, 4500)});
    EXPECT_EQ(both.to.microseconds, 4700);
    EXPECT_THAT(both.left_out, testing::ElementsAre(over(4400, 4500), over(4000, 4200)));
    EXPECT_EQ(both.from.microseconds, 3400);
}

TEST(ReferenceWindows, what_lasted_as_long_as_all_of_them_is_what_is_usual) {
    EXPECT_EQ(of({lasting(4000)}).to.microseconds, 3900);
    EXPECT_EQ(of({lasting(3999)}).to.microseconds, 4900);
    EXPECT_EQ(of({over(3000, 3900)}).from.microseconds, 3900) << "older than any that is needed";
    EXPECT_EQ(of({over(3500, 4400)}).from.microseconds, 2900);
    EXPECT_TRUE(of({over(3500, 4401)}).left_out.empty());
}

TEST(ReferenceWindows, are_looked_for_in_twice_as_many_at_most) {
    const auto few = of({over(4000, 4800), over(3000, 3800)});
    EXPECT_EQ(few.from.microseconds, 2900);
}

}  // namespace
}  // namespace tristrata::analyzer
