#include "s3_error.hpp"

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
};

/// A word of S3 in one spelling: servers say NoSuchBucket, and Arrow NO_SUCH_BUCKET.
std::string plain(std::string_view text) {
    std::string spelled;
    for (const char c : text)
        if (c != '_') spelled += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
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

core::Error error_of(std::string_view code, std::string_view message, std::string_view place,
                     std::string_view bucket, const std::vector<std::string>& secrets) {
    const std::string said = one_line(without(std::string(message), secrets));
    const std::string signs = plain(said);
    std::string foreign(code);
    for (const Meaning& meaning : meanings)
        if (signs.find(meaning.sign) != std::string::npos)
            return {meaning.kind,
                    fmt::format("{}: {} ({})", place, fmt::format(fmt::runtime(meaning.what), bucket), said),
                    std::move(foreign)};
    return {ErrorKind::unavailable,
            fmt::format("{} does not answer as it should; it is tried again, or look at its server: {}",
                        place, said),
            std::move(foreign)};
}

core::Error error_of(const arrow::Status& status, std::string_view place, std::string_view bucket,
                     const std::vector<std::string>& secrets) {
    auto error = error_of(aws_error_of(status.message()), status.message(), place, bucket, secrets);
    if (status.IsOutOfMemory() && error.kind == ErrorKind::unavailable)
        error.kind = ErrorKind::limit_exceeded;
    return error;
}

}  // namespace tristrata::objects
