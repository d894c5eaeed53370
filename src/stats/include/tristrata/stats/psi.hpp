#pragma once

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace tristrata::stats {

/// Population stability index Σ (q - p) ln(q / p) over the same bins, p and q being shares with half a count
/// added to every bin, so that an empty bin has an answer.
///
/// Returns   Undefined::empty_sample where a side has no count. Symmetric, >= 0. Pure.
/// Example   {9.5, 9.5} and {4.5, 14.5} after the half: counts {9, 9} against {4, 14} give 0.308
/// (tests/psi_test.cpp).
[[nodiscard]] Statistic psi(std::span<const std::uint64_t> reference,
                            std::span<const std::uint64_t> current) noexcept;

/// The mean of PSI without drift, to first order: (bins - 1) (1/n + 1/m), n and m being effective counts
/// (rows divided by τ).
[[nodiscard]] double psi_null_mean(std::size_t bins, double n, double m) noexcept;

/// What PSI is without drift, drawn: both sides anew from their pooled counts, n and m (effective) counts
/// large.
struct PsiNull {
    double mean = 0.0;
    double low = 0.0;   ///< The quantile alpha / 2 of the draws ...
    double high = 0.0;  ///< ... and that of 1 - alpha / 2.
};
/// For tables with few counts a bin, where psi_null_mean is far too large: 5,000 labels in 2,000 rows.
///
/// Returns   Absent where a side has less than one effective count. `draws` at least 20. Cost: O(bins) a
/// draw.
[[nodiscard]] std::optional<PsiNull> psi_drawn_null(std::span<const std::uint64_t> reference,
                                                    std::span<const std::uint64_t> current, double n,
                                                    double m, double alpha, std::size_t draws, Random random);

/// An interval of the PSI of the populations at level 1 - alpha: PSI / (1/n + 1/m) is about noncentral
/// chi-square with bins - 1 degrees, whose noncentrality is found at either tail. Absent below two bins.
[[nodiscard]] std::optional<Interval> psi_interval(double psi, std::size_t bins, double n, double m,
                                                   double alpha);

}  // namespace tristrata::stats
