#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/drift/event.hpp"

#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::incident {

inline constexpr core::Duration minute{60'000'000}, hour{60 * minute.microseconds},
    day{24 * hour.microseconds};
/// 2026-11-02T00:00:00Z
inline constexpr core::Timestamp monday{1'793'577'600'000'000};

/// An analyzer's event of a metric; info is a good evaluation.
inline drift::Event event_at(core::Timestamp at, drift::Severity severity, std::string module = "features",
                             std::string metric = "latency_p99",
                             drift::DriftType type = drift::DriftType::latency_drift) {
    drift::Event event;
    event.event_id = core::uuid_v5(core::tristrata_namespace(),
                                   fmt::format("{} {} {} {} {}", at.microseconds, drift::name(severity),
                                               module, metric, drift::name(type)));
    event.module = std::move(module);
    event.metric = std::move(metric);
    event.drift_type = type;
    event.reference_value = 120;
    const double bad = type == drift::DriftType::volume_drift ? 0 : 480;
    event.current_value = severity == drift::Severity::info ? 121 : bad;
    event.severity = severity;
    event.payload = R"({"reference_version":"v3","reason":"four times as slow"})";
    event.detected_at = at;
    return event;
}

/// The rows of a report: those of its columns that drifted, and the one of the whole.
inline std::vector<drift::Event> report_at(core::Timestamp at, const std::vector<std::string>& bad,
                                           const std::vector<std::string>& good, drift::Severity severity,
                                           const std::vector<std::string>& too_few = {},
                                           const std::string& module = "features") {
    const core::Uuid report =
        core::uuid_v5(core::tristrata_namespace(), fmt::format("{} {}", at.microseconds, module));
    std::vector<drift::Event> rows;
    std::string columns;
    const auto add = [&](const std::string& column, std::string_view verdict) {
        columns +=
            fmt::format(R"({}{{"name":"{}","verdict":"{}"}})", columns.empty() ? "" : ",", column, verdict);
    };
    for (const auto& column : bad) {
        rows.push_back(event_at(at, severity, module, "psi_" + column, drift::DriftType::data_drift));
        rows.back().report_id = report;
        add(column, "drift");
    }
    for (const auto& column : good) add(column, "no_drift");
    for (const auto& column : too_few) add(column, "insufficient_data");
    rows.push_back(
        event_at(at, drift::Severity::info, module, "share_drifted", drift::DriftType::data_drift));
    rows.back().report_id = report;
    rows.back().payload = fmt::format(R"({{"columns":[{}]}})", columns);
    return rows;
}

}  // namespace tristrata::incident
