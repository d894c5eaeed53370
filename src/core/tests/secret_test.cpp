#include "tristrata/core/secret.hpp"

#include <gtest/gtest.h>

using tristrata::core::without_credentials;

TEST(WithoutCredentials, users_and_passwords_are_hidden_and_the_rest_stays) {
    EXPECT_EQ(without_credentials("cannot open s3://AK:SEKRET@cold-store/a.csv: no such file"),
              "cannot open s3://[hidden]@cold-store/a.csv: no such file");
    EXPECT_EQ(without_credentials("postgresql://u:p@ss w/ö:\"r\\d@h/db and s3://a:b@c"),
              "postgresql://[hidden]@h/db and s3://[hidden]@c");
}

TEST(WithoutCredentials, what_holds_none_is_as_it_was) {
    for (const char* text : {"", "a:b@c", "s3://bucket/a@b.csv", "postgresql://user@host/db", "://", "x://@",
                             "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"})
        EXPECT_EQ(without_credentials(text), text);
}
