#include "unnest_rows.hpp"

#include <gtest/gtest.h>
#include <limits>

using tristrata::store::UnnestRows;

TEST(UnnestRows, a_column_is_an_array_and_texts_are_quoted) {
    UnnestRows rows(3);
    rows.row(3);
    rows.text("a\"b\\c,{}NULL");
    rows.time({1'679'443'200'123'456});
    rows.null();
    rows.row(3);
    rows.text("");
    rows.time({0});
    rows.real(0.1);
    const auto parameters = rows.parameters();
    EXPECT_EQ(parameters[0], R"({"a\"b\\c,{}NULL",""})");
    EXPECT_EQ(parameters[1], R"({"2023-03-22T00:00:00.123456Z","1970-01-01T00:00:00.000000Z"})");
    EXPECT_EQ(parameters[2], "{NULL,0.1}");
}

TEST(UnnestRows, what_is_not_finite_has_postgresqls_names) {
    UnnestRows rows(1);
    for (const double value :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
        rows.row(1);
        rows.real(value);
    }
    EXPECT_EQ(rows.parameters()[0], "{NaN,Infinity,-Infinity}");
}
