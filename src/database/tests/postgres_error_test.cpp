#include "postgres_error.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using core::ErrorKind;
using database::kind_of_sqlstate;

TEST(PostgresError, an_sqlstate_says_whether_to_try_again) {
    for (const char* again :
         {"", "08006", "57P01", "57P03", "53100", "53300", "40001", "40P01", "25006", "55P03"})
        EXPECT_TRUE(core::traits(kind_of_sqlstate(again)).retry) << again;
    for (const char* dead : {"22003", "22021", "23502", "23514", "54000"})
        EXPECT_EQ(kind_of_sqlstate(dead), ErrorKind::invalid_input) << dead;
    for (const char* setting : {"28P01", "28000", "3D000", "3F000", "42501", "42P01", "0A000"})
        EXPECT_EQ(kind_of_sqlstate(setting), ErrorKind::configuration) << setting;
    EXPECT_EQ(kind_of_sqlstate("57014"), ErrorKind::cancelled);
    EXPECT_EQ(kind_of_sqlstate("XX000"), ErrorKind::internal);
}

TEST(PostgresError, the_sqlstate_is_found_within_a_message_and_left_out_of_what_is_shown) {
    const char* message =
        "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password authentication "
        "failed "
        "for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n";
    EXPECT_EQ(database::sqlstate_within(message), "28P01");
    EXPECT_EQ(database::readable_message(message, "x"), "password authentication failed for user \"u\"");
    EXPECT_EQ(database::sqlstate_within("could not connect: Connection refused"), "");
    EXPECT_EQ(database::sqlstate_within("a:  b"), "");
}

TEST(PostgresError, a_password_within_a_message_is_hidden) {
    EXPECT_EQ(database::readable_message("no host \"s3cret\", s3cret\nmore s3cret", "s3cret"),
              "[hidden] (its words hold the password)");
    EXPECT_EQ(database::readable_message("password authentication failed", "word"),
              "[hidden] (its words hold the password)")
        << "pass[hidden] would tell it";
}
