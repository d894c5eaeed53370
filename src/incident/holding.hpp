#pragma once

#include "tristrata/incident/apply.hpp"

#include <optional>
#include <string>

namespace tristrata::incident {

/// Of which pages count.
inline constexpr core::Duration budget_week{7LL * 86'400 * 1'000'000};

/// What holds a page back now, and why in words.
struct Held {
    Hold hold = Hold::none;
    std::string why = {};
    std::optional<core::Uuid> cause = {};  ///< From which incident it follows.
};

/// Who is told of an incident at this moment: reads what a step has made of the state so far.
class Holding {
public:
    Holding(const Policy& policy, const State& state, core::Timestamp now)
        : policy_(policy), state_(state), now_(now) {}

    /// By people, a maintenance window or another incident; none: only the budget may hold it.
    [[nodiscard]] Held of(const Incident& incident) const;
    [[nodiscard]] Held by_budget(const Incident& incident) const;
    /// So many of the last week.
    [[nodiscard]] std::uint64_t pages_of_week(const std::string& module, Page::Kind kind) const;
    /// The open incident from which this one follows, if its type is one that silences; null: none.
    [[nodiscard]] const Incident* cause_of(const Incident& incident) const;
    /// The maintenance window that it lies in; null: none.
    [[nodiscard]] const Silence* silence_of(const Incident& incident) const;

private:
    [[nodiscard]] bool follows_from(const Incident& one, const Incident& incident) const;
    [[nodiscard]] bool stands_for_itself(const Incident& incident, const Incident& cause) const;

    const Policy& policy_;
    const State& state_;
    core::Timestamp now_;
};

}  // namespace tristrata::incident
