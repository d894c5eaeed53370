#include "tables.hpp"

#include <arrow/api.h>
#include <thread>

namespace tristrata::sources {
namespace {

using dataset::Type;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Columnar : public testing::Tables {};

template <class Builder, class... Values>
std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type, Values... values) {
    Builder builder(type, arrow::default_memory_pool());
    EXPECT_TRUE((builder.Append(values).ok() && ...));
    EXPECT_TRUE(builder.AppendNull().ok());
    return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> words() {
    arrow::StringDictionaryBuilder builder;
    EXPECT_TRUE(builder.Append("up").ok() && builder.Append("down").ok() && builder.AppendNull().ok());
    return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Table> every_type(bool parquet) {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    const auto add = [&](const std::string& name, const std::shared_ptr<arrow::Array>& values) {
        fields.push_back(arrow::field(name, values->type()));
        arrays.push_back(values);
    };
    add("i8", array<arrow::Int8Builder>(arrow::int8(), std::int8_t{-1}, std::int8_t{127}));
    add("u8", array<arrow::UInt8Builder>(arrow::uint8(), std::uint8_t{1}, std::uint8_t{255}));
    add("i16", array<arrow::Int16Builder>(arrow::int16(), std::int16_t{-1}, std::int16_t{32767}));
    add("u16", array<arrow::UInt16Builder>(arrow::uint16(), std::uint16_t{1}, std::uint16_t{65535}));
    add("i32", array<arrow::Int32Builder>(arrow::int32(), -1, 2147483647));
    add("u32", array<arrow::UInt32Builder>(arrow::uint32(), 1u, 4294967295u));
    add("i64", array<arrow::Int64Builder>(arrow::int64(), std::int64_t{-1}, std::int64_t{1} << 52));
    add("u64", array<arrow::UInt64Builder>(arrow::uint64(), std::uint64_t{1}, std::uint64_t{1} << 52));
    add("f32", array<arrow::FloatBuilder>(arrow::float32(), -0.5F, 1.25F));
    add("f64", array<arrow::DoubleBuilder>(arrow::float64(), -0.5, 1e300));
    add("bool", array<arrow::BooleanBuilder>(arrow::boolean(), true, false));
    add("text", array<arrow::StringBuilder>(arrow::utf8(), "up", "down"));
    add("large", array<arrow::LargeStringBuilder>(arrow::large_utf8(), "up", "down"));
    add("words", words());
    add("date32", array<arrow::Date32Builder>(arrow::date32(), 19438, -1));
    add("ms", array<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MILLI),
                                             std::int64_t{1679443200000}, std::int64_t{-1}));
    add("us", array<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                             std::int64_t{1679443200000000}, std::int64_t{-1}));
    add("ns", array<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::NANO),
                                             std::int64_t{1679443200000000000}, std::int64_t{-1}));
    add("money", array<arrow::Decimal128Builder>(arrow::decimal128(12, 2), arrow::Decimal128("-1.23"),
                                                 arrow::Decimal128("1234567890.12")));
    add("half",
        array<arrow::HalfFloatBuilder>(arrow::float16(), std::uint16_t{0xC000}, std::uint16_t{0x3C00}));
    if (!parquet) {
        add("view", array<arrow::StringViewBuilder>(arrow::utf8_view(), "up", "a label past twelve bytes"));
        add("s", array<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::SECOND),
                                                std::int64_t{1679443200}, std::int64_t{-1}));
        add("date64", array<arrow::Date64Builder>(arrow::date64(), std::int64_t{1679443200000},
                                                  std::int64_t{-86400000}));
    }
    add("nothing", std::make_shared<arrow::NullArray>(3));
    return arrow::Table::Make(arrow::schema(fields), arrays);
}

void expect_numbers(dataset::Source& source, std::string_view name, Type type, double first, double second) {
    const auto column = testing::column(source, name);
    EXPECT_EQ(column.type, type) << name;
    ASSERT_EQ(column.numbers.size(), 3u) << name;
    EXPECT_EQ(column.numbers[0], first) << name;
    EXPECT_EQ(column.numbers[1], second) << name;
    EXPECT_EQ(column.missing, 1u) << name;
}

void expect_every_type(dataset::Source& source, bool parquet) {
    expect_numbers(source, "i8", Type::integer, -1, 127);
    expect_numbers(source, "u8", Type::integer, 1, 255);
    expect_numbers(source, "i16", Type::integer, -1, 32767);
    expect_numbers(source, "u16", Type::integer, 1, 65535);
    expect_numbers(source, "i32", Type::integer, -1, 2147483647);
    expect_numbers(source, "u32", Type::integer, 1, 4294967295);
    expect_numbers(source, "i64", Type::integer, -1, 0x1p52);
    expect_numbers(source, "u64", Type::integer, 1, 0x1p52);
    expect_numbers(source, "f32", Type::real, -0.5, 1.25);
    expect_numbers(source, "f64", Type::real, -0.5, 1e300);
    expect_numbers(source, "half", Type::real, -2, 1);
    expect_numbers(source, "money", Type::real, -1.23, 1234567890.12);
    EXPECT_THAT(testing::labels(testing::column(source, "bool")), ElementsAre("true", "false", "<missing>"));
    for (const std::string name : {"text", "large", "words"})
        EXPECT_THAT(testing::labels(testing::column(source, name)), ElementsAre("up", "down", "<missing>"))
            << name;
    std::vector<std::string> times{"ms", "us", "ns"};
    constexpr std::int64_t day = 1679443200000000;
    constexpr std::int64_t missing = dataset::Column::missing_time;
    EXPECT_THAT(testing::column(source, "date32").times, ElementsAre(day, -86'400'000'000, missing));
    EXPECT_THAT(testing::column(source, "ms").times, ElementsAre(day, -1000, missing));
    EXPECT_THAT(testing::column(source, "us").times, ElementsAre(day, -1, missing));
    EXPECT_THAT(testing::column(source, "ns").times, ElementsAre(day, -1, missing));
    if (!parquet) {
        EXPECT_THAT(testing::labels(testing::column(source, "view")),
                    ElementsAre("up", "a label past twelve bytes", "<missing>"));
        EXPECT_THAT(testing::column(source, "s").times, ElementsAre(day, -1'000'000, missing));
        EXPECT_THAT(testing::column(source, "date64").times, ElementsAre(day, -86'400'000'000, missing));
    }
    const auto nothing = testing::column(source, "nothing");
    EXPECT_EQ(nothing.type, Type::null);
    EXPECT_EQ(nothing.missing, 3u);
}

TEST_F(Columnar, parquet_gives_back_every_type) {
    const auto source = testing::opened(parquet_file("t.parquet", *every_type(true)));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->rows(), 3u);
    expect_every_type(*source, true);
}

TEST_F(Columnar, an_ipc_file_gives_back_every_type) {
    const auto source = testing::opened(ipc_file("t.arrow", *every_type(false), Ipc::file));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->access(), dataset::Access::by_column);
    EXPECT_EQ(source->rows(), 3u);
    expect_every_type(*source, false);
}

TEST_F(Columnar, an_ipc_stream_gives_back_every_type) {
    const auto source = testing::opened(ipc_file("t.ipc", *every_type(false), Ipc::stream));
    ASSERT_TRUE(source);
    expect_every_type(*source, false);
}

std::shared_ptr<arrow::Table> three_columns(std::int64_t rows) {
    arrow::DoubleBuilder a, b, c;
    for (std::int64_t i = 0; i < rows; ++i) {
        EXPECT_TRUE(a.Append(static_cast<double>(i)).ok());
        EXPECT_TRUE(b.Append(static_cast<double>(2 * i)).ok());
        EXPECT_TRUE(c.Append(static_cast<double>(3 * i)).ok());
    }
    return arrow::Table::Make(
        arrow::schema({arrow::field("a", arrow::float64()), arrow::field("b", arrow::float64()),
                       arrow::field("c", arrow::float64())}),
        {a.Finish().ValueOrDie(), b.Finish().ValueOrDie(), c.Finish().ValueOrDie()});
}

TEST_F(Columnar, a_projection_answers_in_the_order_that_was_asked_for) {
    const auto table = three_columns(2500);
    for (const auto& path : {parquet_file("t.parquet", *table), ipc_file("t.arrow", *table, Ipc::file),
                             ipc_file("s.arrow", *table, Ipc::stream)}) {
        const auto source = testing::opened(path);
        ASSERT_TRUE(source);
        const std::size_t wanted[]{2, 0};
        const auto columns = dataset::read_columns(*source, wanted, {});
        ASSERT_TRUE(columns) << path;
        ASSERT_EQ((*columns)[0].numbers.size(), 2500u) << path;
        EXPECT_EQ((*columns)[0].numbers[2499], 3.0 * 2499) << path;
        EXPECT_EQ((*columns)[1].numbers[2499], 2499.0) << path;
    }
}

TEST_F(Columnar, two_threads_may_open_one_parquet_source) {
    const auto source = testing::opened(parquet_file("t.parquet", *three_columns(50'000)));
    ASSERT_TRUE(source);
    double sums[2]{};
    const auto read = [&](std::size_t field) {
        const std::size_t wanted[]{field};
        for (int pass = 0; pass < 20; ++pass) {
            const auto columns = dataset::read_columns(*source, wanted, {});
            if (columns)
                for (const double value : (*columns)[0].numbers) sums[field] += value;
        }
    };
    std::thread first(read, 0), second(read, 1);
    first.join();
    second.join();
    const double once = 50'000.0 * 49'999.0 / 2.0;
    EXPECT_EQ(sums[0], 20 * once);
    EXPECT_EQ(sums[1], 40 * once);
}

TEST_F(Columnar, a_file_cut_short_is_named) {
    const auto table = three_columns(5000);
    const auto parquet = parquet_file("cut.parquet", *table);
    const auto ipc = ipc_file("cut.arrow", *table, Ipc::file);
    const auto stream = ipc_file("stream.arrow", *table, Ipc::stream);
    for (const auto& path : {parquet, ipc, stream}) {
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
        EXPECT_THAT(testing::refusal(path), AllOf(HasSubstr(std::filesystem::path(path).filename().string()),
                                                  HasSubstr("write or copy it again")));
    }
    EXPECT_THAT(testing::refusal(file("empty.parquet", "")), HasSubstr("empty.parquet"));
    EXPECT_THAT(testing::refusal(file("empty.arrow", "")), HasSubstr("empty.arrow"));
    EXPECT_THAT(testing::refusal(file("text.arrow", "x,y\n1,2\n")), HasSubstr("text.arrow"));
}

TEST_F(Columnar, damaged_offsets_are_an_error_and_no_crash) {
    arrow::StringBuilder builder;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(builder.Append("word").ok());
    const auto good = std::static_pointer_cast<arrow::StringArray>(builder.Finish().ValueOrDie());
    std::vector<std::int32_t> offsets(101, 0);
    for (std::size_t i = 0; i < 101; ++i) offsets[i] = static_cast<std::int32_t>(4 * i);
    offsets[50] = 1 << 30;
    const auto bad =
        std::make_shared<arrow::StringArray>(100, arrow::Buffer::Wrap(offsets), good->value_data());
    const auto table = arrow::Table::Make(arrow::schema({arrow::field("s", arrow::utf8())}),
                                          std::vector<std::shared_ptr<arrow::Array>>{bad});
    EXPECT_THAT(testing::refusal(ipc_file("bad.arrow", *table, Ipc::file)),
                AllOf(HasSubstr("bad.arrow"), HasSubstr("write or copy it again")));
}

TEST_F(Columnar, a_time_that_microseconds_cannot_hold_is_named) {
    const auto far = array<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::SECOND),
                                                    std::int64_t{1}, std::int64_t{1} << 60);
    const auto table = arrow::Table::Make(arrow::schema({arrow::field("t", far->type())}), {far});
    EXPECT_THAT(testing::refusal(ipc_file("t.arrow", *table, Ipc::file)),
                HasSubstr("row 2, column \"t\": expected a time"));
}

TEST_F(Columnar, a_list_is_unsupported_and_its_neighbours_are_read) {
    arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int64Builder>());
    ASSERT_TRUE(lists.Append().ok() && lists.Append().ok());
    arrow::DoubleBuilder x;
    ASSERT_TRUE(x.AppendValues({1.0, 2.0}).ok());
    const auto list = lists.Finish().ValueOrDie();
    const auto table = arrow::Table::Make(
        arrow::schema({arrow::field("l", list->type()), arrow::field("x", arrow::float64())}),
        {list, x.Finish().ValueOrDie()});
    for (const auto& path : {parquet_file("t.parquet", *table), ipc_file("t.arrow", *table, Ipc::file)}) {
        const auto source = testing::opened(path);
        ASSERT_TRUE(source);
        EXPECT_EQ(source->schema().fields[0].type, Type::unsupported);
        EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0, 2.0));
    }
}

TEST_F(Columnar, a_column_without_a_name_is_refused) {
    arrow::DoubleBuilder x;
    ASSERT_TRUE(x.AppendValues({1.0, 2.0}).ok());
    const auto values = x.Finish().ValueOrDie();
    const auto table = arrow::Table::Make(
        arrow::schema({arrow::field("x", arrow::float64()), arrow::field("", arrow::float64())}),
        {values, values});
    EXPECT_THAT(testing::refusal(parquet_file("t.parquet", *table)),
                AllOf(HasSubstr("t.parquet"), HasSubstr("column 2 has no name")));
}

TEST_F(Columnar, a_repeated_name_is_refused) {
    arrow::DoubleBuilder x;
    ASSERT_TRUE(x.AppendValues({1.0, 2.0}).ok());
    const auto values = x.Finish().ValueOrDie();
    const auto table = arrow::Table::Make(
        arrow::schema({arrow::field("x", arrow::float64()), arrow::field("x", arrow::float64())}),
        {values, values});
    EXPECT_THAT(testing::refusal(parquet_file("t.parquet", *table)),
                AllOf(HasSubstr("t.parquet"), HasSubstr("\"x\" stands twice")));
}

}  // namespace
}  // namespace tristrata::sources
