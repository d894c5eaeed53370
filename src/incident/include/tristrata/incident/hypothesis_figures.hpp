#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/incident/hypotheses.hpp"
#include "tristrata/store/store.hpp"

#include <vector>

namespace tristrata::incident {

/// Into `figures`, up to figures.at: what drift checks told of themselves (dag_node drift_check), and the
/// samples of statements that module "tristrata" emitted. Rows that are in the archive are not read.
/// limit_exceeded: more rows than can be read at once (a million a metric).
[[nodiscard]] core::Status read_kpis(store::Store& kpi, HypothesisFigures& figures);

/// When a drift store's first event was.
struct FirstEvent {
    std::optional<core::Timestamp> at;  ///< Also of events that are in the archive. Absent: there is none.
    /// Events before 2000, of a clock that was not set: none of them is the first. At most 1,000 are counted.
    std::uint64_t left_out = 0;
};
[[nodiscard]] core::Result<FirstEvent> first_event(store::Store& drift);

}  // namespace tristrata::incident
