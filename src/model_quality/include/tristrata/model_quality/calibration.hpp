#pragma once

#include "tristrata/model_quality/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tristrata::model_quality {

/// Isotonic regression: the non-decreasing function of the score that is nearest to the truths in squares, by
/// pooling adjacent violators. Between two scores that were seen it is a straight line, outside it stays what
/// it is at the end.
///
/// Ties      Equal scores are one point with the mean of their truths.
/// Cost      O(n log n) to fit, O(log n) an answer.
/// Example   scores 1 2 3 4, truths 0 1 0 1: 0 at 1, .5 at 2 and 3, 1 at 4, .25 at 1.5
///           (tests/calibration_test.cpp, "worked example").
/// Source    Ayer et al. (1955), doi:10.1214/aoms/1177728423.
class Isotonic {
public:
    Isotonic() = default;
    /// Sizes are equal and not 0; all finite.
    Isotonic(std::span<const double> scores, std::span<const double> truths);
    [[nodiscard]] double operator()(double score) const noexcept;
    [[nodiscard]] std::size_t points() const noexcept { return scores_.size(); }

private:
    std::vector<double> scores_;
    std::vector<double> values_;
};

/// Rows [first, second) of each of `bins` bins of floor(n / bins) rows; the last takes what is left.
///
/// Example   10 rows in 3 bins: [0, 3), [3, 6), [6, 10), as NannyML cuts them.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> equal_count_bins(std::size_t rows,
                                                                                std::size_t bins);

/// Expected calibration error over `bins` bins of equal counts (see equal_count_bins), by ascending score:
/// sum over bins of n_b / n * |mean score - mean truth|.
///
/// Ties      Rows of one score may stand in two bins, in the order of the rows: neither mean changes much.
/// Returns   None for fewer than 2 rows a bin.
/// Example   scores .1 .1 .9 .9, truths 0 1 1 1, two bins: .5 * |.1 - .5| + .5 * |.9 - 1| = .25
///           (tests/calibration_test.cpp, "worked example of the error").
/// Source    Naeini, Cooper, Hauskrecht (2015), doi:10.1609/aaai.v29i1.9602.
[[nodiscard]] Measured calibration_error(std::span<const double> scores, std::span<const double> truths,
                                         std::size_t bins = 10);

/// Calibration held against chance: the error, its mean where every truth is drawn with its score as
/// probability, and the share of such draws whose error is at least as large, (1 + them) / (1 + draws).
struct CalibrationTest {
    double error = 0.0;
    double error_by_chance = 0.0;
    double p = 1.0;
};
/// Absent where calibration_error has no value. Truths are 0 or 1.
///
/// Exact     Under the null for any n: the draws stand for truths that came true by their scores. Where the
/// scores
///           were themselves learned from `learned_from` rows, each drawn error is widened by
///           sqrt(1 + n / learned_from), for what they learned is off by chance too; 0: they were not.
[[nodiscard]] std::optional<CalibrationTest> calibration_test(std::span<const double> scores,
                                                              std::span<const double> truths,
                                                              std::uint64_t seed, unsigned draws = 999,
                                                              std::size_t learned_from = 0,
                                                              std::size_t bins = 10);

}  // namespace tristrata::model_quality
