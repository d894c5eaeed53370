#pragma once

#include "tristrata/incident/incident_store.hpp"

#include <set>
#include <string>

namespace tristrata::incident {

/// The last moment, not after this one, at which a digest is due. configuration: the zone is not known here.
[[nodiscard]] core::Result<core::Timestamp> last_due(const DigestSchedule& schedule, core::Timestamp now);

/// The digest as plain text, by module: whose it is, what is new, still open and closed, what was told and
/// what was held back and why, with the policy's links. At most 200 incidents; more are counted.
/// `in_spool`: the ids of incidents whose page nobody has taken yet.
[[nodiscard]] std::string to_text(const Digest& digest, const Policy& policy,
                                  const std::set<std::string>& in_spool = {});

/// As it is sent: an alert of severity info that no Alertmanager gets, by whose start its receivers tell what
/// came twice. The range has both ends. `in_spool`: as of to_text().
[[nodiscard]] notification::Alert alert_of(const Digest& digest, const Policy& policy,
                                           const std::set<std::string>& in_spool = {});

}  // namespace tristrata::incident
