#include "s3_error.hpp"

#include "tristrata/core/secret.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::objects {
namespace {

using core::ErrorKind;

struct Meaning {
    std::string_view sign;  ///< A piece of Arrow's message.
    ErrorKind kind;
    std::string_view what;  ///< "{}" is the bucket.
};

// The first that fits counts: what is more particular stands before what is less so.
constexpr std::array meanings{
    Meaning{"NO_SUCH_BUCKET", ErrorKind::configuration, "there is no bucket {}; make it, or name another"},
    Meaning{"NoSuchBucket", ErrorKind::configuration, "there is no bucket {}; make it, or name another"},
    Meaning{"INVALID_ACCESS_KEY_ID", ErrorKind::configuration,
            "the server knows no such access key; set AWS_ACCESS_KEY_ID to one of bucket {}"},
    Meaning{"InvalidAccessKeyId", ErrorKind::configuration,
            "the server knows no such access key; set AWS_ACCESS_KEY_ID to one of bucket {}"},
    Meaning{"SIGNATURE_DOES_NOT_MATCH", ErrorKind::configuration,
            "the secret is not that of the access key; set AWS_SECRET_ACCESS_KEY to the one for bucket {}"},
    Meaning{"SignatureDoesNotMatch", ErrorKind::configuration,
            "the secret is not that of the access key; set AWS_SECRET_ACCESS_KEY to the one for bucket {}"},
    Meaning{"REQUEST_TIME_TOO_SKEWED", ErrorKind::configuration,
            "this machine's clock is not the server's; set it, bucket {} takes no request otherwise"},
    Meaning{"ExpiredToken", ErrorKind::configuration,
            "the session has expired; set a new AWS_SESSION_TOKEN "
            "for bucket {}"},
    Meaning{"PermanentRedirect", ErrorKind::configuration,
            "bucket {} is in another region; set AWS_DEFAULT_REGION to it"},
    Meaning{"AuthorizationHeaderMalformed", ErrorKind::configuration,
            "bucket {} is in another region; set AWS_DEFAULT_REGION to it"},
    Meaning{"HTTP status 301", ErrorKind::configuration,
            "bucket {} is in another region; set AWS_DEFAULT_REGION to it"},
    Meaning{"ACCESS_DENIED", ErrorKind::configuration,
            "access to bucket {} is denied: the access key lacks a right (s3:GetObject, s3:PutObject, "
            "s3:DeleteObject, s3:ListBucket), or its secret is wrong"},
    Meaning{"AccessDenied", ErrorKind::configuration,
            "access to bucket {} is denied: the access key lacks a right (s3:GetObject, s3:PutObject, "
            "s3:DeleteObject, s3:ListBucket), or its secret is wrong"},
    Meaning{"curlCode: 60", ErrorKind::configuration,
            "the server's certificate cannot be verified; name its authority by SSL_CERT_FILE (bucket {})"},
};

std::string without(std::string text, const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) {
        if (secret.empty()) continue;
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
            text.replace(at, secret.size(), core::hidden);
    }
    return text;
}

/// A message on one line.
std::string one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

}  // namespace

std::string_view aws_error_of(std::string_view message) {
    constexpr std::string_view before = "AWS Error ";
    const auto begin = message.find(before);
    if (begin == std::string_view::npos) return {};
    message.remove_prefix(begin + before.size());
    return message.substr(0, message.find(' '));
}

core::Error error_of(const arrow::Status& status, std::string_view place, std::string_view bucket,
                     const std::vector<std::string>& secrets) {
    const std::string said = one_line(without(status.message(), secrets));
    const std::string foreign(aws_error_of(said));
    for (const Meaning& meaning : meanings)
        if (said.find(meaning.sign) != std::string::npos)
            return {meaning.kind,
                    fmt::format("{}: {} ({})", place, fmt::format(fmt::runtime(meaning.what), bucket), said),
                    foreign};
    if (status.IsOutOfMemory())
        return {ErrorKind::limit_exceeded, fmt::format("{}: {}", place, said), foreign};
    return {ErrorKind::unavailable,
            fmt::format("{} does not answer as it should; it is tried again, or look at its server: {}",
                        place, said),
            foreign};
}

}  // namespace tristrata::objects
