#include "tristrata/report/display.hpp"

#include "sample_report.hpp"
#include "tristrata/report/table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sstream>

using namespace tristrata;
using report::display_width;
using report::shortened;

TEST(DisplayWidth, counts_cells_and_neither_bytes_nor_code_points) {
    EXPECT_EQ(display_width("trades"), 6u);
    EXPECT_EQ(display_width("éé"), 2u);
    EXPECT_EQ(display_width("e\u0301"), 1u) << "a combining accent";
    EXPECT_EQ(display_width("価格"), 4u);
    EXPECT_EQ(display_width("😀"), 2u);
    EXPECT_EQ(display_width("👩\u200D🔬"), 2u) << "two emoji joined into one";
    EXPECT_EQ(display_width("🇩🇪"), 2u) << "a flag";
    EXPECT_EQ(display_width("❤\uFE0F"), 2u);
    EXPECT_EQ(display_width("▁▂▃"), 3u);
    EXPECT_EQ(display_width("a\xFFz"), 3u) << "a byte that is no UTF-8";
    EXPECT_EQ(display_width(""), 0u);
}

TEST(Shortened, loses_the_middle_and_never_half_a_character) {
    EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
    EXPECT_EQ(shortened("abcdefghij", 7), "abc…hij");
    EXPECT_EQ(shortened("価格変動率", 6), "価…率");
    EXPECT_EQ(shortened("👩\u200D🔬👩\u200D🔬👩\u200D🔬", 5), "👩\u200D🔬…👩\u200D🔬");
    EXPECT_EQ(shortened("abc", 1), "…");
    EXPECT_EQ(shortened("abc", 0), "");
    for (std::size_t cells = 0; cells < 14; ++cells)
        EXPECT_LE(display_width(shortened("価a格e\u0301変bc動率", cells)), cells) << cells;
}

RC_GTEST_PROP(ShortenedProperty, never_takes_more_room_than_it_has, ()) {
    std::string text;
    for (const auto* piece : *rc::gen::container<std::vector<const char*>>(
             rc::gen::element("a", " ", "価", "e\u0301", "👩\u200D🔬", "🇩🇪", "\xFF", "▁", "longer_piece")))
        text += piece;
    const auto cells = *rc::gen::inRange<std::size_t>(0, 60);
    RC_ASSERT(display_width(shortened(text, cells)) <= cells);
    if (display_width(text) <= cells) RC_ASSERT(shortened(text, cells) == text);
    const auto width = *rc::gen::inRange<std::size_t>(8, 60);
    std::istringstream lines(report::wrapped(text, width));
    for (std::string line; std::getline(lines, line);) RC_ASSERT(display_width(line) <= width);
}

TEST(Wrapped, breaks_between_words_and_inside_those_that_fill_a_line) {
    EXPECT_EQ(report::wrapped("one two three", 9), "one two\nthree\n");
    EXPECT_EQ(report::wrapped("one two three", 11, 2, 2), "  one two\n    three\n");
    EXPECT_EQ(report::wrapped("価格価格価格価格 x", 8), "価格価格\n価格価格\nx\n");
    EXPECT_EQ(report::wrapped("", 80), "");
}

TEST(Aligned, columns_begin_in_the_same_cell_whatever_they_hold) {
    EXPECT_EQ(report::aligned({"name", "n"}, {{"価格", "1"}, {"ab\x1b[2J", "2"}}),
              "name    n\n価格    1\nab\uFFFD[2J  2\n");
}

TEST(Table, no_line_is_wider_than_asked_for) {
    auto report = report::varied_report();
    report.columns[0].name = std::string(200, 'n');
    report.columns[1].name = "価格の変動率を表す列の名前はとても長い";
    report.columns[0].reason = "The " + std::string(300, 'w') + " ends";
    report.reference.source = "/data/" + std::string(300, 'p') + ".parquet";
    for (const unsigned width : {40u, 60u, 80u, 100u, 120u, 140u, 200u}) {
        std::istringstream lines(report::to_table(report, {false, width}));
        for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
    }
}
