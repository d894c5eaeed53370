#pragma once

#include "tristrata/config/document.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::config {
class Settings;
}

namespace tristrata::incident {

/// So many of the last so many evaluations.
struct Evidence {
    std::uint64_t count = 1;
    std::uint64_t of = 1;
    bool operator==(const Evidence&) const = default;
};

/// When an incident opens and closes.
struct Rule {
    std::string module;                          ///< "train.*"; empty: any.
    std::optional<drift::DriftType> drift_type;  ///< Absent: any.
    Evidence open_warn;                          ///< Evaluations of warn or crit that open one.
    Evidence open_crit;                          ///< Evaluations of crit that make one crit, which pages.
    std::uint64_t close = 3;                     ///< Good evaluations in a row, of each metric that was bad.
    core::Duration cool_down{6LL * 3600 * 1'000'000};    ///< A return within it is the same incident.
    core::Duration quiet{7LL * 86'400 * 1'000'000};      ///< Nothing heard for so long: closed, and said so.
    core::Duration dismissed{7LL * 86'400 * 1'000'000};  ///< How long a false alarm stays silent.
    std::uint64_t pages_per_week = 10;                   ///< Of a module.
    /// Of the columns that a report tested: where a smaller share drifted, no column of it is crit. 0: each
    /// stands for itself.
    double page_share = 0.0;
};

/// Incidents of these types silence the others of their module, and of modules that take data from it.
struct Inhibition {
    std::vector<drift::DriftType> by{drift::DriftType::volume_drift};
    std::map<std::string, std::vector<std::string>, std::less<>>
        upstream;  ///< Module → where its data come from; both are patterns, and all that fit count.
};

/// No pages of a module from `from` to `to`.
struct Silence {
    std::string module;                          ///< "train.*"
    std::optional<drift::DriftType> drift_type;  ///< Absent: any.
    core::Timestamp from;
    core::Timestamp to;
    std::string who;
    std::string why;
    bool operator==(const Silence&) const = default;
};

/// When people are sent the digest: once a day.
struct DigestSchedule {
    core::Duration at;         ///< Of a day of the zone, by its clocks: from 0 to below 24 h.
    std::string zone = "UTC";  ///< IANA name.
    bool empty = false;        ///< Also where there is nothing to say.
    bool operator==(const DigestSchedule&) const = default;
};

/// [incident] of tristrata.toml.
struct Policy {
    std::vector<Rule> rules;  ///< The first that fits counts.
    Rule fallback;
    Inhibition inhibition;
    std::vector<Silence> maintenance;
    std::map<std::string, std::string, std::less<>> links;  ///< Name → URL with {module}, {run_id}, …
    std::optional<DigestSchedule> digest;                   ///< Absent: it is sent to nobody.
    core::Duration max_age{14LL * 86'400 * 1'000'000};      ///< The spool's: how late an event may come.

    [[nodiscard]] const Rule& rule_of(std::string_view module, drift::DriftType type) const;
};

/// "train.*" fits train.lstm; without a * at its end the whole name.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view module) noexcept;

/// The built-in policy with what the table says.
/// Errors    configuration, with file and place: a key that nobody knows, more evaluations asked for than are
///           looked at, warn that needs more evidence than crit can give, a duration or type that is none, a
///           link with a name in braces that there is not, a digest at no time of a day or in no zone.
[[nodiscard]] core::Result<Policy> read_policy(std::optional<config::Reader> section);
/// Of [incident] and the setting "spool_max_age".
[[nodiscard]] core::Result<Policy> policy_of(const config::Settings& settings);

}  // namespace tristrata::incident
