#include "csv_scan.hpp"

#include "row_scanner.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/no_row.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Type;

/// Values of which at most one in ten is no number: a column of numbers with some that have to be mended.
constexpr std::size_t nearly_all_of_ten = 9;

std::string place(const std::string& path, std::uint64_t row, std::uint64_t line) {
    return fmt::format("{}, row {} (line {})", path, row, line);
}

/// Of the column that orders the rows: it holds no names, whatever the plan says.
tl::unexpected<core::Error> no_time(const std::string& where, const std::string& column, const Cell& cell,
                                    std::string_view expected) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}, column {}: expected {}, found {}; write times as ISO 8601, "
                            "2024-03-01T08:05:00Z, leave it empty if it is missing, or name another column "
                            "with --time",
                            where, core::quoted(column), expected, core::quoted(cell.text)));
}

tl::unexpected<core::Error> wrong_value(const std::string& where, const std::string& column, const Cell& cell,
                                        std::string_view expected, const SourceOptions& options) {
    const std::string name = core::quoted(column), found = core::quoted(cell.text);
    return fail(
        ErrorKind::invalid_input,
        options.types.contains(column)
            ? fmt::format("{}, column {}: expected {}, as its kind in the plan says, found {}; mend "
                          "the value, leave it empty if it is missing, or take the kind out of "
                          "the plan",
                          where, name, expected, found)
            : fmt::format(
                  "{}, column {}: expected {}, as the column's other values are, found {}; "
                  "mend the value, leave it empty or write NA if it is missing, or, if the column "
                  "holds names, {}",
                  where, name, expected, found,
                  options.if_names.empty()
                      ? fmt::format("say so in the plan: [column.{}] kind = \"categorical\", by which "
                                    "each value is a label and none is compared as a number",
                                    name)
                      : options.if_names));
}

tl::unexpected<core::Error> damaged_gzip(const std::string& path) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: not a whole gzip file; write or copy it again", path));
}

}  // namespace

core::Result<CsvHeader> read_header(const std::string& path) {
    RowScanner scanner(path);
    if (!scanner.bytes().opened())
        return fail(ErrorKind::not_found, fmt::format("{}: cannot be opened for reading", path));
    std::vector<Cell> row;
    if (!scanner.next(row)) {
        if (scanner.bytes().damaged()) return damaged_gzip(path);
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: the file is empty; expected a first row with the columns' names", path),
                    std::string(dataset::no_row_code));
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
    if (scanner.unclosed())
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: a quote opened in the header is not closed; close it, or double quotes "
                                "that belong to a name",
                                path));
    CsvHeader header;
    std::set<std::string, std::less<>> seen;
    std::size_t values = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string& name = row[i].text;
        if (!core::is_utf8(name))
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the name of column {} is not UTF-8: {}; save the file as UTF-8",
                                    path, i + 1, core::quoted(name)));
        if (name.empty())
            return fail(
                ErrorKind::invalid_input,
                fmt::format(
                    "{}: column {} of the first row has no name; expected a name for every column. If "
                    "it is a row of values, the file has no header: put a row of names first",
                    path, i + 1));
        if (!seen.insert(name).second)
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: the first row holds {} twice; expected the columns' names, each once. If it "
                            "is a row of values, the file has no header: put a row of names first; if it is "
                            "the header, give every column a name of its own",
                            path, core::quoted(name)));
        values += !row[i].was_quoted && field_of(name, name).type != Type::text;
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
    if (values == row.size())
        return fail(
            ErrorKind::invalid_input,
            fmt::format("{}: the first row holds only values ({}, ...), so the header seems to be "
                        "missing; put the columns' names first, in quotes if they are numbers or times",
                        path, core::quoted(header.names[0])));
    for (const auto& name : header.names) header.bytes += name.size() + 3;
    header.has_rows = scanner.next(row);
    for (const auto& cell : row) {
        header.bytes += cell.text.size() + 3;
        header.row_bytes += cell.text.size() + 1;
    }
    return header;
}

void TypeCounts::update(std::string_view value) {
    const auto field = field_of("", value);
    ++values;
    numbers += field.type == Type::real;
    booleans += field.type == Type::boolean;
    if (field.type == Type::timestamp) ++(has_zone(field) ? zoned : unzoned);
}

dataset::Field TypeCounts::finish(const std::string& name) const {
    const auto nearly_all = [&](std::size_t part) {
        return part > 0 && part * 10 >= values * nearly_all_of_ten;
    };
    if (nearly_all(numbers)) return {name, Type::real, "double"};
    if (nearly_all(zoned + unzoned))
        return {name, Type::timestamp, zoned > unzoned ? "timestamp[us, tz=UTC]" : "timestamp[us]"};
    if (values > 0 && booleans == values) return {name, Type::boolean, "bool"};
    return {name, Type::text, "string"};
}

std::string TypeCounts::doubt() const {
    if (numbers == 0 || numbers * 2 < values) return "";
    return fmt::format("{} of its first {} values are numbers", numbers, values);
}

std::vector<TypeCounts> count_types(const std::string& path, const dataset::Schema& schema,
                                    std::size_t bytes) {
    std::vector<TypeCounts> counts(schema.fields.size());
    RowScanner scanner(path);
    std::vector<Cell> row;
    (void)scanner.next(row);
    while (scanner.taken() < bytes && scanner.next(row))
        for (std::size_t i = 0; i < std::min(row.size(), counts.size()); ++i)
            if (schema.fields[i].type == Type::text && !is_missing(row[i])) counts[i].update(row[i].text);
    return counts;
}

std::string first_misfit(const std::string& path, std::size_t column, const dataset::Field& field,
                         std::size_t bytes) {
    RowScanner scanner(path);
    std::vector<Cell> row;
    (void)scanner.next(row);
    for (std::uint64_t number = 1; scanner.taken() < bytes && scanner.next(row); ++number) {
        if (column >= row.size()) continue;
        if (const auto expected = expected_of(row[column], field); !expected.empty())
            return fmt::format("the first value that is not {} is {} in row {} (line {})", expected,
                               core::quoted(row[column].text, 40), number, scanner.line());
    }
    return "";
}

core::Status require_times(const std::string& path, std::size_t column, const std::string& name,
                           std::size_t bytes) {
    RowScanner scanner(path);
    std::vector<Cell> row;
    (void)scanner.next(row);
    for (std::uint64_t number = 1; scanner.taken() < bytes && scanner.next(row); ++number)
        if (column < row.size() && !is_missing(row[column]) && !core::parse_timestamp(row[column].text))
            return no_time(place(path, number, scanner.line()), name, row[column], "a time (ISO 8601)");
    return {};
}

tl::unexpected<core::Error> explained(const std::string& path, const dataset::Schema& wanted,
                                      const SourceOptions& options, std::string_view message) {
    // First of all: what a cut left of the last row would be blamed for the cut.
    if (path.ends_with(".gz") && !Bytes(path).whole()) return damaged_gzip(path);
    RowScanner scanner(path);
    std::vector<Cell> header, row;
    if (scanner.next(header)) {
        std::vector<dataset::Field> fields(header.size(), {"", Type::text, "string"});
        for (std::size_t i = 0; i < header.size(); ++i)
            if (const auto field = wanted.find(header[i].text)) fields[i] = wanted.fields[*field];
        for (std::uint64_t number = 1; scanner.next(row); ++number) {
            const std::string where = place(path, number, scanner.line());
            if (scanner.unclosed() || scanner.misquoted())
                return fail(ErrorKind::invalid_input,
                            fmt::format("{}: a quote opened in this row {}; close it, or double quotes that "
                                        "belong to a value",
                                        where,
                                        scanner.unclosed() ? "is not closed"
                                                           : "is closed only on a later line, in the middle "
                                                             "of a field"));
            if (row.size() != header.size())
                return fail(
                    ErrorKind::invalid_input,
                    fmt::format("{}: expected {} fields as in the header, found {}; quote fields that "
                                "hold a comma, or mend the row",
                                where, header.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (!core::is_utf8(row[i].text))
                    return fail(ErrorKind::invalid_input,
                                fmt::format("{}, column {}: not UTF-8: {}; save the file as UTF-8", where,
                                            core::quoted(header[i].text), core::quoted(row[i].text)));
                const auto expected = expected_of(row[i], fields[i]);
                if (!expected.empty() && header[i].text == options.time)
                    return no_time(where, header[i].text, row[i], expected);
                if (!expected.empty()) return wrong_value(where, header[i].text, row[i], expected, options);
            }
        }
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: cannot be read as CSV: {}", path, core::valid_utf8(message)));
}

}  // namespace tristrata::sources
