#include "tristrata/config/module_pattern.hpp"

#include <gtest/gtest.h>

using namespace tristrata::config;

TEST(ModulePattern, is_a_name_or_the_beginning_of_several) {
    for (const char* pattern : {"train", "train.*", "*", "a b"})
        EXPECT_TRUE(check_module_pattern(pattern, "x")) << pattern;
    for (const char* pattern : {"", " ", "\u00A0", "a*b", "**", "*a"})
        EXPECT_FALSE(check_module_pattern(pattern, "x")) << pattern;
    EXPECT_EQ(
        check_module_pattern("a*b", "module = \"train.*\"").error().message,
        "\"a*b\" is no module; expected its name, or the beginning of several with * at the end: module = "
        "\"train.*\"");
    EXPECT_TRUE(fits("train.*", "train.lstm"));
    EXPECT_FALSE(fits("train.*", "train"));
    EXPECT_TRUE(fits("*", "train"));
    EXPECT_TRUE(fits("train", "train"));
    EXPECT_FALSE(fits("train", "train.lstm"));
}
