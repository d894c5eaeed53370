#include "location.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using objects::Location;
using objects::parse_location;
using testing::HasSubstr;
using testing::Not;

TEST(Location, a_file_url_is_a_folder_from_the_root) {
    const auto location = parse_location("file:///var/lib/a%20b/", "TRISTRATA_ARCHIVE");
    ASSERT_TRUE(location);
    EXPECT_EQ(location->kind, Location::Kind::folder);
    EXPECT_EQ(location->folder, "/var/lib/a b");
    EXPECT_EQ(location->text, "file:///var/lib/a%20b");
}

TEST(Location, an_s3_url_is_a_bucket_and_a_prefix) {
    const auto location = parse_location("s3://cold-store/tristrata/prod/", "TRISTRATA_ARCHIVE");
    ASSERT_TRUE(location);
    EXPECT_EQ(location->kind, Location::Kind::s3);
    EXPECT_EQ(location->bucket, "cold-store");
    EXPECT_EQ(location->prefix, "tristrata/prod");
    EXPECT_EQ(location->text, "s3://cold-store/tristrata/prod");
    EXPECT_EQ(parse_location("s3://cold-store", "X")->prefix, "");
}

TEST(Location, everything_else_is_an_error_that_names_the_setting) {
    for (const char* text : {"", "/var/archive", "http://bucket", "file://host/folder", "file://relative",
                             "file://", "file:///a%2", "file:///a%zz", "file:///a%00b", "s3://", "s3://b",
                             "s3:///prefix", "s3://bucket//a", "s3://bucket/../a", "s3://buc ket/a"}) {
        const auto location = parse_location(text, "TRISTRATA_ARCHIVE");
        ASSERT_FALSE(location) << text;
        EXPECT_EQ(location.error().kind, core::ErrorKind::configuration);
        EXPECT_THAT(location.error().message, HasSubstr("TRISTRATA_ARCHIVE"));
    }
}

TEST(Location, a_secret_before_the_bucket_is_refused_and_not_repeated) {
    const auto location = parse_location("s3://AKIAKEY:s3cr3t@bucket/prefix", "TRISTRATA_ARCHIVE");
    ASSERT_FALSE(location);
    EXPECT_THAT(location.error().message, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(location.error().message, HasSubstr("AWS_SECRET_ACCESS_KEY"));
}
