#include "csv_rows.hpp"

#include "tables.hpp"
#include "tristrata/core/task.hpp"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <random>

namespace tristrata::sources {
namespace {

using ::testing::HasSubstr;

struct Found {
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::size_t batches = 0;
    std::string error;
    bool swallowed = false;
};

/// Of a CSV with the columns x, skipped, text.
Found read(const std::string& bytes, unsigned threads) {
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.newlines_in_values = true;
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.include_columns = {"text", "x"};
    convert.column_types = {{"text", arrow::utf8()}, {"x", arrow::float64()}};
    auto rows = CsvRows::make(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)),
                              {"x", "skipped", "text"}, parse, convert, threads);
    Found found;
    while (true) {
        const auto batch = rows->next();
        if (!batch.ok()) found.error = batch.status().message();
        if (!batch.ok() || *batch == nullptr) break;
        ++found.batches;
        const auto& texts = static_cast<const arrow::StringArray&>(*(*batch)->column(0));
        const auto& numbers = static_cast<const arrow::DoubleArray&>(*(*batch)->column(1));
        for (std::int64_t row = 0; row < (*batch)->num_rows(); ++row) {
            found.texts.emplace_back(texts.GetView(row));
            found.numbers.push_back(numbers.Value(row));
        }
    }
    found.swallowed = rows->swallowed();
    return found;
}

TEST(CsvRows, are_in_order_and_whole_wherever_the_bytes_are_cut) {
    for (const std::string line_end : {"\n", "\r\n", "\r"}) {
        std::mt19937 draw(7);
        SCOPED_TRACE("seed 7, line end of " + std::to_string(line_end.size()));
        std::string bytes = "x,skipped,text" + line_end;
        Found expected;
        // Some rows span lines, some are longer than a piece, a few lines are empty.
        for (int row = 0; row < 20'000; ++row) {
            std::string text(draw() % 200, static_cast<char>('a' + draw() % 26));
            if (row % 7000 == 3) text = std::string(3'000'000, 'y');
            if (row % 5 == 0) text.insert(text.size() / 2, "two\nlines, with \"");
            std::string quoted;
            for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
            bytes += fmt::format("{},-,\"{}\"", row, quoted) + line_end;
            if (row % 1000 == 0) bytes += line_end;
            expected.numbers.push_back(row);
            expected.texts.push_back(text);
        }
        for (const unsigned threads : {1u, 2u, 5u}) {
            const auto found = read(bytes, threads);
            EXPECT_EQ(found.error, "");
            EXPECT_EQ(found.numbers, expected.numbers) << threads;
            EXPECT_EQ(found.texts, expected.texts) << threads;
            EXPECT_FALSE(found.swallowed);
            EXPECT_GT(found.batches, 5u);
        }
    }
}

TEST(CsvRows, the_last_row_needs_no_line_end_and_the_first_bytes_may_be_a_byte_order_mark) {
    const auto found = read("\xEF\xBB\xBF\"x\",skipped,text\n1,-,a\n2,-,b", 2);
    EXPECT_EQ(found.numbers, (std::vector{1.0, 2.0}));
    EXPECT_EQ(found.texts, (std::vector<std::string>{"a", "b"}));
}

TEST(CsvRows, an_error_ends_them_in_its_place) {
    std::string bytes = "x,skipped,text\n";
    for (int row = 0; row < 200'000; ++row) bytes += row == 150'000 ? "oops,-,a\n" : "1,-,abcdef\n";
    for (const unsigned threads : {1u, 2u}) {
        const auto found = read(bytes, threads);
        EXPECT_THAT(found.error, HasSubstr("oops"));
        EXPECT_GT(found.numbers.size(), 50'000u);
        EXPECT_LT(found.numbers.size(), 150'000u);
    }
    EXPECT_THAT(read("x,skipped,text\n1,-,a\n1,2\n", 2).error, HasSubstr("Expected 3 columns, got 2"));
    EXPECT_TRUE(read("x,skipped,text\n1,-,\"a\n1,-,b\n", 2).swallowed);
}

}  // namespace
}  // namespace tristrata::sources
