#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace tristrata::database {
class Cursor;
}

namespace tristrata::sources {

/// More rows than that are refused: a forgotten WHERE should not fill a disk.
inline constexpr std::uint64_t query_rows_max = 100'000'000;

/// The rows of one SELECT, in the order in which the database gives them. They are kept in a nameless file in
/// the folder for temporary files, column by column, so that memory stays bounded whatever the query gives.
///
/// Types     Read off the first 10,000 rows: numbers; texts that are all times are times; other texts are
/// text,
///           and so is a column that mixes numbers and texts there. A column without a value there has the
///           type that its table declares, else text.
/// Errors    usage: two columns of one name;
///           invalid_input: a text among numbers or a BLOB, with row and column; limit_exceeded: more than
///           `rows_max` rows; cancelled: a stop or the deadline of `task`.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_query(
    database::Cursor& query, const std::string& name, const core::Task& task,
    std::uint64_t rows_max = query_rows_max);

}  // namespace tristrata::sources
