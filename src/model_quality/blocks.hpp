#pragma once

#include "tristrata/boosting/trees.hpp"
#include "tristrata/model_quality/estimate.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace tristrata::model_quality {

/// The reference is cut into stretches of its rows, in order, so that what changes with time shows.
inline constexpr std::size_t folds = 5;
inline constexpr std::size_t error_blocks = 10;  ///< Two a fold: the estimator's own error is read off them.
inline constexpr std::size_t reference_rows_min = 100;
inline constexpr double normal_975 = 1.959963984540054;  ///< Half a 95 % band in standard errors.

/// Rows [begin, end) of part `index` out of `parts`.
[[nodiscard]] constexpr std::pair<std::size_t, std::size_t> stretch(std::size_t rows, std::size_t index,
                                                                    std::size_t parts) noexcept {
    return {rows * index / parts, rows * (index + 1) / parts};
}

/// Rows by row of a matrix, with `more` numbers a row behind them.
[[nodiscard]] std::vector<double> beside(const boosting::Matrix& features, std::span<const double> more,
                                         std::size_t more_columns);

/// The rows of a table of `columns` numbers a row that lie outside [begin, end).
[[nodiscard]] std::vector<double> without(std::span<const double> table, std::size_t columns,
                                          std::size_t begin, std::size_t end);

/// Index of the least mean error; with `standard_errors` 1, of the first candidate whose mean stands at most
/// that many standard errors (of the paired differences over folds) above it. errors[candidate][fold].
[[nodiscard]] std::size_t choose(const std::vector<std::vector<double>>& errors, double standard_errors);

/// The estimator's variance beyond chance: mean over blocks of (estimated - realised)^2 - sampling variance,
/// or 0.
struct BlockError {
    double excess = 0.0;
    std::size_t blocks = 0;
    void add(double estimated, double realised, double sampling_variance) noexcept {
        excess += (estimated - realised) * (estimated - realised) - sampling_variance;
        ++blocks;
    }
    [[nodiscard]] double variance() const noexcept {
        return blocks == 0 ? 0.0 : std::max(excess / static_cast<double>(blocks), 0.0);
    }
};

/// Fills in the band about estimate.estimated (see Estimate).
void set_band(Estimate& estimate, double sampling_error, double block_variance, std::optional<double> simpler,
              std::optional<double> reference);

}  // namespace tristrata::model_quality
