#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/drift/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::drift {

/// The four JSON shapes in which Evidently's reports exist, and one that is none of them.
enum class EvidentlyShape : std::uint8_t {
    metric_name,  ///< 0.7.16 and later: metrics[].metric_name and .config.
    metric_id,    ///< 0.7.0 to 0.7.15: metrics[].metric_id, method and threshold in a test's sentence.
    snapshot,     ///< 0.7 saved whole: metric_results and top_level_metrics.
    legacy,       ///< 0.4 to 0.6: metrics[].metric and .result, or a test suite.
    unknown,      ///< JSON that is none of these: kept whole; what is no object as {"report": …}.
};
[[nodiscard]] std::string_view name(EvidentlyShape shape) noexcept;

/// One column of such a report, in the tool's own figures.
struct EvidentlyColumn {
    std::string name;
    std::string group;   ///< "label of column" where the metric was grouped; else empty.
    std::string method;  ///< The registered name, such as "wasserstein"; empty where the report hides it.
    std::string method_as_shown;  ///< As the report spells it; may be empty.
    std::optional<double> score;  ///< A p-value or a distance; may be infinite; absent for NaN.
    std::optional<double> threshold;
    std::optional<bool> drifted;  ///< By the tool's own test, else by its rule; absent where neither tells.
    std::string element;          ///< The piece of the report that says so, as JSON.
};

struct EvidentlyReport {
    EvidentlyShape shape = EvidentlyShape::unknown;
    std::optional<core::Timestamp> created_at;  ///< Only a snapshot and a legacy report carry one.
    std::vector<EvidentlyColumn> columns;
    std::optional<double> share_drifted;
    std::optional<double>
        share_allowed;               ///< The tool's drift_share: from it on the table as a whole drifted.
    std::string document;            ///< The whole report as strict JSON, figures left out.
    core::Uuid content_id;           ///< uuid5 of the bytes as they came.
    std::vector<std::string> notes;  ///< What was read otherwise than it stands: NaN, no zone, figures.
};

/// Reads a report of Evidently in any of its shapes. Bare NaN, which Evidently writes, is read as no value;
/// bare Infinity is kept, in the document as the word. Where a metric names its method and no threshold, the
/// method's own holds. JSON of no known shape is kept whole; a note says so.
///
/// Errors    invalid_input where the text is no JSON object.
[[nodiscard]] core::Result<EvidentlyReport> parse_evidently(std::string_view text);

/// The rows of such a report: one per drifted column (metric METHOD_column, drift_score_column where the
/// method is not known; current_value the score, significance the p where the score is one, payload the
/// figures and the tool's own element), one info row for each column whose verdict the report hides, and one
/// info row share_drifted with the whole report. Severity: PSI by the policy; else warn where the tool's own
/// rule says that the table drifted, info otherwise. `created_at` stands where the report carries no time.
/// A score that is infinite stands in the payload alone. Several scores of one column are a row each: the
/// second of one method goes by its threshold, and by its place where that is the same. Pushing the same
/// bytes for the same module and run is one set of rows.
[[nodiscard]] Push push_of(const EvidentlyReport& report, std::string_view module,
                           const std::optional<std::string>& run_id, core::Timestamp created_at,
                           std::optional<DriftType> drift_type = std::nullopt);

/// Appends them as one record.
[[nodiscard]] core::Result<sink::Acknowledgement> push_drift_report(
    sink::Sink& sink, const EvidentlyReport& report, std::string_view module,
    const std::optional<std::string>& run_id, core::Timestamp created_at,
    std::optional<DriftType> drift_type = std::nullopt, std::string_view caller_module = {});

}  // namespace tristrata::drift
