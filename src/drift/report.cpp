#include "tristrata/drift/report.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/drift/dataset_verdict.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::drift {

core::Uuid report_identity(const Report& report) {
    const auto time = [](const std::optional<core::Timestamp>& t) {
        return t ? core::to_string(*t) : std::string("-");
    };
    std::string name = report.plan.digest;
    for (const Side* side : {&report.reference, &report.current})
        name += "|" + side->version + "|" + time(side->from) + "|" + time(side->to);
    return core::uuid_v5(core::tristrata_namespace(), name + "|" + core::to_string(report.created_at));
}

std::optional<double> effect_size(const ColumnReport& column) noexcept {
    for (const std::string_view measure : {"ks", "total_variation"})
        for (const auto& [name, value] : column.measures)
            if (name == measure && value) return value;
    return std::nullopt;
}

void conclude(Group& group) {
    if (group.columns.empty()) return;
    Report alone;
    alone.columns = std::move(group.columns);
    const Summary summary = summarise(alone);
    group.columns = std::move(alone.columns);
    group.severity = summary.severity;
    if (summary.tested == 0) {
        group.verdict = summary.insufficient_data > 0 ? Verdict::insufficient_data : Verdict::not_tested;
        group.reason = group.columns.front().reason;
        for (const ColumnReport& column : group.columns)
            if (column.verdict == group.verdict) {
                group.reason = column.reason;
                break;
            }
        return;
    }
    group.verdict = summary.drifted > 0 ? Verdict::drift : Verdict::no_drift;
    group.reason = columns_drifted(summary.drifted, summary.tested);
    if (summary.insufficient_data > 0)
        group.reason +=
            fmt::format("; {} too little data", core::plural(summary.insufficient_data, "has", "have"));
    group.reason += ".";
}

std::string columns_drifted(std::uint64_t drifted, std::uint64_t tested) {
    if (tested == 0) return "No column could be tested";
    if (tested == 1)
        return drifted == 1 ? "The one tested column drifted" : "The one tested column did not drift";
    return fmt::format("{} of {} tested columns drifted",
                       drifted == 0 ? "None" : core::readable(static_cast<double>(drifted)),
                       core::readable(static_cast<double>(tested)));
}

Summary summarise(const Report& report) {
    Summary summary;
    const auto worse = [&](const std::optional<Severity>& severity) {
        if (severity && (!summary.severity || *severity > *summary.severity)) summary.severity = severity;
    };
    for (const ColumnReport& column : report.columns) {
        ++summary.columns;
        switch (column.verdict) {
            case Verdict::drift:
                ++summary.drifted;
                [[fallthrough]];
            case Verdict::no_drift:
                ++summary.tested;
                break;
            case Verdict::insufficient_data:
                ++summary.insufficient_data;
                break;
            case Verdict::not_tested:
                ++summary.not_tested;
                break;
        }
        worse(column.severity);
        for (const Signal& signal : column.signals) worse(signal.severity);
    }
    for (const Signal& signal : report.signals) worse(signal.severity);
    worse(judge_dataset(report.columns).severity);
    for (const JointTest& test : report.multivariate) worse(test.severity);
    if (report.groups)
        for (const Group& group : report.groups->groups) worse(group.severity);
    if (summary.tested > 0)
        summary.share_drifted = static_cast<double>(summary.drifted) / static_cast<double>(summary.tested);
    return summary;
}

}  // namespace tristrata::drift
