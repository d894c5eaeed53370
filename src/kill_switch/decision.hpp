#pragma once

#include "tristrata/kill_switch/policy.hpp"
#include "tristrata/kill_switch/request.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tristrata::kill_switch {

/// What is known when a request is decided.
struct Facts {
    Mode mode = Mode::shadow;
    std::string mode_reason;
    std::optional<Decision> before;  ///< What the same scope, incident and episode led to: engaged or joined.
    bool engaged = false;            ///< The scope is.
    bool before_is_past = false;     ///< `before` belongs to an engagement that a person has ended.
    std::uint64_t scopes_in_window = 0;  ///< Others that engaged by themselves; enforcing only.
    bool without_evidence = false;       ///< The policy asks for none: telemetry is lost.
};

struct Decided {
    Decision decision = Decision::repeated;
    std::string reason;
    bool widened = false;  ///< Over the limit, and the policy goes to global: decide again for that scope.
    /// Which kinds of evidence are missing, whatever their numbers: another set is another note.
    std::string missing = {};
};

/// Pure. In this order: what came before, the evidence, the mode, what is engaged already, the limit.
[[nodiscard]] Decided decide(const EngageRequest& request, const Policy& policy, const Facts& facts);

}  // namespace tristrata::kill_switch
