#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/schema.hpp"
#include "tristrata/sources/open.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::sources {

struct CsvHeader {
    std::vector<std::string> names;
    bool has_rows = false;
    std::size_t bytes = 0;      ///< Of the header and the first row together, about.
    std::size_t row_bytes = 0;  ///< Of the first row, about.
};

/// The first row, looked at closely: an empty file, bytes that are no text, a name that is empty or stands
/// twice and a first row that holds only values without quotes (a header is missing) are errors that say what
/// to do.
[[nodiscard]] core::Result<CsvHeader> read_header(const std::string& path);

/// What the values of a column are, missing ones aside.
struct TypeCounts {
    std::size_t values = 0, numbers = 0, zoned = 0, unzoned = 0, booleans = 0;
    void update(std::string_view value);
    /// Numbers or times where at most one value in ten is something else; true and false where all are; text
    /// otherwise.
    [[nodiscard]] dataset::Field finish(const std::string& name) const;
    /// "60 of its first 100 values are numbers" of text that is half numbers or more; empty otherwise.
    [[nodiscard]] std::string doubt() const;
};
/// Of the schema's columns of text, by the rows within the first `bytes` bytes.
[[nodiscard]] std::vector<TypeCounts> count_types(const std::string& path, const dataset::Schema& schema,
                                                  std::size_t bytes);

/// "the first value that is not a number is "oops" in row 11 (line 12)": of a column, within the first
/// `bytes` bytes; empty where every value is of the field's type.
[[nodiscard]] std::string first_misfit(const std::string& path, std::size_t column,
                                       const dataset::Field& field, std::size_t bytes);

/// Refuses a column of times, read as text, for its first value within the first `bytes` bytes that is no
/// time.
[[nodiscard]] core::Status require_times(const std::string& path, std::size_t column, const std::string& name,
                                         std::size_t bytes);

/// Why a CSV could not be read, found by reading it again slowly: a gzip file that was cut short, or file,
/// row, line and column of the first quote that is not closed, the first row with another number of fields,
/// the first bytes that are not UTF-8, or the first value that is not of its column's type. Arrow's own words
/// where none of these is found.
[[nodiscard]] tl::unexpected<core::Error> explained(const std::string& path, const dataset::Schema& wanted,
                                                    const SourceOptions& options, std::string_view message);

}  // namespace tristrata::sources
