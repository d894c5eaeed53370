#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tristrata::stats {

/// Sorts ascending; -0.0 becomes 0.0, so that equal values have equal bits. No NaN may be among them.
///
/// Cost      Large inputs into equal cells over where most of them lie, then in place: about 7 ns a value;
/// where
///           many share a cell (nine of ten are zero, or they span many orders of magnitude) by a radix sort
///           of their bits, 10 to 20 ns; `scratch` of the same size. Small ones by std::sort.
void sort_values(std::vector<double>& values, std::vector<double>& scratch);

/// The value at share q in [0, 1] of ascending values, interpolated between neighbours (type 7 of Hyndman and
/// Fan, as numpy and R have it). There must be at least one.
[[nodiscard]] double sorted_quantile(std::span<const double> sorted, double q) noexcept;

/// A column's finite values in ascending order. Sorting happens once, here; a function that takes a
/// SortedSample cannot be called with unsorted data or NaN.
class SortedSample {
public:
    SortedSample() = default;
    /// Non-finite values are left out.
    explicit SortedSample(std::span<const double> values);
    explicit SortedSample(std::vector<double>&& values);

    /// Takes values that are finite and ascending already; anything else is a broken promise (asserted).
    [[nodiscard]] static SortedSample from_sorted(std::vector<double> values);

    [[nodiscard]] std::span<const double> values() const noexcept { return values_; }
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    [[nodiscard]] double quantile(double q) const noexcept { return sorted_quantile(values_, q); }
    [[nodiscard]] double median() const noexcept { return quantile(0.5); }
    /// quantile(.75) - quantile(.25).
    [[nodiscard]] double iqr() const noexcept { return quantile(0.75) - quantile(0.25); }
    /// quantile(.95) - quantile(.05).
    [[nodiscard]] double middle() const noexcept { return quantile(0.95) - quantile(0.05); }

private:
    std::vector<double> values_;
};

}  // namespace tristrata::stats
