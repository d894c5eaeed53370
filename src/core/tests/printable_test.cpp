#include "tristrata/core/printable.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

using tristrata::core::printable;
using tristrata::core::printable_lines;
using tristrata::core::unprintable;

TEST(Printable, is_one_line_that_no_character_of_it_leaves_or_turns) {
    EXPECT_EQ(printable("a\nb\x1b"), "a\u2424b\uFFFD");
    EXPECT_EQ(printable("\r\t\x7f"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(printable("a\u0085b\u2028c\u2029d"), "a\uFFFDb\uFFFDc\uFFFDd");
    EXPECT_EQ(printable("fills\u202Etxt\u2069"), "fills\uFFFDtxt\uFFFD");
    EXPECT_EQ(printable("a\u200Eb\u200Fc\u061Cd\u061Bش"), "a\uFFFDb\uFFFDc\uFFFDd\u061Bش");
    EXPECT_EQ(printable("\uFFFE\xff"), "\uFFFD\uFFFD");
    EXPECT_EQ(printable("größer £1 “価格” 😀"), "größer £1 “価格” 😀");
    EXPECT_EQ(printable(""), "");
}

TEST(Printable, of_lines_leaves_the_ends_of_lines) {
    EXPECT_EQ(printable_lines("a\x1b\nb\u202E\n"), "a\uFFFD\nb\uFFFD\n");
    EXPECT_EQ(printable_lines("\n\na"), "\n\na");
    EXPECT_EQ(printable_lines(""), "");
}

TEST(Printable, what_is_not_says_which_character_it_is) {
    EXPECT_EQ(unprintable("\u202Exyz").code_point, 0x202Eu);
    EXPECT_EQ(unprintable("\u202Exyz").bytes, 3u);
    EXPECT_EQ(unprintable("\u009B").code_point, 0x9Bu);
    EXPECT_EQ(unprintable("\n").bytes, 1u);
    for (const char* text : {"", "a", "\u00A0", "\u2027", "\u202F", "\u206A", "\uFFFD", "\xE2\x80", "\xC2"})
        EXPECT_EQ(unprintable(text).bytes, 0u) << text;
}

RC_GTEST_PROP(PrintableProperty,
              every_line_of_it_stays_as_it_is_and_a_message_or_json_of_the_text_shows_none_raw, ()) {
    std::string text;
    for (const auto* piece : *rc::gen::container<std::vector<const char*>>(
             rc::gen::element("a", "\n", "\x1b", "\u200F", "\u061C", "\xD8", "\u202E", "\u2069", "\u0085",
                              "é", "\xE2", "\x80", "\uFFFF", "価")))
        text += piece;
    const auto holds_none = [](std::string_view of) {
        for (std::size_t i = 0; i < of.size(); ++i)
            if (unprintable(of.substr(i)).bytes > 0) return false;
        return true;
    };
    tristrata::core::JsonWriter json;
    json.value(text);
    RC_ASSERT(holds_none(printable(text)));
    RC_ASSERT(printable(printable(text)) == printable(text));
    RC_ASSERT(holds_none(tristrata::core::quoted(text)));
    RC_ASSERT(holds_none(json.take()));
    RC_ASSERT(holds_none(tristrata::core::logfmt_value(text)));
}
