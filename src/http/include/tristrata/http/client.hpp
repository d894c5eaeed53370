#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::http {

enum class Method : std::uint8_t { post, get, remove };

struct Request {
    std::string url;  ///< http or https.
    std::vector<std::pair<std::string, core::Secret>> headers;
    std::string_view body;
    core::Duration timeout{10'000'000};  ///< For the whole of it.
    std::size_t answer_bytes_max = 4U << 20U;
    std::string certificate;         ///< PEM: who signs servers; empty: the system's.
    std::string client_certificate;  ///< PEM, and its key; empty: none.
    std::string client_key;
    bool* all_sent = nullptr;  ///< Told whether all of it went out, whatever became of it.
};

struct Response {
    long status = 0;
    std::string body;
    std::optional<core::Duration> retry_after = {};  ///< Retry-After, seconds or a date, from now on.
};

class Connection;

/// Sends requests over a connection that it keeps. Redirects are not followed. Proxies are the
/// environment's (https_proxy, no_proxy).
///
/// Errors    unavailable: no answer (the connection refused or cut, TLS, the time is up), or an answer that
/// is
///           too long; configuration: an URL or a certificate that cannot be used, or the part of the program
///           that does it cannot be loaded. A message shows no header, nor what the URL holds beside its host
///           and path.
/// Threads   One caller at a time. Fork: a child makes one of its own.
class Client {
public:
    [[nodiscard]] static core::Result<std::unique_ptr<Client>> open();
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] core::Result<Response> post(const Request& request) { return send(Method::post, request); }
    /// get and remove (DELETE) send no body.
    [[nodiscard]] core::Result<Response> send(Method method, const Request& request);

private:
    explicit Client(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> connection_;
};

/// An URL as it may be shown: without user, password, query and fragment.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace tristrata::http
