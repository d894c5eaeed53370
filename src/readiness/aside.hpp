#pragma once

#include "tokens.hpp"
#include "tristrata/readiness/policy.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace tristrata::readiness {

/// What a field's value is of: by it is told which words belong to the field.
enum class Value : std::uint8_t {
    person,
    verdict,
    shadow,
    canary,
    day,
    outcome,
    lever,
    rehearsal,
    metric,
    threshold,
    alert,
    severity,
    channel
};

/// What stands in a field's text and is none of its words, clause by clause: of "10 days, but only 3 if
/// green" the second. What stands behind "because" is not looked at. Empty where all is understood. Linear.
[[nodiscard]] std::string unread_beside(const Policy& policy, Value value, std::span<const Token> text);

}  // namespace tristrata::readiness
