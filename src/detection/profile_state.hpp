#pragma once

#include "profile_format.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/stats/dependence.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tristrata::detection {

/// How the second of two profiles was made otherwise than the first, as a sentence about "it" and the first
/// as it is `called`; empty where it was not.
[[nodiscard]] std::string made_otherwise(const Profile::Contents& one, const Profile::Contents& other,
                                         std::string_view called);

/// A column as it is kept in a profile: labels of a sensitive one hashed, of a key only which rows miss it.
/// Both change values, and a number that is a sensitive category becomes text.
[[nodiscard]] dataset::Column guarded(dataset::Column column, const ColumnPlan& plan,
                                      const config::SensitivePatterns& patterns);

/// Every value, in the order of the rows.
[[nodiscard]] Block exact_block(const dataset::Column& column);

/// The column of an exact block; invalid_input where its bytes fit no column of that type.
[[nodiscard]] core::Result<dataset::Column> read_exact(const Block& block, const dataset::Field& field,
                                                       const std::string& name);

/// Numbers counted on edges, over all windows of a profile or one.
struct NumberCounts {
    std::uint64_t rows = 0;
    std::uint64_t missing = 0;
    std::uint64_t infinite = 0;
    std::uint64_t finite = 0;
    std::uint64_t distinct = 0;  ///< At least: the largest of the windows'.
    double minimum = 0.0;
    double maximum = 0.0;
    double mean = 0.0;
    double squares = 0.0;  ///< Sum of squared deviations from the mean.
    stats::Dependence dependence;
    bool ordered = false;  ///< Whether the dependence was measured.
    std::vector<double> edges;
    std::vector<std::uint64_t> counts;  ///< One more than the edges; bin i holds (edge i-1, edge i].
};

/// Labels with their counts, over all windows of a profile or one.
struct LabelCounts {
    std::uint64_t rows = 0;
    std::uint64_t missing = 0;
    std::uint64_t distinct = 0;
    std::uint64_t rest = 0;  ///< Rows whose label is not counted one by one.
    stats::Dependence dependence;
    bool ordered = false;
    std::map<std::string, std::uint64_t, std::less<>> counts;
};

/// The edges that a column of these finite values, ascending, is counted on: a thousand of equal mass, and
/// one just below each value that holds a hundredth of the rows, so that its own share is exact.
[[nodiscard]] std::vector<double> stored_edges(std::span<const double> sorted);

/// The sketch of a column; numbers need `edges`. `ordered`: the rows are in order of time.
[[nodiscard]] Block sketch_block(const dataset::Column& column, std::span<const double> edges,
                                 std::size_t labels, bool ordered);

/// Counts as they are kept; beyond `labels` of them, by frequency, labels are one sum.
[[nodiscard]] Block counts_block(const NumberCounts& counts);
[[nodiscard]] Block counts_block(const LabelCounts& counts, std::size_t labels);

/// The one value that a bin can hold, where it is one: its ends are neighbours among the doubles.
[[nodiscard]] std::optional<double> only_value(const NumberCounts& counts, std::size_t bin);

/// The counts of a column over all windows, exact ones counted on the edges.
[[nodiscard]] core::Result<NumberCounts> number_counts(const Profile& profile, std::size_t field);
[[nodiscard]] core::Result<LabelCounts> label_counts(const Profile& profile, std::size_t field);

/// What is known of a column that is kept as counts; the first where every value is there, or nothing of it.
struct TimeCounts {};
using SavedCounts = std::variant<std::monostate, NumberCounts, LabelCounts, TimeCounts>;
/// Of a column of a saved reference; nothing without one.
[[nodiscard]] core::Result<SavedCounts> saved_counts(const Profile* saved, std::size_t field);

/// Rows, missing and infinite ones of a column, whatever is kept of it: a Column without values.
[[nodiscard]] core::Result<dataset::Column> column_without_rows(const Profile& profile, std::size_t field);

/// The profile as a check reads it: what is kept as counts comes without values.
[[nodiscard]] std::unique_ptr<dataset::Source> open_for_check(const Profile& profile);

/// All windows of a column that is kept value by value, one after another.
[[nodiscard]] core::Result<dataset::Column> whole_column(const Profile& profile, std::size_t field);

}  // namespace tristrata::detection
