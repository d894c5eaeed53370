#include "tristrata/dataset/imported_source.hpp"

#include "tristrata/dataset/column_batch.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

Column numbers(const std::vector<double>& values) {
    Column column;
    column.type = Type::real;
    column.rows = values.size();
    column.numbers = values;
    for (const double value : values) column.missing += std::isnan(value) ? 1 : 0;
    return column;
}

Column words(const std::vector<std::uint32_t>& codes) {
    Column column;
    column.type = Type::text;
    column.rows = codes.size();
    column.codes = codes;
    column.labels = {"a", "b"};
    for (const auto code : codes) column.missing += code == Column::missing_code ? 1 : 0;
    return column;
}

Batch batch(const std::vector<double>& values, const std::vector<std::uint32_t>& codes,
            const std::string& second = "y") {
    std::vector<Column> columns;
    columns.push_back(numbers(values));
    columns.push_back(words(codes));
    return batch_of({"x", second}, std::move(columns));
}

std::unique_ptr<ImportedSource> imported(std::vector<Batch> batches,
                                         const std::vector<std::string>& left_out = {}) {
    auto source = ImportedSource::of(batch({}, {}), std::move(batches), "memory", left_out);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    return source ? std::move(*source) : nullptr;
}

std::vector<Batch> two_batches() {
    std::vector<Batch> batches;
    batches.push_back(batch({1, NAN, 3}, {0, 1, 0}));
    batches.push_back(batch({4}, {Column::missing_code}));
    return batches;
}

}  // namespace

TEST(ImportedSource, columns_go_over_all_batches_and_come_in_the_order_asked_for) {
    const auto source = imported(two_batches());
    EXPECT_EQ(source->rows(), 4u);
    EXPECT_EQ(source->schema().fields[1].type, Type::text);
    const std::size_t fields[]{1, 0};
    const auto columns = read_columns(*source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    EXPECT_EQ((*columns)[0].codes, (std::vector<std::uint32_t>{0, 1, 0, Column::missing_code}));
    EXPECT_EQ((*columns)[1].missing, 1u);
    EXPECT_EQ((*columns)[1].numbers[3], 4.0);
}

TEST(ImportedSource, a_stream_outlives_its_source) {
    auto source = imported(two_batches());
    const std::size_t fields[]{0};
    auto stream = source->open(fields, {});
    source.reset();
    auto first = (*stream)->next();
    stream->reset();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->rows(), 3);
    EXPECT_EQ(static_cast<const double*>((*first)->array().children[0]->buffers[1])[2], 3.0);
}

TEST(ImportedSource, an_offset_of_the_table_is_one_of_its_columns) {
    Batch whole = batch({1, 2, 3, 4}, {0, 0, 1, 1});
    ArrowArray sliced = whole.array();
    sliced.offset = 1;
    sliced.length = 2;
    ArrowSchema schema = whole.schema();
    // The slice owns what the whole owned.
    auto* const held = new Batch(std::move(whole));
    sliced.private_data = held;
    sliced.release = [](ArrowArray* array) {
        delete static_cast<Batch*>(array->private_data);
        array->release = nullptr;
    };
    schema.release = [](ArrowSchema* released) { released->release = nullptr; };
    std::vector<Batch> batches;
    batches.emplace_back(schema, sliced, 1);
    const auto source = imported(std::move(batches));
    const std::size_t fields[]{0, 1};
    const auto columns = read_columns(*source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    EXPECT_EQ((*columns)[0].numbers, (std::vector<double>{2, 3}));
    EXPECT_EQ((*columns)[1].labels, (std::vector<std::string>{"a", "b"}));
}

TEST(ImportedSource, the_digest_is_of_names_types_and_values) {
    const auto digest = [](const std::vector<double>& values) {
        std::vector<Batch> batches;
        batches.push_back(batch(values, std::vector<std::uint32_t>(values.size(), 0)));
        return *imported(std::move(batches))->digest({});
    };
    EXPECT_EQ(digest({1, 2}), digest({1, 2}));
    EXPECT_NE(digest({1, 2}), digest({1, 3}));
    EXPECT_NE(digest({1, 2}), digest({1, 2, 2}));
    EXPECT_NE(*imported(two_batches())->digest({}), *imported(two_batches(), {"y"})->digest({}));
}

TEST(ImportedSource, a_column_that_is_left_out_is_not_there) {
    const auto source = imported(two_batches(), {"x"});
    ASSERT_EQ(source->schema().fields.size(), 1u);
    const std::size_t fields[]{0};
    EXPECT_EQ((*read_columns(*source, fields, {}))[0].codes[1], 1u);
}

TEST(ImportedSource, what_is_no_table_is_refused) {
    const auto twice = ImportedSource::of(batch({}, {}, "x"), {}, "memory");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().message,
              "memory: the column \"x\" stands twice; every column needs a name of its own");
    const auto nameless = ImportedSource::of(batch({}, {}, ""), {}, "memory");
    ASSERT_FALSE(nameless);
    EXPECT_EQ(nameless.error().message,
              "memory: column 2 has no name; expected a name for every column: give it one, or leave it out");
    const Batch table = batch({}, {});
    ArrowSchema column = *table.schema().children[0];
    ArrowArray none{};
    const auto no_table = ImportedSource::of(Batch(column, none, 1), {}, "memory");
    ASSERT_FALSE(no_table);
    EXPECT_EQ(
        no_table.error().message,
        "memory is a column, no table; expected a table: a frame of that one column, such as its to_frame()");
}
