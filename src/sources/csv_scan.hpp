#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/schema.hpp"

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
/// twice and a first row that holds only numbers (a header is missing) are errors that say what to do.
[[nodiscard]] core::Result<CsvHeader> read_header(const std::string& path);

/// Whether the times of a column of this type carry a zone: either all or none of them do.
[[nodiscard]] bool has_zone(const dataset::Field& field);

/// A field of the type that one value has.
[[nodiscard]] dataset::Field field_of(const std::string& name, std::string_view value);

/// Why a CSV could not be read, found by reading it again slowly: file, row and column of the first row with
/// another number of fields, the first bytes that are not UTF-8, or the first value that is not of its
/// column's type. Arrow's own words where none of these is found.
[[nodiscard]] tl::unexpected<core::Error> explained(const std::string& path, const dataset::Schema& wanted,
                                                    std::string_view message);

}  // namespace tristrata::sources
