#include "tristrata/core/error.hpp"

#include <gtest/gtest.h>
#include <set>

using namespace tristrata::core;

TEST(ErrorKinds, every_kind_has_a_row_of_its_own) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(ErrorKind::internal); ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        EXPECT_EQ(traits(kind).kind, kind);
        names.insert(traits(kind).name);
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::internal) + 1);
}

TEST(ErrorKinds, usage_and_configuration_exit_with_2_and_what_could_not_be_evaluated_with_3) {
    EXPECT_EQ(traits(ErrorKind::usage).exit_code, 2);
    EXPECT_EQ(traits(ErrorKind::configuration).exit_code, 2);
    EXPECT_EQ(traits(ErrorKind::invalid_input).exit_code, 3);
    EXPECT_EQ(traits(ErrorKind::unavailable).exit_code, 3);
}

TEST(ErrorKinds, only_what_may_pass_by_itself_is_worth_a_retry) {
    EXPECT_TRUE(traits(ErrorKind::unavailable).retry);
    EXPECT_FALSE(traits(ErrorKind::refused).retry);
    EXPECT_FALSE(traits(ErrorKind::invalid_input).retry);
}
