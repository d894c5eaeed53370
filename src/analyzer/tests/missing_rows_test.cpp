#include "missing_rows.hpp"

#include <gtest/gtest.h>
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
    return missing_rows(windows_of(before), current, 0, length, drift::SeverityPolicy::defaults());
}

TEST(MissingRows, fewer_than_the_median_window_by_more_than_they_scatter) {
    EXPECT_EQ(found({99, 98, 100, 99, 97, 99}, 66), "66 rows in the window, where 99 are usual");
    EXPECT_FALSE(found({99, 98, 100, 99, 97, 99}, 97)) << "less than the share that is a warning";
    EXPECT_FALSE(found({99, 98, 100, 99, 97, 99}, 140));
    EXPECT_FALSE(found({90, 40, 20, 75, 30, 60}, 25)) << "they scatter so much";
    EXPECT_FALSE(found({99, 99, 99, 99}, 66)) << "too few windows to tell";
    EXPECT_FALSE(found({}, 66));
}

TEST(MissingRows, windows_that_hold_as_few_already_hide_nothing_while_they_are_the_lesser_part) {
    EXPECT_TRUE(found({99, 98, 100, 99, 97, 99, 99, 66, 67, 66}, 66));
    EXPECT_FALSE(found({66, 66, 66, 66, 97, 99, 99, 66, 67, 66}, 66));
}

TEST(MissingRows, more_of_the_regular_step_is_left_out_than_in_the_reference) {
    std::vector<std::int64_t> reference, current, holes;
    for (std::int64_t time = -3000; time < 0; time += 10) reference.push_back(time);
    for (std::int64_t time = 0; time < length; time += 10) {
        current.push_back(time);
        if (time % 30 != 20) holes.push_back(time);
    }
    const auto policy = drift::SeverityPolicy::defaults();
    EXPECT_FALSE(missing_rows(reference, current, 0, length, policy));
    EXPECT_EQ(missing_rows(reference, holes, 0, length, policy),
              "33 % more of the regular step is left out than in the reference");
    // Three series at the same times are one step.
    std::vector<std::int64_t> thrice;
    for (const auto time : current) thrice.insert(thrice.end(), 3, time);
    EXPECT_FALSE(missing_rows(reference, thrice, 0, length, policy));
}

}  // namespace
}  // namespace tristrata::analyzer
