#include "tables.hpp"

namespace tristrata::sources {
namespace {

using dataset::Type;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CsvTypes : public testing::Tables {};

/// A table of one column, its values as given, after so many empty ones.
std::string column_of(const std::vector<std::string>& values, std::size_t empty_before = 0) {
    std::string text = "x,y\n";
    for (std::size_t i = 0; i < empty_before; ++i) text += ",1\n";
    for (const auto& value : values) text += value + ",1\n";
    return text;
}

std::vector<std::string> with(std::vector<std::string> values, std::size_t row, const std::string& value) {
    values[row - 1] = value;
    return values;
}

SourceOptions as(Type type) {
    SourceOptions options;
    options.read_as = dataset::Schema{{{"x", type, "double"}, {"y", Type::integer, "int64"}}};
    return options;
}

const std::vector<std::string> numbers(1000, "1.25");
const std::vector<std::string> times(1000, "2023-03-22T08:05:00Z");

TEST_F(CsvTypes, a_word_among_numbers_is_the_same_error_wherever_it_stands) {
    const std::vector<std::string> many(200'000, "1.25");
    for (const std::size_t row : {1u, 11u, 1000u, 5001u, 200'000u}) {
        const auto path = file("t.csv", column_of(with(many, row, "n/d")));
        const auto said =
            "t.csv, row " + std::to_string(row) + " (line " + std::to_string(row + 1) +
            "), column \"x\": expected a number, as the column's other values are, found \"n/d\"";
        EXPECT_THAT(testing::refusal(path), AllOf(HasSubstr(said), HasSubstr("kind = \"categorical\"")));
        EXPECT_EQ(testing::refusal(path, as(Type::real)), testing::refusal(path));
    }
}

TEST_F(CsvTypes, a_word_among_times_is_an_error_too) {
    EXPECT_THAT(testing::refusal(file("t.csv", column_of(with(times, 7, "yesterday")))),
                HasSubstr("row 7 (line 8), column \"x\": expected a time (ISO 8601)"));
    EXPECT_THAT(testing::refusal(file("z.csv", column_of(with(times, 7, "2023-03-22 08:05:00")))),
                HasSubstr("row 7 (line 8), column \"x\": expected a time with its zone"));
}

TEST_F(CsvTypes, a_word_in_the_column_that_orders_the_rows_is_never_advised_to_be_a_name) {
    SourceOptions options;
    options.time = "x";
    const std::vector<std::string> many(200'000, "2023-03-22T08:05:00Z");
    for (const std::size_t row : {7u, 2501u, 200'000u}) {
        const auto said = testing::refusal(file("t.csv", column_of(with(many, row, "soon"))), options);
        EXPECT_THAT(said,
                    AllOf(HasSubstr("row " + std::to_string(row) + " (line " + std::to_string(row + 1)),
                          HasSubstr("expected a time (ISO 8601), found \"soon\"; write times as ISO 8601"),
                          HasSubstr("or name another column with --time"), Not(HasSubstr("categorical"))));
    }
    EXPECT_THAT(testing::refusal(file("e.csv", column_of(with(numbers, 7, "soon"))), options),
                AllOf(HasSubstr("expected a number, found \"soon\""), Not(HasSubstr("categorical"))));
}

TEST_F(CsvTypes, names_in_place_of_times_are_refused_by_their_first_row) {
    SourceOptions options;
    options.time = "x";
    const std::vector<std::string> names(100, "word");
    EXPECT_THAT(testing::refusal(file("t.csv", column_of(names, 3)), options),
                HasSubstr("t.csv, row 4 (line 5), column \"x\": expected a time (ISO 8601), found \"word\""));
    // Written in many ways, and each of them a time: the dataset reads them.
    const std::vector<std::string> mixed{"2023-03-22", "2023-03-22T08:05:00Z", "2023-03-22 08:05+02:00",
                                         "NA"};
    EXPECT_TRUE(open_source(file("m.csv", column_of(mixed)), options, {}).has_value());
    EXPECT_TRUE(open_source(file("n.csv", column_of(names)), {}, {}).has_value());
}

TEST_F(CsvTypes, a_header_that_is_repeated_further_down_is_an_error) {
    EXPECT_THAT(
        testing::refusal(file("t.csv", column_of(numbers) + column_of(numbers))),
        AllOf(HasSubstr("row 1001 (line 1002), column \"x\": expected a number"), HasSubstr("found \"x\"")));
}

TEST_F(CsvTypes, names_of_which_more_than_one_in_ten_is_no_number_are_names) {
    const std::vector<std::string> codes{"12", "12A", "13", "14", "15", "16", "17", "18", "19"};  // 8 of 9.
    const auto source = testing::opened(file("codes.csv", column_of(codes)));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->schema().fields[0].type, Type::text);
    EXPECT_THAT(testing::refusal(file("codes.csv", column_of(codes))), "");
    auto on_edge = codes;
    on_edge.emplace_back("20");  // 9 of 10.
    EXPECT_THAT(testing::refusal(file("edge.csv", column_of(on_edge))),
                AllOf(HasSubstr("row 2 (line 3)"), HasSubstr("12A")));
    SourceOptions options;
    options.types = {{"x", Type::text}};
    EXPECT_THAT(testing::refusal(file("edge.csv", column_of(on_edge)), options), "");
}

TEST_F(CsvTypes, names_of_the_reference_are_names_in_current_however_many_look_like_numbers) {
    EXPECT_THAT(testing::refusal(file("t.csv", column_of(with(numbers, 11, "12A"))), as(Type::text)), "");
}

TEST_F(CsvTypes, missing_values_do_not_count) {
    auto values = with(std::vector<std::string>(100, ""), 1, "5");
    values[1] = "7";
    values[2] = "n/d";  // One of three.
    const auto source = testing::opened(file("t.csv", column_of(values)));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->schema().fields[0].type, Type::text);
}

TEST_F(CsvTypes, a_word_in_a_column_that_nobody_asked_for_is_no_error) {
    const auto source = testing::opened(file("t.csv", column_of(with(numbers, 11, "n/d"))));
    ASSERT_TRUE(source);
    EXPECT_EQ(testing::column(*source, "y").rows, 1000u);
}

TEST_F(CsvTypes, a_column_that_begins_late_begins_with_a_word_or_not) {
    EXPECT_THAT(testing::refusal(file("t.csv", column_of(with(numbers, 1, "n/d"), 100'000))),
                AllOf(HasSubstr("row 100001 (line 100002), column \"x\""), HasSubstr("found \"n/d\"")));
}

TEST_F(CsvTypes, what_turned_numbers_into_words_is_remarked) {
    std::vector<std::string> words(10, "\"1,25\"");
    words[0] = "3";
    const auto source = testing::opened(file("t.csv", column_of(words)), as(Type::real));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->schema().fields[0].type, Type::text);
    EXPECT_EQ(source->schema().fields[0].remark,
              "the first value that is not a number is \"1,25\" in row 2 (line 3)");
    EXPECT_EQ(testing::column(*source, "x").remark, source->schema().fields[0].remark);
    EXPECT_EQ(testing::column(*source, "y").remark, "");
}

TEST_F(CsvTypes, in_a_folder_the_files_before_say_what_a_column_is) {
    file("t/a.csv", column_of(numbers));
    file("t/b.csv", column_of(with(numbers, 11, "n/d")));
    EXPECT_THAT(testing::refusal(path("t")),
                AllOf(HasSubstr("b.csv, row 11 (line 12)"), HasSubstr("\"n/d\"")));
}

TEST_F(CsvTypes, a_first_row_of_values_is_no_header_unless_they_are_quoted) {
    for (const std::string header : {"1.5,2", "2023-03-22T08:05:00Z,2"})
        EXPECT_THAT(testing::refusal(file("none.csv", header + "\n3,4\n")),
                    AllOf(HasSubstr("header seems to be missing"), HasSubstr("in quotes")));
    const auto source = testing::opened(file("years.csv", "\"2022\",\"2023\"\n3,4\n"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "2023").numbers, ElementsAre(4.0));
}

}  // namespace
}  // namespace tristrata::sources
