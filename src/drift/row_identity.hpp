#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/event_name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tristrata::drift {

/// The group that a row speaks of.
struct GroupName {
    std::string_view by;
    std::string_view label;
};

/// The event_id of a pushed report's row: uuid5 of report, module, run, column, kind, and the group if any.
[[nodiscard]] core::Uuid row_identity(const core::Uuid& report_id, std::string_view module,
                                      const std::optional<std::string>& run_id, std::string_view column,
                                      std::string_view kind,
                                      const std::optional<GroupName>& group = std::nullopt);

/// check_name() of a run's identifier, where there is one; an empty one is none.
[[nodiscard]] core::Status check_run(const std::optional<std::string>& run_id);

/// refused: a time outside 2000-01-01 to 2100-01-01. A clock that was never set stands before, and nothing
/// that looks back over events, or makes partitions for them, goes that far.
[[nodiscard]] core::Status check_time(core::Timestamp time);

}  // namespace tristrata::drift
