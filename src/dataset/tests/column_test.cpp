#include "tristrata/dataset/column.hpp"
#include "tristrata/dataset/memory_source.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

/// One child with given buffers, as a struct of one column that owns nothing.
class OneColumn {
public:
    OneColumn(const char* format, std::int64_t rows, std::vector<const void*> buffers,
              std::int64_t offset = 0, std::int64_t nulls = -1)
        : buffers_(std::move(buffers)) {
        child_schema_.format = format;
        child_schema_.name = "x";
        child_.length = rows;
        child_.offset = offset;
        child_.null_count = nulls;
        child_.n_buffers = static_cast<std::int64_t>(buffers_.size());
        child_.buffers = buffers_.data();
    }
    void with_dictionary(ArrowSchema* schema, ArrowArray* array) {
        child_schema_.dictionary = schema;
        child_.dictionary = array;
    }
    core::Result<Column> built(Type type) {
        schema_children_[0] = &child_schema_;
        array_children_[0] = &child_;
        ArrowSchema schema{};
        schema.format = "+s";
        schema.n_children = 1;
        schema.children = schema_children_;
        ArrowArray array{};
        array.length = child_.length;
        array.n_children = 1;
        array.children = array_children_;
        ColumnBuilder builder({"x", type, ""});
        const Batch batch(schema, array, 1);
        if (auto status = builder.update(batch, 0); !status) return propagate(status);
        return builder.finish();
    }

private:
    std::vector<const void*> buffers_;
    ArrowSchema child_schema_{};
    ArrowArray child_{};
    ArrowSchema* schema_children_[1]{};
    ArrowArray* array_children_[1]{};
};

}  // namespace

TEST(ColumnBuilder, numbers_of_every_width_honour_offset_and_validity) {
    const std::int16_t values[]{-1, 2, 3, -4};
    const std::uint8_t valid[]{0b1011};
    const auto column = OneColumn("s", 3, {valid, values}, 1).built(Type::integer);
    ASSERT_TRUE(column);
    EXPECT_EQ(column->numbers[0], 2.0);
    EXPECT_TRUE(std::isnan(column->numbers[1]));
    EXPECT_EQ(column->numbers[2], -4.0);
    EXPECT_EQ(column->missing, 1u);
}

TEST(ColumnBuilder, a_nan_is_missing_and_an_infinity_stays) {
    const double values[]{1.5, NAN, INFINITY, -INFINITY};
    const auto column = OneColumn("g", 4, {nullptr, values}, 0, 0).built(Type::real);
    EXPECT_EQ(column->missing, 1u);
    EXPECT_EQ(column->infinite, 2u);
    EXPECT_EQ(column->rows, 4u);
}

TEST(ColumnBuilder, half_floats_are_read_bit_by_bit) {
    const std::uint16_t values[]{0x3C00, 0xC000, 0x0001, 0x7C00, 0x7E00, 0x3555};
    const auto column = OneColumn("e", 6, {nullptr, values}, 0, 0).built(Type::real);
    EXPECT_EQ(column->numbers[0], 1.0);
    EXPECT_EQ(column->numbers[1], -2.0);
    EXPECT_EQ(column->numbers[2], std::ldexp(1.0, -24));
    EXPECT_TRUE(std::isinf(column->numbers[3]));
    EXPECT_TRUE(std::isnan(column->numbers[4]));
    EXPECT_NEAR(column->numbers[5], 1.0 / 3.0, 1e-4);
}

TEST(ColumnBuilder, times_of_every_unit_become_microseconds) {
    const std::int64_t nanoseconds[]{1'500, -1};
    EXPECT_EQ(OneColumn("tsn:UTC", 2, {nullptr, nanoseconds}, 0, 0).built(Type::timestamp)->times,
              (std::vector<std::int64_t>{1, -1}));
    const std::int32_t days[]{1, -1};
    EXPECT_EQ(OneColumn("tdD", 2, {nullptr, days}, 0, 0).built(Type::timestamp)->times,
              (std::vector<std::int64_t>{86'400'000'000, -86'400'000'000}));
    const std::int64_t seconds[]{7};
    EXPECT_EQ(OneColumn("tss:", 1, {nullptr, seconds}, 0, 0).built(Type::timestamp)->times.at(0), 7'000'000);
}

TEST(ColumnBuilder, booleans_and_text_become_codes_in_order_of_appearance) {
    const std::uint8_t bits[]{0b0110};
    const auto flags = OneColumn("b", 3, {nullptr, bits}, 1, 0).built(Type::boolean);
    EXPECT_EQ(flags->labels, (std::vector<std::string>{"true", "false"}));
    EXPECT_EQ(flags->codes, (std::vector<std::uint32_t>{0, 0, 1}));
    const std::int32_t offsets[]{0, 1, 1, 3, 4};
    const std::uint8_t valid[]{0b1011};
    const auto text = OneColumn("u", 4, {valid, offsets, "bbcb"}).built(Type::text);
    EXPECT_EQ(text->labels, (std::vector<std::string>{"b", ""}));
    EXPECT_EQ(text->codes, (std::vector<std::uint32_t>{0, 1, Column::missing_code, 0}));
}

TEST(ColumnBuilder, dictionaries_are_looked_up) {
    const std::int32_t offsets[]{0, 1, 2};
    const void* word_buffers[]{nullptr, offsets, "yx"};
    ArrowSchema words_schema{};
    words_schema.format = "u";
    ArrowArray words{};
    words.length = 2;
    words.n_buffers = 3;
    words.buffers = word_buffers;
    const std::int8_t indices[]{1, 0, 1};
    OneColumn column("c", 3, {nullptr, indices}, 0, 0);
    column.with_dictionary(&words_schema, &words);
    const auto built = column.built(Type::text);
    EXPECT_EQ(built->labels, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(built->codes, (std::vector<std::uint32_t>{0, 1, 0}));
}

TEST(ColumnBuilder, a_dictionary_of_numbers_times_or_truth_values_gives_what_its_rows_name) {
    const std::int8_t indices[]{1, 0, 1, 0, 2};
    const std::uint8_t valid_rows[]{0b10111};
    const auto built = [&](const char* format, std::vector<const void*> buffers, Type type) {
        ArrowSchema words_schema{};
        words_schema.format = format;
        ArrowArray words{};
        words.length = 3;
        words.null_count = -1;
        words.n_buffers = 2;
        words.buffers = buffers.data();
        OneColumn column("c", 5, {valid_rows, indices});
        column.with_dictionary(&words_schema, &words);
        return column.built(type);
    };
    const std::int64_t wholes[]{7, -9, 4};
    const std::uint8_t valid[]{0b011};
    const auto integers = built("l", {valid, wholes}, Type::integer);
    ASSERT_TRUE(integers) << integers.error().message;
    EXPECT_EQ((std::vector(integers->numbers.begin(), integers->numbers.begin() + 3)),
              (std::vector<double>{-9, 7, -9}));
    EXPECT_TRUE(std::isnan(integers->numbers[3]) && std::isnan(integers->numbers[4]));
    EXPECT_EQ(integers->missing, 2u);
    const double reals[]{NAN, INFINITY, 0.5};
    const auto doubles = built("g", {nullptr, reals}, Type::real);
    EXPECT_EQ(doubles->missing, 2u);
    EXPECT_EQ(doubles->infinite, 2u);
    EXPECT_EQ(doubles->numbers[4], 0.5);
    const std::int64_t seconds[]{1, 2, 3};
    EXPECT_EQ(built("tss:", {valid, seconds}, Type::timestamp)->times,
              (std::vector<std::int64_t>{2'000'000, 1'000'000, 2'000'000, Column::missing_time,
                                         Column::missing_time}));
    const std::uint8_t bits[]{0b101};
    const auto flags = built("b", {nullptr, bits}, Type::boolean);
    EXPECT_EQ(flags->labels, (std::vector<std::string>{"false", "true"}));
    EXPECT_EQ(flags->codes, (std::vector<std::uint32_t>{0, 1, 0, Column::missing_code, 1}));
    const std::int64_t far[]{1, 2, INT64_MAX};
    const auto beyond = built("tss:", {nullptr, far}, Type::timestamp);
    ASSERT_FALSE(beyond);
    EXPECT_NE(beyond.error().message.find("row 5, column \"x\""), std::string::npos)
        << beyond.error().message;
}

TEST(ColumnBuilder, another_type_than_the_fields_is_refused) {
    const double values[]{1.0};
    const auto column = OneColumn("g", 1, {nullptr, values}, 0, 0).built(Type::text);
    ASSERT_FALSE(column);
    EXPECT_NE(column.error().message.find("\"x\" is real"), std::string::npos) << column.error().message;
}

TEST(MemorySource, comes_back_as_it_went_in) {
    MemorySource source(
        {{"n", std::vector<double>{1, NAN, 3}}, {"s", std::vector<std::string>{"a", "b", "a"}}});
    const std::size_t fields[]{1, 0};
    const auto columns = read_columns(source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    EXPECT_EQ((*columns)[0].codes, (std::vector<std::uint32_t>{0, 1, 0}));
    EXPECT_EQ((*columns)[1].missing, 1u);
}
