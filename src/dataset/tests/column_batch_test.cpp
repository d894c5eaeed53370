#include "tristrata/dataset/column_batch.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

Column rebuilt(const Column& column) {
    ColumnBuilder builder({"x", column.type, ""});
    const Batch batch = batch_of({"x"}, {column});
    const auto status = builder.update(batch, 0);
    EXPECT_TRUE(status) << (status ? "" : status.error().message);
    return builder.finish();
}

void expect_same(const Column& column) {
    const Column again = rebuilt(column);
    EXPECT_EQ(again.type, column.type);
    EXPECT_EQ(again.rows, column.rows);
    EXPECT_EQ(again.missing, column.missing);
    EXPECT_EQ(again.infinite, column.infinite);
    EXPECT_EQ(again.times, column.times);
    EXPECT_EQ(again.codes, column.codes);
    EXPECT_EQ(again.labels, column.labels);
    ASSERT_EQ(again.numbers.size(), column.numbers.size());
    for (std::size_t i = 0; i < column.numbers.size(); ++i)
        EXPECT_TRUE(again.numbers[i] == column.numbers[i] ||
                    (std::isnan(again.numbers[i]) && std::isnan(column.numbers[i])));
}

}  // namespace

TEST(ColumnBatch, every_type_is_built_again_as_it_was) {
    Column numbers{Type::real, 4, 1, 1, {1.5, NAN, -INFINITY, 0.0}, {}, {}, {}, {}, {}};
    Column times{Type::timestamp, 3, 1, 0, {}, {5, Column::missing_time, -7}, {}, {}, {}, {}};
    Column text{Type::text, 4, 1, 0, {}, {}, {0, 1, Column::missing_code, 0}, {}, {"b", "a€"}, {}};
    Column flags{Type::boolean, 3, 1, 0, {}, {}, {0, Column::missing_code, 1}, {}, {"true", "false"}, {}};
    Column nothing{Type::null, 2, 2, 0, {}, {}, {}, {}, {}, {}};
    for (const Column& column : {numbers, times, text, flags, nothing}) expect_same(column);
}

TEST(ColumnBatch, nine_rows_take_a_second_byte_of_bits_and_none_take_none) {
    Column flags{Type::boolean, 9, 0, 0, {}, {}, {0, 0, 0, 0, 0, 0, 0, 0, 1}, {}, {"false", "true"}, {}};
    expect_same(flags);
    expect_same(Column{Type::text, 0, 0, 0, {}, {}, {}, {}, {}, {}});
}

TEST(ColumnBatch, a_stream_of_one_batch_ends_after_it) {
    const auto stream =
        single_batch(batch_of({"x"}, {Column{Type::real, 1, 0, 0, {2.0}, {}, {}, {}, {}, {}}}));
    const auto first = stream->next();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->rows(), 1);
    EXPECT_FALSE(*stream->next());
}
