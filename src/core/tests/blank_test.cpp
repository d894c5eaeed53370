#include "tristrata/core/blank.hpp"

#include <gtest/gtest.h>
#include <string>

using tristrata::core::is_blank;

TEST(Blank, is_a_text_of_nothing_but_what_shows_nothing) {
    for (const char* text :
         {"",       " ",      "\t\r\n\v\f", "\x01",   "\x1b",   "\x7f",   "\u0085",     "\u00A0",
          "\u00AD", "\u061C", "\u1680",     "\u2000", "\u2001", "\u200A", "\u200B",     "\u200D",
          "\u200E", "\u200F", "\u2028",     "\u2029", "\u202E", "\u202F", "\u205F",     "\u2060",
          "\u2066", "\u2800", "\u3000",     "\u3164", "\uFE0F", "\uFEFF", "\U000E0020", " \u00A0\u200B"})
        EXPECT_TRUE(is_blank(text)) << testing::PrintToString(text);
    EXPECT_TRUE(is_blank(std::string_view("\0", 1)));
}

TEST(Blank, is_none_with_a_single_character_that_is_seen) {
    for (const char* text :
         {"a",      " a ",    "\u200Ba", ".",      "-",      "\u00A1",   "\u00AC", "\u00AE",
          "é",      "\u1681", "\u1FFF",  "\u2010", "\u2027", "\u2030",   "\u2070", "\u2801",
          "\u3001", "価",     "\uFFFD",  "😀",     "\xff",   "\xE2\x80", "\xC2",   " \xA0"})
        EXPECT_FALSE(is_blank(text)) << testing::PrintToString(text);
}
