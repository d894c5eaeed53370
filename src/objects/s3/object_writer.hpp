#pragma once

#include "http_client.hpp"
#include "local_file.hpp"
#include "location.hpp"
#include "retry.hpp"
#include "signature.hpp"

#include "tristrata/core/result.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace tristrata::objects {

/// What an upload was answered.
struct Written {
    bool is_taken = false;  ///< An object has the key; of ours or of another.
    /// A request was repeated, so that what has the key may be what the first one stored.
    bool may_be_ours = false;
};

/// Puts objects into a bucket: in one request, or by parts of 8 MB and more. Arrow's client reads, lists and
/// removes, but cannot say with a PUT that the key must be free (If-None-Match), nor how to encrypt.
///
/// Errors    As S3's: unavailable once the budget for repetitions has run out.
/// Threads   Any number of callers at once.
class ObjectWriter {
public:
    struct Place {
        std::string scheme, host, region, authorities;
        std::string before_key;  ///< "/bucket/", or "/" where the bucket stands in the host's name.
        Encryption encryption;
        /// A failure as an error: S3's word for it, and a sentence.
        std::function<core::Error(std::string_view code, std::string_view said)> error;
    };
    ObjectWriter(Place place, std::function<Credentials()> credentials, std::shared_ptr<Retry> retry)
        : place_(std::move(place)),
          credentials_(std::move(credentials)),
          retry_(std::move(retry)),
          client_(place_.scheme, place_.authorities) {}

    /// `path` is the key with its prefix.
    [[nodiscard]] core::Result<Written> put(const std::string& path, Content& content);

private:
    struct Sent {
        HttpAnswer answer;
        bool was_repeated = false;
    };
    [[nodiscard]] Sent send(const S3Request& request, std::string_view body);
    [[nodiscard]] core::Result<Written> put_whole(const std::string& path, std::string_view bytes);
    [[nodiscard]] core::Result<Written> put_parts(const std::string& path, Content& content,
                                                  std::string part);
    [[nodiscard]] core::Result<Written> upload_parts(const std::string& path, const std::string& upload,
                                                     Content& content, std::string part);
    [[nodiscard]] core::Result<Written> complete(const std::string& path, const std::string& upload,
                                                 const std::string& parts);
    [[nodiscard]] S3Request request_for(std::string method, const std::string& path) const;
    void encrypt(S3Request& request) const;
    /// What has arrived of an upload is thrown away.
    void abort(const std::string& path, const std::string& upload);
    [[nodiscard]] core::Error error_of(const HttpAnswer& answer, const S3Request& request) const;

    Place place_;
    std::function<Credentials()> credentials_;
    std::shared_ptr<Retry> retry_;
    HttpClient client_;
    std::atomic<bool> is_conditional_ = true;  ///< Until a server says that it knows no If-None-Match.
};

}  // namespace tristrata::objects
