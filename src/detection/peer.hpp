#pragma once

#include "evidence.hpp"
#include "tristrata/detection/method.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// One number, or why the peer has none. NaN is an answer of some peers (it never drifts): neither a score
/// nor a failure.
struct PeerScore {
    std::optional<double> score;
    std::string failure;  ///< A sentence without its full stop; empty where there is none.
    bool ends = true;     ///< Of a failure: the peer ends its report there.

    [[nodiscard]] static PeerScore of(double value) {
        return {std::isnan(value) ? std::nullopt : std::optional(value), "", true};
    }
    [[nodiscard]] static PeerScore none(std::string why) { return {std::nullopt, std::move(why), true}; }
    /// The peer has an answer, which is not one that can be given here.
    [[nodiscard]] static PeerScore unsettled(std::string why) {
        return {std::nullopt, std::move(why), false};
    }
};

/// What the peer's rule says of batches of current's size that are drawn from the reference itself.
struct DrawnBatches {
    std::size_t draws = 0;  ///< 0: not drawn.
    std::size_t flagged = 0;
    std::size_t rows = 0;
};

/// What a peer says of one column.
struct PeerFindings {
    std::vector<drift::PeerTest> tests;
    std::string obstacle;  ///< Why it does not test the column, as a sentence; empty where it does.
    bool text = false;     ///< Evidently tests it as text, which is not done here, and counts it.
    bool counted =
        false;           ///< The profile keeps it as counts, which no peer's test reads; Evidently counts it.
    DrawnBatches drawn;  ///< Where the plan asks why we differ; and so
    double middle = 0.0;  ///< the width of the middle 90 % of the reference, of a numeric column.
    /// Both sides of a numeric column, where ours has nothing to say beside it.
    std::optional<PreparedColumn> sorted;
};

/// Evidently's test of one column: its kinds, its choice of a test, its thresholds (docs/compatibility.md).
[[nodiscard]] PeerFindings find_by_evidently(const dataset::Field& field, const dataset::Column& reference,
                                             const dataset::Column& current, const Setting& setting,
                                             std::uint64_t column_index);

/// NannyML's: each method over current's chunks, thresholds from the reference's.
[[nodiscard]] PeerFindings find_by_nannyml(const dataset::Field& field, const dataset::Column& reference,
                                           const dataset::Column& current, const Setting& setting,
                                           std::uint64_t column_index);

/// By the plan's engine, which is not ours.
[[nodiscard]] PeerFindings find_by_peer(const dataset::Field& field, const dataset::Column& reference,
                                        const dataset::Column& current, const Setting& setting,
                                        std::uint64_t column_index);

/// NannyML's chunks of both sides, once for all columns where the rows have times: they are needed nowhere
/// else.
[[nodiscard]] core::Status prepare_for_peer(Setting& setting,
                                            const std::vector<std::int64_t>& reference_times,
                                            const std::vector<std::int64_t>& current_times);

/// Lets the peer's rules give the verdicts. What was ours (test, effect, measures, signals) goes, or is told
/// in `difference` where the plan asks for it. `findings` stand in the order of the columns.
void judge_by_peer(drift::Report& report, std::vector<PeerFindings> findings, const Setting& setting);

}  // namespace tristrata::detection
