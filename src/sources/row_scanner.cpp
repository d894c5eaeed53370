#include "row_scanner.hpp"

#include "byte_order_mark.hpp"
#include "tristrata/core/time.hpp"

#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <charconv>
#include <set>
#include <system_error>

namespace tristrata::sources {

using dataset::Type;

Bytes::Bytes(const std::string& path) {
    auto file = arrow::io::ReadableFile::Open(path);
    if (!file.ok()) return;
    stream_ = *file;
    if (!path.ends_with(".gz")) return;
    auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP);
    if (!codec.ok()) return;
    codec_ = std::move(*codec);
    auto inflated = arrow::io::CompressedInputStream::Make(codec_.get(), *file);
    stream_ = inflated.ok() ? std::shared_ptr<arrow::io::InputStream>(*inflated) : nullptr;
}

Bytes::~Bytes() { stream_.reset(); }  // Before the codec that it points to.

bool Bytes::fill() {
    if (!stream_ || ended_) return false;
    const auto got = stream_->Read(static_cast<std::int64_t>(buffer_.size()), buffer_.data());
    damaged_ = !got.ok();
    ended_ = damaged_ || *got == 0;  // A stream that failed must not be asked again.
    if (ended_) return false;
    filled_ = static_cast<std::size_t>(*got);
    at_ = 0;
    return true;
}

bool Bytes::whole() {
    while (fill()) at_ = filled_;
    return !damaged_;
}

bool RowScanner::next(std::vector<Cell>& row) {
    do {
        row.assign(1, {});
        line_ = next_line_;
        if (!scan(row)) return false;
        if (line_ == 1 && row[0].text.starts_with(byte_order_mark))
            row[0].text.erase(0, byte_order_mark.size());
    } while (row.size() == 1 && row[0].text.empty() && !row[0].was_quoted);
    return true;
}

bool RowScanner::scan(std::vector<Cell>& row) {
    bool quoted = false, any = false, spans_lines = false;
    unclosed_ = misquoted_ = false;
    for (int c = take(); c >= 0; c = take()) {
        any = true;
        Cell& cell = row.back();
        if (quoted) {
            if (c != '"') {
                spans_lines = spans_lines || c == '\n' || c == '\r';
                cell.text += static_cast<char>(c);
            } else if (peek() == '"') {
                cell.text += '"';
                (void)take();
            } else {
                quoted = false;
                const int after = peek();
                misquoted_ = misquoted_ ||
                             (spans_lines && after >= 0 && after != ',' && after != '\n' && after != '\r');
            }
        } else if (c == '"' && (cell.text.empty() || (line_ == 1 && cell.text == byte_order_mark)) &&
                   !cell.was_quoted) {
            quoted = cell.was_quoted = true;
            spans_lines = false;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            return true;
        } else if (c == '\r') {
            if (peek() == '\n') (void)take();
            return true;
        } else {
            cell.text += static_cast<char>(c);
        }
    }
    unclosed_ = quoted;
    return any;
}

int RowScanner::take() {
    const int c = held_ ? *held_ : bytes_.next();
    held_.reset();
    if (c < 0) return c;
    ++taken_;
    next_line_ += c == '\r' || (c == '\n' && last_ != '\r') ? 1 : 0;
    last_ = c;
    return c;
}

int RowScanner::peek() {
    if (!held_) held_ = bytes_.next();
    return *held_;
}

bool is_number(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0.0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && end == text.data() + text.size() &&
           (code == std::errc() || code == std::errc::result_out_of_range);
}

bool is_missing(const Cell& cell) {
    static const std::set<std::string, std::less<>> words{"",    "NA",   "N/A",  "NaN",
                                                          "nan", "null", "NULL", "None"};
    return words.contains(cell.text);
}

namespace {

bool is_boolean(std::string_view text) {
    static const std::set<std::string, std::less<>> words{"true", "True", "TRUE", "false", "False", "FALSE"};
    return words.contains(text);
}

/// "Z" or "+02:00" after the time of day; the hyphens of the date are no zone.
bool ends_with_zone(std::string_view text) {
    const auto time = text.find_first_of("T ");
    return time != std::string_view::npos && text.find_first_of("Zz+-", time + 1) != std::string_view::npos;
}

}  // namespace

std::string_view expected_of(const Cell& cell, const dataset::Field& field) {
    if (is_missing(cell)) return {};
    switch (field.type) {
        case Type::integer:
        case Type::real:
            return is_number(cell.text) ? std::string_view() : "a number";
        case Type::boolean:
            return is_boolean(cell.text) ? std::string_view() : "true or false";
        case Type::timestamp:
            if (!core::parse_timestamp(cell.text)) return "a time (ISO 8601)";
            if (ends_with_zone(cell.text) == has_zone(field)) return {};
            return has_zone(field) ? "a time with its zone" : "a time without a zone";
        case Type::text:
        case Type::null:
        case Type::unsupported:
            return {};
    }
    return {};
}

bool has_zone(const dataset::Field& field) { return field.foreign_type.find("tz=") != std::string::npos; }

dataset::Field field_of(const std::string& name, std::string_view value) {
    if (is_number(value)) return {name, Type::real, "double"};
    if (is_boolean(value)) return {name, Type::boolean, "bool"};
    if (core::parse_timestamp(value))
        return {name, Type::timestamp, ends_with_zone(value) ? "timestamp[us, tz=UTC]" : "timestamp[us]"};
    return {name, Type::text, "string"};
}

}  // namespace tristrata::sources
