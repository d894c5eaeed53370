#include "tristrata/database/cursor.hpp"

#include "servers/postgres_server.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using core::ErrorKind;
using database::Cell;

namespace {

class CursorTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<servers::PostgresServer>(); }
    static void TearDownTestSuite() { server_.reset(); }
    static database::PostgresOptions options() {
        database::PostgresOptions all;
        all.url = {"TRISTRATA_TEST_URL",
                   [] { return core::Result<core::Secret>(core::Secret(server_->url())); }};
        return all;
    }
    static core::Result<std::unique_ptr<database::Cursor>> ask(const std::string& sql) {
        return database::open_cursor(options(), sql, [] { return false; });
    }
    static std::unique_ptr<servers::PostgresServer> server_;
};
std::unique_ptr<servers::PostgresServer> CursorTest::server_;

}  // namespace

TEST_F(CursorTest, columns_are_numbers_texts_and_times_as_the_server_types_them) {
    auto cursor =
        ask("SELECT 7::bigint AS n, 0.25::numeric AS d, 'NaN'::float8 AS x, true AS yes, 'a' AS t, NULL::int "
            "AS none, timestamptz '2023-03-22 01:00:00.123456+01' AS at, date '2023-03-22' AS day, "
            "'\\x00'::bytea AS b, jsonb '{\"a\": 1}' AS j");
    ASSERT_TRUE(cursor) << cursor.error().message;
    auto& row = **cursor;
    ASSERT_EQ(row.columns(), 10);
    EXPECT_EQ(row.column_name(0), "n");
    EXPECT_EQ(row.declared_type(1), "REAL");
    EXPECT_EQ(row.declared_type(4), "TEXT");
    ASSERT_TRUE(*row.step());
    EXPECT_EQ(row.real(0), 7);
    EXPECT_EQ(row.real(1), 0.25);
    EXPECT_TRUE(std::isnan(row.real(2)));
    EXPECT_EQ(row.cell(3), Cell::integer);
    EXPECT_EQ(row.real(3), 1);
    EXPECT_EQ(row.cell(5), Cell::null);
    EXPECT_EQ(row.text(6), "2023-03-22 00:00:00.123456Z");
    EXPECT_EQ(row.text(7), "2023-03-22");
    EXPECT_EQ(row.cell(8), Cell::blob);
    EXPECT_EQ(row.text(9), "{\"a\": 1}");
    EXPECT_FALSE(*row.step());
    EXPECT_FALSE(*row.step()) << "the end stays the end";
}

TEST_F(CursorTest, a_query_without_rows_has_its_columns) {
    auto cursor = ask("SELECT 1 AS x WHERE false");
    ASSERT_TRUE(cursor) << cursor.error().message;
    EXPECT_EQ((*cursor)->column_name(0), "x");
    EXPECT_FALSE(*(*cursor)->step());
}

TEST_F(CursorTest, nothing_but_a_single_select_is_run) {
    database::Postgres admin(options());
    ASSERT_TRUE(admin.run("CREATE TABLE kept (x integer)"));
    for (const char* sql :
         {"INSERT INTO kept VALUES (1)", "INSERT INTO kept VALUES (1) RETURNING x", "DROP TABLE kept",
          "SELECT 1; COMMIT; INSERT INTO kept VALUES (1)", "COMMIT", "SELECT", "SELEKT 1",
          "SELECT nothing FROM kept", "SELECT 1/0", "", "SET x.y = 1"}) {
        const auto cursor = ask(sql);
        ASSERT_FALSE(cursor) << sql;
        EXPECT_EQ(cursor.error().kind, ErrorKind::usage) << sql << ": " << cursor.error().message;
    }
    EXPECT_NE(ask("SELEKT 1").error().message.find("SELEKT"), std::string::npos)
        << "in the server's own words";
    EXPECT_EQ(admin.query("SELECT count(*) FROM kept")->integer(0, 0), 0);
}

TEST_F(CursorTest, the_server_waits_until_a_row_is_taken) {
    auto cursor = ask("SELECT repeat('x', 1000) AS much FROM generate_series(1, 100000)");  // 100 MB.
    ASSERT_TRUE(cursor) << cursor.error().message;
    ASSERT_TRUE(*(*cursor)->step());
    database::Postgres admin(options());
    const auto waits = [&] {
        const auto found = admin.query(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND query LIKE '%AS "
            "much%'");
        return found && found->integer(0, 0) == 1;
    };
    bool seen = false;
    for (int tries = 0; tries < 500 && !seen; ++tries) {
        seen = waits();
        if (!seen) core::system_clock().sleep_for({10'000}, {});
    }
    EXPECT_TRUE(seen) << "it would have sent everything into this process's memory";
    std::uint64_t rows = 1;
    for (auto more = (*cursor)->step(); more && *more; more = (*cursor)->step()) ++rows;
    EXPECT_EQ(rows, 100'000u);
}

TEST_F(CursorTest, a_query_ends_when_it_is_stopped_and_when_its_time_is_over) {
    int asked = 0;
    const auto stopped = database::open_cursor(options(), "SELECT pg_sleep(60)", [&] { return ++asked > 2; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
    const auto late =
        database::open_cursor(options(), "SELECT pg_sleep(60)", [] { return false; }, {100'000});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::cancelled) << late.error().message;
}
