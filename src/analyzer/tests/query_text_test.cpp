#include "query_text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(QueryText, the_window_stands_where_its_parameters_are) {
    EXPECT_EQ(with_window("SELECT ':from', a::text -- :to\nFROM t WHERE time >= :from AND time < :to",
                          {1'000'000}, {2'000'500}),
              "SELECT ':from', a::text -- :to\nFROM t WHERE time >= '1970-01-01T00:00:01.000000Z' AND time < "
              "'1970-01-01T00:00:02.000500Z'");
    EXPECT_EQ(with_window("$x$ :from $x$ /* :to /* :to */ */ \":from\" :fromage", {0}, {1}),
              "$x$ :from $x$ /* :to /* :to */ */ \":from\" :fromage");
    EXPECT_EQ(six_digits({1'500'000}), "1970-01-01T00:00:01.500000Z");
}

TEST(QueryText, what_is_no_select_of_a_window_is_told) {
    const std::string good = "SELECT time, v FROM t WHERE time >= :from AND time < :to";
    EXPECT_THAT(mistakes_of_sql(good + "; -- end"), IsEmpty());
    EXPECT_THAT(mistakes_of_sql("WITH x AS (" + good + ") SELECT * FROM x"), IsEmpty());
    EXPECT_THAT(mistakes_of_sql(good + "; COMMIT; INSERT INTO t VALUES (1)"),
                ElementsAre(HasSubstr("more than one statement")));
    EXPECT_THAT(mistakes_of_sql("DELETE FROM t WHERE time < :from OR time > :to"),
                ElementsAre(HasSubstr("begins with delete")));
    EXPECT_THAT(mistakes_of_sql(good + " AND now() > time"), ElementsAre(HasSubstr("now reads a clock")));
    EXPECT_THAT(mistakes_of_sql(good + " AND time < datetime('now')"),
                ElementsAre(HasSubstr("reads a clock")));
    EXPECT_THAT(mistakes_of_sql(good + " AND pg_sleep(1) IS NULL"),
                ElementsAre(HasSubstr("pg_sleep sleeps")));
    EXPECT_THAT(mistakes_of_sql(good + " AND pg_advisory_lock(1) IS NULL"),
                ElementsAre(HasSubstr("pg_advisory_lock sleeps or takes a lock")));
    EXPECT_THAT(mistakes_of_sql(good + " AND \"now\"() > time"), ElementsAre(HasSubstr("now reads a clock")));
    for (const char* const call :
         {"\"pg_advisory_lock\"(42)", "pg_catalog . \"pg_sleep\"(10)", "pg_catalog.pg_sleep /* , */ (10)",
          "PG_TRY_ADVISORY_LOCK (1)", "pg_sleep_for\n-- x\n('1 s')"})
        EXPECT_THAT(mistakes_of_sql(fmt::format("{} AND {} IS NULL", good, call)),
                    ElementsAre(HasSubstr("sleeps or takes a lock")))
            << call;
    for (const char* const call :
         {"set_config('role', 'x', false)", "dblink('', 'DROP TABLE t')", "lo_create(1)", "\"lo_unlink\"(1)",
          "query_to_xml('SELECT pg_sleep(1)', true, true, '')", "pg_terminate_backend(1)", "nextval('s')",
          "load_extension('x')"})
        EXPECT_THAT(mistakes_of_sql(fmt::format("{} AND {} IS NULL", good, call)),
                    ElementsAre(HasSubstr("does more than read")))
            << call;
    EXPECT_THAT(mistakes_of_sql(good + " AND U&\"pg\\005fsleep\"(1) IS NULL"),
                ElementsAre(HasSubstr("by its code points")));
    // Columns and texts of those names, and words of others.
    EXPECT_THAT(
        mistakes_of_sql(good + " AND lo_price > 1 AND \"set_config\" = 'pg_sleep(1)' AND u & \"b\" (1)"),
        IsEmpty());
    EXPECT_THAT(mistakes_of_sql("SELECT :start"),
                ElementsAre(HasSubstr(":start is no parameter"), HasSubstr("does not use :from and :to")));
    EXPECT_THAT(mistakes_of_sql(" -- nothing\n"), ElementsAre(HasSubstr("empty")));
}

TEST(QueryText, whose_rows_it_reads_is_told_by_the_schema_where_the_store_may_be_of_either) {
    const auto read_by = [](std::string store, std::string query) {
        Definition one;
        one.place.store = std::move(store);
        one.query = std::move(query);
        return store_read_by(one);
    };
    EXPECT_EQ(read_by("analyzer", "SELECT time FROM kpi.events WHERE metric_name = 'drift_score'"), "kpi");
    EXPECT_EQ(read_by("analyzer", "SELECT time FROM \"KPI\" .\"events\""), "kpi");
    EXPECT_EQ(read_by("analyzer", "SELECT time FROM drift.events WHERE module = 'kpi'"), "drift");
    EXPECT_EQ(read_by("analyzer", "SELECT time FROM kpi.events JOIN Drift.events USING (run_id)"),
              "analyzer");
    EXPECT_EQ(read_by("analyzer", "SELECT time FROM a_view_of_mine"), "analyzer");
    EXPECT_EQ(read_by("drift", "SELECT time FROM kpi.events"), "drift");
}

}  // namespace
}  // namespace tristrata::analyzer
