#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::http {

/// Where a server listens.
struct Address {
    std::string host;
    std::uint16_t port = 0;  ///< 0: one that is free.
    bool operator==(const Address&) const = default;
};

/// "127.0.0.1:9871", "[::1]:9871", "localhost:0". usage: anything else, also a host or a port alone.
[[nodiscard]] core::Result<Address> parse_address(std::string_view text);
/// As parse_address() reads it.
[[nodiscard]] std::string to_string(const Address& address);
/// Only processes of the same machine reach it: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool is_loopback(const Address& address);

struct Reply {
    int status = 200;
    std::string content_type;
    std::string body;
};

/// What is answered at a path. Called by any of the server's threads, also by several at once.
using Answer = std::function<Reply(std::string_view path)>;

/// What somebody sent by POST.
struct Message {
    std::string_view path;
    std::string_view body;
};
/// What is answered to it. Called by any of the server's threads, also by several at once.
using Take = std::function<Reply(const Message& message)>;

/// PEM files; where `certificate` is set the server speaks TLS (1.2 or newer) and nothing else.
struct ServerTls {
    std::string certificate;  ///< With those that lie between it and its authority.
    std::string key;
    /// Who signs the clients' certificates; a client that has none of theirs is not spoken to. Empty: all
    /// are.
    std::string client_authority;
};

struct Options {
    Address address;
    /// At most; they begin as they are needed. Who has sent half of a request for a second gives its thread
    /// up where somebody waits for one.
    unsigned threads = 32;
    /// Connections that wait for a thread; those above wait in the kernel.
    std::size_t waiting_max = 64;
    std::size_t body_bytes_max = 4096;  ///< A longer one is 413; unpacked, where it came packed.
    /// How long a client may take to send its whole request, and to take a part of the answer.
    std::int64_t seconds_max = 2;
    Take take = {};  ///< None: POST is 405.
    /// Told the status of each request that came to nothing before anybody could take it: another method
    /// (405), no token (401) or none that can be read (503), too long (413), not sent in time (408), no
    /// request (400). By any thread.
    std::function<void(int status)> refused = {};
    /// What who sends by POST has to show as "Authorization: Bearer …": 401 otherwise. It is read anew at
    /// each request, and compared in a time that tells nothing of it. None: all may send.
    std::optional<core::SecretSource> bearer = {};
    ServerTls tls = {};
};

class Listener;

/// A small HTTP/1.1 server: GET and HEAD of what one function answers, POST to another one. Another method is
/// 405, a request that is none 400. Without a token or clients' certificates it stands on the loopback
/// address or behind something that knows its users.
///
/// Errors    unavailable: the address is taken or not this machine's; configuration: the part of the program
///           that serves cannot be loaded, a certificate, its key or an authority cannot be used. Each says
///           what to do.
/// Threads   Its own, so many at most and two more. stop() and the destructor by the owner; both wait until
///           every request under way has its answer, or has not come within seconds_max.
class Server {
public:
    [[nodiscard]] static core::Result<std::unique_ptr<Server>> start(const Options& options,
                                                                     const Answer& answer);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// With the port that was taken where 0 was asked for.
    [[nodiscard]] const Address& address() const noexcept { return address_; }
    void stop();

private:
    Server(Address address, std::unique_ptr<Listener> listener);
    Address address_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace tristrata::http
