#include "tristrata/sources/query.hpp"

#include "tables.hpp"
#include "tristrata/database/cursor.hpp"

#include <atomic>

namespace tristrata::sources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Query : public testing::Tables {
public:
    Query() {
        auto opened = database::Sqlite::open(path("a.db"), "shop", database::Access::write, true);
        EXPECT_TRUE(opened.has_value());
        auto made = opened->run(
            "CREATE TABLE shop.orders (at TEXT, price REAL, city TEXT, note, picture BLOB);"
            "INSERT INTO shop.orders VALUES ('2024-01-01T00:00:00Z', 1.5, 'Paris', 1, NULL),"
            " ('2024-01-01T01:00:00Z', NULL, 'Rome', 'two', NULL), ('2024-01-01T02:00:00Z', 3, NULL, 3, "
            "x'00');");
        EXPECT_TRUE(made.has_value());
    }
    core::Result<std::unique_ptr<dataset::Source>> ask(const std::string& sql, const core::Task& task = {},
                                                       std::uint64_t rows_max = query_rows_max) {
        auto opened = database::Sqlite::open(path("a.db"), "shop", database::Access::read, false);
        EXPECT_TRUE(opened.has_value());
        auto cursor = database::open_cursor(std::move(*opened), sql, [task] { return !task.check(); });
        if (!cursor) return propagate(cursor);
        return open_query(**cursor, "query on shop", task, rows_max);
    }
    std::string refusal(const std::string& sql) {
        const auto source = ask(sql);
        return source ? std::string() : source.error().message;
    }
};

TEST_F(Query, columns_have_the_types_that_their_first_rows_show) {
    const auto source = ask("SELECT at, price, city, note FROM shop.orders ORDER BY at;");
    ASSERT_TRUE(source.has_value()) << source.error().message;
    EXPECT_EQ((*source)->name(), "query on shop");
    EXPECT_EQ((*source)->rows(), 3u);
    std::vector<dataset::Type> types;
    for (const auto& field : (*source)->schema().fields) types.push_back(field.type);
    EXPECT_THAT(types, ElementsAre(dataset::Type::timestamp, dataset::Type::real, dataset::Type::text,
                                   dataset::Type::text));
    const auto price = testing::column(**source, "price");
    EXPECT_EQ(price.missing, 1u);
    EXPECT_DOUBLE_EQ(price.numbers[2], 3.0);
    EXPECT_THAT(testing::labels(testing::column(**source, "city")),
                ElementsAre("Paris", "Rome", "<missing>"));
    EXPECT_THAT(testing::labels(testing::column(**source, "note")), ElementsAre("1", "two", "3"));
}

TEST_F(Query, a_column_without_a_value_has_its_declared_type) {
    const auto source = ask("SELECT price, picture FROM shop.orders WHERE price IS NULL");
    ASSERT_TRUE(source.has_value()) << source.error().message;
    EXPECT_EQ((*source)->schema().fields[0].type, dataset::Type::real);
    EXPECT_EQ((*source)->schema().fields[1].type, dataset::Type::text);
    EXPECT_EQ((*source)->rows(), 1u);
}

TEST_F(Query, one_without_rows_has_no_types_and_is_an_error) {
    EXPECT_THAT(refusal("SELECT price, city FROM shop.orders WHERE price IS NULL AND city IS NULL"),
                HasSubstr("query on shop gave no row; expected at least one"));
}

TEST_F(Query, the_same_rows_have_the_same_digest) {
    const auto a = ask("SELECT price FROM shop.orders ORDER BY at");
    const auto b = ask("SELECT price FROM shop.orders ORDER BY at");
    const auto c = ask("SELECT price FROM shop.orders ORDER BY at DESC");
    EXPECT_EQ(*(*a)->digest({}), *(*b)->digest({}));
    EXPECT_NE(*(*a)->digest({}), *(*c)->digest({}));
}

TEST_F(Query, only_one_select_is_taken) {
    EXPECT_THAT(refusal("SELEC 1"), HasSubstr("syntax error"));
    EXPECT_THAT(refusal("SELECT 1; SELECT 2"), HasSubstr("not one statement"));
    EXPECT_THAT(refusal(""), HasSubstr("not one statement"));
    EXPECT_THAT(refusal("DELETE FROM shop.orders"), HasSubstr("writes"));
    EXPECT_THAT(refusal("INSERT INTO shop.orders (price) VALUES (1) RETURNING price"), HasSubstr("writes"));
    EXPECT_THAT(refusal("SELECT 1 AS a, 2 AS a"), HasSubstr("two columns \"a\""));
    EXPECT_THAT(refusal("SELECT * FROM shop.absent"), HasSubstr("no such table"));
}

TEST_F(Query, a_blob_and_a_text_among_numbers_are_named_with_row_and_column) {
    EXPECT_THAT(refusal("SELECT picture FROM shop.orders ORDER BY at"),
                HasSubstr("row 3, column \"picture\": found a BLOB"));
    // Beyond the rows that types are read off.
    const std::string many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10005) "
        "SELECT CASE WHEN i = 10003 THEN 'word' ELSE i END AS x FROM n";
    EXPECT_THAT(refusal(many), HasSubstr("row 10003, column \"x\": found \"word\"; expected a number"));
    EXPECT_THAT(refusal("SELECT CAST(x'ff41' AS TEXT) AS x"), HasSubstr("is not UTF-8"));
}

TEST_F(Query, many_rows_pass_in_batches_and_a_limit_is_said) {
    const std::string many =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149999) SELECT i FROM n";
    const auto source = ask(many);
    ASSERT_TRUE(source.has_value());
    const auto column = testing::column(**source, "i");
    ASSERT_EQ(column.numbers.size(), 150'000u);
    for (std::size_t i = 0; i < column.numbers.size(); ++i)
        ASSERT_EQ(column.numbers[i], static_cast<double>(i));
    const auto refused = ask(many, {}, 1000);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, core::ErrorKind::limit_exceeded);
    EXPECT_THAT(refused.error().message, HasSubstr("more than 1,000 rows"));
}

TEST_F(Query, a_query_that_would_never_end_is_stopped) {
    std::stop_source stop;
    core::Task task;
    task.stop = stop.get_token();
    stop.request_stop();
    const auto refused =
        ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", task);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, core::ErrorKind::cancelled);
}

}  // namespace
}  // namespace tristrata::sources
