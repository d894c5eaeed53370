#pragma once

#include "tristrata/core/identifier.hpp"

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tristrata::sources {

/// The SHA-256 of a file's bytes, once they have been read to their end. Threads: any.
class BytesDigest {
public:
    [[nodiscard]] std::optional<std::string> found() const;
    void set(std::string digest);

private:
    mutable std::mutex mutex_;
    std::optional<std::string> found_;
};

/// Bytes on their way, hashed as they pass: whoever reads them to their end need not read the file again for
/// its digest, which is then that of the very bytes that were read. Cost: some .5 ns a byte. Threads: one.
class HashedStream final : public arrow::io::InputStream {
public:
    HashedStream(std::shared_ptr<arrow::io::InputStream> bytes, std::shared_ptr<BytesDigest> digest)
        : bytes_(std::move(bytes)), digest_(std::move(digest)) {}

    arrow::Result<std::int64_t> Read(std::int64_t count, void* out) override;
    arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override;
    arrow::Result<std::int64_t> Tell() const override { return bytes_->Tell(); }
    arrow::Status Close() override { return bytes_->Close(); }
    bool closed() const override { return bytes_->closed(); }

private:
    void pass(const void* bytes, std::int64_t count, std::int64_t asked);

    std::shared_ptr<arrow::io::InputStream> bytes_;
    std::shared_ptr<BytesDigest> digest_;
    core::Sha256 state_;
};

}  // namespace tristrata::sources
