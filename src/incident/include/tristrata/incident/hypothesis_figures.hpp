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

/// When a drift store's first event was: also of events that are in the archive. Absent: there is none.
[[nodiscard]] std::optional<core::Timestamp> first_event(const store::StoreStatus& drift);

}  // namespace tristrata::incident
