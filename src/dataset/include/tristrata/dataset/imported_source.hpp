#pragma once

#include "tristrata/dataset/source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tristrata::dataset {

/// A table that somebody else holds in memory, as batches of the Arrow C interface. Nothing is copied: what
/// is read points into the batches, which are held until the source and all that was read of it are gone.
///
/// Digest    Over the columns' names, types and values as Arrow carries them, batch by batch: the same values
///           cut otherwise, or other bytes under what is missing, are another digest.
/// Threads   open() by any number at once. Batches are released by whichever thread lets go of them last.
class ImportedSource final : public Source {
public:
    /// `schema` is of a struct, `batches` hold arrays of it; both are owned from here on. Columns named in
    /// `left_out` are not there.
    ///
    /// Errors    invalid_input: no struct (so no table), a repeated name, a row that is missing as a whole.
    [[nodiscard]] static core::Result<std::unique_ptr<ImportedSource>> of(
        Batch schema, std::vector<Batch> batches, std::string name,
        const std::vector<std::string>& left_out = {});

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] const Schema& schema() const noexcept override { return schema_; }
    [[nodiscard]] Access access() const noexcept override { return Access::by_column; }
    [[nodiscard]] core::Result<std::string> digest(const core::Task& task) override;
    [[nodiscard]] std::optional<std::uint64_t> rows() const noexcept override { return rows_; }
    [[nodiscard]] core::Result<std::unique_ptr<BatchStream>> open(std::span<const std::size_t> fields,
                                                                  const core::Task& task) override;

private:
    struct Table;
    ImportedSource(std::shared_ptr<const Table> table, std::string name);

    std::shared_ptr<const Table> table_;
    std::string name_;
    Schema schema_;
    std::vector<std::size_t> children_;  ///< Of the struct, a field each.
    std::uint64_t rows_ = 0;
};

}  // namespace tristrata::dataset
