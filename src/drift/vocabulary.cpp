#include "tristrata/drift/vocabulary.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <array>

namespace tristrata::drift {
namespace {

template <class Enum, std::size_t Size>
core::Result<Enum> parse(std::string_view what, std::string_view text, const std::array<Enum, Size>& all) {
    std::string known;
    for (const Enum one : all) {
        if (name(one) == text) return one;
        known += (known.empty() ? "" : ", ") + std::string(name(one));
    }
    return core::fail(core::ErrorKind::usage,
                      fmt::format("{} is no {}; expected one of {}", core::quoted(text), what, known));
}

}  // namespace

std::string_view name(DriftType type) noexcept {
    switch (type) {
        case DriftType::data_drift:
            return "data_drift";
        case DriftType::feature_drift:
            return "feature_drift";
        case DriftType::prediction_drift:
            return "prediction_drift";
        case DriftType::target_drift:
            return "target_drift";
        case DriftType::data_quality:
            return "data_quality";
        case DriftType::latency_drift:
            return "latency_drift";
        case DriftType::error_rate_drift:
            return "error_rate_drift";
        case DriftType::volume_drift:
            return "volume_drift";
        case DriftType::business_kpi_drift:
            return "business_kpi_drift";
        case DriftType::model_confidence_drift:
            return "model_confidence_drift";
    }
    return "data_drift";
}

std::string_view name(Severity severity) noexcept {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warn:
            return "warn";
        case Severity::crit:
            return "crit";
    }
    return "info";
}

std::string_view name(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::drift:
            return "drift";
        case Verdict::no_drift:
            return "no_drift";
        case Verdict::insufficient_data:
            return "insufficient_data";
        case Verdict::not_tested:
            return "not_tested";
    }
    return "not_tested";
}

std::string_view name(Role role) noexcept {
    switch (role) {
        case Role::feature:
            return "feature";
        case Role::prediction:
            return "prediction";
        case Role::target:
            return "target";
        case Role::confidence:
            return "confidence";
        case Role::time:
            return "time";
        case Role::key:
            return "key";
        case Role::segment:
            return "segment";
    }
    return "feature";
}

std::string_view name(Kind kind) noexcept {
    switch (kind) {
        case Kind::numeric:
            return "numeric";
        case Kind::categorical:
            return "categorical";
        case Kind::boolean:
            return "boolean";
        case Kind::time:
            return "time";
        case Kind::unsupported:
            return "unsupported";
    }
    return "unsupported";
}

std::string_view name(SignalKind kind) noexcept {
    switch (kind) {
        case SignalKind::missing_share:
            return "missing_share";
        case SignalKind::infinite_share:
            return "infinite_share";
        case SignalKind::new_category:
            return "new_category";
        case SignalKind::vanished_category:
            return "vanished_category";
        case SignalKind::constant:
            return "constant";
        case SignalKind::type_changed:
            return "type_changed";
        case SignalKind::column_added:
            return "column_added";
        case SignalKind::column_removed:
            return "column_removed";
        case SignalKind::gap:
            return "gap";
        case SignalKind::duplicate_times:
            return "duplicate_times";
        case SignalKind::unsorted_times:
            return "unsorted_times";
        case SignalKind::rows:
            return "rows";
        case SignalKind::dataset_drift:
            return "dataset_drift";
        case SignalKind::row_count:
            return "row_count";
        case SignalKind::dispersion:
            return "dispersion";
        case SignalKind::range:
            return "range";
        case SignalKind::duplicate_keys:
            return "duplicate_keys";
        case SignalKind::leak:
            return "leak";
        case SignalKind::freshness:
            return "freshness";
        case SignalKind::unreadable:
            return "unreadable";
    }
    return "rows";
}

core::Result<DriftType> parse_drift_type(std::string_view text) {
    using enum DriftType;
    return parse(
        "drift type", text,
        std::array{data_drift, feature_drift, prediction_drift, target_drift, data_quality, latency_drift,
                   error_rate_drift, volume_drift, business_kpi_drift, model_confidence_drift});
}
core::Result<Severity> parse_severity(std::string_view text) {
    return parse("severity", text, std::array{Severity::info, Severity::warn, Severity::crit});
}
core::Result<Verdict> parse_verdict(std::string_view text) {
    using enum Verdict;
    return parse("verdict", text, std::array{drift, no_drift, insufficient_data, not_tested});
}
core::Result<Role> parse_role(std::string_view text) {
    using enum Role;
    return parse("role", text, std::array{feature, prediction, target, confidence, time, key, segment});
}
core::Result<Kind> parse_kind(std::string_view text) {
    using enum Kind;
    return parse("kind", text, std::array{numeric, categorical, boolean, time, unsupported});
}
core::Result<SignalKind> parse_signal_kind(std::string_view text) {
    return parse("signal", text, all_signal_kinds);
}

DriftType drift_type_of(Role role) noexcept {
    switch (role) {
        case Role::prediction:
            return DriftType::prediction_drift;
        case Role::target:
            return DriftType::target_drift;
        case Role::confidence:
            return DriftType::model_confidence_drift;
        case Role::feature:
        case Role::time:
        case Role::key:
        case Role::segment:
            return DriftType::data_drift;
    }
    return DriftType::data_drift;
}

DriftType drift_type_of(SignalKind kind) noexcept {
    if (kind == SignalKind::dataset_drift) return DriftType::data_drift;
    return kind == SignalKind::rows || kind == SignalKind::row_count || kind == SignalKind::gap
               ? DriftType::volume_drift
               : DriftType::data_quality;
}

}  // namespace tristrata::drift
