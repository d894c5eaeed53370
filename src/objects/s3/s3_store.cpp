#include "s3_store.hpp"

#include "content_store.hpp"
#include "key.hpp"
#include "local_file.hpp"
#include "object_writer.hpp"
#include "retry.hpp"
#include "s3_error.hpp"

#include "tristrata/core/text.hpp"

#include <arrow/buffer.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace tristrata::objects {
namespace {

using arrow::fs::FileType;
using core::ErrorKind;
using core::fail;

/// The process that began: a forked child has none of the library's threads to end.
pid_t beginner = 0;

/// A forked child cannot end the library, and what the library destroys at an exit without an end corrupts
/// memory now and then: it leaves before that, with the status that it was to leave with.
void end_library(int status, void* /*unused*/) {
    Retry::leave();
    if (::getpid() == beginner) {
        (void)arrow::fs::EnsureS3Finalized();
        return;
    }
    std::fflush(nullptr);
    ::_exit(status);
}

/// Once a process.
arrow::Status begin_library() {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    if (arrow::fs::IsS3Initialized()) return arrow::Status::OK();
    arrow::fs::S3GlobalOptions options;
    options.log_level = arrow::fs::S3LogLevel::Off;
    ARROW_RETURN_NOT_OK(arrow::fs::InitializeS3(options));
    beginner = ::getpid();
    return arrow::Status::OK();
}

/// The library is ended with the process: without that, every other exit crashes within it. Only once it has
/// made a client: what it ends then are statics of its own, which must outlive the call.
void end_library_at_exit() {
    static std::once_flag once;
    std::call_once(once, [] { ::on_exit(end_library, nullptr); });
}

core::Timestamp time_of(const arrow::fs::FileInfo& info) {
    return {std::chrono::duration_cast<std::chrono::microseconds>(info.mtime().time_since_epoch()).count()};
}

class S3Store final : public ContentStore {
public:
    S3Store(std::shared_ptr<arrow::fs::S3FileSystem> files, std::shared_ptr<Retry> retry,
            std::unique_ptr<ObjectWriter> writer, const Location& location, S3Place place)
        : files_(std::move(files)),
          retry_(std::move(retry)),
          writer_(std::move(writer)),
          place_(std::move(place)),
          root_(location.bucket + (location.prefix.empty() ? "" : "/" + location.prefix)) {}

    core::Result<std::string> get(const std::string& key) override {
        std::string bytes;
        auto status = read(key, [&](std::string_view chunk) -> core::Status {
            bytes += chunk;
            return {};
        });
        if (!status) return propagate(status);
        return bytes;
    }
    core::Status fetch_file(const std::string& key, const std::string& path) override {
        auto target = IncomingFile::create(path);
        if (!target) return propagate(target);
        if (auto status = read(key, [&](std::string_view chunk) { return target->write(chunk); }); !status)
            return status;
        return target->keep();
    }
    core::Result<std::optional<ObjectInfo>> stat(const std::string& key) override {
        auto path = path_of(key);
        if (!path) return propagate(path);
        retry_->begin();
        auto info = files_->GetFileInfo(*path);
        if (!info.ok()) return failed(info.status());
        if (info->type() == FileType::File)
            return ObjectInfo{key, static_cast<std::uint64_t>(info->size()), time_of(*info)};
        if (auto there = require_bucket(); !there) return propagate(there);
        return std::nullopt;
    }
    core::Result<std::vector<ObjectInfo>> list(const std::string& prefix) override;
    core::Status remove(const std::string& key) override {
        auto there = stat(key);
        if (!there) return propagate(there);
        if (!*there) return {};
        retry_->begin();
        if (auto status = files_->DeleteFile(root_ + "/" + key); !status.ok()) return failed(status);
        return {};
    }
    std::uint64_t repeated() const noexcept override { return retry_->repeated(); }
    std::string where() const override { return place_.name; }

private:
    [[nodiscard]] core::Result<std::string> path_of(const std::string& key) const {
        if (auto segments = segments_of_key(key); !segments) return propagate(segments);
        return root_ + "/" + key;
    }
    [[nodiscard]] tl::unexpected<core::Error> failed(const arrow::Status& status);
    [[nodiscard]] core::Status require_bucket();
    [[nodiscard]] core::Result<Put> put(const std::string& key, Content& content) override;
    [[nodiscard]] core::Result<Put> compared(const std::string& key, Content& content,
                                             const ObjectInfo& there);
    template <class Take>
    [[nodiscard]] core::Status read(const std::string& key, Take take);
    /// All of so many bytes from there on.
    [[nodiscard]] core::Status read_whole(arrow::io::RandomAccessFile& file, std::int64_t from,
                                          std::int64_t bytes, std::string& into, const std::string& key);

    std::shared_ptr<arrow::fs::S3FileSystem> files_;
    std::shared_ptr<Retry> retry_;
    std::unique_ptr<ObjectWriter> writer_;
    S3Place place_;
    std::string root_;
};

tl::unexpected<core::Error> S3Store::failed(const arrow::Status& status) {
    const std::string_view word = aws_error_of(status.message());
    // The answer to a HEAD has no body: a listing of nothing says whether key, secret or right is wrong.
    if (word == "ACCESS_DENIED" && status.message().find("during Head") != std::string::npos) {
        arrow::fs::FileSelector nothing;
        nothing.base_dir = root_ + "/" + std::string(incoming);
        nothing.allow_not_found = true;
        retry_->begin();
        if (auto listed = files_->GetFileInfo(nothing); !listed.ok())
            return tl::unexpected(error_of(listed.status(), place_));
    }
    return tl::unexpected(error_of(status, place_));
}

/// Where something was not found: is it the bucket that is missing?
core::Status S3Store::require_bucket() {
    retry_->begin();
    auto info = files_->GetFileInfo(place_.bucket);
    // Who may read and write, but not list, is refused here and needs no answer.
    if (!info.ok() && aws_error_of(info.status().message()) == "ACCESS_DENIED") return {};
    if (!info.ok()) return failed(info.status());
    if (info->type() == FileType::NotFound)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: there is no bucket {}; make it, or name another", place_.name, place_.bucket),
            "NO_SUCH_BUCKET");
    return {};
}

core::Result<std::vector<ObjectInfo>> S3Store::list(const std::string& prefix) {
    auto segments = segments_of_prefix(prefix);
    if (!segments) return propagate(segments);
    arrow::fs::FileSelector selector;
    selector.base_dir = root_;
    for (const auto& segment : *segments) selector.base_dir += "/" + segment;
    selector.recursive = true;
    selector.allow_not_found = true;
    retry_->begin();
    auto infos = files_->GetFileInfo(selector);
    if (!infos.ok()) return failed(infos.status());
    std::vector<ObjectInfo> found;
    for (const auto& info : *infos)
        if (info.type() == FileType::File)
            found.push_back({info.path().substr(root_.size() + 1), static_cast<std::uint64_t>(info.size()),
                             time_of(info)});
    if (infos->empty())
        if (auto there = require_bucket(); !there) return propagate(there);
    std::ranges::sort(found, {}, &ObjectInfo::key);
    return found;
}

core::Result<Put> S3Store::put(const std::string& key, Content& content) {
    auto there = stat(key);
    if (!there) return propagate(there);
    if (*there) return compared(key, content, **there);
    const std::string prefix = root_.substr(place_.bucket.size());
    auto written = writer_->put(prefix.empty() ? key : prefix.substr(1) + "/" + key, content);
    if (!written) return propagate(written);
    // What a server acknowledged and cut short is not there.
    auto stored = stat(key);
    if (!stored) return propagate(stored);
    if (*stored && written->is_taken) {
        auto same = compared(key, content, **stored);
        return same && written->may_be_ours ? Put::stored : same;
    }
    if (!*stored || (*stored)->bytes != content.bytes())
        return fail(
            ErrorKind::unavailable,
            fmt::format("{} {} {} bytes under {} and has {}", place_.name,
                        written->is_taken ? "refused" : "acknowledged", content.bytes(), core::quoted(key),
                        *stored ? std::to_string((*stored)->bytes) + " of them" : "no object"));
    return Put::stored;
}

core::Result<Put> S3Store::compared(const std::string& key, Content& content, const ObjectInfo& there) {
    const auto other = [&] {
        return fail(ErrorKind::conflict,
                    fmt::format("{}/{} is there with other bytes, and an object is written "
                                "once; it was left as it is",
                                place_.name, key));
    };
    if (there.bytes != content.bytes()) return other();
    if (auto status = content.rewind(); !status) return propagate(status);
    std::string_view left;
    bool same = true;
    auto status = read(key, [&](std::string_view chunk) -> core::Status {
        while (same && !chunk.empty()) {
            if (left.empty()) {
                auto next = content.next();
                if (!next) return propagate(next);
                left = *next;
            }
            const std::size_t bytes = std::min(left.size(), chunk.size());
            same = bytes > 0 && left.substr(0, bytes) == chunk.substr(0, bytes);
            left.remove_prefix(bytes);
            chunk.remove_prefix(bytes);
        }
        return {};
    });
    if (!status) return propagate(status);
    if (!same) return other();
    return Put::already_there;
}

core::Status S3Store::read_whole(arrow::io::RandomAccessFile& file, std::int64_t from, std::int64_t bytes,
                                 std::string& into, const std::string& key) {
    into.resize(static_cast<std::size_t>(bytes));
    retry_->begin();
    auto got = file.ReadAt(from, bytes, into.data());
    if (!got.ok()) return failed(got.status());
    if (*got != bytes)
        return fail(ErrorKind::unavailable,
                    fmt::format("{} sent {} bytes of {}, and not the {} that were asked for", place_.name,
                                *got, core::quoted(key), bytes));
    return {};
}

template <class Take>
core::Status S3Store::read(const std::string& key, Take take) {
    auto info = stat(key);
    if (!info) return propagate(info);
    if (!*info)
        return fail(ErrorKind::not_found,
                    fmt::format("there is no object {} in {}", core::quoted(key), place_.name));
    arrow::fs::FileInfo known(root_ + "/" + key, FileType::File);
    known.set_size(static_cast<std::int64_t>((*info)->bytes));
    retry_->begin();
    auto file = files_->OpenInputFile(known);
    if (!file.ok()) return failed(file.status());
    std::string chunk;
    const auto all = static_cast<std::int64_t>((*info)->bytes);
    for (std::int64_t at = 0; at < all;) {
        const auto bytes = std::min<std::int64_t>(all - at, static_cast<std::int64_t>(chunk_bytes));
        if (auto status = read_whole(**file, at, bytes, chunk, key); !status) return status;
        if (auto status = take(chunk); !status) return status;
        at += bytes;
    }
    return {};
}

/// Those of one moment: each of the three calls may find others, where a role's have just run out.
Credentials credentials_of(const arrow::fs::S3Options& options) {
    Credentials now;
    do now = {options.GetAccessKey(), options.GetSecretKey(), options.GetSessionToken()};
    while (now.access_key != options.GetAccessKey() || now.secret_key != options.GetSecretKey());
    return now;
}

/// Where Arrow's client sends its requests too.
ObjectWriter::Place place_of(const arrow::fs::S3Options& options, const std::string& region,
                             const Location& location) {
    ObjectWriter::Place place;
    place.scheme = options.scheme;
    place.region = region;
    place.authorities = options.tls_ca_file_path;
    place.encryption = location.encryption;
    place.host = options.endpoint_override;
    bool is_in_host = location.virtual_host;
    if (place.host.empty()) {
        place.host = fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
        // A certificate of AWS's names one label before its own.
        is_in_host = location.bucket.find('.') == std::string::npos;
    }
    if (is_in_host) place.host = location.bucket + "." + place.host;
    place.before_key = is_in_host ? "/" : "/" + location.bucket + "/";
    return place;
}

}  // namespace

core::Result<std::unique_ptr<ObjectStore>> open_s3(const Location& location, const Options& options) {
    const auto begun = begin_library();
    if (!begun.ok())
        return fail(ErrorKind::unavailable, fmt::format("S3 cannot be used here: {}", begun.message()));
    auto retry = std::make_shared<Retry>(options.budget.microseconds);
    retry->begin();
    auto s3 = arrow::fs::S3Options::Defaults();
    s3.retry_strategy = retry;
    s3.connect_timeout = 5;
    s3.background_writes = false;
    s3.allow_delayed_open = true;  // A small object is one request.
    s3.force_virtual_addressing = location.virtual_host;
    s3.region = options.region;
    s3.tls_ca_file_path = options.authorities;
    if (!options.endpoint.empty()) {
        auto endpoint = parse_endpoint(options.endpoint);
        if (!endpoint) return propagate(endpoint);
        s3.scheme = endpoint->scheme;
        s3.endpoint_override = endpoint->host;
        if (s3.region.empty()) s3.region = "us-east-1";
    }
    const S3Place named{location.text, location.bucket, s3.scheme, {s3.GetSecretKey(), s3.GetSessionToken()}};
    auto files = arrow::fs::S3FileSystem::Make(s3);
    end_library_at_exit();
    if (s3.GetAccessKey().empty())
        return fail(ErrorKind::configuration,
                    fmt::format("{} names {}, and no credentials were found; set AWS_ACCESS_KEY_ID and "
                                "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role gives them",
                                options.origin, location.text));
    if (!files.ok()) return tl::unexpected(error_of(files.status(), named));
    ObjectWriter::Place place = place_of(s3, (*files)->region(), location);
    place.error = [named](std::string_view code, std::string_view said) {
        return error_of(code, said, named);
    };
    auto writer =
        std::make_unique<ObjectWriter>(std::move(place), [s3] { return credentials_of(s3); }, retry);
    return std::make_unique<S3Store>(std::move(*files), std::move(retry), std::move(writer), location, named);
}

}  // namespace tristrata::objects
