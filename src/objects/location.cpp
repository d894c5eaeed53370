#include "location.hpp"

#include "key.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace tristrata::objects {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view folder_scheme = "file://";
constexpr std::string_view s3_scheme = "s3://";

tl::unexpected<core::Error> no_location(std::string_view origin, std::string_view why) {
    return fail(ErrorKind::configuration,
                fmt::format("{} {}; expected s3://BUCKET/PREFIX or file:///FOLDER", origin, why));
}

/// %XX as its byte; nothing where a % is followed by anything else.
core::Result<std::string> decoded(std::string_view text, std::string_view origin) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain.push_back(text[i]);
            continue;
        }
        unsigned value = 0;
        const char* const begin = text.data() + std::min(i + 1, text.size());
        const char* const end = text.data() + std::min(i + 3, text.size());
        const auto [read, code] = std::from_chars(begin, end, value, 16);
        if (code != std::errc() || read != begin + 2 || value == 0)
            return no_location(origin,
                               "holds a % that is not followed by two hexadecimal digits (write %25 "
                               "for a % of the folder's name)");
        plain.push_back(static_cast<char>(value));
        i += 2;
    }
    return plain;
}

bool may_stand_in_bucket(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           (c >= 'A' && c <= 'Z');
}

bool may_stand_in_kms_key(char c) noexcept {
    return c > ' ' && c < 0x7f && std::string_view("&?#%\"'\\").find(c) == std::string_view::npos;
}

/// "addressing=virtual&encryption=aws:kms&kms_key=alias/cold"
core::Status take_options(std::string_view text, Location& location, std::string_view origin) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('&', begin), text.size());
        const std::string_view option = text.substr(begin, end - begin);
        const std::string_view value = option.substr(std::min(option.find('=') + 1, option.size()));
        begin = end + 1;
        if (option == "addressing=virtual" || option == "addressing=path")
            location.virtual_host = option.ends_with("virtual");
        else if (option == "encryption=AES256" || option == "encryption=aws:kms")
            location.encryption.method = value;
        else if (option.starts_with("kms_key=") && !value.empty() &&
                 std::ranges::all_of(value, may_stand_in_kms_key))
            location.encryption.kms_key = value;
        else
            return no_location(
                origin,
                "has an option that nobody knows (there are addressing=path, addressing=virtual, "
                "encryption=AES256, encryption=aws:kms and kms_key=KEY, after a ? and parted by "
                "&)");
    }
    if (!location.encryption.kms_key.empty() && location.encryption.method != "aws:kms")
        return no_location(origin, "names a key of KMS without encryption=aws:kms");
    return {};
}

core::Result<Location> parse_s3(std::string_view rest, std::string_view origin) {
    // A key and its secret before the bucket, as some tools write it: everyone could read them here.
    if (rest.find('@') != std::string_view::npos && rest.find(':') < rest.find('@'))
        return no_location(origin,
                           "holds a user and a secret, which belong into AWS_ACCESS_KEY_ID and "
                           "AWS_SECRET_ACCESS_KEY");
    Location location;
    location.kind = Location::Kind::s3;
    if (const auto options = rest.find('?'); options != std::string_view::npos) {
        if (auto taken = take_options(rest.substr(options + 1), location, origin); !taken)
            return propagate(taken);
        rest = rest.substr(0, options);
    }
    location.bucket = rest.substr(0, rest.find('/'));
    if (location.bucket.size() < 3 || location.bucket.size() > 63 ||
        !std::ranges::all_of(location.bucket, may_stand_in_bucket))
        return no_location(origin, "names no bucket (3 to 63 letters, digits, - and .)");
    rest.remove_prefix(location.bucket.size());
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    location.prefix = rest;
    // With a prefix as long as this and a key, S3's 1,024 bytes are kept.
    if (auto segments = segments_of_prefix(rest); !segments || rest.size() > 120)
        return no_location(origin, "has a prefix that is none (segments parted by one /, at most 120 bytes)");
    return location;
}

}  // namespace

core::Result<Endpoint> parse_endpoint(std::string_view text) {
    Endpoint endpoint;
    for (const std::string_view scheme : {"http", "https"}) {
        const std::string before = std::string(scheme) + "://";
        if (!text.starts_with(before)) continue;
        endpoint.scheme = scheme;
        endpoint.host = text.substr(before.size());
    }
    if (endpoint.host.ends_with('/')) endpoint.host.pop_back();
    if (endpoint.host.empty() || endpoint.host.find_first_of("/@?# ") != std::string::npos)
        return fail(ErrorKind::configuration,
                    "AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL) is no server; expected http://HOST:PORT or "
                    "https://HOST");
    return endpoint;
}

core::Result<Location> parse_location(std::string_view location, std::string_view origin) {
    std::string text(
        location.substr(0, location.starts_with(s3_scheme) ? location.find('?') : location.npos));
    while (text.size() > folder_scheme.size() + 1 && text.ends_with('/')) text.pop_back();
    if (location.starts_with(s3_scheme)) {
        auto parsed = parse_s3(location.substr(s3_scheme.size()), origin);
        if (parsed) parsed->text = std::move(text);
        return parsed;
    }
    if (!location.starts_with(folder_scheme)) return no_location(origin, "is no place for objects");
    auto folder = decoded(location.substr(folder_scheme.size()), origin);
    if (!folder) return propagate(folder);
    if (!folder->starts_with('/'))
        return no_location(origin, "names a host or a relative folder; a folder begins with /");
    while (folder->size() > 1 && folder->ends_with('/')) folder->pop_back();
    Location parsed;
    parsed.text = std::move(text);
    parsed.folder = std::move(*folder);
    return parsed;
}

}  // namespace tristrata::objects
