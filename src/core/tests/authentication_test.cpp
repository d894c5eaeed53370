#include "tristrata/core/authentication.hpp"

#include <gtest/gtest.h>

using namespace tristrata::core;

TEST(Authentication, the_digests_of_rfc_4231) {
    EXPECT_EQ(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac_sha256(Secret(std::string(20, '\x0b')), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac_sha256(Secret(std::string(131, '\xaa')),
                          "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        << "a key that is longer than a block";
}

TEST(Authentication, a_user_and_a_password_are_told_as_rfc_7617_says) {
    EXPECT_EQ(basic_authorization("Aladdin", Secret("open sesame")).reveal(),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic_authorization("", Secret("")).reveal(), "Basic Og==");
    EXPECT_EQ(basic_authorization("a", Secret("b")).reveal(), "Basic YTpi");
}

TEST(Authentication, only_the_secret_itself_is_the_secret) {
    const Secret secret("s3cret");
    EXPECT_TRUE(is_same_secret(secret, "s3cret"));
    for (const char* other : {"", "s3cre", "s3cret ", "S3cret", "s3creT"})
        EXPECT_FALSE(is_same_secret(secret, other)) << other;
    EXPECT_FALSE(is_same_secret(secret, std::string_view("s3cret\0x", 8)));
}
