#pragma once

#include "tristrata/drift/report.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::drift {

/// One row of the one policy table: from `warn` on it is warn, from `crit` on crit; below, a verdict of drift
/// is info. A row speaks of a drift type's distribution (measure psi_excess, ADR-0070's 0.2 / 0.5), of a
/// signal, or of a metric's relative change.
struct PolicyRow {
    std::string subject;  ///< "distribution", "signal:missing_share", "drift_type:latency_drift", ...
    double warn = 0.2;
    double crit = 0.5;
    std::string rationale;  ///< Required where a row replaces a default.
};

class SeverityPolicy {
public:
    /// ADR-0070's defaults.
    [[nodiscard]] static SeverityPolicy defaults();
    /// Replaces the row of the same subject; an override without a rationale is refused.
    [[nodiscard]] core::Status override_with(PolicyRow row);
    [[nodiscard]] const std::vector<PolicyRow>& rows() const noexcept { return rows_; }

    /// Severity of a column whose verdict is drift: warn needs psi_excess >= warn; crit psi_excess >= crit
    /// and the interval's low end >= warn (an absent interval is no crit). Otherwise info.
    [[nodiscard]] Severity of_distribution(std::optional<double> psi_excess, std::optional<double> low) const;
    /// Severity of a column that a peer's method calls drifted: there is nothing to measure it by.
    [[nodiscard]] Severity of_peer() const;
    /// Severity of a fired signal of this size; nothing where the policy has no row for it.
    [[nodiscard]] std::optional<Severity> of_signal(SignalKind kind, double size) const;
    /// Severity of a joint test whose verdict is drift, from its effect; info where the policy has no row.
    [[nodiscard]] Severity of_joint_test(std::string_view method, double size) const;
    /// Severity of a pushed event without one, from |current - reference| / |reference|; nothing where the
    /// policy has no row for the type or the values do not allow it.
    [[nodiscard]] std::optional<Severity> of_event(DriftType type, std::optional<double> reference,
                                                   std::optional<double> current) const;

private:
    [[nodiscard]] const PolicyRow* find(std::string_view subject) const noexcept;
    std::vector<PolicyRow> rows_;
};

}  // namespace tristrata::drift
