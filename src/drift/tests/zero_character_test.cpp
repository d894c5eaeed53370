#include "tristrata/drift/zero_character.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::drift;

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
