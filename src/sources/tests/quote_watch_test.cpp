#include "quote_watch.hpp"

#include "tables.hpp"

#include <algorithm>
#include <random>

namespace tristrata::sources {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Quotes : public testing::Tables {};

std::string rows(std::size_t count, const std::string& row) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += row;
    return out;
}

/// The definition, one character at a time.
bool swallows(std::string_view text) {
    bool quoted = false, begins = true, spans_lines = false, misquoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            ++i;
        } else if (quoted && c == '"') {
            quoted = false;
            const bool ends =
                i + 1 == text.size() || std::string_view(",\r\n").find(text[i + 1]) != std::string_view::npos;
            misquoted = misquoted || (spans_lines && !ends);
        } else if (quoted) {
            spans_lines = spans_lines || c == '\n' || c == '\r';
        } else if (c == '"' && begins) {
            quoted = true;
            begins = spans_lines = false;
        } else {
            begins = c == ',' || c == '\n' || c == '\r';
        }
    }
    return quoted || misquoted;
}

bool watched(std::string_view text, std::size_t block) {
    QuoteWatch watch;
    for (; !text.empty(); text.remove_prefix(std::min(block, text.size()))) watch.look(text.substr(0, block));
    return watch.swallowed();
}

TEST(QuoteWatch, agrees_with_the_definition_in_blocks_of_any_size) {
    std::mt19937 draw(7);
    SCOPED_TRACE("seed 7");
    int swallowed = 0;
    for (int repeat = 0; repeat < 20'000; ++repeat) {
        std::string text(draw() % 24, ' ');
        for (char& c : text) c = std::string_view("\"\"\"a,\n\r")[draw() % 7];
        swallowed += swallows(text);
        for (const std::size_t block : {1u, 2u, 5u, 100u})
            ASSERT_EQ(watched(text, block), swallows(text)) << ::testing::PrintToString(text) << " " << block;
    }
    EXPECT_GT(swallowed, 2000);
    EXPECT_LT(swallowed, 18'000);
}

/// Bytes up to the last row end of `text`, of which the first `before` bytes are of earlier blocks.
std::size_t row_end(std::string_view text, std::size_t before) {
    QuoteWatch watch;
    watch.look(text.substr(0, before));
    return watch.look(text.substr(before));
}

TEST(QuoteWatch, says_whether_a_quote_bears_on_a_block) {
    QuoteWatch watch;
    watch.look("a,b\n1,2\n");
    EXPECT_FALSE(watch.in_block());
    watch.look("3,\"x\n");  // It opens here
    EXPECT_TRUE(watch.in_block());
    watch.look("goes on\n");  // and is open here, where none stands.
    EXPECT_TRUE(watch.in_block());
    watch.look("y\"\n");
    EXPECT_TRUE(watch.in_block());
    watch.look("4,5\n");
    EXPECT_FALSE(watch.in_block());
    watch.look("6,7\"\n");  // One that opens nothing still stands there.
    EXPECT_TRUE(watch.in_block());
}

TEST(QuoteWatch, a_row_ends_with_a_line_end_that_no_quote_holds) {
    EXPECT_EQ(row_end("a,b\n1,2\n3", 0), 8u);
    EXPECT_EQ(row_end("a\n\"1\n2\"\n3", 0), 8u);
    EXPECT_EQ(row_end("a\n\"1\n2", 0), 2u);
    EXPECT_EQ(row_end("a\n\"1\n2\"\n3", 3), 5u);
    EXPECT_EQ(row_end("\"1\n2", 0), 0u);
    EXPECT_EQ(row_end("", 0), 0u);
    EXPECT_EQ(row_end("a\r1\r", 0), 2u) << "a line feed may follow the last carriage return";
    EXPECT_EQ(row_end("a\r\n1\r2", 0), 3u);
}

TEST(QuoteWatch, a_byte_order_mark_stands_before_the_first_field) {
    EXPECT_TRUE(watched("\xEF\xBB\xBF\"x", 100));
    EXPECT_FALSE(watched("\xEF\xBB\xBF\"x\"", 100));
}

TEST_F(Quotes, one_that_is_never_closed_is_refused_with_its_row) {
    const auto said = AllOf(HasSubstr("row 101 (line 102): a quote opened in this row is not closed"));
    EXPECT_THAT(
        testing::refusal(file("first.csv", "x,y\n" + rows(100, "1,2\n") + "\"1,2\n" + rows(99, "1,2\n"))),
        said);
    EXPECT_THAT(
        testing::refusal(file("last.csv", "x,y\n" + rows(100, "1,2\n") + "1,\"2\n" + rows(99, "1,2\n"))),
        said);
    EXPECT_THAT(
        testing::refusal(file("far.csv", "x,y\n" + rows(100, "1,2\n") + "1,\"2\n" + rows(900'000, "1,2\n"))),
        said);
    EXPECT_THAT(testing::refusal(file("header.csv", "x,\"y\n" + rows(9, "1,2\n"))),
                HasSubstr("header.csv: a quote opened in the header is not closed"));
}

TEST_F(Quotes, one_that_another_rows_quote_closes_is_refused) {
    EXPECT_THAT(testing::refusal(file("t.csv", "x,y\n1,a\n2,\"b\n3,c\n4,\"d\"\n5,e\n")),
                HasSubstr("row 2 (line 3): a quote opened in this row is closed only on a later line"));
}

TEST_F(Quotes, what_is_quoted_well_is_read) {
    const auto source = testing::opened(
        file("t.csv", "\xEF\xBB\xBF\"x\",y\n\"two\nlines, \"\"so\"\"\",1\n5\" pipe,2\n\"a\" b,3\n\"\",4\n"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::labels(testing::column(*source, "x")),
                ::testing::ElementsAre("two\nlines, \"so\"", "5\" pipe", "a b", "<missing>"));
    EXPECT_EQ(testing::column(*source, "y").rows, 4u);
}

}  // namespace
}  // namespace tristrata::sources
