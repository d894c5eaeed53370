#pragma once

#include "server_process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tristrata::servers {

/// A SeaweedFS of its own while it stands, with one bucket: s3.py. The faulty endpoint is the same server
/// behind something that can be told to answer wrongly. Throws std::runtime_error where it does not come up.
class S3Server {
public:
    S3Server();

    struct User {
        std::string access_key, secret_key;
    };
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    /// Takes the bucket's name before the host's too.
    [[nodiscard]] const std::string& host_endpoint() const { return host_endpoint_; }
    [[nodiscard]] const std::string& faulty_endpoint() const { return faulty_endpoint_; }
    /// Over TLS, by the certificate in that file.
    [[nodiscard]] const std::string& tls_endpoint() const { return tls_endpoint_; }
    [[nodiscard]] const std::string& authority() const { return authority_; }
    [[nodiscard]] const std::string& bucket() const { return bucket_; }
    [[nodiscard]] const User& writer() const { return writer_; }
    [[nodiscard]] const User& reader() const { return reader_; }

    /// What the faulty endpoint does with its next requests, in the words of faulty_proxy.py: "fail 503 2",
    /// "cut 1 /kpi/", "mix 0.2 7", "pass".
    void fault(const std::string& words) { process_.command(words); }

    struct Request {
        std::string method, path;
        std::map<std::string, std::string> headers;  ///< By their names in lower case.
    };
    struct Seen {
        std::vector<Request> requests;
        std::map<std::string, std::uint64_t> faults;  ///< How many met which: "fail 503", "cut".
    };
    /// What came to the faulty endpoint since this was asked last.
    [[nodiscard]] Seen seen();

private:
    ServerProcess process_;
    std::string endpoint_, host_endpoint_, faulty_endpoint_, tls_endpoint_, authority_, bucket_;
    User writer_, reader_;
};

}  // namespace tristrata::servers
