#include "tristrata/drift/dataset_verdict.hpp"

namespace tristrata::drift {

DatasetVerdict judge_dataset(const std::vector<ColumnReport>& columns) noexcept {
    DatasetVerdict dataset;
    double drifted = 0.0, tested = 0.0;
    for (const ColumnReport& column : columns) {
        dataset.weighted = dataset.weighted || column.importance != 1.0;
        if (column.verdict != Verdict::drift && column.verdict != Verdict::no_drift) continue;
        tested += column.importance;
        if (column.verdict == Verdict::drift) drifted += column.importance;
    }
    if (tested > 0.0) dataset.weighted_share_drifted = drifted / tested;
    if (dataset.weighted && dataset.weighted_share_drifted >= dataset_warn) dataset.severity = Severity::warn;
    return dataset;
}

}  // namespace tristrata::drift
