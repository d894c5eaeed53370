#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::notification {

/// By name, sorted.
using Texts = std::map<std::string, std::string, std::less<>>;

/// What somebody is told, while it lasts and once more when it is over.
struct Alert {
    /// Who the alert is: two with the same labels are one. alertname, module, drift_type and severity always,
    /// incident_id where there is an incident. A measured value is no label: with each new one the alert
    /// would be another.
    Texts labels;
    /// What a person reads: summary, description, runbook_url, ...; these may change.
    Texts annotations;
    core::Timestamp starts_at;                    ///< The same as long as the alert lasts.
    std::optional<core::Timestamp> ends_at = {};  ///< Resolved then; none: it lasts.
    std::string generator_url = {};

    bool operator==(const Alert&) const = default;
    /// A label's or an annotation's text; empty where there is none.
    [[nodiscard]] std::string_view label(std::string_view name) const;
    [[nodiscard]] std::string_view annotation(std::string_view name) const;
};

/// The alertname of a digest: what is said once and lasts no time, so that no Alertmanager gets it.
inline constexpr std::string_view digest_name = "drift_digest";
[[nodiscard]] bool is_digest(const Alert& alert);

/// What every receiver can take. refused: a label that is missing (alertname, module, drift_type, severity)
/// or empty, a severity that is none, a name that Alertmanager does not allow, a label that holds a measured
/// value, an end before the start.
[[nodiscard]] core::Status check(const Alert& alert);

/// Alertmanager's own fingerprint of labels, which stands in its answers and webhooks: FNV-1a of 64 bits over
/// names and values, each with the byte 255 behind it; 16 hexadecimal digits.
[[nodiscard]] std::string fingerprint(const Texts& labels);

/// What tells a message that was sent twice: the same for an alert that is sent again as it is, another once
/// it is resolved.
[[nodiscard]] core::Uuid message_id(const Alert& alert);

/// A record of class alert (docs/formats/record.md), of one row; crit where the alert is. Bytes that are not
/// UTF-8 become U+FFFD.
[[nodiscard]] sink::Record encode(const Alert& alert);
/// invalid_input: it is no such record; conflict: a newer program's.
[[nodiscard]] core::Result<Alert> decode(const sink::Record& record);

}  // namespace tristrata::notification
