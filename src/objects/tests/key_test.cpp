#include "key.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using objects::segments_of_key;
using objects::segments_of_prefix;

TEST(Key, is_parted_at_each_slash) {
    EXPECT_EQ(*segments_of_key("kpi/2026/01.parquet"),
              (std::vector<std::string>{"kpi", "2026", "01.parquet"}));
}

TEST(Key, odd_characters_are_taken_as_they_are) {
    for (const char* key : {"a b", "a+b", "50%", "%2e%2e", "?x=1&y", "#", "\"quoted\"", "höhe/日本/🦀", "-rf",
                            "~", "a\\b", "..a", "...", "a:b", ".hidden"})
        EXPECT_TRUE(segments_of_key(key)) << key;
}

TEST(Key, what_could_leave_the_folder_or_be_no_name_is_refused) {
    const std::string zero("a\0b", 3);
    for (const std::string key :
         {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\nb", "a\x7f", "\xff", ".incoming/x"}) {
        const auto segments = segments_of_key(key);
        ASSERT_FALSE(segments) << key;
        EXPECT_EQ(segments.error().kind, core::ErrorKind::usage);
    }
    EXPECT_FALSE(segments_of_key(zero));
}

TEST(Key, is_as_long_as_both_kinds_of_store_can_take) {
    EXPECT_TRUE(segments_of_key(std::string(240, 'a')));
    EXPECT_FALSE(segments_of_key(std::string(241, 'a')));
    std::string longest;
    while (longest.size() < 898) longest += "a/";
    longest += "aa";
    EXPECT_EQ(longest.size(), 900U);
    EXPECT_TRUE(segments_of_key(longest));
    EXPECT_FALSE(segments_of_key(longest + "a"));
}

TEST(Prefix, may_be_empty_and_may_end_with_a_slash) {
    EXPECT_TRUE(segments_of_prefix("")->empty());
    EXPECT_EQ(*segments_of_prefix("a/b/"), (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(segments_of_prefix("a//"));
    EXPECT_FALSE(segments_of_prefix("../a"));
}
