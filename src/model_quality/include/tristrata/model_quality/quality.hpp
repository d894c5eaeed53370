#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/dataset/chunk.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/drift/severity.hpp"
#include "tristrata/model_quality/estimate.hpp"
#include "tristrata/model_quality/metric.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::model_quality {

/// What the columns are, and what is asked of them (docs/model_quality.md).
struct QualityPlan {
    std::optional<Problem> problem;  ///< Absent: read off the columns.
    std::string y_true = "y_true";
    std::string y_pred = "y_pred";  ///< Empty: the model gives probabilities only.
    /// The column of the positive class's probability, or one CLASS=COLUMN a class; empty: none are given.
    std::vector<std::string> y_proba;
    std::string positive;  ///< Label of the positive class; empty: 1 or true.
    std::string key;       ///< Column by which labels are joined.
    std::string time;
    std::vector<std::string> features;  ///< For estimates; empty: every other column that tells what is
    ///< in the row and not which row it is (docs/model_quality.md).
    std::optional<dataset::Chunking> chunking;  ///< Absent: current is one chunk.
    double alpha = 0.05;
    std::uint64_t seed = 0;
    drift::SeverityPolicy severity = drift::SeverityPolicy::defaults();
    config::SensitivePatterns patterns;  ///< Labels like one of these are shown as hashes.
};

struct QualitySide {
    dataset::Source* source = nullptr;
    std::optional<core::TimeRange> window;
};

/// One metric of one chunk.
struct MetricRow {
    Metric metric = Metric::accuracy;
    Measured realised;
    std::optional<double> low;  ///< 95 % band of chance about the realised value.
    std::optional<double> high;
    std::optional<Estimate> estimate;  ///< `estimate` only.
    std::optional<double> gap;         ///< performance_gap of the realised, or else the estimated value.
    std::optional<double> p;           ///< Of no change from the reference.
    std::optional<double> p_adjusted;  ///< Over all chunks and metrics (Benjamini-Hochberg).
    drift::Verdict verdict = drift::Verdict::not_tested;
    std::optional<drift::Severity> severity;
    std::string reason;
};

struct CalibrationRow {
    std::optional<double> error;      ///< Expected calibration error of the scores.
    std::optional<double> by_chance;  ///< Its mean if the scores held.
    std::optional<double> p;          ///< That they hold.
    /// The same of the scores as the reference corrects them: what is left is change.
    std::optional<double> drift;
    std::optional<double> drift_p;
    std::optional<double> drift_p_adjusted;
    drift::Verdict verdict = drift::Verdict::not_tested;
    std::optional<drift::Severity> severity;
    std::string reason;
};

struct QualityChunk {
    std::string key;
    std::uint64_t rows = 0;
    std::uint64_t labelled = 0;
    std::optional<core::Timestamp> from, to;
    std::vector<MetricRow> metrics;
    std::vector<double> confusion;  ///< Classes squared, by (truth, predicted); labelled rows.
    std::optional<CalibrationRow> calibration;
};

struct ReferenceMetric {
    Metric metric = Metric::accuracy;
    Measured value;
    std::optional<double> sampling_error;
};

struct QualityReport {
    core::Uuid report_id;
    core::Timestamp created_at;
    bool estimated = false;  ///< By `estimate`, not `check`.
    Problem problem = Problem::binary;
    std::vector<std::string> classes;
    drift::Side reference, current;
    double alpha = 0.05;
    std::vector<ReferenceMetric> reference_metrics;
    std::optional<double> reference_calibration_error;
    std::string estimator;  ///< What was chosen, by which figures.
    std::vector<QualityChunk> chunks;
    /// Prediction, target and confidence of current as a whole against the reference; absent where there was
    /// nothing to compare.
    std::optional<drift::Report> columns;
    std::optional<drift::Severity> severity;
    std::uint64_t tested = 0, drifted = 0;
    std::vector<std::string> notes;
};

inline constexpr std::string_view quality_schema = "tristrata.quality_report/1";

/// Severity of a metric that became worse by `gap` beyond chance, by the policy's row performance_gap: crit
/// also needs `nearer`, the end of the gap's interval that is nearest to none, to reach warn (absent: no
/// crit). Otherwise info.
[[nodiscard]] drift::Severity severity_of_gap(const drift::SeverityPolicy& policy, double gap,
                                              std::optional<double> nearer);

/// Realised metrics of current's chunks beside the reference's, with bands, verdicts and severities.
///
/// Labels    Stand in current, or in `labels` (key and y_true), joined by key; what does not join is counted
/// and
///           said. Rows without a label are left out of the metrics, rows without a prediction or probability
///           of everything.
/// Verdict   drift where the p of no change, corrected over all chunks and metrics, is at most alpha and the
///           metric is worse; its severity is that of the gap. insufficient_data below 30 labelled rows.
/// Errors    usage: a column that is not there, windows; invalid_input: probabilities that are none, unknown
///           classes, repeated keys, no label that joins; what the sources return.
[[nodiscard]] core::Result<QualityReport> check(const QualitySide& reference, const QualitySide& current,
                                                dataset::Source* labels, const QualityPlan& plan,
                                                core::Timestamp created_at, const core::Task& task);

/// The same without needing current's labels: CBPE for a classifier with probabilities, DLE for a regression,
/// with what came true beside it where labels are known.
///
/// Verdict   drift where the reference's value lies outside the estimate's deviation by the corrected p.
[[nodiscard]] core::Result<QualityReport> estimate(const QualitySide& reference, const QualitySide& current,
                                                   dataset::Source* labels, const QualityPlan& plan,
                                                   core::Timestamp created_at, const core::Task& task);

/// docs/formats/quality_report.md.
[[nodiscard]] std::string to_json(const QualityReport& report);
/// What to_json wrote. An estimate without a value has no reason there, nor one that was not realised; their
/// row has. invalid_input names what is wrong and where; another schema version is an error of kind conflict.
[[nodiscard]] core::Result<QualityReport> parse_quality(std::string_view json);

/// One finding as an event: a metric of a chunk, or its calibration.
struct Finding {
    std::string metric;  ///< "roc_auc [0:99]".
    drift::DriftType type = drift::DriftType::business_kpi_drift;
    std::optional<double> reference, current, significance;
    drift::Severity severity = drift::Severity::info;
    std::string payload;
    core::Uuid id;  ///< uuid5 of report, module and metric: the same finding twice is one event.
};
[[nodiscard]] std::vector<Finding> findings(const QualityReport& report, std::string_view module,
                                            std::string_view run_id);

}  // namespace tristrata::model_quality
