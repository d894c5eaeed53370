#include "tristrata/http/client.hpp"
#include "tristrata/http/server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <vector>

using namespace tristrata;
using namespace tristrata::http;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

class PostTest : public ::testing::Test {
protected:
    PostTest() {
        options.address = {"127.0.0.1", 0};
        options.take = [this](const Message& message) {
            ++taken;
            return Reply{message.path == "/alerts" ? 202 : 404, "text/plain", std::string(message.body)};
        };
    }
    ~PostTest() override { std::filesystem::remove_all(folder); }

    void start() {
        auto started =
            Server::start(options, [](std::string_view) { return Reply{200, "text/plain", "read"}; });
        ASSERT_TRUE(started) << started.error().message;
        server = std::move(*started);
    }
    core::Result<Response> post(std::string_view body, const std::string& token = {}) {
        auto client = Client::open();
        if (!client) return tl::unexpected(client.error());
        Request request;
        request.url = (options.tls.certificate.empty() ? "http://" : "https://") +
                      to_string(server->address()) + "/alerts";
        request.body = body;
        request.certificate = options.tls.certificate.empty() ? "" : folder / "authority.pem";
        request.client_certificate = client_certificate;
        request.client_key = client_certificate.empty() ? "" : folder / "client.key";
        if (!token.empty()) request.headers.emplace_back("Authorization", core::Secret(token));
        return (*client)->post(request);
    }
    /// An authority, a server and a client that it signed, and a client of another one.
    void make_certificates() {
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "names") << "subjectAltName=IP:127.0.0.1\n";
        const std::string make = "cd " + folder.string() + R"( && set -e
            new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            for a in authority other; do
                openssl req -x509 $new_key -days 2 -subj /CN=$a -keyout $a.key -out $a.pem
            done
            for c in server client stranger; do
                a=authority; test $c = stranger && a=other
                openssl req $new_key -subj /CN=$c -keyout $c.key -out $c.csr
                openssl x509 -req -in $c.csr -CA $a.pem -CAkey $a.key -CAcreateserial -days 2 -extfile names \
                    -out $c.pem
            done)";
        ASSERT_EQ(std::system(("( " + make + " ) >" + folder.string() + "/log 2>&1").c_str()), 0);
    }

    Options options;
    std::unique_ptr<Server> server;
    std::atomic<int> taken = 0;
    std::string client_certificate;
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("post_test_" + std::to_string(::getpid()));
};

}  // namespace

TEST_F(PostTest, a_body_is_taken_and_answered_with_its_status) {
    start();
    const auto response = post("{\"a\":1}");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 202);
    EXPECT_EQ(response->body, "{\"a\":1}");
    EXPECT_EQ(post("")->status, 202) << "also an empty one";
}

TEST_F(PostTest, a_body_on_the_limit_is_taken_and_a_longer_one_is_not) {
    options.body_bytes_max = 100'000;
    start();
    EXPECT_EQ(post(std::string(100'000, 'x'))->status, 202);
    const auto longer = post(std::string(100'001, 'x'));
    ASSERT_TRUE(longer) << longer.error().message;
    EXPECT_EQ(longer->status, 413);
    EXPECT_THAT(longer->body, HasSubstr("longer than is taken"));
    const auto huge = post(std::string(10U << 20U, 'x'));
    ASSERT_TRUE(huge) << huge.error().message;
    EXPECT_EQ(huge->status, 413);
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(post("again")->status, 202) << "it goes on";
}

TEST_F(PostTest, the_limit_counts_a_packed_body_as_it_is_unpacked_and_one_in_pieces_too) {
    options.body_bytes_max = 4096;
    start();
    const auto raw = [&](const std::string& bytes) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(server->address().port);
        ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
        std::string answer;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
            answer.append(buffer, static_cast<std::size_t>(got));
        ::close(socket);
        return answer;
    };
    // printf '%0100000d' 0 | gzip -9n
    std::filesystem::create_directories(folder);
    const std::string file = folder / "bomb.gz";
    ASSERT_EQ(std::system(("printf '%0100000d' 0 | gzip -9n > " + file).c_str()), 0);
    std::ifstream in(file, std::ios::binary);
    const std::string packed((std::istreambuf_iterator<char>(in)), {});
    ASSERT_LT(packed.size(), 1000u);
    const std::string head = "POST /alerts HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    EXPECT_THAT(raw(head + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) +
                    "\r\n\r\n" + packed),
                StartsWith("HTTP/1.1 413 "));
    std::string pieces;
    for (int i = 0; i < 10; ++i) pieces += "400\r\n" + std::string(1024, 'x') + "\r\n";
    EXPECT_THAT(raw(head + "Transfer-Encoding: chunked\r\n\r\n" + pieces + "0\r\n\r\n"),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(raw(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 202 "));
    EXPECT_EQ(taken, 1);
}

TEST_F(PostTest, who_sends_shows_the_token_and_nobody_elses) {
    core::Secret token("s3cret");
    bool is_readable = true;
    options.bearer = core::SecretSource{"TOKEN_FILE", [&]() -> core::Result<core::Secret> {
                                            if (!is_readable)
                                                return core::fail(core::ErrorKind::configuration, "gone");
                                            return token;
                                        }};
    start();
    EXPECT_EQ(post("x", "Bearer s3cret")->status, 202);
    EXPECT_EQ(post("x", "bearer s3cret")->status, 202) << "the scheme is in any case (RFC 9110)";
    EXPECT_EQ(taken, 2);
    for (const char* wrong : {"", "s3cret", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crett",
                              "Bearer  s3cret", "Basic s3cret", "Bearer S3CRET"}) {
        const auto refused = post("x", wrong);
        ASSERT_TRUE(refused) << refused.error().message;
        EXPECT_EQ(refused->status, 401) << wrong;
        EXPECT_THAT(refused->body, HasSubstr("Authorization: Bearer TOKEN"));
        EXPECT_THAT(refused->body, ::testing::Not(HasSubstr("s3cret")));
    }
    EXPECT_EQ(post(std::string(10U << 20U, 'x'), "Bearer other")->status, 401) << "nor how much is taken";
    EXPECT_EQ(taken, 2) << "what is refused is looked at by nobody";
    token = core::Secret("exchanged");
    EXPECT_EQ(post("x", "Bearer s3cret")->status, 401);
    EXPECT_EQ(post("x", "Bearer exchanged")->status, 202);
    is_readable = false;
    EXPECT_EQ(post("x", "Bearer exchanged")->status, 503) << "no token is not every token";
    is_readable = true;
    token = core::Secret();
    EXPECT_EQ(post("x", "Bearer ")->status, 503) << "nor is an empty one";
}

TEST_F(PostTest, what_is_refused_before_it_is_taken_is_told_and_what_was_taken_is_not) {
    std::mutex mutex;
    std::vector<int> told;
    options.body_bytes_max = 10;
    options.bearer =
        core::SecretSource{"T", [] { return core::Result<core::Secret>(core::Secret("right")); }};
    options.refused = [&](int status) {
        const std::lock_guard lock(mutex);
        told.push_back(status);
    };
    start();
    EXPECT_EQ(post("x", "Bearer wrong")->status, 401);
    EXPECT_EQ(post("x")->status, 401);
    EXPECT_EQ(post(std::string(11, 'x'), "Bearer right")->status, 413);
    EXPECT_EQ(post("x", "Bearer right")->status, 202);
    options.take = [](const Message&) { return Reply{422, "text/plain", "no"}; };
    server.reset();
    start();
    EXPECT_EQ(post("x", "Bearer right")->status, 422) << "who took it knows";
    server.reset();
    EXPECT_THAT(told, ::testing::ElementsAre(401, 401, 413));
}

TEST_F(PostTest, only_who_has_a_certificate_of_the_authority_is_spoken_to) {
    make_certificates();
    options.tls = {folder / "server.pem", folder / "server.key", folder / "authority.pem"};
    start();
    const auto without = post("x");
    ASSERT_FALSE(without) << without->status;
    EXPECT_EQ(without.error().kind, core::ErrorKind::unavailable);
    client_certificate = folder / "stranger.pem";
    std::filesystem::copy_file(folder / "client.key", folder / "kept.key");
    std::filesystem::copy_file(folder / "stranger.key", folder / "client.key",
                               std::filesystem::copy_options::overwrite_existing);
    const auto stranger = post("x");
    EXPECT_FALSE(stranger) << stranger->status;
    EXPECT_EQ(taken, 0);
    std::filesystem::rename(folder / "kept.key", folder / "client.key");
    client_certificate = folder / "client.pem";
    const auto known = post("x");
    ASSERT_TRUE(known) << known.error().message;
    EXPECT_EQ(known->status, 202);
    EXPECT_EQ(taken, 1);
}

TEST_F(PostTest, tls_files_that_cannot_be_used_are_named) {
    options.tls = {"/nowhere/server.pem", "/nowhere/server.key", ""};
    const auto refused = Server::start(options, [](std::string_view) { return Reply(); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(refused.error().message, HasSubstr("\"/nowhere/server.pem\""));
}
