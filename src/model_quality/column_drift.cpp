#include "column_drift.hpp"

#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/detection/check.hpp"

#include <algorithm>

namespace tristrata::model_quality {
namespace {

std::vector<dataset::MemoryColumn> columns_of(const Loaded& loaded, const Sample& sample,
                                              const QualityPlan& plan, bool with_truth) {
    std::vector<dataset::MemoryColumn> out;
    const std::size_t k = loaded.classes.size();
    const auto labels = [&](const std::vector<std::uint32_t>& codes) {
        std::vector<std::string> words;
        for (const auto code : codes) words.push_back(code == no_class ? "" : loaded.classes[code]);
        return words;
    };
    if (!sample.predicted.empty()) out.push_back({plan.y_pred, sample.predicted});
    if (!sample.said.empty()) out.push_back({plan.y_pred, labels(sample.said)});
    if (with_truth) {
        if (sample.label.empty()) out.push_back({plan.y_true, sample.truth});
        else out.push_back({plan.y_true, labels(sample.label)});
    }
    if (!sample.scores.empty()) {
        std::vector<double> confidence(sample.rows);
        for (std::size_t row = 0; row < sample.rows; ++row) {
            const auto* first = sample.scores.data() + row * k;
            confidence[row] = k == 2 ? first[1] : *std::max_element(first, first + k);
        }
        out.push_back({"confidence", std::move(confidence)});
    }
    return out;
}

}  // namespace

core::Result<std::optional<drift::Report>> column_drift(const Loaded& loaded, const QualityPlan& plan,
                                                        core::Timestamp created_at, const core::Task& task) {
    // A target is compared where all of current's labels are known: those that come first need not be like
    // the rest.
    bool complete = true;
    for (const Sample* sample : {&loaded.reference, &loaded.current})
        for (std::size_t row = 0; row < sample->rows; ++row) complete = complete && sample->labelled(row);
    dataset::MemorySource reference(columns_of(loaded, loaded.reference, plan, complete));
    dataset::MemorySource current(columns_of(loaded, loaded.current, plan, complete));
    if (reference.schema().fields.empty()) return std::nullopt;
    detection::Plan columns;
    columns.alpha = plan.alpha;
    columns.seed = plan.seed;
    columns.severity = plan.severity;
    columns.patterns = plan.patterns;
    const std::pair<std::string, drift::Role> roles[] = {{plan.y_pred, drift::Role::prediction},
                                                         {plan.y_true, drift::Role::target},
                                                         {"confidence", drift::Role::confidence}};
    for (const auto& [name, role] : roles)
        if (reference.schema().find(name)) columns.column[name].role = role;
    auto report =
        detection::check({&reference, std::nullopt}, {&current, std::nullopt}, columns, created_at, task);
    if (!report) return propagate(report);
    report->reference = loaded.reference.side;
    report->current = loaded.current.side;
    report->report_id = drift::report_identity(*report);
    return std::optional(std::move(*report));
}

}  // namespace tristrata::model_quality
