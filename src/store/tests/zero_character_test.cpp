#include "zero_character.hpp"

#include <gtest/gtest.h>
#include <array>

using namespace tristrata;
using namespace tristrata::store;

TEST(WithPlaceOfZero, names_the_column_and_leaves_other_errors_alone) {
    const std::array<RefusedText, 2> texts{RefusedText{"module", std::string_view("a\0b", 3)},
                                           RefusedText{"payload", R"({"a":"\u0000"})", true}};
    const core::Error refused{core::ErrorKind::invalid_input, "no", "22021"};
    EXPECT_TRUE(with_place_of_zero(refused, texts).message.starts_with("module holds the character U+0000"));
    EXPECT_TRUE(
        with_place_of_zero({core::ErrorKind::invalid_input, "no", "22P05"}, std::span(texts).subspan(1))
            .message.starts_with("payload at /a holds the character U+0000"));
    EXPECT_EQ(with_place_of_zero({core::ErrorKind::invalid_input, "no", "23514"}, texts).message, "no");
    EXPECT_EQ(with_place_of_zero(refused, std::span(texts).subspan(2)).message, "no") << "it is not found";
}
