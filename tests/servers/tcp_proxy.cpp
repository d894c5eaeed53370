#include "tcp_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <stdexcept>
#include <string_view>

namespace tristrata::servers {
namespace {

constexpr int wait_ms = 20;
/// The message "Query" of PostgreSQL's protocol that holds COMMIT and nothing else.
constexpr std::string_view commit(
    "Q\0\0\0\x0b"
    "COMMIT",
    11);

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

/// Closes by a reset, as a firewall or a machine that is gone does.
void reset(int socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket);
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace

TcpProxy::TcpProxy(int server_port, Cuts cuts, std::uint64_t seed)
    : server_port_(server_port), cuts_(cuts), draw_(seed) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listening_, 16) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no port for the proxy");
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept(); });
}

TcpProxy::~TcpProxy() {
    ending_ = true;
    accepting_.join();
    for (auto& connection : connections_) connection.join();
    ::close(listening_);
}

void TcpProxy::heal() {
    const std::lock_guard lock(mutex_);
    cuts_ = {};
}

bool TcpProxy::drawn(double share) { return std::uniform_real_distribution<double>(0.0, 1.0)(draw_) < share; }

std::uint64_t TcpProxy::bytes_until_cut() {
    const std::lock_guard lock(mutex_);
    return drawn(cuts_.midway) ? 1 + draw_() % 8192 : UINT64_MAX;
}

void TcpProxy::accept() {
    while (!ending_) {
        pollfd waiting{listening_, POLLIN, 0};
        if (::poll(&waiting, 1, wait_ms) <= 0) continue;
        const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) connections_.emplace_back([this, client] { carry(client); });
    }
}

/// False where the connection is to be cut.
bool TcpProxy::to_server(int server, const char* bytes, std::size_t size) {
    const std::string_view given(bytes, size);
    if (given.find(commit) == std::string_view::npos) return send_all(server, given);
    bool before = false, after = false;
    {
        const std::lock_guard lock(mutex_);
        before = drawn(cuts_.before_commit);
        after = !before && drawn(cuts_.after_commit);
    }
    before_ += before;
    if (before || !send_all(server, given)) return false;
    if (!after) return true;
    // The answer says that it was done; nobody else hears it.
    char answer[256];
    if (::recv(server, answer, sizeof answer, 0) > 0) ++after_;
    return false;
}

void TcpProxy::carry(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    const int on = 1;
    bool whole = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    for (const int socket : {client, server}) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::uint64_t left = bytes_until_cut();
    char bytes[65536];
    while (whole && !ending_) {
        pollfd waiting[2]{{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::poll(waiting, 2, wait_ms) <= 0) continue;
        for (int side = 0; side < 2 && whole; ++side) {
            if (waiting[side].revents == 0) continue;
            const auto got = ::recv(waiting[side].fd, bytes, sizeof bytes, 0);
            if (got <= 0) {
                whole = false;
                break;
            }
            const auto size = static_cast<std::size_t>(got);
            if (size >= left) {
                ++midway_;
                whole = false;
                break;
            }
            left -= size;
            whole = side == 0 ? to_server(server, bytes, size) : send_all(client, {bytes, size});
        }
    }
    reset(client);
    reset(server);
}

}  // namespace tristrata::servers
