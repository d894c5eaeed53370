#include "query_text.hpp"

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
    EXPECT_THAT(mistakes_of_sql("SELECT :start"),
                ElementsAre(HasSubstr(":start is no parameter"), HasSubstr("does not use :from and :to")));
    EXPECT_THAT(mistakes_of_sql(" -- nothing\n"), ElementsAre(HasSubstr("empty")));
}

}  // namespace
}  // namespace tristrata::analyzer
