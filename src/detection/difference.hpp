#pragma once

#include "evidence.hpp"
#include "peer.hpp"

#include <string>

namespace tristrata::detection {

/// Why a peer and we answer as we do, from what was measured of this column: `report` holds our test, effect,
/// measures, signals and verdict, `findings` the peer's.
[[nodiscard]] std::string explain_difference(const drift::ColumnReport& report, const PeerFindings& findings,
                                             const Setting& setting);

}  // namespace tristrata::detection
