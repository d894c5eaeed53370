#include "zero_character.hpp"

#include <gtest/gtest.h>
#include <array>

using namespace tristrata;
using namespace tristrata::store;

TEST(PointerToZero, worked_example) {
    EXPECT_EQ(pointer_to_zero(R"({"a":[1,{"b/c":"x\u0000"}]})"), "/a/1/b~1c");
}

TEST(PointerToZero, names_the_first_place_and_only_what_is_one) {
    EXPECT_EQ(pointer_to_zero(R"({"a":"b","c":{"d":[true,"\u0000","\u0000"]}})"), "/c/d/1");
    EXPECT_EQ(pointer_to_zero(R"({"a":{"x":1},"b~":"\u0000"})"), "/b~0");
    EXPECT_EQ(pointer_to_zero(R"("\u0000")"), "");
    EXPECT_EQ(pointer_to_zero(R"({"a\u0000":1})"), R"(/a\u0000)") << "a name as it is written";
    for (const char* none :
         {"", "{}", R"({"a":"\\u0000"})", R"({"a":"\u0001","b":"{\"c\":0}"})", R"({"a)", R"(["\)"})
        EXPECT_FALSE(pointer_to_zero(none)) << none;
}

TEST(PointerToZero, a_byte_zero_is_one_too) {
    EXPECT_EQ(pointer_to_zero(std::string_view("{\"a\":\"x\0\"}", 10)), "/a");
}

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
