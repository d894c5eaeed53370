#pragma once

#include "tristrata/dataset/derived.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/stats/histogram.hpp"
#include "tristrata/stats/sample.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// PSI's ½-count convention over the same bins, and its excess over what undrifted data would show.
struct Stability {
    std::optional<double> psi;
    std::optional<double> excess;
    std::optional<double> low;
    std::optional<double> high;
};
/// n and m are what the sides are worth; the interval takes them for as much less as `null_mean` is larger
/// than PSI's first-order mean at them, so that it holds max(0, excess) under every null.
[[nodiscard]] Stability stability_of(const stats::Histogram& reference, const stats::Histogram& current,
                                     double null_mean, double n_effective, double m_effective, double alpha);

/// "the median fell from 105,382 to 12,178 trades (-88 %)"; empty where a side has no median. Without a
/// percentage where it rounds to 0, or the reference's median is nearer to 0 than a tenth of its sd. Of a
/// column that is made by a logarithm it is that of what the logarithm is of ("(trades -69 %)"), and of one
/// by its change there is none: a percentage of a logarithm hangs on the unit.
[[nodiscard]] std::string moved_sentence(const drift::ColumnReport& report,
                                         const std::vector<dataset::Derived>& derived);

/// Median, mean, standard deviation and ends of a sorted sample.
void describe_side(drift::ColumnSide& side, const stats::SortedSample& sample, std::size_t distinct);

}  // namespace tristrata::detection
