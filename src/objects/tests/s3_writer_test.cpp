// What goes over the wire when an object is put: who must have the key, and how the server is to encrypt.
#include "running_server.hpp"

#include "tristrata/objects/object_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <atomic>
#include <thread>

using namespace tristrata;
using core::ErrorKind;
using objects::ObjectStore;
using objects::Put;
using objects::running_server;
using testing::HasSubstr;

namespace {

constexpr std::size_t several_parts = 17'000'000;

class S3Writer : public testing::Test {
protected:
    ~S3Writer() override { running_server().fault("pass"); }
    static core::Result<std::unique_ptr<ObjectStore>> opened(const std::string& options = "",
                                                             bool is_faulty = true) {
        ::setenv("AWS_ACCESS_KEY_ID", running_server().writer().access_key.c_str(), 1);
        ::setenv("AWS_SECRET_ACCESS_KEY", running_server().writer().secret_key.c_str(), 1);
        objects::Options how;
        how.endpoint = is_faulty ? running_server().faulty_endpoint() : running_server().endpoint();
        how.budget = {4'000'000};
        const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        return objects::open("s3://" + running_server().bucket() + "/" + test + options, how);
    }
    static std::unique_ptr<ObjectStore> store(const std::string& options = "", bool is_faulty = true) {
        return std::move(*opened(options, is_faulty));
    }
    /// The requests that put something since the last call: "PUT", "POST ?uploads", "PUT ?partNumber", ….
    static std::vector<servers::S3Server::Request> writes() {
        std::vector<servers::S3Server::Request> found;
        const auto seen = running_server().seen();
        for (const auto& request : seen.requests)
            if (request.method == "PUT" || request.method == "POST") found.push_back(request);
        return found;
    }
    static std::string header(const servers::S3Server::Request& request, const std::string& name) {
        const auto found = request.headers.find(name);
        return found == request.headers.end() ? "" : found->second;
    }
};

}  // namespace

TEST_F(S3Writer, a_server_is_told_to_encrypt_with_each_object_and_each_upload_by_parts) {
    const std::string method = "x-amz-server-side-encryption", key = method + "-aws-kms-key-id";
    (void)writes();
    auto plain = store();
    EXPECT_EQ(plain->put_new("plain", "x"), Put::stored);
    EXPECT_EQ(header(writes().at(0), method), "") << "as the bucket says";

    auto encrypted = store("?encryption=AES256");
    EXPECT_EQ(encrypted->put_new("small", "x"), Put::stored);
    EXPECT_EQ(header(writes().at(0), method), "AES256");
    const std::string large(several_parts, 'x');
    EXPECT_EQ(encrypted->put_new("large", large), Put::stored);
    const auto sent = writes();
    ASSERT_EQ(sent.size(), 5u) << "begun, three parts, ended";
    EXPECT_THAT(sent[0].path, HasSubstr("uploads"));
    EXPECT_EQ(header(sent[0], method), "AES256");
    EXPECT_EQ(encrypted->get("small"), "x");
    EXPECT_TRUE(encrypted->get("large") == large);

    auto by_key = store("?addressing=path&encryption=aws:kms&kms_key=arn:aws:kms:eu-west-3:1:key/cold");
    (void)by_key->put_new("kms", "x");  // This server has no such key.
    const auto kms = writes();
    EXPECT_EQ(header(kms.at(0), method), "aws:kms");
    EXPECT_EQ(header(kms.at(0), key), "arn:aws:kms:eu-west-3:1:key/cold");
}

TEST_F(S3Writer, an_option_that_nobody_knows_names_those_that_there_are) {
    for (const char* options :
         {"?encryption=none", "?kms_key=a", "?encryption=AES256&kms_key=a", "?addressing",
          "?encryption=aws:kms&kms_key=", "?encryption=aws:kms&kms_key=a b", "?"}) {
        const auto refused = opened(options);
        ASSERT_FALSE(refused) << options;
        EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
        EXPECT_THAT(refused.error().message, HasSubstr("TRISTRATA_ARCHIVE"));
        EXPECT_THAT(refused.error().message, HasSubstr("encryption=aws:kms"));
    }
    EXPECT_EQ(
        store("?encryption=AES256")->where(),
        "s3://cold-store/" + std::string("an_option_that_nobody_") + "knows_names_those_that_there_are");
}

TEST_F(S3Writer, a_key_must_be_free_when_the_server_stores_and_not_when_it_is_looked_for) {
    (void)writes();
    auto one = store();
    EXPECT_EQ(one->put_new("a", "x"), Put::stored);
    EXPECT_EQ(one->put_new("b", std::string(several_parts, 'x')), Put::stored);
    const auto sent = writes();
    ASSERT_EQ(sent.size(), 6u);
    EXPECT_EQ(header(sent.front(), "if-none-match"), "*");
    EXPECT_EQ(header(sent.back(), "if-none-match"), "*") << "at the end of an upload by parts";
}

TEST_F(S3Writer, of_many_that_put_other_bytes_under_one_key_at_a_time_one_is_let_in) {
    constexpr int writers_count = 4;
    for (int round = 0; round < 40; ++round) {
        const std::string key = std::to_string(round);
        std::atomic<int> stored = 0, refused = 0, winner = -1, waiting = writers_count;
        {
            std::vector<std::jthread> writers;
            for (int i = 0; i < writers_count; ++i)
                writers.emplace_back([&, i] {
                    auto own = store("", false);
                    const std::string bytes(100, static_cast<char>('a' + i));
                    --waiting;
                    while (waiting > 0) std::this_thread::yield();
                    const auto put = own->put_new(key, bytes);
                    if (put == Put::stored) {
                        ++stored;
                        winner = i;
                    } else if (!put && put.error().kind == ErrorKind::conflict) {
                        ++refused;
                    }
                });
        }
        EXPECT_EQ(stored, 1);
        EXPECT_EQ(refused, writers_count - 1);
        EXPECT_EQ(store("", false)->get(key), std::string(100, static_cast<char>('a' + winner)));
    }
}

TEST_F(S3Writer, a_server_that_knows_no_such_condition_is_asked_without_it) {
    auto one = store();
    running_server().fault("fail 501 1 PUT");
    (void)writes();
    EXPECT_EQ(one->put_new("a", "x"), Put::stored);
    EXPECT_EQ(one->put_new("b", "x"), Put::stored);
    const auto sent = writes();
    ASSERT_EQ(sent.size(), 3u);
    EXPECT_EQ(header(sent[0], "if-none-match"), "*");
    EXPECT_EQ(header(sent[1], "if-none-match"), "");
    EXPECT_EQ(header(sent[2], "if-none-match"), "") << "and not asked again";
    EXPECT_EQ(one->put_new("a", "y").error().kind, ErrorKind::conflict) << "the key is still looked for";
}

TEST_F(S3Writer, an_object_that_was_stored_though_nobody_heard_of_it_is_ours) {
    for (const std::size_t size : {std::size_t{100}, several_parts}) {
        auto one = store();
        running_server().fault(size < 1000 ? "forget 1 PUT" : "forget 1 POST /cold-store/an_object");
        EXPECT_EQ(one->put_new(std::to_string(size), std::string(size, 'x')), Put::stored);
        EXPECT_EQ(one->repeated(), 1u);
    }
    auto one = store();
    const std::string large(several_parts, 'y');
    running_server().fault("pass");
    (void)writes();
    running_server().fault("forget 1 uploadId=");
    EXPECT_EQ(one->put_new("parts", large), Put::stored);
    EXPECT_TRUE(one->get("parts") == large);
}

TEST_F(S3Writer, a_server_that_does_not_speak_tls_or_nothing_else_is_told_from_one_that_does_not_answer) {
    (void)opened();  // Who asks.
    const auto with_scheme = [](const std::string& scheme, const std::string& endpoint) {
        objects::Options how;
        how.endpoint = scheme + endpoint.substr(endpoint.find("://"));
        how.budget = {1'000'000};
        how.authorities = running_server().authority();
        return std::move(*objects::open("s3://" + running_server().bucket() + "/tls", how));
    };
    auto not_encrypted = with_scheme("https", running_server().endpoint());
    for (const auto& error : {not_encrypted->get("a").error(), not_encrypted->put_new("a", "x").error(),
                              not_encrypted->list("").error()}) {
        EXPECT_EQ(error.kind, ErrorKind::configuration) << error.message;
        EXPECT_THAT(error.message, HasSubstr("the server does not speak TLS"));
        EXPECT_THAT(error.message, HasSubstr("name it by http:// in AWS_ENDPOINT_URL_S3"));
    }
    EXPECT_EQ(not_encrypted->repeated(), 0u) << "it will not speak TLS the next time";
    auto encrypted = with_scheme("http", running_server().tls_endpoint());
    for (const auto& error :
         {encrypted->get("a").error(), encrypted->put_new("a", "x").error(), encrypted->list("").error()})
        EXPECT_THAT(error.message, HasSubstr("name it by https:// in AWS_ENDPOINT_URL_S3"));
}

TEST_F(S3Writer, over_tls_the_certificate_is_verified_and_its_authority_can_be_named) {
    (void)opened();  // Who asks.
    objects::Options how;
    how.endpoint = running_server().tls_endpoint();
    how.budget = {1'000'000};
    const std::string place = "s3://" + running_server().bucket() + "/over_tls";
    const auto stranger = (*objects::open(place, how))->put_new("a", "x");
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind, ErrorKind::configuration) << stranger.error().message;
    EXPECT_THAT(stranger.error().message, HasSubstr("SSL_CERT_FILE"));
    how.authorities = running_server().authority();
    auto known = std::move(*objects::open(place, how));
    EXPECT_EQ(known->put_new("a", "x"), Put::stored);
    const std::string large(several_parts, 'x');
    EXPECT_EQ(known->put_new("large", large), Put::stored);
    EXPECT_TRUE(known->get("large") == large);
}
