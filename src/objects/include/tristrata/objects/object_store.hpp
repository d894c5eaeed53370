#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::objects {

struct ObjectInfo {
    std::string key;
    std::uint64_t bytes = 0;
    core::Timestamp modified;
};

/// How a write-once put ended; both are success, and the object is durable after both.
enum class Put : std::uint8_t {
    stored,        ///< It was not there before.
    already_there  ///< The same bytes were.
};

/// A folder or an S3 bucket with a prefix: bytes under keys, each written once.
///
/// Keys      UTF-8 segments parted by '/': none empty, none "." or "..", no control character, a segment at
///           most 240 bytes, all of it at most 900, the first not ".incoming" (what a folder writes first).
///           Everything else is taken as it is: spaces, '+', '%', '?', any alphabet. The same on both.
/// Write once  The same bytes again are fine, other bytes are a conflict, whoever else writes: on S3 by
///           If-None-Match. Where a server knows no such thing, two that put other bytes under one new key at
///           the same moment are both let in, and one of them stays (docs/objects.md).
/// Errors    usage: no such key can be; not_found: no object has it; conflict: another object has it;
///           configuration: the bucket is not there, the credentials are wrong or lack a right, the folder is
///           none; unavailable: no answer within the budget, or the server's trouble; storage: the disk.
///           None holds a secret.
/// Threads   Any number of callers at once.
class ObjectStore {
public:
    virtual ~ObjectStore() = default;
    [[nodiscard]] virtual core::Result<Put> put_new(const std::string& key, std::string_view bytes) = 0;
    /// A local file, in parts where it is large. It must not change meanwhile.
    [[nodiscard]] virtual core::Result<Put> put_file(const std::string& key, const std::string& path) = 0;
    [[nodiscard]] virtual core::Result<std::string> get(const std::string& key) = 0;
    /// Into a local file, which is whole and durable, or not there: what had the name before is replaced.
    [[nodiscard]] virtual core::Status fetch_file(const std::string& key, const std::string& path) = 0;
    /// Absent where no object has the key.
    [[nodiscard]] virtual core::Result<std::optional<ObjectInfo>> stat(const std::string& key) = 0;
    /// Everything below a folder of keys, at any depth, by key: "kpi/2026" lists "kpi/2026/01", and not
    /// "kpi/2026x". "" lists all. Empty where there is nothing.
    [[nodiscard]] virtual core::Result<std::vector<ObjectInfo>> list(const std::string& prefix) = 0;
    /// An object that is not there is removed already.
    [[nodiscard]] virtual core::Status remove(const std::string& key) = 0;
    /// Finds out whether objects can be listed and written, by one that is put, read back and removed.
    [[nodiscard]] core::Status probe();
    /// Requests that failed and were sent again since this was opened.
    [[nodiscard]] virtual std::uint64_t repeated() const noexcept { return 0; }
    /// As a person may see it: "s3://bucket/prefix", "file:///folder".
    [[nodiscard]] virtual std::string where() const = 0;
};

struct Options {
    std::string origin = "TRISTRATA_ARCHIVE";  ///< What names the location, for messages.
    /// How long a request that fails is repeated. What has begun then is waited for: 3 seconds without a
    /// byte.
    core::Duration budget{10'000'000};
    /// Another server than AWS, "http://127.0.0.1:8333"; empty: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or
    /// AWS's.
    std::string endpoint = {};
    /// Empty: AWS_REGION, AWS_DEFAULT_REGION; else us-east-1 with an endpoint, else what AWS's own settings
    /// say.
    std::string region = {};
    /// A file of certificates that servers' are signed by; empty: AWS_CA_BUNDLE, SSL_CERT_FILE, or the
    /// system's.
    std::string authorities = {};
};

/// A location as objects are named by it, without a '/' at its end; configuration: it is none.
[[nodiscard]] core::Result<std::string> checked_location(std::string_view location,
                                                         std::string_view origin = "TRISTRATA_ARCHIVE");

/// s3://BUCKET/PREFIX, to which options may be added behind a '?', parted by '&': addressing=virtual (the
/// bucket stands in the host's name also where an endpoint is given; AWS's own is always addressed so),
/// encryption=AES256, encryption=aws:kms, kms_key=KEY (docs/objects.md). Or file:///FOLDER (an absolute path,
/// %XX in it decoded; where it is missing, the first put makes it; root writes to no other user's).
///
/// S3's access key, secret and session token come from AWS's own settings: AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, a role of the machine.
///
/// Errors    configuration: the location is neither, there are no credentials; unavailable: the part that
/// speaks S3 cannot be loaded.
///           Whether a bucket answers is found out by its first use.
[[nodiscard]] core::Result<std::unique_ptr<ObjectStore>> open(std::string_view location,
                                                              const Options& options = {});

}  // namespace tristrata::objects
