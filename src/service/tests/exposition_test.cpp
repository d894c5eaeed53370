#include "exposition.hpp"

#include <gtest/gtest.h>
#include <limits>

using tristrata::service::Exposition;

TEST(Exposition, a_family_is_its_help_its_type_and_its_samples) {
    Exposition out;
    out.family(Exposition::Kind::counter, "rows_total", "Rows that \"went\" out.\nAnd \\ more.");
    out.sample({{"class", "kpi"}}, std::uint64_t{18'446'744'073'709'551'615U});
    out.sample({{"class", "a \"b\"\n\\"}, {"slot", ""}}, std::uint64_t{0});
    out.family(Exposition::Kind::gauge, "empty", "Left out.");
    out.family(Exposition::Kind::gauge, "age_seconds", "Age.");
    out.sample({}, 0.1);
    EXPECT_EQ(out.take(),
              "# HELP rows_total Rows that \"went\" out.\\nAnd \\\\ more.\n# TYPE rows_total counter\n"
              "rows_total{class=\"kpi\"} 18446744073709551615\n"
              "rows_total{class=\"a \\\"b\\\"\\n\\\\\",slot=\"\"} 0\n"
              "# HELP age_seconds Age.\n# TYPE age_seconds gauge\nage_seconds 0.1\n");
}

TEST(Exposition, numbers_that_are_not_finite_are_spelled_as_prometheus_does) {
    Exposition out;
    out.family(Exposition::Kind::gauge, "x", "X.");
    out.sample({}, std::numeric_limits<double>::quiet_NaN());
    out.sample({}, std::numeric_limits<double>::infinity());
    out.sample({}, -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(out.take().ends_with("x NaN\nx +Inf\nx -Inf\n"));
}
