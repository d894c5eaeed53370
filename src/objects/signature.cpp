#include "signature.hpp"

#include "tristrata/core/identifier.hpp"

#include <fmt/format.h>
#include <array>

namespace tristrata::objects {
namespace {

/// The bytes that hexadecimal digits stand for.
std::string bytes_of(std::string_view digits) {
    const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1])));
    return bytes;
}

/// HMAC-SHA-256 (RFC 2104), in hexadecimal digits.
std::string hmac(std::string key, std::string_view text) {
    constexpr std::size_t block = 64;
    if (key.size() > block) key = bytes_of(core::sha256(key));
    key.resize(block, '\0');
    std::string inner = key, outer = key;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    inner += text;
    return core::sha256(outer + bytes_of(core::sha256(inner)));
}

bool is_unreserved(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// "20130524T000000Z" of "2013-05-24T00:00:00Z", whatever stands behind the seconds.
std::string basic_time(core::Timestamp time) {
    std::string text;
    for (const char c : core::to_string(time).substr(0, 19))
        if (c != '-' && c != ':') text += c;
    return text + 'Z';
}

}  // namespace

std::string percent_encoded(std::string_view text, bool is_path) {
    std::string encoded;
    for (const char c : text) {
        if (is_unreserved(c) || (is_path && c == '/')) encoded += c;
        else encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string query_of(const S3Request& request) {
    std::string query;
    for (const auto& [name, value] : request.query)
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", percent_encoded(name, false),
                             percent_encoded(value, false));
    return query;
}

void sign(S3Request& request, std::string_view body, const Credentials& credentials, std::string_view region,
          core::Timestamp now) {
    const std::string time = basic_time(now);
    const std::string body_sha256 = core::sha256(body);
    request.headers["host"] = request.host;
    request.headers["x-amz-date"] = time;
    request.headers["x-amz-content-sha256"] = body_sha256;
    if (!credentials.session_token.empty())
        request.headers["x-amz-security-token"] = credentials.session_token;
    std::string headers, names;
    for (const auto& [name, value] : request.headers) {
        headers += fmt::format("{}:{}\n", name, value);
        names += (names.empty() ? "" : ";") + name;
    }
    const std::string canonical =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, percent_encoded(request.path, true),
                    query_of(request), headers, names, body_sha256);
    const std::string scope = fmt::format("{}/{}/s3/aws4_request", time.substr(0, 8), region);
    const std::string to_sign =
        fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, core::sha256(canonical));
    std::string key = "AWS4" + credentials.secret_key;
    for (const std::string_view word :
         std::array<std::string_view, 4>{std::string_view(time).substr(0, 8), region, "s3", "aws4_request"})
        key = bytes_of(hmac(std::move(key), word));
    request.headers["authorization"] =
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                    credentials.access_key, scope, names, hmac(std::move(key), to_sign));
}

}  // namespace tristrata::objects
