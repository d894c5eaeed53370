#include "tristrata/database/copy_rows.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace std::string_literals;

TEST(CopyRows, worked_example) {
    database::CopyRows rows;
    rows.row(1);
    rows.integer(7);
    EXPECT_EQ(rows.finish(), "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0\7\377\377"s);
    EXPECT_EQ(rows.finish().size(), 21u) << "begun anew";
}

TEST(CopyRows, a_null_has_the_length_minus_one_and_json_its_version) {
    database::CopyRows rows;
    rows.row(2);
    rows.maybe_text(std::nullopt);
    rows.json("{}");
    EXPECT_EQ(rows.finish().substr(19), "\0\2\377\377\377\377\0\0\0\3\1{}\377\377"s);
}

TEST(CopyRows, times_count_from_the_year_2000) {
    database::CopyRows rows;
    rows.row(1);
    rows.time({946'684'800'000'001});
    EXPECT_EQ(rows.finish().substr(25, 8), "\0\0\0\0\0\0\0\1"s);
}
