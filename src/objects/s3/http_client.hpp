#pragma once

#include "signature.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::objects {

/// What came back; status 0 where nothing did.
struct HttpAnswer {
    long status = 0;
    std::string body;
    std::string etag;
    std::string failure;  ///< Why nothing came: "curlCode: 56, …".
    /// How often it was sent: libcurl itself sends again what met a kept connection that the server closes.
    std::uint64_t times_sent = 0;
};

/// Sends signed requests, over connections that it keeps.
///
/// Errors    Given up after five seconds without a connection, three without a byte.
/// Threads   Any number of callers at once, a connection each.
class HttpClient {
public:
    /// "http" or "https"; a file of certificates that servers' are signed by, empty: the system's.
    HttpClient(std::string scheme, std::string authorities);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    [[nodiscard]] HttpAnswer send(const S3Request& request, std::string_view body);

private:
    struct Connection;
    [[nodiscard]] std::unique_ptr<Connection> take();

    std::string scheme_, authorities_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace tristrata::objects
