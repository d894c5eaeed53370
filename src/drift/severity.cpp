#include "tristrata/drift/severity.hpp"

#include "tristrata/core/blank.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace tristrata::drift {
namespace {

constexpr double never = std::numeric_limits<double>::max();

}  // namespace

SeverityPolicy SeverityPolicy::defaults() {
    SeverityPolicy policy;
    policy.rows_ = {
        {"distribution", 0.2, 0.5, "ADR-0070: PSI, here above its mean without drift"},
        {"performance_gap", 0.05, 0.10, "ADR-0070: performance gap; a loss without a scale: relative"},
        {"signal:missing_share", 0.05, 0.20, "difference of the shares of missing values"},
        {"signal:infinite_share", 0.001, 0.05, "difference of the shares of infinite values"},
        {"signal:new_category", 0.01, 0.10, "share of current rows with a label the reference never showed"},
        {"signal:vanished_category", 0.05, 0.20, "share of the reference whose labels no row holds now"},
        {"signal:constant", 1.0, never, "1 where every row now holds one value"},
        {"signal:type_changed", 1.0, 1.0, "1 where the values cannot be read as before"},
        {"signal:unreadable", 1.0, 1.0, "1 where the bytes of the column cannot be decoded"},
        {"signal:column_removed", 1.0, 1.0, "1 where the column is gone"},
        {"signal:column_added", never, never, "a new column breaks nothing that is there"},
        {"signal:gap", 0.01, 0.10, "share of the expected rows that are missing"},
        {"signal:duplicate_times", 0.001, 0.05, "share of rows whose time stands more than once"},
        {"signal:unsorted_times", never, never, "rows are sorted before they are looked at"},
        {"signal:rows", 0.5, 0.9, "relative change of the rows a day"},
        {"signal:row_count", 0.0, 0.5, "share of the rows that the plan asks for which are missing"},
        {"signal:dispersion", 1.0, never, "1 where the spread collapsed"},
        {"signal:range", 0.01, 0.10, "share of current rows outside the range"},
        {"signal:duplicate_keys", 0.001, 0.05, "share of current rows that repeat a key"},
        {"signal:leak", 0.10, never, "change of the absolute rank correlation with the target"},
        {"signal:freshness", 1.0, 3.0, "age of the newest row over the age that the plan allows"},
        {"multivariate:pca_reconstruction", 0.2, 0.5, "KS distance of the rows' reconstruction errors"},
        {"multivariate:domain_classifier", 0.65, 0.8, "AUC; 0.65 is where NannyML alerts"},
        {"multivariate:correlation", 0.3, 0.6, "difference of the pair's correlations that moved most"},
        {"signal:dataset_drift", 1.0, 1.0, "1 where a peer's rule calls the whole table drifted"},
        {"peer", 1.0, never, "1 where a peer's method calls a column drifted: it has no size of its own"},
        {"drift_type:latency_drift", 0.2, 0.5, "relative change"},
        {"drift_type:error_rate_drift", 0.2, 0.5, "relative change"},
        {"drift_type:volume_drift", 0.2, 0.5, "relative change"},
        {"drift_type:business_kpi_drift", 0.05, 0.10, "ADR-0070: performance gap, here relative"},
        {"drift_type:model_confidence_drift", 0.05, 0.10, "ADR-0070: performance gap, here relative"},
    };
    return policy;
}

const PolicyRow* SeverityPolicy::find(std::string_view subject) const noexcept {
    const auto row = std::ranges::find(rows_, subject, &PolicyRow::subject);
    return row == rows_.end() ? nullptr : &*row;
}

core::Status SeverityPolicy::override_with(PolicyRow row) {
    const auto known = std::ranges::find(rows_, row.subject, &PolicyRow::subject);
    if (known == rows_.end()) {
        std::vector<std::string> subjects;
        for (const auto& one : rows_) subjects.push_back(one.subject);
        const auto near = core::nearest(row.subject, subjects);
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("the severity policy has no row {}{}", core::quoted(row.subject),
                        near.empty() ? "" : fmt::format("; did you mean {}?", core::quoted(near))));
    }
    if (core::is_blank(row.rationale))
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("the thresholds of {} are overridden without a rationale; say why in one line",
                        core::quoted(row.subject)));
    if (!(row.warn > 0.0 && row.warn <= row.crit))
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("the thresholds of {} are warn {} and crit {}; expected 0 < warn <= crit",
                        core::quoted(row.subject), row.warn, row.crit));
    *known = std::move(row);
    return {};
}

Severity SeverityPolicy::of_distribution(std::optional<double> psi_excess, std::optional<double> low) const {
    const PolicyRow* row = find("distribution");
    if (row == nullptr || !psi_excess) return Severity::info;
    if (*psi_excess >= row->crit && low && *low >= row->warn) return Severity::crit;
    return *psi_excess >= row->warn ? Severity::warn : Severity::info;
}

Severity SeverityPolicy::of_peer() const {
    const PolicyRow* row = find("peer");
    if (row == nullptr || row->warn > 1.0) return Severity::info;
    return row->crit <= 1.0 ? Severity::crit : Severity::warn;
}

std::optional<Severity> SeverityPolicy::of_signal(SignalKind kind, double size) const {
    const PolicyRow* row = find("signal:" + std::string(name(kind)));
    if (row == nullptr) return std::nullopt;
    if (size >= row->crit) return Severity::crit;
    return size >= row->warn ? Severity::warn : Severity::info;
}

Severity SeverityPolicy::of_joint_test(std::string_view method, double size) const {
    const PolicyRow* row = find("multivariate:" + std::string(method));
    if (row == nullptr || size < row->warn) return Severity::info;
    return size >= row->crit ? Severity::crit : Severity::warn;
}

std::optional<Severity> SeverityPolicy::of_event(DriftType type, std::optional<double> reference,
                                                 std::optional<double> current) const {
    const PolicyRow* row = find("drift_type:" + std::string(name(type)));
    if (row == nullptr || !reference || !current || *reference == 0.0) return std::nullopt;
    const double change = std::abs(*current - *reference) / std::abs(*reference);
    if (!std::isfinite(change)) return std::nullopt;
    if (change >= row->crit) return Severity::crit;
    return change >= row->warn ? Severity::warn : Severity::info;
}

}  // namespace tristrata::drift
