#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <cstdint>
#include <memory>

namespace tristrata::sources {

/// Bytes of a CSV on their way to Arrow, looked at for quotes that swallow rows: Arrow takes a quote that is
/// never closed for one that closes with the file, and reads text behind a closing quote as part of the
/// field.
///
/// A quote opens a field only at its beginning; two quotes in a quoted field are one. Cost: a search for the
/// next quote, little where there are none.
class QuoteWatch final : public arrow::io::InputStream {
public:
    explicit QuoteWatch(std::shared_ptr<arrow::io::InputStream> bytes) : bytes_(std::move(bytes)) {}

    /// At the end of the bytes: whether a quote was left open, or a field that spans lines went on behind its
    /// closing quote.
    [[nodiscard]] bool swallowed() const { return misquoted_ || state_ == State::quoted; }

    arrow::Result<std::int64_t> Read(std::int64_t count, void* out) override;
    arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override;
    arrow::Result<std::int64_t> Tell() const override { return bytes_->Tell(); }
    arrow::Status Close() override { return bytes_->Close(); }
    bool closed() const override { return bytes_->closed(); }

private:
    enum class State : std::uint8_t { plain, quoted, after_quote };
    void look(std::string_view block);

    std::shared_ptr<arrow::io::InputStream> bytes_;
    State state_ = State::plain;
    char last_ = '\n';          ///< Of the block before: what stands before the first byte begins a field.
    bool spans_lines_ = false;  ///< The open field holds a line end.
    bool misquoted_ = false;
    bool began_ = false;
};

}  // namespace tristrata::sources
