#include "running_server.hpp"
#include "s3_plugin.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/objects/object_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using core::ErrorKind;
using objects::ObjectStore;
using objects::Put;
using testing::HasSubstr;
using testing::Not;

namespace {

class S3Store : public testing::Test {
protected:
    static servers::S3Server& server() { return objects::running_server(); }
    static std::unique_ptr<ObjectStore> store(const std::string& endpoint,
                                              const servers::S3Server::User& user,
                                              const std::string& bucket = server().bucket()) {
        ::setenv("AWS_ACCESS_KEY_ID", user.access_key.c_str(), 1);
        ::setenv("AWS_SECRET_ACCESS_KEY", user.secret_key.c_str(), 1);
        objects::Options options;
        options.endpoint = endpoint;
        options.budget = {4'000'000};
        const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        auto opened = objects::open("s3://" + bucket + "/" + test, options);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    static std::unique_ptr<ObjectStore> whole() { return store(server().endpoint(), server().writer()); }
    static std::unique_ptr<ObjectStore> faulty() {
        return store(server().faulty_endpoint(), server().writer());
    }
    /// Every operation fails with this kind and these words, and none with a secret.
    static void expect_failing(ObjectStore& store, ErrorKind kind, const std::string& words,
                               const std::vector<std::string>& secrets) {
        const auto file = std::filesystem::temp_directory_path() / ("s3_" + std::to_string(::getpid()));
        std::ofstream(file) << "x";
        const std::vector<core::Error> errors{store.put_new("a", "x").error(),
                                              store.get("a").error(),
                                              store.stat("a").error(),
                                              store.list("").error(),
                                              store.remove("a").error(),
                                              store.put_file("a", file).error(),
                                              store.fetch_file("a", file.string() + ".back").error()};
        for (const auto& error : errors) {
            EXPECT_EQ(error.kind, kind) << error.message;
            EXPECT_THAT(error.message, HasSubstr(words));
            for (const auto& secret : secrets) EXPECT_THAT(error.message, Not(HasSubstr(secret)));
        }
        std::filesystem::remove(file);
    }
};

}  // namespace

TEST_F(S3Store, a_wrong_secret_is_said_and_not_shown) {
    auto wrong = server().writer();
    wrong.secret_key = "hunter2/+";
    expect_failing(*store(server().endpoint(), wrong), ErrorKind::configuration, "AWS_SECRET_ACCESS_KEY",
                   {"hunter2"});
}

TEST_F(S3Store, an_access_key_that_nobody_knows_is_said) {
    expect_failing(*store(server().endpoint(), {"nobody", "hunter2"}), ErrorKind::configuration,
                   "AWS_ACCESS_KEY_ID", {"hunter2"});
}

TEST_F(S3Store, a_bucket_that_is_not_there_is_said) {
    auto there_is_none = store(server().endpoint(), server().writer(), "no-such-bucket");
    for (const auto& error : {there_is_none->put_new("a", "x").error(), there_is_none->get("a").error(),
                              there_is_none->stat("a").error(), there_is_none->list("").error(),
                              there_is_none->remove("a").error()}) {
        EXPECT_EQ(error.kind, ErrorKind::configuration) << error.message;
        EXPECT_THAT(error.message, HasSubstr("there is no bucket no-such-bucket"));
    }
}

TEST_F(S3Store, who_may_only_read_is_told_so_when_it_writes) {
    ASSERT_TRUE(whole()->put_new("a", "x"));
    auto reader = store(server().endpoint(), server().reader());
    EXPECT_EQ(reader->get("a"), "x");
    for (const auto& error : {reader->put_new("b", "x").error(), reader->remove("a").error()}) {
        EXPECT_EQ(error.kind, ErrorKind::configuration) << error.message;
        EXPECT_THAT(error.message, HasSubstr("s3:PutObject"));
    }
    EXPECT_EQ(whole()->get("a"), "x");
}

TEST_F(S3Store, without_credentials_the_variables_are_named) {
    ::unsetenv("AWS_ACCESS_KEY_ID");
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
    ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    const auto opened = objects::open("s3://" + server().bucket());
    ::unsetenv("AWS_EC2_METADATA_DISABLED");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::configuration);
    EXPECT_THAT(opened.error().message, HasSubstr("AWS_ACCESS_KEY_ID"));
}

TEST_F(S3Store, a_server_that_refuses_for_a_while_is_asked_again) {
    for (const char* fault : {"fail 503 2", "fail 500 2", "forget 1"}) {
        SCOPED_TRACE(fault);
        const std::string key = fault;
        auto store = faulty();
        server().fault(fault);
        EXPECT_EQ(store->put_new(key, "bytes"), Put::stored);
        server().fault(fault);
        EXPECT_EQ(store->get(key), "bytes");
        server().fault(fault);
        EXPECT_EQ(store->list("").value().size(), whole()->list("").value().size());
        EXPECT_EQ(store->put_new(key, "bytes"), Put::already_there);
    }
}

TEST_F(S3Store, an_upload_by_parts_outlives_refused_parts) {
    const auto path = std::filesystem::temp_directory_path() / ("s3_parts_" + std::to_string(::getpid()));
    std::string large(17'000'000, 'x');
    large[16'999'000] = 'y';
    std::ofstream(path, std::ios::binary) << large;
    auto store = faulty();
    server().fault("fail 503 4");
    EXPECT_EQ(store->put_file("large", path), Put::stored);
    EXPECT_TRUE(whole()->get("large") == large);
    std::filesystem::remove(path);
}

TEST_F(S3Store, a_server_that_goes_on_refusing_is_given_up_within_the_budget) {
    auto store = faulty();
    for (const char* fault : {"fail 500 1000", "fail 503 1000"}) {
        server().fault(fault);
        const auto begun = core::system_clock().steady_now();
        const auto put = store->put_new("a", "x");
        const auto took = core::system_clock().steady_now() - begun;
        server().fault("pass");
        ASSERT_FALSE(put);
        EXPECT_EQ(put.error().kind, ErrorKind::unavailable) << put.error().message;
        EXPECT_LT(took.microseconds, 6'000'000);
    }
    EXPECT_EQ(store->put_new("a", "x"), Put::stored);
}

TEST_F(S3Store, a_server_that_does_not_answer_is_given_up_within_the_budget_and_one_wait) {
    auto store = faulty();
    server().fault("hang 1000");
    const auto begun = core::system_clock().steady_now();
    const auto got = store->get("a");
    const auto took = core::system_clock().steady_now() - begun;
    server().fault("pass");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable) << got.error().message;
    EXPECT_LT(took.microseconds, 12'000'000) << "four seconds, and what had begun by then";
}

TEST_F(S3Store, an_answer_that_is_cut_is_never_taken_for_the_whole) {
    ASSERT_TRUE(whole()->put_new("a", std::string(100'000, 'x')));
    auto store = faulty();
    server().fault("cut 1");
    const auto once = store->get("a");
    if (once) EXPECT_EQ(once->size(), 100'000U);
    else EXPECT_EQ(once.error().kind, ErrorKind::unavailable);
    server().fault("cut 1000");
    const auto got = store->get("a");
    server().fault("pass");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable) << got.error().message;
    EXPECT_EQ(store->get("a")->size(), 100'000U);
}

TEST_F(S3Store, nobody_at_the_port_is_unavailable_and_named) {
    // A port that was bound and let go: nobody listens.
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(probe);
    const auto put = store("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), server().writer())
                         ->put_new("a", "x");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(put.error().message, HasSubstr("s3://" + server().bucket()));
}

TEST_F(S3Store, a_forked_child_may_use_a_store_of_its_own_and_ends) {
    ASSERT_TRUE(whole()->put_new("parent", "x"));
    // What the library destroys at an exit corrupted memory in one child of fifteen.
    for (int number = 0; number < 20; ++number) {
        const std::string key = "child_" + std::to_string(number);
        const pid_t child = ::fork();
        if (child == 0) {
            const bool stored = whole()->put_new(key, "y") == Put::stored;
            std::exit(stored ? 7 : 1);
        }
        int status = -1;
        for (int i = 0; i < 3000 && ::waitpid(child, &status, WNOHANG) == 0; ++i) ::usleep(10'000);
        ASSERT_TRUE(WIFEXITED(status)) << status;
        EXPECT_EQ(WEXITSTATUS(status), 7);
        EXPECT_EQ(whole()->get(key), "y");
    }
}

TEST(S3Endpoint, what_is_no_server_is_a_wrong_setting) {
    ::setenv("AWS_ACCESS_KEY_ID", "a", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "hunter2", 1);
    for (const char* endpoint :
         {"127.0.0.1:1", "ftp://host", "http://", "http://u:hunter2@host", "http://host/path"}) {
        objects::Options options;
        options.endpoint = endpoint;
        const auto opened = objects::open("s3://bucket", options);
        ASSERT_FALSE(opened) << endpoint;
        EXPECT_EQ(opened.error().kind, ErrorKind::configuration);
        EXPECT_THAT(opened.error().message, HasSubstr("AWS_ENDPOINT_URL_S3"));
        EXPECT_THAT(opened.error().message, Not(HasSubstr("hunter2")));
    }
}

TEST(S3Plugin, what_cannot_be_loaded_says_what_to_do) {
    const auto missing = objects::load_s3_plugin("/nowhere/tristrata_s3.so");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(missing.error().message, HasSubstr("./dev build"));
    const auto another = objects::load_s3_plugin("libm.so.6");
    ASSERT_FALSE(another);
    EXPECT_THAT(another.error().message, HasSubstr("another version"));
}
