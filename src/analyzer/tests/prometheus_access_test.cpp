#include "servers/prometheus_server.hpp"
#include "tristrata/analyzer/answer.hpp"
#include "tristrata/http/client.hpp"
#include "tristrata/http/server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tristrata::analyzer {
namespace {

using core::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;

/// Who may ask a Prometheus: as its own --web.config.file has it.
class PrometheusAccess : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder); }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::string written(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
        return (folder / name).string();
    }
    /// An authority, a server and a client that it signed, and another authority.
    void make_certificates() const {
        const std::string make = "cd " + folder.string() + R"( && set -e
            key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            printf 'subjectAltName=IP:127.0.0.1\n' > names
            for a in authority other; do
                openssl req -x509 $key -days 2 -subj /CN=$a -keyout $a.key -out $a.pem
            done
            for c in server client; do
                openssl req $key -subj /CN=$c -keyout $c.key -out $c.csr
                openssl x509 -req -in $c.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
                    -extfile names -out $c.pem
            done)";
        ASSERT_EQ(std::system(("( " + make + " ) >" + folder.string() + "/log 2>&1").c_str()), 0);
    }
    static Definition definition(const std::string& url) {
        Definition one;
        one.name = one.metric = "x";
        one.place.kind = SourceKind::promql;
        one.place.url = url;
        one.query = "vector(7)";
        one.evaluation = Evaluation::instant;
        one.window = one.every = one.step = {3'600'000'000};
        one.timeout = {10'000'000};
        one.rows_max = one.series_max = 1000;
        return one;
    }
    static core::Result<Answer> ask(const Definition& one) {
        const core::Timestamp to{core::system_clock().now().microseconds / 1'000'000 * 1'000'000};
        return (*open_prometheus(one.place))->ask(one, {to.microseconds - one.window.microseconds}, to, {});
    }
    static void expect_seven(const Definition& one) {
        const auto answer = ask(one);
        ASSERT_TRUE(answer) << answer.error().message;
        ASSERT_GE(answer->rows(), 1u);
        EXPECT_EQ(answer->numbers.front().values.back(), 7.0);
    }
    static core::Error refusal(const Definition& one) {
        const auto answer = ask(one);
        EXPECT_FALSE(answer);
        return answer ? core::Error() : answer.error();
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("prometheus_access_" + std::to_string(::getpid()));
};

}  // namespace

TEST_F(PrometheusAccess, a_user_is_known_by_the_password_of_a_file_that_is_read_anew) {
    // bcrypt of "open sesame".
    const servers::PrometheusServer server(
        "", written("web.yml",
                    "basic_auth_users: {aladdin: \""
                    "$2b$04$3zRKQ7BCL2OWZL0AQMx0B.IYRu980FcQdR4ahZdeDeZbOLAAWSL72\"}\n"));
    Definition one = definition(server.url());
    const auto nobody = refusal(one);
    EXPECT_EQ(nobody.kind, ErrorKind::configuration);
    EXPECT_EQ(nobody.foreign_code, "401");
    EXPECT_THAT(nobody.message, HasSubstr("password_file"));
    one.place.user = "aladdin";
    one.place.password_file = written("password", "open sesame\n");
    expect_seven(one);
    const auto respondent = open_prometheus(one.place);
    ASSERT_TRUE((*respondent)->ahead({}));
    written("password", "close sesame\n");
    const auto wrong = (*respondent)->ahead({});
    ASSERT_FALSE(wrong) << "rotated, and not by the server";
    EXPECT_EQ(wrong.error().foreign_code, "401");
    EXPECT_THAT(wrong.error().message, Not(HasSubstr("sesame")));
    written("password", "open sesame\n");
    EXPECT_TRUE((*respondent)->ahead({}));
    one.place.password_file = (folder / "no_such_file").string();
    EXPECT_THAT(refusal(one).message, HasSubstr("password_file"));
}

TEST_F(PrometheusAccess, a_token_is_shown_to_what_stands_in_front_of_it) {
    const servers::PrometheusServer server("");
    http::Options options;
    options.address = {"127.0.0.1", 0};
    options.body_bytes_max = 65'536;
    options.seconds_max = 10;
    options.bearer = core::SecretSource{"token", [this]() -> core::Result<core::Secret> {
                                            std::ifstream file(folder / "expected");
                                            std::string token;
                                            std::getline(file, token);
                                            return core::Secret(token);
                                        }};
    options.take = [&](const http::Message& message) {
        auto client = http::Client::open();
        http::Request request;
        request.url = server.url() + std::string(message.path);
        request.body = message.body;
        request.headers.emplace_back("Content-Type", core::Secret("application/x-www-form-urlencoded"));
        const auto response = (*client)->post(request);
        return response ? http::Reply{static_cast<int>(response->status), "application/json", response->body}
                        : http::Reply{502, "text/plain", response.error().message};
    };
    written("expected", "t0ken\n");
    auto gate = http::Server::start(options, [](std::string_view) { return http::Reply{404, "", ""}; });
    ASSERT_TRUE(gate) << gate.error().message;
    Definition one = definition("http://" + http::to_string((*gate)->address()));
    EXPECT_EQ(refusal(one).foreign_code, "401");
    one.place.bearer_token_file = written("shown", "t0ken\n");
    expect_seven(one);
    written("expected", "an0ther\n");
    const auto old = refusal(one);
    EXPECT_EQ(old.kind, ErrorKind::configuration);
    EXPECT_THAT(old.message, HasSubstr("bearer_token_file"));
    EXPECT_THAT(old.message, Not(HasSubstr("t0ken")));
    written("shown", "an0ther\n");
    expect_seven(one);
}

TEST_F(PrometheusAccess, a_query_that_hangs_is_the_analyzers_where_the_server_answers_others) {
    std::atomic<bool> answers_others{true}, done{false};
    http::Options options;
    options.address = {"127.0.0.1", 0};
    options.take = [&](const http::Message& message) {
        while (!(message.body == "query=time()" && answers_others) && !done)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return http::Reply{200, "application/json",
                           R"({"status":"success","data":{"resultType":"scalar","result":[1,"1"]}})"};
    };
    auto slow = http::Server::start(options, [](std::string_view) { return http::Reply{404, "", ""}; });
    ASSERT_TRUE(slow) << slow.error().message;
    Definition one = definition("http://" + http::to_string((*slow)->address()));
    one.timeout = {100'000};
    const auto hangs = refusal(one);
    EXPECT_EQ(hangs.kind, ErrorKind::cancelled);
    EXPECT_THAT(hangs.message, HasSubstr("no answer within 100 ms, while the server answers other queries"));
    answers_others = false;
    EXPECT_EQ(refusal(one).kind, ErrorKind::unavailable) << "nothing is answered";
    done = true;
}

TEST_F(PrometheusAccess, by_TLS_both_sides_show_who_they_are) {
    make_certificates();
    const servers::PrometheusServer server(
        "", written("web.yml", fmt::format("tls_server_config:\n"
                                           "  cert_file: {0}/server.pem\n"
                                           "  key_file: {0}/server.key\n"
                                           "  client_ca_file: {0}/authority.pem\n"
                                           "  client_auth_type: RequireAndVerifyClientCert\n",
                                           folder.string())));
    ASSERT_THAT(server.url(), HasSubstr("https://"));
    Definition one = definition(server.url());
    one.place.certificate = (folder / "authority.pem").string();
    one.place.client_certificate = (folder / "client.pem").string();
    one.place.client_key = (folder / "client.key").string();
    expect_seven(one);
    Definition stranger = one;
    stranger.place.client_certificate.clear();
    stranger.place.client_key.clear();
    EXPECT_EQ(refusal(stranger).kind, ErrorKind::unavailable) << "it asks for a client's certificate";
    Definition doubting = one;
    doubting.place.certificate = (folder / "other.pem").string();
    EXPECT_EQ(refusal(doubting).kind, ErrorKind::unavailable) << "another authority signs it";
    Definition system = one;
    system.place.certificate.clear();
    EXPECT_EQ(refusal(system).kind, ErrorKind::unavailable) << "none that the system knows";
    Definition plain = one;
    plain.place.url.replace(0, 5, "http");
    EXPECT_FALSE(ask(plain)) << "it speaks TLS alone";
}

}  // namespace tristrata::analyzer
