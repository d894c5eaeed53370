#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/kill_switch/request.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace tristrata::kill_switch {

/// As many evaluations of a metric as an incident has: more can never be asked for.
inline constexpr std::uint64_t evaluations_kept = 48;

/// What may engage by itself, and when a person may disengage: [kill_switch] of tristrata.toml.
struct Policy {
    /// enforcing needs seven days with evaluations in shadow behind it, and a database with roles.
    Mode mode = Mode::shadow;
    core::Duration minimum_dwell{15LL * 60 * 1'000'000};  ///< Between engaging and disengaging.

    struct EvidenceNeeded {
        std::uint64_t rows = 30;
        std::uint64_t fired = 2;
        core::Duration age_max{3'600LL * 1'000'000};  ///< Of the newest row when it was asked.
    };
    EvidenceNeeded evidence;

    std::uint64_t scopes_max = 3;  ///< That engage by themselves within the window.
    core::Duration scopes_window{10LL * 60 * 1'000'000};
    enum class OverLimit : std::uint8_t { ask, global } over_limit = OverLimit::ask;

    /// What losing sight of incidents means.
    enum class TelemetryLost : std::uint8_t { hold, engage, ignore } telemetry_lost = TelemetryLost::hold;

    std::map<std::string, Scope, std::less<>> scopes;  ///< By module; "candles.*" for several.

    /// configuration: a value that is none, with its place.
    [[nodiscard]] static core::Result<Policy> read(const config::Settings& settings);
    /// Its own name before a pattern, the longer before the shorter; null where nothing is to be engaged.
    [[nodiscard]] const Scope* scope_of(std::string_view module) const;
};

inline constexpr std::int64_t shadow_days_needed = 7;

/// Why the evidence is not enough to engage by itself; empty where it is.
[[nodiscard]] std::string missing_evidence(const EngageRequest& request,
                                           const Policy::EvidenceNeeded& needed);

}  // namespace tristrata::kill_switch
