#pragma once

#include "tristrata/notification/alert.hpp"

#include <string>

namespace tristrata::notification {

/// One of many: `name` is its module.
inline Alert example_alert(const std::string& name, core::Timestamp starts_at,
                           const std::string& severity = "crit") {
    return {{{"alertname", "Drift"},
             {"module", name},
             {"drift_type", "feature_drift"},
             {"severity", severity},
             {"incident_id", "incident_" + name}},
            {{"summary", "dispersion is 1.000291"},
             {"description", "größer, \"quoted\""},
             {"runbook_url", "https://docs.internal/runbooks/drift_feature_drift_crit"}},
            starts_at,
            {},
            "https://grafana.internal/d/drift"};
}

}  // namespace tristrata::notification
