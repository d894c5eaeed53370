#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tristrata::sources {

/// How columns are read where the format leaves it open: in CSV. The other formats name their types.
struct SourceOptions {
    /// Columns whose type is known before a row is read: text, integer, real or boolean.
    std::map<std::string, dataset::Type, std::less<>> types;
    /// The reference's schema, for the current side: a column that is numbers on both sides, or text there,
    /// keeps the reference's type, and so does one whose first rows are empty here. A column of numbers that
    /// holds mostly words here becomes text: a change of type, which the report says, and no error; the
    /// field's remark names the first word.
    std::optional<dataset::Schema> read_as;
    /// The column that holds the time of each row, empty where none is named: in a CSV a word in it is
    /// refused by its row, and never advised to be a name.
    std::string time;
    /// What a word among numbers is advised to become where its column holds names; empty: a kind in the
    /// plan, which not every command takes.
    std::string if_names;
};

/// Opens a table: CSV and CSV.gz (first row the header, comma, UTF-8), Parquet, Arrow IPC (file or stream;
/// .arrow, .feather, .ipc), or a folder of files of one of these, which are one table in the order of their
/// names.
///
/// CSV       A column's type is read off the first 64 KiB (off its first values, where it has none there) and
///           then holds: numbers or times where at least nine in ten of its values there are, so that one
///           word among numbers is an error wherever it stands; integer and real are both read as numbers, so
///           that 1.5 after a million whole numbers is no surprise; `types` stands above it. Missing is an
///           empty field, NA, N/A, NaN, nan, null, NULL or None, quoted or not. Access by pass; Parquet and
///           IPC by column.
/// Folder    Files of one format with the same columns; a column without a value agrees with any type.
/// Pipe      "-" is standard input, of any of these formats; it is kept in a nameless file in the folder for
///           temporary files, so that memory stays bounded and it can be read again. One table a process.
/// S3        "s3://bucket/table.parquet", or a folder of keys: fetched into the folder for temporary files,
/// and
///           read there; who asks is said by AWS's own variables (docs/objects.md).
/// Errors    not_found; invalid_input that names file, row (1 is the first after the header), line in a
///           CSV, and column, what was expected and what to do.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_source(const std::string& path,
                                                                         const SourceOptions& options,
                                                                         const core::Task& task);

}  // namespace tristrata::sources
