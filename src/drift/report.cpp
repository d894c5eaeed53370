#include "tristrata/drift/report.hpp"

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
    if (summary.tested > 0)
        summary.share_drifted = static_cast<double>(summary.drifted) / static_cast<double>(summary.tested);
    return summary;
}

}  // namespace tristrata::drift
