#include "hashed_stream.hpp"

#include <arrow/buffer.h>
#include <cstddef>
#include <span>

namespace tristrata::sources {

std::optional<std::string> BytesDigest::found() const {
    const std::scoped_lock lock(mutex_);
    return found_;
}

void BytesDigest::set(std::string digest) {
    const std::scoped_lock lock(mutex_);
    found_ = std::move(digest);
}

void HashedStream::pass(const void* bytes, std::int64_t count, std::int64_t asked) {
    state_.update(std::span(static_cast<const std::byte*>(bytes), static_cast<std::size_t>(count)));
    if (count == 0 && asked > 0) digest_->set(state_.finish());
}

arrow::Result<std::int64_t> HashedStream::Read(std::int64_t count, void* out) {
    auto got = bytes_->Read(count, out);
    if (got.ok()) pass(out, *got, count);
    return got;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> HashedStream::Read(std::int64_t count) {
    auto got = bytes_->Read(count);
    if (got.ok()) pass((*got)->data(), (*got)->size(), count);
    return got;
}

}  // namespace tristrata::sources
