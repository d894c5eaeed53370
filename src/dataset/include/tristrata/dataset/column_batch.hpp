#pragma once

#include "tristrata/dataset/column.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tristrata::dataset {

/// Columns in memory as one batch, the inverse of ColumnBuilder: numbers are doubles, times microseconds UTC,
/// text a dictionary, booleans bits, and what has no value Arrow's null. All have the same rows; `names`
/// stand in their order.
[[nodiscard]] Batch batch_of(std::vector<std::string> names, std::vector<Column> columns);

/// The same as a table of one batch. Its schema is of these very values: whole numbers are signed or not as
/// they need.
struct WholeTable {
    Batch schema;
    Batch batch;
};
[[nodiscard]] WholeTable table_of(std::vector<std::string> names, std::vector<Column> columns);

/// A stream of this one batch.
[[nodiscard]] std::unique_ptr<BatchStream> single_batch(Batch batch);

}  // namespace tristrata::dataset
