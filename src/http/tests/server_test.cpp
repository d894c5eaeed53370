#include "tristrata/http/server.hpp"

#include "listener.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace tristrata;
using namespace tristrata::http;

namespace {

int connected(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return socket;
}

/// What comes back for these bytes until the server closes.
std::string conversation(std::uint16_t port, const std::string& bytes) {
    const int socket = connected(port);
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
        answer.append(buffer, static_cast<std::size_t>(got));
    ::close(socket);
    return answer;
}

std::string get(std::uint16_t port, const std::string& path, const std::string& method = "GET") {
    return conversation(port, method + " " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

Reply path_itself(std::string_view path) { return {200, "text/plain", std::string(path)}; }

Options loopback() {
    Options options;
    options.address = {"127.0.0.1", 0};
    return options;
}

}  // namespace

TEST(Address, a_host_and_a_port_are_both_named) {
    EXPECT_EQ(*parse_address("127.0.0.1:9871"), (Address{"127.0.0.1", 9871}));
    EXPECT_EQ(*parse_address("[::1]:0"), (Address{"::1", 0}));
    EXPECT_EQ(*parse_address("localhost:65535"), (Address{"localhost", 65535}));
    for (const char* wrong : {"", "9871", ":9871", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                              "127.0.0.1:-1", "127.0.0.1:9871x", "::1:9871", "http://127.0.0.1:9871"}) {
        const auto refused = parse_address(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::usage);
        EXPECT_NE(refused.error().message.find("HOST:PORT"), std::string::npos);
    }
    EXPECT_EQ(to_string({"::1", 1}), "[::1]:1");
    EXPECT_EQ(to_string({"h", 1}), "h:1");
    EXPECT_TRUE(is_loopback({"127.9.0.1", 1}));
    EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
}

TEST(Server, what_is_asked_for_is_answered_with_its_status_and_type) {
    const auto server = Server::start(loopback(), [](std::string_view path) {
        return Reply{path == "/missing" ? 404 : 200, "text/x-test", std::string(path)};
    });
    ASSERT_TRUE(server) << server.error().message;
    const std::uint16_t port = (*server)->address().port;
    EXPECT_NE(port, 0);
    const std::string answer = get(port, "/here");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("Content-Type: text/x-test\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n/here")) << answer;
    EXPECT_TRUE(get(port, "/missing").starts_with("HTTP/1.1 404 "));
    const std::string head = get(port, "/here", "HEAD");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "a head has no body: " << head;
}

TEST(Server, another_method_a_large_body_and_what_is_no_request_are_refused) {
    const auto server = Server::start(loopback(), path_itself);
    ASSERT_TRUE(server) << server.error().message;
    const std::uint16_t port = (*server)->address().port;
    const std::string post = get(port, "/here", "DELETE");
    EXPECT_TRUE(post.starts_with("HTTP/1.1 405 ")) << post;
    EXPECT_NE(post.find("Allow: GET, HEAD\r\n"), std::string::npos) << post;
    const std::string large = conversation(
        port, "POST /here HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n" +
                  std::string(5000, 'x'));
    EXPECT_TRUE(large.starts_with("HTTP/1.1 4")) << large;
    EXPECT_TRUE(conversation(port, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(get(port, "/here").starts_with("HTTP/1.1 200 ")) << "it goes on";
}

TEST(Server, a_port_that_is_taken_is_an_error_that_says_what_to_do) {
    const auto first = Server::start(loopback(), path_itself);
    ASSERT_TRUE(first) << first.error().message;
    Options same;
    same.address = (*first)->address();
    const auto second = Server::start(same, path_itself);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, core::ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find("another process listens there"), std::string::npos)
        << second.error().message;
    same.address = {"203.0.113.1", 0};
    const auto elsewhere = Server::start(same, path_itself);
    ASSERT_FALSE(elsewhere);
    EXPECT_NE(elsewhere.error().message.find("no address of this machine"), std::string::npos)
        << elsewhere.error().message;
    same.address = {"there.is.no.such.host.invalid", 0};
    EXPECT_FALSE(Server::start(same, path_itself));
}

TEST(Server, clients_that_send_nothing_hold_neither_the_others_nor_the_end_for_long) {
    Options options = loopback();
    options.threads = 2;
    options.waiting_max = 2;
    options.seconds_max = 1;
    const auto server = Server::start(options, path_itself);
    ASSERT_TRUE(server) << server.error().message;
    const std::uint16_t port = (*server)->address().port;
    const auto begun = std::chrono::steady_clock::now();
    std::vector<int> silent;
    for (int i = 0; i < 6; ++i) silent.push_back(connected(port));
    EXPECT_TRUE(get(port, "/here").starts_with("HTTP/1.1 200 "));
    silent.push_back(connected(port));
    (*server)->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    for (const int socket : silent) ::close(socket);
}

TEST(Server, a_request_that_comes_in_drops_has_to_be_whole_in_time_too) {
    Options options = loopback();
    options.seconds_max = 1;
    std::atomic<int> too_slow = 0;
    options.refused = [&](int status) { too_slow += status == 408 ? 1 : 0; };
    options.take = [](const Message&) { return Reply{200, "text/plain", "taken"}; };
    const auto server = Server::start(options, path_itself);
    ASSERT_TRUE(server) << server.error().message;
    // A head, and a body behind its head: a byte each 100 ms, and no second passes without one.
    for (const std::string begun : {"GET /", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"}) {
        const int before = too_slow;
        const int socket = connected((*server)->address().port);
        ASSERT_EQ(::send(socket, begun.data(), begun.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(begun.size()));
        bool is_over = false;
        int drops = 0;
        constexpr int drops_max = 100;
        while (!is_over && drops < drops_max) {
            is_over = ::send(socket, "x", 1, MSG_NOSIGNAL) != 1;
            ++drops;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            char buffer[4096];
            const ssize_t got = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
            is_over = is_over || got == 0 || (got < 0 && errno != EAGAIN);
        }
        ::close(socket);
        EXPECT_LT(drops, drops_max) << "it would go on for ever: " << begun;
        for (int i = 0; i < 500 && too_slow == before; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_EQ(too_slow, before + 1) << begun;
    }
    EXPECT_TRUE(get((*server)->address().port, "/here").starts_with("HTTP/1.1 200 "));
}

TEST(Server, requests_that_are_half_sent_hold_up_nobody_however_long_they_may_take) {
    Options options = loopback();
    options.seconds_max = 600;
    options.take = [](const Message&) { return Reply{200, "text/plain", "taken"}; };
    const auto server = Server::start(options, path_itself);
    ASSERT_TRUE(server) << server.error().message;
    const std::uint16_t port = (*server)->address().port;
    std::vector<int> half;
    const std::string_view begun = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n";
    for (unsigned i = 0; i < options.threads + 8; ++i) {
        half.push_back(connected(port));
        EXPECT_EQ(::send(half.back(), begun.data(), begun.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(begun.size()));
    }
    const int socket = connected(port);
    const timeval patience{60, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::string_view whole =
        "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    EXPECT_EQ(::send(socket, whole.data(), whole.size(), MSG_NOSIGNAL), static_cast<ssize_t>(whole.size()));
    char answer[64] = {};
    EXPECT_GT(::recv(socket, answer, sizeof answer - 1, 0), 0) << "half of them wait for ten minutes";
    EXPECT_TRUE(std::string_view(answer).starts_with("HTTP/1.1 200 ")) << answer;
    // Where a thread is free nobody gives way: the last of them may still send the rest.
    const std::string rest = "\r\n" + std::string(1000, 'x');
    ::setsockopt(half.back(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::send(half.back(), rest.data(), rest.size(), MSG_NOSIGNAL), static_cast<ssize_t>(rest.size()));
    char late[64] = {};
    EXPECT_GT(::recv(half.back(), late, sizeof late - 1, 0), 0);
    EXPECT_TRUE(std::string_view(late).starts_with("HTTP/1.1 200 ")) << late;
    ::close(socket);
    for (const int one : half) ::close(one);
}

TEST(Server, callers_at_the_same_time_have_an_answer_each) {
    std::atomic<int> asked = 0;
    const auto server = Server::start(loopback(), [&](std::string_view path) {
        ++asked;
        return path_itself(path);
    });
    ASSERT_TRUE(server) << server.error().message;
    std::vector<std::jthread> callers;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&, i] {
            for (int k = 0; k < 20; ++k) {
                const std::string path = "/" + std::to_string(i * 100 + k);
                answered += get((*server)->address().port, path).ends_with("\r\n\r\n" + path);
            }
        });
    callers.clear();
    EXPECT_EQ(answered, 160);
    EXPECT_EQ(asked, 160);
}

TEST(Server, the_part_that_serves_is_named_where_it_is_missing_or_is_not_it) {
    const auto missing = load_listener("/nowhere/tristrata_http_listener.so");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, core::ErrorKind::configuration);
    EXPECT_NE(missing.error().message.find("libcpp-httplib0.11"), std::string::npos);
    const auto other = load_listener("libm.so.6");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("it is not this program's"), std::string::npos);
}
