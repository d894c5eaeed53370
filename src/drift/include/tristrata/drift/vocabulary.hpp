#pragma once

#include "tristrata/core/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tristrata::drift {

/// The ten types of the drift store. A new one is a migration.
enum class DriftType : std::uint8_t {
    data_drift,
    feature_drift,
    prediction_drift,
    target_drift,
    data_quality,
    latency_drift,
    error_rate_drift,
    volume_drift,
    business_kpi_drift,
    model_confidence_drift,
};
inline constexpr std::size_t drift_type_count = 10;

enum class Severity : std::uint8_t { info, warn, crit };

/// no_drift and drift are answers of a test; the other two say why there is none.
enum class Verdict : std::uint8_t { drift, no_drift, insufficient_data, not_tested };

/// What a column is to the pipeline; it decides the drift type of its events.
enum class Role : std::uint8_t { feature, prediction, target, confidence, time, key, segment };

/// What a column's values are to a test. Decided from the reference and kept.
enum class Kind : std::uint8_t { numeric, categorical, boolean, time, unsupported };

enum class SignalKind : std::uint8_t {
    missing_share,
    infinite_share,
    new_category,
    vanished_category,
    constant,
    type_changed,
    column_added,
    column_removed,
    gap,
    duplicate_times,
    unsorted_times,
    rows,
    dataset_drift,
    row_count,       ///< Fewer rows than the plan asks for.
    dispersion,      ///< A spread that collapsed, though not to one value.
    range,           ///< Values beyond what the reference showed or the plan allows.
    duplicate_keys,  ///< Rows that repeat a key.
    leak,            ///< A feature that nearly is the target.
    freshness,       ///< The newest row is too old.
    unreadable,      ///< Bytes of a column that cannot be decoded, on either side.
};
/// All of them, in the order above: whoever goes through the kinds goes through these.
inline constexpr std::array all_signal_kinds{
    SignalKind::missing_share,
    SignalKind::infinite_share,
    SignalKind::new_category,
    SignalKind::vanished_category,
    SignalKind::constant,
    SignalKind::type_changed,
    SignalKind::column_added,
    SignalKind::column_removed,
    SignalKind::gap,
    SignalKind::duplicate_times,
    SignalKind::unsorted_times,
    SignalKind::rows,
    SignalKind::dataset_drift,
    SignalKind::row_count,
    SignalKind::dispersion,
    SignalKind::range,
    SignalKind::duplicate_keys,
    SignalKind::leak,
    SignalKind::freshness,
    SignalKind::unreadable,
};

[[nodiscard]] std::string_view name(DriftType) noexcept;
[[nodiscard]] std::string_view name(Severity) noexcept;
[[nodiscard]] std::string_view name(Verdict) noexcept;
[[nodiscard]] std::string_view name(Role) noexcept;
[[nodiscard]] std::string_view name(Kind) noexcept;
[[nodiscard]] std::string_view name(SignalKind) noexcept;
/// The inverse of name(); the error lists what is known.
[[nodiscard]] core::Result<DriftType> parse_drift_type(std::string_view text);
[[nodiscard]] core::Result<Severity> parse_severity(std::string_view text);
[[nodiscard]] core::Result<Verdict> parse_verdict(std::string_view text);
[[nodiscard]] core::Result<Role> parse_role(std::string_view text);
[[nodiscard]] core::Result<Kind> parse_kind(std::string_view text);
[[nodiscard]] core::Result<SignalKind> parse_signal_kind(std::string_view text);

/// feature -> data_drift, prediction -> prediction_drift, target -> target_drift, confidence ->
/// model_confidence_drift, and data_drift for the rest.
[[nodiscard]] DriftType drift_type_of(Role role) noexcept;
/// rows, gap -> volume_drift; dataset_drift -> data_drift; every other signal -> data_quality.
[[nodiscard]] DriftType drift_type_of(SignalKind kind) noexcept;

}  // namespace tristrata::drift
