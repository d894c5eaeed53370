#pragma once

#include "tristrata/drift/json_node.hpp"
#include "tristrata/drift/report.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::drift {

// What documents have in common with a report, read within read_document(). Each throws Wrong.

/// Of the member "severity", which may be null.
[[nodiscard]] std::optional<Severity> severity_of(const Node& node);
[[nodiscard]] Side side_of(const Node& node);
[[nodiscard]] PlanSummary plan_of(const Node& node);
[[nodiscard]] std::vector<std::string> texts_of(const Node& node);
/// One of the member "peer".
[[nodiscard]] PeerTest peer_test_of(const Node& node);
/// A whole report, whose schema nobody looks at.
[[nodiscard]] Report report_of(const Node& node);

}  // namespace tristrata::drift
