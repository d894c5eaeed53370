#include "object_writer.hpp"

#include "s3_error.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::objects {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::uint64_t part_bytes_min = 8U << 20U;
constexpr std::uint64_t parts_max = 9000;  // S3 ends at 10,000.
constexpr long precondition_failed = 412;  // If-None-Match: an object has the key.
constexpr long not_implemented = 501;

/// What stands between <name> and </name>; empty where nothing does.
std::string element(std::string_view xml, std::string_view name) {
    const std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
    const auto begin = xml.find(open);
    if (begin == std::string_view::npos) return {};
    const auto end = xml.find(close, begin);
    if (end == std::string_view::npos) return {};
    return std::string(xml.substr(begin + open.size(), end - begin - open.size()));
}

/// An end of an upload is answered 200 before it is known how it goes: then the error stands in the body.
bool is_done(const HttpAnswer& answer) {
    return answer.status >= 200 && answer.status < 300 && answer.body.find("<Error>") == std::string::npos;
}

bool may_be_repeated(const HttpAnswer& answer) {
    constexpr std::array<long, 8> for_now{0, 408, 409, 429, 500, 502, 503, 504};
    if (is_lasting(answer.failure)) return false;
    return answer.status == 200 || std::ranges::find(for_now, answer.status) != for_now.end();
}

/// The next so many bytes, fewer at the end.
core::Result<std::string> gather(Content& content, std::uint64_t bytes) {
    std::string part;
    while (part.size() < bytes) {
        auto chunk = content.next();
        if (!chunk) return propagate(chunk);
        if (chunk->empty()) break;
        part += *chunk;
    }
    return part;
}

tl::unexpected<core::Error> changed(std::uint64_t bytes, std::uint64_t read) {
    return fail(
        ErrorKind::storage,
        fmt::format("what was to be stored had {} bytes and {} were read: it changed meanwhile, and was "
                    "not stored",
                    bytes, read));
}

}  // namespace

core::Error ObjectWriter::error_of(const HttpAnswer& answer, const S3Request& request) const {
    const std::string code = element(answer.body, "Code");
    if (answer.status == 0)
        return place_.error("", fmt::format("{} of an object: {}", request.method, answer.failure));
    // What is not S3's own may be what stands in between, or no S3 at all: its first words tell.
    constexpr std::size_t words_bytes_max = 200;
    return place_.error(code,
                        fmt::format("{} of an object: HTTP status {}, {}: {}", request.method, answer.status,
                                    code.empty() ? "no code" : code,
                                    code.empty() ? core::valid_utf8(answer.body.substr(0, words_bytes_max))
                                                 : element(answer.body, "Message")));
}

ObjectWriter::Sent ObjectWriter::send(const S3Request& request, std::string_view body) {
    retry_->begin();
    Sent sent;
    for (std::int64_t attempt = 0;; ++attempt) {
        S3Request signed_now = request;
        sign(signed_now, body, credentials_(), place_.region, core::system_clock().now());
        sent.answer = client_.send(signed_now, body);
        if (sent.answer.times_sent > 1) {
            retry_->note(sent.answer.times_sent - 1);
            sent.was_repeated = true;
        }
        if (is_done(sent.answer)) return sent;
        if (!may_be_repeated(sent.answer) || !retry_->again(attempt)) return sent;
        sent.was_repeated = true;
        (void)core::system_clock().sleep_for({1000 * Retry::wait_ms(attempt)}, {});
    }
}

S3Request ObjectWriter::request_for(std::string method, const std::string& path) const {
    S3Request request;
    request.method = std::move(method);
    request.host = place_.host;
    request.path = place_.before_key + path;
    request.headers["content-type"] = "application/octet-stream";
    return request;
}

void ObjectWriter::encrypt(S3Request& request) const {
    if (place_.encryption.method.empty()) return;
    request.headers["x-amz-server-side-encryption"] = place_.encryption.method;
    if (!place_.encryption.kms_key.empty())
        request.headers["x-amz-server-side-encryption-aws-kms-key-id"] = place_.encryption.kms_key;
}

core::Result<Written> ObjectWriter::put(const std::string& path, Content& content) {
    if (auto status = content.rewind(); !status) return propagate(status);
    auto first = gather(content, std::max(part_bytes_min, content.bytes() / parts_max + 1));
    if (!first) return propagate(first);
    if (content.bytes() > first->size() && first->size() >= part_bytes_min)
        return put_parts(path, content, std::move(*first));
    if (first->size() != content.bytes()) return changed(content.bytes(), first->size());
    return put_whole(path, *first);
}

core::Result<Written> ObjectWriter::put_whole(const std::string& path, std::string_view bytes) {
    S3Request request = request_for("PUT", path);
    encrypt(request);
    if (is_conditional_) request.headers["if-none-match"] = "*";
    const Sent sent = send(request, bytes);
    if (is_done(sent.answer)) return Written{false, sent.was_repeated};
    if (sent.answer.status == precondition_failed) return Written{true, sent.was_repeated};
    if (sent.answer.status == not_implemented && is_conditional_.exchange(false))
        return put_whole(path, bytes);
    return tl::unexpected(error_of(sent.answer, request));
}

void ObjectWriter::abort(const std::string& path, const std::string& upload) {
    S3Request request = request_for("DELETE", path);
    request.query["uploadId"] = upload;
    (void)send(request, "");
}

core::Result<Written> ObjectWriter::put_parts(const std::string& path, Content& content, std::string part) {
    S3Request begin = request_for("POST", path);
    begin.query["uploads"] = "";
    encrypt(begin);
    const Sent begun = send(begin, "");
    const std::string upload = element(begun.answer.body, "UploadId");
    if (!is_done(begun.answer) || upload.empty()) return tl::unexpected(error_of(begun.answer, begin));
    auto done = upload_parts(path, upload, content, std::move(part));
    if (!done || done->is_taken) abort(path, upload);
    return done;
}

core::Result<Written> ObjectWriter::upload_parts(const std::string& path, const std::string& upload,
                                                 Content& content, std::string part) {
    const std::uint64_t part_bytes = part.size();
    std::uint64_t read = 0;
    std::string parts;
    for (int number = 1; !part.empty(); ++number) {
        S3Request one = request_for("PUT", path);
        one.query["partNumber"] = std::to_string(number);
        one.query["uploadId"] = upload;
        const Sent sent = send(one, part);
        if (!is_done(sent.answer)) return tl::unexpected(error_of(sent.answer, one));
        parts +=
            fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number, sent.answer.etag);
        read += part.size();
        auto next = gather(content, part_bytes);
        if (!next) return propagate(next);
        part = std::move(*next);
    }
    if (read != content.bytes()) return changed(content.bytes(), read);
    return complete(path, upload, parts);
}

core::Result<Written> ObjectWriter::complete(const std::string& path, const std::string& upload,
                                             const std::string& parts) {
    S3Request end = request_for("POST", path);
    end.query["uploadId"] = upload;
    end.headers["content-type"] = "application/xml";
    if (is_conditional_) end.headers["if-none-match"] = "*";
    const Sent sent =
        send(end, fmt::format("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}"
                              "</CompleteMultipartUpload>",
                              parts));
    if (is_done(sent.answer)) return Written{false, sent.was_repeated};
    if (sent.answer.status == precondition_failed) return Written{true, sent.was_repeated};
    // The first of two has ended it, and its answer was lost.
    if (sent.was_repeated && element(sent.answer.body, "Code") == "NoSuchUpload") return Written{true, true};
    if (sent.answer.status == not_implemented && is_conditional_.exchange(false))
        return complete(path, upload, parts);
    return tl::unexpected(error_of(sent.answer, end));
}

}  // namespace tristrata::objects
