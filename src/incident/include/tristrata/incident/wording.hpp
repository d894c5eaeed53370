#pragma once

#include "tristrata/config/owners.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::incident {

/// The labels by which an alert of a module and type is known: alertname (drift_<type>, as its runbook is
/// called), module, drift_type, severity, route. Nothing of an incident stands in them: whoever knows the
/// event and the owners can make the same.
[[nodiscard]] notification::Texts labels_of(std::string_view module, drift::DriftType type,
                                            drift::Severity severity, std::string_view route);
/// The first place of runbooks in owners.toml that is no http or https URL, which nobody can open from a
/// page; none: all are.
[[nodiscard]] std::optional<std::string> runbooks_without_url(const config::Owners& owners);
/// "docs/runbooks/drift_latency_drift.md#crit"
[[nodiscard]] std::string runbook_of(std::string_view runbooks, drift::DriftType type,
                                     drift::Severity severity);

/// What a page says; `kind` firing lasts, resolved has ended at `now`, budget says that no more are sent.
[[nodiscard]] notification::Alert alert_of(const Incident& incident, Page::Kind kind, core::Timestamp now);

/// "3 metrics of hamilton.features moved (data_drift, crit): psi_age: median 41 → 61, …"
[[nodiscard]] std::string summary_of(const Incident& incident);
/// Since when: of what an analyzer found the start of the first bad window, whose end is its event's time;
/// else when it was first seen.
[[nodiscard]] core::Timestamp since_of(const Finding& finding);
[[nodiscard]] core::Timestamp since_of(const Incident& incident);
/// "window 2026-07-27T09:50:00Z to 2026-07-27T10:00:00Z, against 266 windows of 5,245 rows since
/// 2026-07-20T09:50:00Z": of the last window that was as bad; empty where the finding does not say.
[[nodiscard]] std::string looked_at(const Finding& finding);
/// In short: the reference's version, "266 windows", or "-".
[[nodiscard]] std::string compared_with(const Finding& finding);
/// Where another tool shows what it found: the generator_url of the worst finding that has one; empty where
/// none has, or it is no http or https URL of 2,000 characters at most.
[[nodiscard]] std::string source_url_of(const Incident& incident);
/// The end of the alert that spoke of it before what is new was told: that has another label "page".
[[nodiscard]] notification::Alert alert_before(const Incident& incident);
/// "psi_age, psi_fee and 3 more": all that is crit there.
[[nodiscard]] std::string crit_metrics_of(const Incident& incident);
/// Links of the policy with the incident's words in place of those in braces; those that name what it does
/// not have are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> links_of(const Policy& policy,
                                                                        const Incident& incident);
/// Whether it is open, its page was refused by everybody, and no person has done anything about it since.
[[nodiscard]] bool is_untold(const Incident& incident);
/// What became of the page of one that was paged: "paged", where receivers refused it with their words, or
/// that no spool has taken it.
[[nodiscard]] std::string page_of(const Incident& incident);
/// What is new to an incident of which somebody was told, and held back: "price, fee". Empty: nothing is.
[[nodiscard]] std::string held_news_of(const Incident& incident);
/// The command that comes next, as it can be typed.
[[nodiscard]] std::string next_command(const Incident& incident);

}  // namespace tristrata::incident
