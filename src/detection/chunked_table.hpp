#pragma once

#include "loading.hpp"
#include "rolling_windows.hpp"
#include "tristrata/dataset/chunk.hpp"
#include "tristrata/detection/backtest.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// The columns of a plan in order of time, cut into chunks.
class ChunkedTable {
public:
    [[nodiscard]] static core::Result<ChunkedTable> read(dataset::Source& source, const Plan& plan,
                                                         const dataset::Chunking& chunking,
                                                         std::vector<std::string>& notes,
                                                         const core::Task& task);

    [[nodiscard]] std::size_t chunks() const noexcept { return cut_.chunks.size(); }
    [[nodiscard]] const dataset::Chunk& chunk(std::size_t i) const { return cut_.chunks[i]; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_.size(); }
    [[nodiscard]] const dataset::Field& field(std::size_t column) const { return fields_[column]; }
    [[nodiscard]] std::uint64_t dropped_rows() const noexcept { return cut_.dropped_rows; }
    [[nodiscard]] const OrderedSide& side() const noexcept { return side_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] int season_class(std::size_t chunk) const { return classes_[chunk]; }
    /// Why a chunk is shorter than the others, as a sentence; empty where it is not.
    [[nodiscard]] const std::string& shortness(std::size_t chunk) const { return short_[chunk]; }

    /// The rows of chunks [first, last] of a column, in order.
    [[nodiscard]] dataset::Column rows_of(std::size_t column, std::size_t first, std::size_t last) const;
    /// The same rows as a side of a check.
    [[nodiscard]] OrderedSide side_of(std::size_t first, std::size_t last) const;
    /// Sorted chunks of a numeric column; null elsewhere.
    [[nodiscard]] const SortedChunks* sorted(std::size_t column) const { return sorted_[column].get(); }
    /// SHA-256 of a chunk's name, bounds, times and values.
    [[nodiscard]] std::string digest(std::size_t chunk) const;

private:
    void classify(const dataset::Chunking& chunking, Season season);
    [[nodiscard]] std::string why_short(std::size_t chunk, const dataset::Chunking& chunking) const;

    OrderedSide side_;
    std::size_t rows_ = 0;
    dataset::Chunks cut_;
    std::vector<dataset::Field> fields_;
    std::vector<dataset::Column> columns_;
    std::vector<int> classes_;
    std::vector<std::string> short_;
    std::vector<std::unique_ptr<SortedChunks>> sorted_;
};

}  // namespace tristrata::detection
