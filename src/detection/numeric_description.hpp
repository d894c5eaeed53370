#pragma once

#include "tristrata/drift/report.hpp"
#include "tristrata/stats/histogram.hpp"
#include "tristrata/stats/sample.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace tristrata::detection {

/// PSI's ½-count convention over the same bins, and its excess over what undrifted data would show.
struct Stability {
    std::optional<double> psi;
    std::optional<double> excess;
    std::optional<double> low;
    std::optional<double> high;
};
[[nodiscard]] Stability stability_of(const stats::Histogram& reference, const stats::Histogram& current,
                                     double null_mean, double n_effective, double m_effective, double alpha);

/// "the median fell from 105,382 to 12,178 trades (-88 %)"; empty where a side has no median.
[[nodiscard]] std::string moved_sentence(const drift::ColumnReport& report);

/// Median, mean, standard deviation and ends of a sorted sample.
void describe_side(drift::ColumnSide& side, const stats::SortedSample& sample, std::size_t distinct);

}  // namespace tristrata::detection
