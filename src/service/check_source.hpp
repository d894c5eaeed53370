#pragma once

#include "checks.hpp"
#include "tristrata/drift/event.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tristrata::service {

/// What a check came to of the table that it was to look at.
struct CheckSource {
    std::uint64_t rows = 0;                 ///< Of current, where there is a report.
    std::optional<core::Error> error = {};  ///< Why there is none.
    std::uint64_t failures = 0;             ///< Windows in a row that ended so, this one among them.
};

/// Absence is a result: what a check says of its source, beside its report, as an analyzer does. Each is an
/// evaluation of its metric, good or bad, so that the incident that opens also ends.
///
/// row_count_<check>   volume_drift, of the rows that current holds: none has the severity of the signal
///                     row_count. It says nothing where the table cannot be read.
/// source_<check>      data_quality: what is missing, cannot be read or cannot be held against its reference
///                     has the severity of the signal freshness, of so many windows in a row.
/// Ids                 uuid5 of check, window, metric and severity: told again they are the same rows.
[[nodiscard]] std::vector<drift::EventRequest> source_events(const CheckDefinition& definition,
                                                             core::Timestamp to, const CheckSource& source);

}  // namespace tristrata::service
