#include "compact_json.hpp"

#include <gtest/gtest.h>

using tristrata::store::compact_json;

TEST(CompactJson, worked_example) { EXPECT_EQ(compact_json(R"({"a": [1, "b: c"]})"), R"({"a":[1,"b: c"]})"); }

TEST(CompactJson, a_text_keeps_its_spaces_behind_quotes_and_backslashes) {
    EXPECT_EQ(compact_json(R"({"\\": "a \" b", "x \\": 1})"), R"({"\\":"a \" b","x \\":1})");
    EXPECT_EQ(compact_json(""), "");
}
