#pragma once

#include "tristrata/core/time.hpp"

#include <map>
#include <string>
#include <string_view>

namespace tristrata::objects {

/// Who asks, as AWS's settings say it now.
struct Credentials {
    std::string access_key;
    std::string secret_key;
    std::string session_token;  ///< Empty where there is none.
};

/// A request to S3 as it is signed: every header and every word of the query is.
struct S3Request {
    std::string method;
    std::string host;                            ///< With its port, where it has one.
    std::string path;                            ///< As it is meant: "/bucket/a b".
    std::map<std::string, std::string> query;    ///< As it is meant.
    std::map<std::string, std::string> headers;  ///< By their names in lower case.
};

/// Every byte but A-Z a-z 0-9 - . _ ~ as %XX; of a path '/' stays.
[[nodiscard]] std::string percent_encoded(std::string_view text, bool is_path);
/// "a=1&b=x%20y", by name.
[[nodiscard]] std::string query_of(const S3Request& request);

/// Adds the headers by which S3 knows who asks, when, and that nothing was changed on the way (Signature
/// Version 4): host, x-amz-date, x-amz-content-sha256, x-amz-security-token and authorization.
///
/// Example   AWS's own of a PUT on examplebucket (tests/signature_test.cpp).
/// Source    AWS, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
void sign(S3Request& request, std::string_view body, const Credentials& credentials, std::string_view region,
          core::Timestamp now);

}  // namespace tristrata::objects
