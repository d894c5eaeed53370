#pragma once

#include "evidence.hpp"
#include "tristrata/stats/sample.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace tristrata::detection {

/// One numeric column cut into chunks, each one's finite values ascending: sorted once, whatever is then
/// asked.
class SortedChunks {
public:
    /// Rows [first[i], first[i + 1]) of `values` are chunk i; `classes` are the chunks' season classes.
    SortedChunks(std::span<const double> values, std::span<const std::size_t> first,
                 std::vector<int> classes);
    [[nodiscard]] const std::vector<double>& operator[](std::size_t chunk) const { return sorted_[chunk]; }
    [[nodiscard]] int season_class(std::size_t chunk) const { return classes_[chunk]; }
    [[nodiscard]] std::size_t size() const noexcept { return sorted_.size(); }

private:
    std::vector<std::vector<double>> sorted_;
    std::vector<int> classes_;
};

/// The chunks of one column measured against moving references: what window_measures() answers for
/// each reference and current anew, here with the pool of each season class changed by what came and what
/// went.
///
/// Cost      A move costs one walk over the pools whose members changed.
/// Threads   One at a time. The chunks must outlive it.
class RollingWindows {
public:
    explicit RollingWindows(const SortedChunks& chunks);

    /// What is known of `current` against the chunks `reference`, in their order: as window_measures() has
    /// it, with both sides sorted.
    [[nodiscard]] PreparedColumn move_to(std::span<const std::size_t> reference, std::size_t current);
    /// The measures alone.
    [[nodiscard]] std::vector<WindowMeasure> measures_of(std::span<const std::size_t> reference,
                                                         std::size_t current);

private:
    struct Entry {
        double value;
        std::uint32_t chunk;
    };
    struct Pool {
        std::vector<Entry> entries;       ///< Ascending by value.
        std::vector<std::uint32_t> came;  ///< Chunks to be merged in.
        bool changed = false;
        bool lost = false;  ///< Chunks are to be taken out.
    };
    void renew(Pool& pool);
    void measure(const Pool& pool, int season_class);

    const SortedChunks* chunks_;
    std::map<int, Pool> pools_;
    std::vector<bool> member_;  ///< Of the pool of its class.
    std::vector<WindowMeasure> measures_;
    std::vector<std::uint32_t> seen_;  ///< Of each chunk's values, while a pool is walked through.
    std::vector<double> distance_;
    std::vector<std::size_t> run_;  ///< The run of equal values in which a chunk was last seen.
};

}  // namespace tristrata::detection
