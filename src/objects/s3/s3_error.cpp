#include "s3_error.hpp"
#include "tristrata/core/ascii.hpp"

#include "tristrata/core/secret.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::objects {
namespace {

using core::ErrorKind;

struct Meaning {
    std::string_view sign;  ///< A piece of what was said, as plain() makes it.
    ErrorKind kind;
    std::string_view what;  ///< "{}" is the bucket.
};

constexpr std::string_view no_tls =
    "the server does not speak TLS, and its address begins with https://; name it by http:// in "
    "AWS_ENDPOINT_URL_S3, or let it serve TLS (bucket {})";
constexpr std::string_view only_tls =
    "the server speaks TLS alone, and its address begins with http://; name it by https:// in "
    "AWS_ENDPOINT_URL_S3 (bucket {})";
constexpr std::string_view elsewhere = "bucket {} is in another region; set AWS_REGION to it";

// The first that fits counts: what is more particular stands before what is less so.
constexpr std::array meanings{
    Meaning{"nosuchbucket", ErrorKind::configuration, "there is no bucket {}; make it, or name another"},
    Meaning{"invalidaccesskeyid", ErrorKind::configuration,
            "the server knows no such access key; set AWS_ACCESS_KEY_ID to one of bucket {}"},
    Meaning{"signaturedoesnotmatch", ErrorKind::configuration,
            "the secret is not that of the access key; set AWS_SECRET_ACCESS_KEY to the one for bucket {}"},
    Meaning{"requesttimetooskewed", ErrorKind::configuration,
            "this machine's clock is not the server's; set it, bucket {} takes no request otherwise"},
    Meaning{"expiredtoken", ErrorKind::configuration,
            "the session has expired; set a new AWS_SESSION_TOKEN for bucket {}"},
    Meaning{"permanentredirect", ErrorKind::configuration, elsewhere},
    Meaning{"authorizationheadermalformed", ErrorKind::configuration, elsewhere},
    Meaning{"http status 301", ErrorKind::configuration, elsewhere},
    Meaning{"kms.", ErrorKind::configuration,
            "bucket {} cannot encrypt as TRISTRATA_ARCHIVE says; name a key that the access key may use"},
    Meaning{"accessdenied", ErrorKind::configuration,
            "access to bucket {} is denied: the access key lacks a right (s3:GetObject, s3:PutObject, "
            "s3:DeleteObject, s3:ListBucket), or its secret is wrong"},
    Meaning{"curlcode: 60", ErrorKind::configuration,
            "the server's certificate cannot be verified; name its authority by SSL_CERT_FILE (bucket {})"},
    // OpenSSL's words for bytes that are not TLS's.
    Meaning{"wrong version number", ErrorKind::configuration, no_tls},
    Meaning{"packet length too long", ErrorKind::configuration, no_tls},
    // What servers say, each in its words, of a request that is not encrypted.
    Meaning{"https server", ErrorKind::configuration, only_tls},
    Meaning{"https port", ErrorKind::configuration, only_tls},
};

/// What else comes over http:// from a server that expects TLS: an alert of TLS's, an end without a word, or
/// an answer without a body.
constexpr std::array perhaps_only_tls{"curlcode: 1,",
                                      "curlcode: 8,",
                                      "curlcode: 52,",
                                      "curlcode: 56,",
                                      "http status 400, no code",
                                      "unknown (http status 400)"};

/// A word of S3 in one spelling: servers say NoSuchBucket, and Arrow NO_SUCH_BUCKET.
std::string plain(std::string_view text) {
    std::string spelled;
    for (const char c : text)
        if (c != '_') spelled += core::lowered(c);
    return spelled;
}

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

bool is_lasting(std::string_view message) {
    const std::string signs = plain(message);
    return signs.find("curlcode: 60") != std::string::npos ||
           signs.find("wrong version number") != std::string::npos;
}

core::Error error_of(std::string_view code, std::string_view message, const S3Place& place) {
    const std::string said = one_line(without(std::string(message), place.secrets));
    const std::string signs = plain(message);
    std::string foreign(code);
    for (const Meaning& meaning : meanings)
        if (signs.find(meaning.sign) != std::string::npos)
            return {meaning.kind,
                    fmt::format("{}: {} ({})", place.name,
                                fmt::format(fmt::runtime(meaning.what), place.bucket), said),
                    std::move(foreign)};
    const bool is_tls_missed =
        place.scheme == "http" && std::ranges::any_of(perhaps_only_tls, [&](std::string_view sign) {
            return signs.find(sign) != std::string::npos;
        });
    return {
        ErrorKind::unavailable,
        fmt::format(
            "{} does not answer as it should; it is tried again, or look at its server{}: {}", place.name,
            is_tls_missed ? " (if that speaks TLS, name it by https:// in AWS_ENDPOINT_URL_S3)" : "", said),
        std::move(foreign)};
}

core::Error error_of(const arrow::Status& status, const S3Place& place) {
    auto error = error_of(aws_error_of(status.message()), status.message(), place);
    if (status.IsOutOfMemory() && error.kind == ErrorKind::unavailable)
        error.kind = ErrorKind::limit_exceeded;
    return error;
}

}  // namespace tristrata::objects
