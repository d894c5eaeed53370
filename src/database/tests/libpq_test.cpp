#include "../libpq.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

TEST(Libpq, absent_or_of_another_kind_is_an_error_that_names_the_package) {
    const auto absent = database::load_libpq("libpq.so.absent");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, core::ErrorKind::unavailable);
    EXPECT_NE(absent.error().message.find("libpq.so.absent"), std::string::npos);
    EXPECT_NE(absent.error().message.find("install Debian's package libpq5"), std::string::npos);
    const auto other = database::load_libpq("libm.so.6");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("PQsslAttribute"), std::string::npos);
    EXPECT_TRUE(database::load_libpq());
    EXPECT_TRUE(database::load_libpq());
}
