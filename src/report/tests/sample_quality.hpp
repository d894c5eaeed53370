#pragma once

#include "sample_report.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <string>

namespace tristrata::report {

/// `chunks` chunks of two metrics, the second half of them worse; the last has too few labels. With
/// `estimated`, estimates stand beside what came true, and the last chunk has no labels.
inline model_quality::QualityReport sample_quality(std::size_t chunks, bool estimated) {
    using model_quality::Measured;
    using model_quality::Metric;
    model_quality::QualityReport report;
    report.created_at = core::Timestamp{1'679'443'200'000'000};
    report.estimated = estimated;
    report.classes = {"0", "1"};
    report.reference.source = "reference.csv";
    report.reference.rows = 10'000;
    report.current.source = "current.csv";
    report.current.rows = 1000 * chunks;
    report.reference_metrics = {{Metric::roc_auc, Measured::of(0.9), 0.01},
                                {Metric::log_loss, Measured::of(0.4), 0.02}};
    report.reference_calibration_error = 0.01;
    if (estimated) report.estimator = "CBPE, scores as they are";
    for (std::size_t i = 0; i < chunks; ++i) {
        auto& chunk = report.chunks.emplace_back();
        const bool last = i + 1 == chunks, worse = 2 * i >= chunks && !last;
        chunk.key = "[" + std::to_string(1000 * i) + ":" + std::to_string(1000 * i + 999) + "]";
        chunk.rows = 1000;
        chunk.labelled = last ? 0 : 1000;
        for (const Metric metric : {Metric::roc_auc, Metric::log_loss}) {
            auto& row = chunk.metrics.emplace_back();
            const double change = (metric == Metric::roc_auc ? -0.1 : 0.1) * (worse ? 1.0 : 0.05);
            const double value = (metric == Metric::roc_auc ? 0.9 : 0.4) + change;
            row.metric = metric;
            if (last) {
                row.realised = Measured::none("no row has a label");
                row.verdict = drift::Verdict::insufficient_data;
                row.reason = "0 labelled rows; 30 are needed";
            } else {
                row.realised = Measured::of(value);
                row.low = value - 0.02;
                row.high = value + 0.02;
                row.p_adjusted = worse ? 0.001 : 0.6;
                row.verdict = worse ? drift::Verdict::drift : drift::Verdict::no_drift;
                if (worse)
                    row.severity = metric == Metric::roc_auc ? drift::Severity::warn : drift::Severity::crit;
                row.reason = worse ? "it became worse" : "no change beyond chance";
            }
            if (estimated) {
                row.estimate.emplace();
                row.estimate->metric = metric;
                row.estimate->estimated = Measured::of(value + 0.005);
                row.estimate->low = value - 0.03;
                row.estimate->high = value + 0.04;
                row.estimate->floor = 0.008;
                if (last) row.verdict = drift::Verdict::no_drift;
            }
            ++report.tested;
            report.drifted += row.verdict == drift::Verdict::drift;
        }
        chunk.calibration.emplace();
        chunk.calibration->error = 0.02;
        chunk.calibration->by_chance = 0.015;
        chunk.calibration->verdict = drift::Verdict::no_drift;
        chunk.calibration->reason = "the probabilities mean what they meant";
    }
    report.severity = drift::Severity::crit;
    report.columns = sample_report(2, hostile_name);
    report.notes = {"current.csv: 3 rows have no prediction or probability and are left out"};
    return report;
}

}  // namespace tristrata::report
