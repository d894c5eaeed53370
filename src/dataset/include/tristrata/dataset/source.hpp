#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/arrow_c.hpp"
#include "tristrata/dataset/schema.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::dataset {

/// A struct array of the Arrow C interface with its schema, owned: released when it goes. Children stand in
/// the order of the projection. `first_row` is the 1-based number of its first row in the source, header not
/// counted, for messages.
class Batch {
public:
    Batch(ArrowSchema schema, ArrowArray array, std::uint64_t first_row) noexcept;
    ~Batch();
    Batch(Batch&& other) noexcept;
    Batch& operator=(Batch&& other) noexcept;
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    [[nodiscard]] std::int64_t rows() const noexcept { return array_.length; }
    [[nodiscard]] std::size_t columns() const noexcept { return static_cast<std::size_t>(array_.n_children); }
    [[nodiscard]] std::uint64_t first_row() const noexcept { return first_row_; }
    [[nodiscard]] const ArrowArray& array() const noexcept { return array_; }
    [[nodiscard]] const ArrowSchema& schema() const noexcept { return schema_; }

private:
    ArrowSchema schema_;
    ArrowArray array_;
    std::uint64_t first_row_;
};

/// Batches one after another. Not for two threads at once.
class BatchStream {
public:
    virtual ~BatchStream() = default;
    /// The next batch, nothing at the end, or an error that names file, row, column, what was expected.
    [[nodiscard]] virtual core::Result<std::optional<Batch>> next() = 0;
};

struct Column;

/// How a source may be read.
enum class Access : std::uint8_t {
    by_column,  ///< Opening one column costs about one column: Parquet, IPC, memory.
    by_pass,    ///< Can be opened again, but every pass reads all of it: CSV.
    once,       ///< A pipe or a cursor: one pass.
};

/// A table somewhere, read as a stream of Arrow C batches.
///
/// Threads   open() may be called from several threads at once where access() is by_column.
class Source {
public:
    virtual ~Source() = default;
    /// As it is shown: the path, or "folder (3 files)".
    [[nodiscard]] virtual const std::string& name() const noexcept = 0;
    [[nodiscard]] virtual const Schema& schema() const noexcept = 0;
    [[nodiscard]] virtual Access access() const noexcept = 0;
    /// SHA-256 of the bytes, hexadecimal: what makes a report's id the same for the same input. Reads all
    /// bytes at the first call.
    [[nodiscard]] virtual core::Result<std::string> digest(const core::Task& task) = 0;
    /// Rows, where the source knows without reading (Parquet, IPC).
    [[nodiscard]] virtual std::optional<std::uint64_t> rows() const noexcept = 0;
    /// A guess at the rows, for setting memory aside; 0 where there is none.
    [[nodiscard]] virtual std::uint64_t rows_expected() const noexcept { return rows().value_or(0); }
    /// Opens a pass over the named fields (indices into schema()), in that order.
    [[nodiscard]] virtual core::Result<std::unique_ptr<BatchStream>> open(std::span<const std::size_t> fields,
                                                                          const core::Task& task) = 0;
    /// The named columns whole, in that order, where the source keeps them so (a saved profile): no batch is
    /// made. Nothing where they are read as a stream.
    [[nodiscard]] virtual core::Result<std::optional<std::vector<Column>>> whole_columns(
        std::span<const std::size_t> fields, const core::Task& task);
};

}  // namespace tristrata::dataset
