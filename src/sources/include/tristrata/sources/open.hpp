#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tristrata::sources {

struct SourceOptions {
    /// The current side is read with the reference's schema: a column that is in both keeps its type, so that
    /// a number that cannot be read is an error with its row and not another column.
    std::optional<dataset::Schema> read_as;
};

/// Opens a table: CSV and CSV.gz (first row the header, comma, UTF-8), Parquet, Arrow IPC (file or stream;
/// .arrow, .feather, .ipc), or a folder of files of one of these, which are one table in the order of their
/// names.
///
/// CSV       A column's type is read off the first 64 KiB (off its first value, where it has none there) and
///           then holds: integer and real are both read as numbers, so that 1.5 after a million whole numbers
///           is no surprise. Missing is an empty field, NA, N/A, NaN, nan, null, NULL or None, quoted or not.
///           Access by pass; Parquet and IPC by column.
/// Folder    Files of one format with the same columns; a column without a value agrees with any type.
/// Errors    not_found; invalid_input that names file, row (1 is the first after the header) and column, what
///           was expected and what to do.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_source(const std::string& path,
                                                                         const SourceOptions& options,
                                                                         const core::Task& task);

}  // namespace tristrata::sources
