#pragma once

#include "tristrata/config/owners.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/readiness/policy.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tristrata::readiness {

/// What there is, for plans to be held against.
struct Facts {
    std::filesystem::path root;                  ///< Of the repository; runbooks are looked for below it.
    std::set<std::string, std::less<>> metrics;  ///< Of the catalogue and of what rules read.
    /// Whether the KPI store holds a row of this metric; absent: the store is not asked.
    std::function<core::Result<bool>(const std::string&)> stored;
    std::set<std::string, std::less<>> alerts;  ///< Names of the provisioned rules.
    std::set<std::string, std::less<>> tested;  ///< Alerts that a rule test names.
    std::optional<config::Owners> owners;
    std::string owners_at;          ///< "at the base (1a2b3c4d5e6f)"; empty: as they stand here.
    std::optional<Thresholds> psi;  ///< Of the drift plan.
    std::optional<Thresholds> performance_gap;
    std::string drift_plan;              ///< Its name, for messages.
    std::vector<std::string> addresses;  ///< [places] addresses, without scheme.
    std::string origin;                  ///< The repository's own, as origin_of() has it.
    std::vector<std::string> sources;    ///< What was read, for messages.
    std::vector<std::string> left_out;   ///< Files that lead out of the repository, and are not followed.
};

/// Reads rules of Prometheus and Grafana, their tests and owners.toml at the places of the policy. With an
/// `ancestor` (ancestor_of) owners.toml counts as it stands there, so that no change set makes its author the
/// owner; where it is not there, that of the change set does.
///
/// Errors    configuration: a file of rules that is no YAML, an owners.toml that cannot be read, here or
///           there; not_found: an owners.toml that the policy names, or that is there at the ancestor alone;
///           refused, unavailable: one at the ancestor that is a link, or git. A pattern that no file matches
///           is no error: `sources` lacks it.
[[nodiscard]] core::Result<Facts> read_facts(const Policy& policy, const std::filesystem::path& root,
                                             const std::string& ancestor = "");
/// The thresholds of a drift plan (docs/plan.md), into the facts.
[[nodiscard]] core::Status add_drift_plan(Facts& facts, const std::filesystem::path& file);

}  // namespace tristrata::readiness
