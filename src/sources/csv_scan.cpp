#include "csv_scan.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"

#include <arrow/csv/api.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Type;

/// Bytes of a file, gzip undone.
class Bytes {
public:
    explicit Bytes(const std::string& path) {
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
    /// The next byte; -1 at the end, and at what cannot be decompressed.
    int next() {
        if (at_ == filled_) {
            if (!stream_ || ended_) return -1;
            const auto got = stream_->Read(static_cast<std::int64_t>(buffer_.size()), buffer_.data());
            damaged_ = !got.ok();
            ended_ = damaged_ || *got == 0;  // A stream that failed must not be asked again.
            if (ended_) return -1;
            filled_ = static_cast<std::size_t>(*got);
            at_ = 0;
        }
        return static_cast<unsigned char>(buffer_[at_++]);
    }
    /// What was read last, up to 64 KiB.
    [[nodiscard]] std::string_view block() const { return {buffer_.data(), filled_}; }
    [[nodiscard]] bool opened() const { return stream_ != nullptr; }
    [[nodiscard]] bool damaged() const { return damaged_; }

private:
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
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

    bool next(std::vector<Cell>& row) {
        do {
            row.assign(1, {});
            if (!scan(row)) return false;
        } while (row.size() == 1 && row[0].text.empty() && !row[0].was_quoted);
        return true;
    }

private:
    bool scan(std::vector<Cell>& row) {
        bool quoted = false, any = false;
        for (int c = take(); c >= 0; c = take()) {
            any = true;
            Cell& cell = row.back();
            if (quoted) {
                if (c != '"') {
                    cell.text += static_cast<char>(c);
                } else if (peek() == '"') {
                    cell.text += '"';
                    (void)take();
                } else {
                    quoted = false;
                }
            } else if (c == '"' && cell.text.empty() && !cell.was_quoted) {
                quoted = cell.was_quoted = true;
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
        return any;
    }
    int take() {
        if (held_) {
            const int c = *held_;
            held_.reset();
            return c;
        }
        return bytes_.next();
    }
    int peek() {
        if (!held_) held_ = bytes_.next();
        return *held_;
    }

    Bytes bytes_;
    std::optional<int> held_;
};

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

bool is_boolean(std::string_view text) {
    static const std::set<std::string, std::less<>> words{"true", "True", "TRUE", "false", "False", "FALSE"};
    return words.contains(text);
}

/// "Z" or "+02:00" after the time of day; the hyphens of the date are no zone.
bool ends_with_zone(std::string_view text) {
    const auto time = text.find_first_of("T ");
    return time != std::string_view::npos && text.find_first_of("Zz+-", time + 1) != std::string_view::npos;
}

/// What a cell had to be, where it is not; empty where it fits.
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

}  // namespace

bool has_zone(const dataset::Field& field) { return field.foreign_type.find("tz=") != std::string::npos; }

dataset::Field field_of(const std::string& name, std::string_view value) {
    if (is_number(value)) return {name, Type::real, "double"};
    if (is_boolean(value)) return {name, Type::boolean, "bool"};
    if (core::parse_timestamp(value))
        return {name, Type::timestamp, ends_with_zone(value) ? "timestamp[us, tz=UTC]" : "timestamp[us]"};
    return {name, Type::text, "string"};
}

core::Result<CsvHeader> read_header(const std::string& path) {
    RowScanner scanner(path);
    if (!scanner.bytes().opened())
        return fail(ErrorKind::not_found, fmt::format("{}: cannot be opened for reading", path));
    std::vector<Cell> row;
    if (!scanner.next(row)) {
        if (scanner.bytes().damaged())
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: not a whole gzip file; write or copy it again", path));
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: the file is empty; expected a first row with the columns' names", path));
    }
    const auto block = scanner.bytes().block();
    if (block.starts_with("\xFF\xFE") || block.starts_with("\xFE\xFF"))
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: UTF-16, as its first two bytes say; save the file as UTF-8", path));
    if (block.find('\0') != std::string_view::npos)
        return fail(
            ErrorKind::invalid_input,
            fmt::format(
                "{}: not CSV: it holds a zero byte; expected text, UTF-8, with commas. Parquet and Arrow "
                "files are known by their ending (.parquet, .arrow)",
                path));
    CsvHeader header;
    if (row[0].text.starts_with("\xEF\xBB\xBF")) row[0].text.erase(0, 3);
    std::set<std::string, std::less<>> seen;
    std::size_t numbers = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string& name = row[i].text;
        if (!core::is_utf8(name))
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the name of column {} is not UTF-8: {}; save the file as UTF-8",
                                    path, i + 1, core::quoted(name)));
        if (name.empty())
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: column {} of the first row has no name; expected a header with a name for "
                            "every column",
                            path, i + 1));
        if (!seen.insert(name).second)
            return fail(
                ErrorKind::invalid_input,
                fmt::format(
                    "{}: the column {} stands twice in the header; give every column a name of its own", path,
                    core::quoted(name)));
        numbers += is_number(name);
        header.names.push_back(name);
    }
    if (row.size() == 1 && !row[0].was_quoted)
        for (const auto& [separator, called] :
             {std::pair{';', "semicolons"}, {'\t', "tabs"}, {'|', "vertical bars"}})
            if (row[0].text.find(separator) != std::string::npos)
                return fail(
                    ErrorKind::invalid_input,
                    fmt::format("{}: the first row is one name, {}: the fields seem to be separated by {}; "
                                "expected commas. Write the file again with commas",
                                path, core::quoted(row[0].text), called));
    if (numbers == row.size())
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: the first row holds only numbers ({}, ...), so the header seems to be "
                                "missing; put the columns' names first",
                                path, core::quoted(header.names[0])));
    for (const auto& name : header.names) header.bytes += name.size() + 3;
    header.has_rows = scanner.next(row);
    for (const auto& cell : row) {
        header.bytes += cell.text.size() + 3;
        header.row_bytes += cell.text.size() + 1;
    }
    return header;
}

tl::unexpected<core::Error> explained(const std::string& path, const dataset::Schema& wanted,
                                      std::string_view message) {
    RowScanner scanner(path);
    std::vector<Cell> header, row;
    if (scanner.next(header)) {
        if (header[0].text.starts_with("\xEF\xBB\xBF")) header[0].text.erase(0, 3);
        std::vector<dataset::Field> fields(header.size(), {"", Type::text, "string"});
        for (std::size_t i = 0; i < header.size(); ++i)
            if (const auto field = wanted.find(header[i].text)) fields[i] = wanted.fields[*field];
        for (std::uint64_t number = 1; scanner.next(row); ++number) {
            if (row.size() != header.size())
                return fail(
                    ErrorKind::invalid_input,
                    fmt::format(
                        "{}, row {}: expected {} fields as in the header, found {}; quote fields that "
                        "hold a comma, or mend the row",
                        path, number, header.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (!core::is_utf8(row[i].text))
                    return fail(
                        ErrorKind::invalid_input,
                        fmt::format("{}, row {}, column {}: not UTF-8: {}; save the file as UTF-8", path,
                                    number, core::quoted(header[i].text), core::quoted(row[i].text)));
                if (const auto expected = expected_of(row[i], fields[i]); !expected.empty())
                    return fail(
                        ErrorKind::invalid_input,
                        fmt::format("{}, row {}, column {}: expected {}, as in the rows before, "
                                    "found {}; mend the value, leave it empty if it is missing, or, if "
                                    "the column holds names, say so in the plan: [column.{}] kind = "
                                    "\"categorical\"",
                                    path, number, core::quoted(header[i].text), expected,
                                    core::quoted(row[i].text), core::quoted(header[i].text)));
            }
        }
        if (scanner.bytes().damaged())
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the gzip file ends too early; write or copy it again", path));
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: cannot be read as CSV: {}", path, core::valid_utf8(message)));
}

}  // namespace tristrata::sources
