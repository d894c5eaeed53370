#pragma once

#include "tristrata/drift/event.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <functional>
#include <optional>
#include <string>

namespace tristrata::model_quality {

/// Where one event goes.
using PushEvent = std::function<core::Result<sink::Acknowledgement>(const drift::EventRequest&)>;

/// Pushes the findings of a report, one after another until one fails: what became of all of them. The same
/// report twice is one set of events.
[[nodiscard]] core::Result<sink::Acknowledgement> push_findings(const QualityReport& report,
                                                                const std::string& module,
                                                                const std::optional<std::string>& run_id,
                                                                const PushEvent& push);

}  // namespace tristrata::model_quality
