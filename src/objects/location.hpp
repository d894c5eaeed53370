#pragma once

#include "tristrata/core/result.hpp"

#include <string>
#include <string_view>

namespace tristrata::objects {

/// How a server is told to encrypt what it keeps.
struct Encryption {
    std::string method;   ///< Empty: as the bucket says; "AES256" (SSE-S3), "aws:kms" (SSE-KMS).
    std::string kms_key;  ///< With "aws:kms": the key's name or ARN; empty: AWS's own.
};

/// Where objects are, taken apart.
struct Location {
    enum class Kind { folder, s3 };
    Kind kind = Kind::folder;
    std::string text;    ///< As it was given, without '/' at its end.
    std::string folder;  ///< Absolute.
    std::string bucket;
    bool virtual_host = false;  ///< The bucket stands in the host's name also where an endpoint is given.
    std::string prefix;         ///< Without '/' at either end; may be empty.
    Encryption encryption;
};

/// A server of S3: "http://127.0.0.1:8333".
struct Endpoint {
    std::string scheme;  ///< "http", "https".
    std::string host;    ///< With its port.
};
/// configuration: it is no http:// or https:// of a host alone.
[[nodiscard]] core::Result<Endpoint> parse_endpoint(std::string_view text);

/// configuration, with the setting's name: it is no s3://BUCKET/PREFIX and no file:///FOLDER. A message never
/// repeats the location: it may hold what somebody put into the wrong place.
[[nodiscard]] core::Result<Location> parse_location(std::string_view location, std::string_view origin);

}  // namespace tristrata::objects
