#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tristrata::stats {

/// Counts over bins with open ends: edges e1 < ... < ek make k + 1 bins (-inf, e1], (e1, e2], ..., (ek, inf).
/// A value on an edge belongs to the bin below it; no NaN may be among the values. Mergeable: histograms on
/// the same edges add.
struct Histogram {
    explicit Histogram(std::vector<double> interior_edges)
        : edges(std::move(interior_edges)), counts(edges.size() + 1, 0) {}

    void update(std::span<const double> values);
    /// The same for values in ascending order: O(bins log n).
    void update_sorted(std::span<const double> values);
    void merge(const Histogram& other);
    [[nodiscard]] std::uint64_t total() const noexcept;

    std::vector<double> edges;
    std::vector<std::uint64_t> counts;
};

/// Interior edges at the values of rank ceil(i n / bins), i = 1 ... bins - 1, repeated ones once, the largest
/// value never (its bin would be empty): about equal mass a bin where values are distinct. Empty for a
/// constant.
[[nodiscard]] std::vector<double> equal_mass_edges(std::span<const double> sorted, std::size_t bins);

/// The same where a value that holds a bins-th of the sample or more has a bin of its own: an edge just below
/// it and one at it, the smallest and the largest value included. Values that leave it, to either side, so
/// leave its bin; the bins beyond may be empty.
[[nodiscard]] std::vector<double> mass_point_edges(std::span<const double> sorted, std::size_t bins);

/// Edges of equal width for a picture of both samples, outer ones included: from the .5 % to the 99.5 % point
/// of either, whichever lies further out, so that one wild value does not flatten it. Fewer than two edges
/// where both are empty; a constant gets one bin around it.
[[nodiscard]] std::vector<double> plot_edges(std::span<const double> reference,
                                             std::span<const double> current, std::size_t bins);

}  // namespace tristrata::stats
