#pragma once

#include "evidence.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// Counts of both samples over their pooled distinct values.
struct PairedCounts {
    std::vector<std::uint64_t> reference;
    std::vector<std::uint64_t> current;
};

/// The counts where there are fewer than 100 distinct values and one of them stands twice at least, else
/// nothing: a p that knows of no ties is far too large there.
[[nodiscard]] std::optional<PairedCounts> paired_counts(std::span<const double> a, std::span<const double> b);

/// The test that the plan chooses for this column: its own, else its kind's; nothing where the default
/// stands.
[[nodiscard]] std::optional<std::string_view> chosen_test(const Plan& plan,
                                                          const drift::ColumnReport& column);

/// What rows in order of time are worth to a test.
struct RowsWorth {
    stats::Dependence dependence;
    double mean_ratio = 1.0;  ///< τ of the statistic's mean over that of its deviation: of cramer_von_mises.
};

/// The test's own, for what it looks at (welch the values' mean, mann_whitney the ranks', the others the
/// means of their parts) repeats itself for another time than the deciles' indicators do; theirs where that
/// is not known. `ordered` is the reference in order of time, `window` current's length.
[[nodiscard]] RowsWorth rows_worth(std::string_view test, std::span<const double> ordered, std::size_t window,
                                   const stats::Dependence& of_deciles);

/// A chosen test of numbers under the null in force: a row of the table that has a p, but not ks or two_part.
/// With `worth` the statistic is taken at n/tau and m/tau, and p averaged over tau's uncertainty.
[[nodiscard]] stats::TestOutcome number_test(std::string_view test, const stats::SortedSample& reference,
                                             const stats::SortedSample& current, const Setting& setting,
                                             const std::optional<RowsWorth>& worth,
                                             std::uint64_t column_index);

/// The same of counts over the same labels: g, or z_proportions of the label that is most frequent in both
/// sides together against all others.
[[nodiscard]] stats::TestOutcome label_test(std::string_view test, std::span<const std::uint64_t> reference,
                                            std::span<const std::uint64_t> current, const Setting& setting,
                                            const std::optional<stats::Dependence>& dependence,
                                            std::uint64_t column_index);

/// Writes a test's outcome into the evidence: its p and its row of the report, or why there is none.
void record_test(Evidence& evidence, std::string_view method, const stats::TestOutcome& outcome,
                 const Setting& setting);

}  // namespace tristrata::detection
