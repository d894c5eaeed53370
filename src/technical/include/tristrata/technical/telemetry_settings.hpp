#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/technical/event.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::technical {

/// Where logs are sent, and how.
struct OtlpEndpoint {
    std::string url;        ///< "http://localhost:4318/v1/logs"
    std::string origin;     ///< The variable that names it, or "the default".
    bool is_named = false;  ///< By a variable.
    std::vector<std::pair<std::string, core::Secret>> headers;
    core::Duration timeout{10'000'000};
    bool gzip = false;
    std::string certificate;  ///< PEM files; empty: the system's, or none.
    std::string client_key;
    std::string client_certificate;
};

/// What OpenTelemetry's variables say to an exporter of logs over HTTP:
/// OTEL_EXPORTER_OTLP_{ENDPOINT,PROTOCOL,HEADERS,TIMEOUT,COMPRESSION,CERTIFICATE,CLIENT_KEY,
/// CLIENT_CERTIFICATE},
/// each with its twin OTEL_EXPORTER_OTLP_LOGS_… that stands above it; OTEL_SERVICE_NAME,
/// OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED, OTEL_LOGS_EXPORTER. A value that cannot be used is left out
/// and is a warning, as the specification asks, but for an endpoint or a protocol: what would go elsewhere
/// than it was meant to waits.
///
/// Source    https://opentelemetry.io/docs/specs/otel/protocol/exporter/,
///           https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
struct TelemetrySettings {
    /// False: an event is its log line alone (OTEL_SDK_DISABLED=true; OTEL_LOGS_EXPORTER=none or console).
    bool exported = true;
    /// configuration: an endpoint that is no URL of HTTP, or a protocol that is not spoken here.
    core::Result<OtlpEndpoint> endpoint;
    /// Without service.instance.id. deployment.environment.name is TRISTRATA_ENVIRONMENT's where nothing else
    /// is said.
    Resource resource;
    std::vector<std::string> warnings;
};
[[nodiscard]] TelemetrySettings telemetry_settings(const config::Settings& settings);

}  // namespace tristrata::technical
