#include "tables.hpp"
#include "tristrata/core/identifier.hpp"

#include <cmath>
#include <limits>

namespace tristrata::sources {
namespace {

using dataset::Type;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Csv : public testing::Tables {};

std::string rows(std::size_t count, const std::string& row) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += row;
    return out;
}

TEST_F(Csv, types_are_read_off_the_values) {
    const auto source =
        testing::opened(file("t.csv",
                             "i,r,b,s,d,t,z\n"
                             "1,1.5,true,up,2023-03-22,2023-03-22 08:05:00,2023-03-22T08:05:00Z\n"
                             "2,-2e3,false,down,2023-03-23,2023-03-22 08:06:00.25,"
                             "2023-03-22T08:06:00Z\n"));
    ASSERT_TRUE(source);
    const Type expected[]{Type::integer,   Type::real,      Type::boolean,  Type::text,
                          Type::timestamp, Type::timestamp, Type::timestamp};
    for (std::size_t i = 0; i < std::size(expected); ++i)
        EXPECT_EQ(source->schema().fields[i].type, expected[i]) << source->schema().fields[i].name;
    EXPECT_THAT(testing::column(*source, "i").numbers, ElementsAre(1.0, 2.0));
    EXPECT_THAT(testing::column(*source, "r").numbers, ElementsAre(1.5, -2000.0));
    EXPECT_THAT(testing::labels(testing::column(*source, "b")), ElementsAre("true", "false"));
    EXPECT_THAT(testing::labels(testing::column(*source, "s")), ElementsAre("up", "down"));
    EXPECT_THAT(testing::column(*source, "d").times, ElementsAre(1679443200000000, 1679529600000000));
    EXPECT_THAT(testing::column(*source, "t").times, ElementsAre(1679472300000000, 1679472360250000));
    EXPECT_THAT(testing::column(*source, "z").times, ElementsAre(1679472300000000, 1679472360000000));
}

TEST_F(Csv, every_spelling_of_missing_and_infinite_is_known) {
    const auto source = testing::opened(
        file("t.csv",
             "x,y\n1,a\n,b\nNA,c\nNaN,d\nnan,e\nnull,f\nNULL,g\nN/A,h\nNone,i\ninf,j\n-inf,k\nInfinity,l\n"));
    ASSERT_TRUE(source);
    const auto x = testing::column(*source, "x");
    EXPECT_EQ(x.type, Type::real);
    EXPECT_EQ(x.rows, 12u);
    EXPECT_EQ(x.missing, 8u);
    EXPECT_EQ(x.infinite, 3u);
    EXPECT_EQ(x.numbers[9], std::numeric_limits<double>::infinity());
    EXPECT_EQ(x.numbers[10], -std::numeric_limits<double>::infinity());
}

TEST_F(Csv, a_quoted_empty_field_is_missing_like_an_empty_one) {
    const auto source = testing::opened(file("t.csv", "\"x\",\"s\"\n\"1.5\",\"\"\n\"\",\"a\"\n\"2\",\n"));
    ASSERT_TRUE(source);
    EXPECT_EQ(testing::column(*source, "x").missing, 1u);
    EXPECT_THAT(testing::labels(testing::column(*source, "s")), ElementsAre("<missing>", "a", "<missing>"));
}

TEST_F(Csv, a_whole_number_column_may_turn_to_fractions_after_the_first_block) {
    const auto source = testing::opened(file("t.csv", "x,y\n" + rows(400'000, "7,1\n") + "1.5,1\n"));
    ASSERT_TRUE(source);
    const auto x = testing::column(*source, "x");
    ASSERT_EQ(x.rows, 400'001u);
    EXPECT_EQ(x.numbers.front(), 7.0);
    EXPECT_EQ(x.numbers.back(), 1.5);
}

TEST_F(Csv, text_among_numbers_is_named_with_file_row_column_and_value) {
    const auto path =
        file("trades.csv", "x,price\n" + rows(70'000, "7,1.25\n") + "7,n.a.\n" + rows(70'000, "7,2\n"));
    EXPECT_THAT(testing::refusal(path),
                AllOf(HasSubstr("trades.csv, row 70001 (line 70002), column \"price\": expected a number"),
                      HasSubstr("found \"n.a.\""), HasSubstr("mend the value")));
}

TEST_F(Csv, names_that_are_half_numbers_are_said_to_be) {
    for (const auto& [words, remark] :
         {std::pair{51, ""}, std::pair{50, "50 of its first 100 values are numbers"}}) {
        std::string text = "x\n\n";  // A missing value counts on neither side.
        for (int row = 0; row < 100; ++row) text += row < words ? "word\n" : "1.5\n";
        const auto source = testing::opened(file("half.csv", text));
        ASSERT_EQ(source->schema().fields[0].type, Type::text);
        EXPECT_EQ(source->schema().fields[0].remark, remark);
    }
}

TEST_F(Csv, row_numbers_count_rows_and_not_lines) {
    const auto path = file("t.csv", "s,x\n" + rows(100'000, "\"two\nlines\",1\n") + "a,oops\n");
    EXPECT_THAT(testing::refusal(path), HasSubstr("row 100001 (line 200002), column \"x\""));
}

TEST_F(Csv, a_column_without_a_value_in_the_first_block_takes_its_type_from_later_ones) {
    const auto path = file("t.csv", "x,s,t,b,n,y\n" + rows(300'000, ",,,,,1\n") +
                                        "2.5,word,2023-03-22T00:00:00Z,true,,1\n" + rows(10, ",,,,,1\n"));
    const auto source = testing::opened(path);
    ASSERT_TRUE(source);
    const auto x = testing::column(*source, "x");
    EXPECT_EQ(x.type, Type::real);
    EXPECT_EQ(x.missing, 300'010u);
    ASSERT_EQ(x.numbers.size(), 300'011u);
    EXPECT_EQ(x.numbers[300'000], 2.5);
    EXPECT_EQ(testing::column(*source, "s").type, Type::text);
    const auto t = testing::column(*source, "t");
    ASSERT_EQ(t.times.size(), 300'011u);
    EXPECT_EQ(t.times[300'000], 1679443200000000);
    EXPECT_EQ(testing::column(*source, "b").type, Type::boolean);
    const auto n = testing::column(*source, "n");
    EXPECT_EQ(n.type, Type::null);
    EXPECT_EQ(n.missing, 300'011u);
}

TEST_F(Csv, the_current_side_is_read_with_the_types_of_the_reference) {
    const auto reference = testing::opened(file("r.csv", "code,x\nA1,1.5\nB2,2\n"));
    ASSERT_TRUE(reference);
    SourceOptions options;
    options.read_as = reference->schema();
    const auto current = testing::opened(file("c.csv", "x,code,new\n3,17,1\n4,18,1\n"), options);
    ASSERT_TRUE(current);
    EXPECT_THAT(testing::labels(testing::column(*current, "code")), ElementsAre("17", "18"));
    EXPECT_EQ(testing::column(*current, "x").type, Type::real);
    EXPECT_EQ(testing::column(*current, "new").type, Type::integer);
}

TEST_F(Csv, a_type_that_is_known_stands_above_what_the_first_rows_look_like) {
    const auto path = file("codes.csv", "zip,amount\n" + rows(30'000, "01234,x\n") + "AB1 2CD,1.5\n");
    const std::string refused = testing::refusal(path);
    EXPECT_THAT(refused,
                HasSubstr("[column.\"zip\"] kind = \"categorical\", by which each value is a label"));
    EXPECT_LT(refused.find("leave it empty or write NA"), refused.find("if the column holds names"))
        << refused;
    SourceOptions options;
    options.if_names = "do otherwise";
    EXPECT_THAT(testing::refusal(path, options),
                AllOf(HasSubstr("if the column holds names, do otherwise"), Not(HasSubstr("plan"))));
    options.types = {{"zip", Type::text}};
    const auto source = testing::opened(path, options);
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "zip").labels, ElementsAre("01234", "AB1 2CD"));
    options.types.emplace("amount", Type::real);
    EXPECT_THAT(
        testing::refusal(path, options),
        AllOf(HasSubstr("row 1 (line 2), column \"amount\": expected a number, as its kind in the plan says"),
              Not(HasSubstr("categorical"))));
}

TEST_F(Csv, a_projection_answers_in_the_order_that_was_asked_for) {
    const auto source = testing::opened(file("t.csv", "a,b,c\n1,2,3\n4,5,6\n"));
    ASSERT_TRUE(source);
    const std::size_t wanted[]{2, 0};
    const auto columns = dataset::read_columns(*source, wanted, {});
    ASSERT_TRUE(columns);
    EXPECT_THAT((*columns)[0].numbers, ElementsAre(3.0, 6.0));
    EXPECT_THAT((*columns)[1].numbers, ElementsAre(1.0, 4.0));
}

TEST_F(Csv, ragged_rows_are_named_with_both_counts) {
    EXPECT_THAT(testing::refusal(file("short.csv", "x,y\n1,2\n3,4\n5\n7,8\n")),
                AllOf(HasSubstr("short.csv, row 3 (line 4): expected 2 fields"), HasSubstr("found 1")));
    EXPECT_THAT(
        testing::refusal(file("late.csv", "x,y\n" + rows(400'000, "1,2\n") + "5,6,7\n")),
        AllOf(HasSubstr("late.csv, row 400001 (line 400002): expected 2 fields"), HasSubstr("found 3")));
}

TEST_F(Csv, bytes_that_are_not_utf8_are_named_with_row_column_and_byte) {
    EXPECT_THAT(testing::refusal(file("latin.csv", "x,town\n1,Bern\n2,Z\xFCrich\n")),
                AllOf(HasSubstr("latin.csv, row 2 (line 3), column \"town\""), HasSubstr("UTF-8"),
                      HasSubstr("\\xfc")));
    EXPECT_THAT(testing::refusal(file("head.csv", "x,caf\xE9\n1,2\n")),
                AllOf(HasSubstr("head.csv"), HasSubstr("UTF-8")));
}

TEST_F(Csv, what_is_no_csv_is_said_to_be_none) {
    EXPECT_THAT(testing::refusal(file("noise.csv", std::string_view("PK\0\1\2\3\0\0,\n\0\xFF", 12))),
                AllOf(HasSubstr("noise.csv"), HasSubstr("not CSV")));
    EXPECT_THAT(testing::refusal(file("empty.csv", "")), AllOf(HasSubstr("empty.csv"), HasSubstr("empty")));
    EXPECT_THAT(testing::refusal(path("gone.csv")), AllOf(HasSubstr("gone.csv"), HasSubstr("no such file")));
    EXPECT_THAT(testing::refusal(file("t.xlsx", "x\n1\n")),
                AllOf(HasSubstr("t.xlsx"), HasSubstr(".parquet")));
    EXPECT_THAT(testing::refusal(file("plain.csv.gz", "x\n1\n")),
                AllOf(HasSubstr("plain.csv.gz"), HasSubstr("gzip")));
}

TEST_F(Csv, text_under_the_ending_of_another_format_is_said_to_be_csv) {
    const std::string text = "x,town\n1,Zürich\n";
    for (const auto& [name, format] :
         {std::pair{"p.parquet", "not Parquet"}, std::pair{"a.arrow", "not Arrow IPC"},
          std::pair{"g.csv.gz", "not a gzip file"}})
        EXPECT_THAT(testing::refusal(file(name, text)),
                    AllOf(HasSubstr(name), HasSubstr(format),
                          HasSubstr("it looks like CSV text, and only its ending is wrong; name it .csv")));
    // The beginning of a real one is no text.
    EXPECT_THAT(testing::refusal(file("cut.parquet", std::string_view("PAR1\x15\x04\x15,", 8))),
                HasSubstr("no whole Parquet file"));
    EXPECT_THAT(testing::refusal(file("none.parquet", "")), HasSubstr("no whole Parquet file"));
}

TEST_F(Csv, headers_must_name_every_column_once) {
    EXPECT_THAT(
        testing::refusal(file("twice.csv", "x,x\n1,2\n")),
        AllOf(HasSubstr("twice.csv"), HasSubstr("holds \"x\" twice"), HasSubstr("no header: put a row")));
    EXPECT_THAT(testing::refusal(file("bare.csv", "male,yes,yes\nfemale,no,yes\n")),
                AllOf(HasSubstr("the first row holds \"yes\" twice"), HasSubstr("no header: put a row")));
    EXPECT_THAT(testing::refusal(file("blank.csv", "x,,y\n1,2,3\n")),
                AllOf(HasSubstr("column 2 of the first row has no name"), HasSubstr("no header")));
    EXPECT_THAT(testing::refusal(file("none.csv", "1.5,2\n3,4\n")),
                AllOf(HasSubstr("none.csv"), HasSubstr("header seems to be missing")));
}

TEST_F(Csv, a_header_without_rows_is_refused) {
    EXPECT_THAT(testing::refusal(file("header.csv", "x,y\n")),
                AllOf(HasSubstr("header.csv"), HasSubstr("expected at least one row")));
}

TEST_F(Csv, one_row_without_a_newline_at_its_end_is_read) {
    const auto source = testing::opened(file("one.csv", "x,y\r\n1,a"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0));
    EXPECT_THAT(testing::labels(testing::column(*source, "y")), ElementsAre("a"));
}

TEST_F(Csv, a_byte_order_mark_is_no_part_of_the_first_name) {
    const auto source = testing::opened(file("bom.csv", "\xEF\xBB\xBFx,y\n1,2\n"));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->schema().fields[0].name, "x");
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0));
}

TEST_F(Csv, names_may_hold_quotes_newlines_markup_and_emoji) {
    const std::string names[]{"say \"x\"", "two\nlines", "<script>alert(1)</script>", "📈 price", "a,b"};
    const auto source = testing::opened(file("n.csv",
                                             "\"say \"\"x\"\"\",\"two\nlines\",<script>alert(1)</script>,📈 "
                                             "price,\"a,b\"\n1,2,3,4,5\n6,7,8,9,10\n"));
    ASSERT_TRUE(source);
    ASSERT_EQ(source->schema().fields.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(source->schema().fields[i].name, names[i]);
        EXPECT_THAT(testing::column(*source, names[i]).numbers,
                    ElementsAre(static_cast<double>(i + 1), static_cast<double>(i + 6)));
    }
    EXPECT_THAT(testing::refusal(file("n2.csv", "\"two\nlines\"\n" + rows(300'000, "1234\n") + "oops\n")),
                HasSubstr("column \"two\\nlines\""));
}

TEST_F(Csv, a_number_that_the_reader_refuses_is_found_again_by_the_explanation) {
    for (const std::string value : {"0x10", "1,5", "1_000", "- 1", "1e", "12abc"}) {
        const bool comma = value.find(',') != std::string::npos;
        const auto path =
            file("n.csv", "x\n" + rows(300'000, "1234\n") + (comma ? "\"" + value + "\"" : value) + "\n");
        const auto said = testing::refusal(path);
        EXPECT_THAT(said, AllOf(HasSubstr("row 300001 (line 300002), column \"x\": expected a number"),
                                HasSubstr(value)))
            << value;
    }
}

TEST_F(Csv, a_time_that_has_a_zone_where_the_others_have_none_is_named) {
    const auto path = file("t.csv", "t\n" + rows(10'000, "2023-03-22 08:05:00\n") + "2023-03-22T08:05:00Z\n");
    EXPECT_THAT(testing::refusal(path),
                HasSubstr("row 10001 (line 10002), column \"t\": expected a time without a zone"));
    const auto zoned =
        file("z.csv", "t\n" + rows(10'000, "2023-03-22T08:05:00Z\n") + "2023-03-22T08:05:00\n");
    EXPECT_THAT(testing::refusal(zoned),
                HasSubstr("row 10001 (line 10002), column \"t\": expected a time with its zone"));
}

TEST_F(Csv, nanoseconds_and_zone_offsets_are_read) {
    const auto source =
        testing::opened(file("t.csv", "n,o\n2023-03-22 00:00:00.123456789,2023-03-22T02:00:00+02:00\n"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "n").times, ElementsAre(1679443200123456));
    EXPECT_THAT(testing::column(*source, "o").times, ElementsAre(1679443200000000));
}

TEST_F(Csv, a_row_longer_than_a_block_is_read) {
    const auto source = testing::opened(file("t.csv", "s,x\n" + std::string(3'000'000, 'a') + ",1\nb,2\n"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0, 2.0));
}

TEST_F(Csv, a_quoted_missing_number_before_the_bad_one_is_not_blamed) {
    const auto path = file("q.csv", "x,y\n" + rows(200'000, "1234,1\n") + "\"NA\",1\noops,1\n");
    EXPECT_THAT(testing::refusal(path), HasSubstr("row 200002 (line 200003), column \"x\""));
}

TEST_F(Csv, ten_thousand_columns_are_read) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += (i == 0 ? "c" : ",c") + std::to_string(i);
    for (int row = 0; row < 3; ++row) {
        text += '\n';
        for (int i = 0; i < 10'000; ++i) text += (i == 0 ? "" : ",") + std::to_string(i + row);
    }
    const auto source = testing::opened(file("wide.csv", text + "\n"));
    ASSERT_TRUE(source);
    ASSERT_EQ(source->schema().fields.size(), 10'000u);
    EXPECT_THAT(testing::column(*source, "c9999").numbers, ElementsAre(9999.0, 10000.0, 10001.0));
}

TEST_F(Csv, a_million_labels_are_kept_apart) {
    std::string text = "id\n";
    for (int i = 0; i < 1'000'000; ++i) text += "k" + std::to_string(i) + "\n";
    const auto source = testing::opened(file("many.csv", text));
    ASSERT_TRUE(source);
    const auto id = testing::column(*source, "id");
    ASSERT_EQ(id.labels.size(), 1'000'000u);
    EXPECT_EQ(id.labels[999'999], "k999999");
    EXPECT_EQ(id.codes[999'999], 999'999u);
}

TEST_F(Csv, gzip_reads_as_the_plain_file_does) {
    const std::string text = "x,s\n" + rows(200'000, "1.5,word\n");
    const auto plain = testing::opened(file("t.csv", text));
    const auto zipped = testing::opened(gzip_file("t.csv.gz", text));
    ASSERT_TRUE(plain && zipped);
    EXPECT_EQ(testing::column(*plain, "x").numbers, testing::column(*zipped, "x").numbers);
}

TEST_F(Csv, a_gzip_file_cut_short_is_said_to_be_cut) {
    std::string text = "x\n";
    for (std::int64_t i = 0; i < 300'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
    const auto path = gzip_file("cut.csv.gz", text);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_THAT(testing::refusal(path), HasSubstr("cut.csv.gz: not a whole gzip file"));
}

TEST_F(Csv, what_a_cut_left_of_the_last_row_is_not_blamed_for_the_cut) {
    std::string text = "a,b,c\n";
    for (std::int64_t i = 0; i < 3000; ++i) {
        const auto cell = std::to_string(i * 7919 % 100'003);
        text += cell + "," + cell + "," + cell + "\n";
    }
    const auto path = gzip_file("cut.csv.gz", text);
    const auto bytes = std::filesystem::file_size(path);
    for (const std::uintmax_t left : {bytes / 2, bytes / 2 - 1, bytes / 2 - 2, bytes - 8, bytes - 1}) {
        std::filesystem::resize_file(path, left);
        EXPECT_THAT(testing::refusal(path), HasSubstr("cut.csv.gz: not a whole gzip file")) << left;
        gzip_file("cut.csv.gz", text);
    }
}

TEST_F(Csv, the_digest_is_that_of_the_bytes_that_were_read_once_all_of_them_were) {
    std::string before = "x,y\n";
    for (int row = 0; row < 400'000; ++row) before += "1,2\n";
    const auto source = testing::opened(file("t.csv", before));
    ASSERT_TRUE(source);
    const std::size_t fields[]{0};
    {
        auto part = source->open(fields, {});
        ASSERT_TRUE(part && (*part)->next());
    }
    EXPECT_EQ(*source->digest({}), core::sha256(before))
        << "the whole file, though part of it was passed over";
    EXPECT_EQ(testing::column(*source, "x").rows, 400'000u);
    file("t.csv", "x,y\n3,4\n");
    EXPECT_EQ(*source->digest({}), core::sha256(before));
    EXPECT_EQ(*testing::opened(path("t.csv"))->digest({}), core::sha256("x,y\n3,4\n"));
}

TEST_F(Csv, the_digest_is_the_sha256_of_the_bytes) {
    const auto source = testing::opened(file("t.csv", "x\n1\n"));
    ASSERT_TRUE(source);
    const auto digest = source->digest({});
    ASSERT_TRUE(digest);
    EXPECT_EQ(*digest, "daff832f802000e645771a60983c76c963f6ee602a6230e45237bd360e91cc1a");
}

TEST_F(Csv, a_stop_that_was_asked_for_is_heard) {
    const auto source = testing::opened(file("t.csv", "x\n" + rows(10, "1\n")));
    ASSERT_TRUE(source);
    std::stop_source stop;
    stop.request_stop();
    core::Task task;
    task.stop = stop.get_token();
    const std::size_t wanted[]{0};
    const auto columns = dataset::read_columns(*source, wanted, task);
    ASSERT_FALSE(columns);
    EXPECT_EQ(columns.error().kind, core::ErrorKind::cancelled);
}

}  // namespace
}  // namespace tristrata::sources
