#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <random>
#include <thread>

namespace tristrata::servers {

/// A network between a client and a PostgreSQL server on this machine that cuts connections where it hurts.
/// It reads what passes, so that a cut is before or after a COMMIT for certain; TLS would hide that from it.
class TcpProxy {
public:
    /// Shares of commits, and of connections, that end in a cut.
    struct Cuts {
        double before_commit = 0.0;  ///< The server never reads it.
        double after_commit = 0.0;   ///< The server did it; its answer never arrives.
        double midway = 0.0;         ///< Of connections: after some bytes, wherever that is.
    };

    TcpProxy(int server_port, Cuts cuts, std::uint64_t seed);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    [[nodiscard]] int port() const noexcept { return port_; }
    /// Everything passes from here on.
    void heal();
    [[nodiscard]] std::uint64_t cut_before() const noexcept { return before_; }
    [[nodiscard]] std::uint64_t cut_after() const noexcept { return after_; }
    [[nodiscard]] std::uint64_t cut_midway() const noexcept { return midway_; }

private:
    void accept();
    void carry(int client);
    [[nodiscard]] bool drawn(double share);
    [[nodiscard]] std::uint64_t bytes_until_cut();
    [[nodiscard]] bool to_server(int server, const char* bytes, std::size_t size);

    const int server_port_;
    int listening_ = -1;
    int port_ = 0;
    std::mutex mutex_;  ///< Of what follows.
    Cuts cuts_;
    std::mt19937_64 draw_;
    std::list<std::thread> connections_;
    std::atomic<std::uint64_t> before_ = 0, after_ = 0, midway_ = 0;
    std::atomic<bool> ending_ = false;
    std::thread accepting_;
};

}  // namespace tristrata::servers
