#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/kill_switch/engage_destination.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace tristrata::kill_switch {

/// An open incident of severity crit, as far as the switch looks at it.
struct CritIncident {
    std::string incident;  ///< Its id.
    std::int64_t episode = 1;
    std::string module;
    std::string why;                ///< What moved, by how much: a sentence.
    Evidence evidence;              ///< Of its worst finding: noted where none suffices.
    std::vector<Evidence> further;  ///< Of its other findings: the first that suffices decides.
};

/// From open crit incidents to engage requests: analyzers never engage, this does, once a scope, incident,
/// episode and evidence.
///
/// With a spool the intent is durable in it before anything else happens, and the relay carries it; without
/// one the switch is asked at once.
///
/// Threads   One caller at a time.
class Escalation {
public:
    using Opener = std::function<core::Result<std::unique_ptr<KillSwitch>>()>;
    /// `spool` outlives this; null: straight to the switch.
    Escalation(Opener opener, Policy policy, core::Clock& clock, sink::Sink* spool, Told told = {});

    struct Step {
        std::uint64_t asked = 0;     ///< Requests that were spooled or decided.
        std::uint64_t before = 0;    ///< Incidents for which that was done before.
        std::uint64_t unmapped = 0;  ///< Of modules for which the policy names no scope.
    };
    /// To be called after each evaluation with the crit incidents that are open then, none among them. After
    /// an error the same incidents are asked for again at the next step.
    [[nodiscard]] core::Result<Step> step(std::span<const CritIncident> open);
    /// In place of step() where incidents cannot be read.
    [[nodiscard]] core::Status lost(const std::string& what);
    /// They can be read: the next loss is another one, also for who begins in it. What cannot be noted of
    /// that is tried again a minute later; who asks the switch for something says that it does not answer.
    void found();
    /// Once, when the process begins: what the setting kill_switch_engage names.
    [[nodiscard]] core::Status boot(std::span<const Scope> scopes, const std::string& who);

private:
    [[nodiscard]] core::Status ask(const EngageRequest& request);
    [[nodiscard]] core::Result<KillSwitch*> opened();
    [[nodiscard]] core::Status settled(const core::Result<Outcome>& outcome);

    Opener opener_;
    Policy policy_;
    core::Clock& clock_;
    sink::Sink* spool_;
    Told told_;
    std::unique_ptr<KillSwitch> switch_;
    std::set<std::string> asked_;
    std::int64_t quiet_day_ = -1;
    std::int64_t lost_day_ = -1;
    bool is_lost_ = false;
    std::optional<core::Timestamp> read_at_;  ///< When incidents were last read.
    bool is_end_noted_ = false;               ///< Of the loss before that, also of another process.
    std::optional<core::Timestamp> end_due_;  ///< Steady: not before.
};

/// The scopes of the setting kill_switch_engage (TRISTRATA_KILL_SWITCH_ENGAGE): separated by commas.
[[nodiscard]] core::Result<std::vector<Scope>> engaged_at_boot(const config::Settings& settings);

}  // namespace tristrata::kill_switch
