#pragma once

#include "tristrata/dataset/schema.hpp"

#include <arrow/type_fwd.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arrow::io {
class InputStream;
}
namespace arrow::util {
class Codec;
}

namespace tristrata::sources {

/// Bytes of a file, gzip undone.
class Bytes {
public:
    explicit Bytes(const std::string& path);
    ~Bytes();
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    /// The next byte; -1 at the end, and at what cannot be decompressed.
    int next() { return at_ < filled_ || fill() ? static_cast<unsigned char>(buffer_[at_++]) : -1; }
    /// What was read last, up to 64 KiB.
    [[nodiscard]] std::string_view block() const { return {buffer_.data(), filled_}; }
    [[nodiscard]] bool opened() const { return stream_ != nullptr; }
    [[nodiscard]] bool damaged() const { return damaged_; }
    /// Reads on to the end: whether all of it could be decompressed.
    [[nodiscard]] bool whole();

private:
    bool fill();

    std::unique_ptr<arrow::util::Codec> codec_;
    std::shared_ptr<arrow::io::InputStream> stream_;
    std::vector<char> buffer_ = std::vector<char>(1u << 16u);
    std::size_t at_ = 0, filled_ = 0;
    bool damaged_ = false, ended_ = false;
};

struct Cell {
    std::string text;
    bool was_quoted = false;
};

/// Rows one after another, for messages: reading data is Arrow's. Empty lines are passed over, as Arrow does.
class RowScanner {
public:
    explicit RowScanner(const std::string& path) : bytes_(path) {}
    [[nodiscard]] Bytes& bytes() { return bytes_; }

    /// The next row, a byte order mark left out; false at the end.
    bool next(std::vector<Cell>& row);
    /// How many bytes have been taken.
    [[nodiscard]] std::size_t taken() const { return taken_; }
    /// The line of the file that the row began on, from 1; a quoted field may hold line ends of its own.
    [[nodiscard]] std::uint64_t line() const { return line_; }
    /// The row ended with the file, within quotes.
    [[nodiscard]] bool unclosed() const { return unclosed_; }
    /// A quoted field of the row held a line end, and text followed its closing quote.
    [[nodiscard]] bool misquoted() const { return misquoted_; }

private:
    bool scan(std::vector<Cell>& row);
    int take();
    int peek();

    Bytes bytes_;
    std::optional<int> held_;
    int last_ = -1;
    std::size_t taken_ = 0;
    std::uint64_t line_ = 1, next_line_ = 1;
    bool unclosed_ = false, misquoted_ = false;
};

[[nodiscard]] bool is_number(std::string_view text);
[[nodiscard]] bool is_missing(const Cell& cell);

/// What a cell had to be, where it is not of the field's type; empty where it fits.
[[nodiscard]] std::string_view expected_of(const Cell& cell, const dataset::Field& field);

/// Whether the times of a column of this type carry a zone: either all or none of them do.
[[nodiscard]] bool has_zone(const dataset::Field& field);

/// A field of the type that one value has.
[[nodiscard]] dataset::Field field_of(const std::string& name, std::string_view value);

}  // namespace tristrata::sources
