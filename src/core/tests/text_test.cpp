#include "tristrata/core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

using namespace tristrata::core;

TEST(Quoted, shows_control_characters_and_cuts_what_is_long) {
    EXPECT_EQ(quoted("price"), "\"price\"");
    EXPECT_EQ(quoted("a\nb\"c"), R"("a\nb\"c")");
    EXPECT_EQ(quoted("\x01\xff"), R"("\x01\xff")");
    EXPECT_EQ(quoted("a\u202Eb"), R"("a\u202eb")") << "it would turn the rest of the line";
    EXPECT_EQ(quoted(std::string(100, 'x'), 3), "\"xxx...\"");
    EXPECT_EQ(quoted("😀😀", 1), "\"😀...\"") << "a character is not cut in half";
}

TEST(Nearest, names_what_was_probably_meant) {
    const std::vector<std::string> known{"alpha", "season", "columns"};
    EXPECT_EQ(nearest("alhpa", known), "alpha") << "two letters changed places";
    EXPECT_EQ(nearest("column", known), "columns");
    EXPECT_EQ(nearest("alfa", known), "alpha") << "two slips in five letters";
    EXPECT_EQ(nearest("zzzzz", known), "");
    EXPECT_EQ(nearest("x", {}), "");
    EXPECT_EQ(nearest("c", std::vector<std::string>{"a", "b"}), "") << "one letter for another is no slip";
}

TEST(Plural, agrees_with_the_number) {
    EXPECT_EQ(plural(0, "row"), "0 rows");
    EXPECT_EQ(plural(1, "row"), "1 row");
    EXPECT_EQ(plural(1154, "row"), "1,154 rows");
    EXPECT_EQ(plural(1, "row was", "rows were"), "1 row was");
    EXPECT_EQ(plural(2, "row was", "rows were"), "2 rows were");
}

TEST(Utf8, accepts_what_rfc_3629_allows_and_nothing_else) {
    for (const char* text : {"", "a", "é", "€", "😀", "\xEF\xBF\xBF"}) EXPECT_TRUE(is_utf8(text)) << text;
    for (const char* text : {"\xff", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"})
        EXPECT_FALSE(is_utf8(text));
}

TEST(Utf8, repair_keeps_what_is_good) {
    EXPECT_EQ(valid_utf8("a\xffz"), "a\xEF\xBF\xBDz");
    EXPECT_EQ(valid_utf8("é"), "é");
}

RC_GTEST_PROP(Utf8Property, what_is_repaired_is_utf8_and_what_was_utf8_is_left_alone,
              (const std::string& bytes)) {
    const std::string repaired = valid_utf8(bytes);
    RC_ASSERT(is_utf8(repaired));
    RC_ASSERT(valid_utf8(repaired) == repaired);
    if (is_utf8(bytes)) RC_ASSERT(repaired == bytes);
    RC_ASSERT(is_utf8(tristrata::core::quoted(bytes)));
}

TEST(LogfmtValue, is_the_text_itself_where_nothing_in_it_ends_a_value) {
    EXPECT_EQ(logfmt_value("BTCUSDC"), "BTCUSDC");
    EXPECT_EQ(logfmt_value("a/b:c"), "a/b:c");
    EXPECT_EQ(logfmt_value(""), R"("")");
    EXPECT_EQ(logfmt_value("two words"), R"("two words")");
    EXPECT_EQ(logfmt_value("a=b"), R"("a=b")");
    EXPECT_EQ(logfmt_value("one\ntwo"), R"("one\ntwo")");
}
