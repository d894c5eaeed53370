#pragma once

#include "tristrata/core/json_writer.hpp"
#include "tristrata/drift/report.hpp"

#include <vector>

namespace tristrata::drift {

/// The member "peer": what another tool's methods say of a column.
void peer_tests(core::JsonWriter& json, const std::vector<PeerTest>& tests);

}  // namespace tristrata::drift
