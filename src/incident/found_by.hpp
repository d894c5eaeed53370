#pragma once

#include "tristrata/incident/incident.hpp"

#include <cstdint>
#include <string_view>

namespace tristrata::incident {

/// The rooms kill_switch and readiness push as these.
inline constexpr std::string_view kill_switch_module = "kill_switch", readiness_module = "readiness";

/// What found that which an incident was seen first by.
enum class FoundBy : std::uint8_t {
    data,     ///< A layer's data were looked at: a report, a performance report, an analyzer, a check's rows.
    watcher,  ///< Who watches says it of itself: a source that gives no answer, a clock that is not ours, the
              ///< kill switch, the readiness gate.
    tool,     ///< An alert of another tool, received by its webhook.
    hand      ///< An event that somebody pushed as it is: a person, or a program of theirs.
};

/// By the findings that are as old as the incident; of several the first in the order above. `data` where it
/// has none.
[[nodiscard]] FoundBy found_by(const Incident& incident);

}  // namespace tristrata::incident
