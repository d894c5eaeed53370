#include "signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using objects::Credentials;
using objects::S3Request;
using testing::HasSubstr;

namespace {

// The examples that AWS gives in "Authenticating Requests: Using the Authorization Header", and their secret.
const Credentials example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};

std::string signature_of(S3Request request, const std::string& body = "", Credentials who = example) {
    request.host = "examplebucket.s3.amazonaws.com";
    objects::sign(request, body, who, "us-east-1", *core::parse_timestamp("2013-05-24T00:00:00Z"));
    const std::string said = request.headers.at("authorization");
    return said.substr(said.rfind('=') + 1);
}

}  // namespace

TEST(Signature, worked_example) {
    EXPECT_EQ(signature_of({"PUT",
                            "",
                            "/test$file.text",
                            {},
                            {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                             {"x-amz-storage-class", "REDUCED_REDUNDANCY"}}},
                           "Welcome to Amazon S3."),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    EXPECT_EQ(signature_of({"GET", "", "/test.txt", {}, {{"range", "bytes=0-9"}}}),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Signature, words_of_the_query_are_signed_by_name_with_and_without_a_value) {
    EXPECT_EQ(signature_of({"GET", "", "/", {{"lifecycle", ""}}, {}}),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(signature_of({"GET", "", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}}),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Signature, whatever_is_changed_is_another_signature) {
    const S3Request plain{"PUT", "", "/a", {}, {}};
    const std::string before = signature_of(plain, "x");
    S3Request other = plain;
    other.headers["if-none-match"] = "*";
    EXPECT_NE(signature_of(other, "x"), before);
    EXPECT_NE(signature_of(plain, "y"), before);
    EXPECT_NE(signature_of(plain, "x", {example.access_key, example.secret_key, "session"}), before);
    EXPECT_EQ(signature_of(plain, "x"), before);
}

TEST(Signature, odd_characters_are_encoded_once) {
    EXPECT_EQ(objects::percent_encoded("/a b/ü+%?&=~", true), "/a%20b/%C3%BC%2B%25%3F%26%3D~");
    EXPECT_EQ(objects::percent_encoded("a/b", false), "a%2Fb");
    EXPECT_EQ(objects::query_of({"", "", "", {{"uploads", ""}, {"a", "x y"}}, {}}), "a=x%20y&uploads=");
}

TEST(Signature, no_secret_stands_in_a_header) {
    S3Request request{"PUT", "h", "/a", {}, {}};
    objects::sign(request, "", example, "us-east-1", *core::parse_timestamp("2013-05-24T00:00:00Z"));
    for (const auto& [name, value] : request.headers)
        EXPECT_THAT(value, testing::Not(HasSubstr(example.secret_key))) << name;
}
