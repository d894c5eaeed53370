#include "tristrata/technical/telemetry_settings.hpp"
#include "tristrata/core/ascii.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <filesystem>

namespace tristrata::technical {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view default_base = "http://localhost:4318";
constexpr std::string_view logs_path = "v1/logs";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t";
    const auto first = text.find_first_not_of(blank);
    return first == text.npos ? std::string_view()
                              : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Each %XX as its byte; nothing where a % stands alone.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        unsigned char byte = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        const char* const digits = text.data() + i + 1;
        if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
        plain += static_cast<char>(byte);
        i += 2;
    }
    return plain;
}

struct Pair {
    std::string key, value;
};

/// key=value,key=value, values percent-encoded (W3C Baggage without properties); nothing where one is none.
std::optional<std::vector<Pair>> pairs_of(std::string_view text) {
    std::vector<Pair> pairs;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const std::string_view one = trimmed(text.substr(0, comma));
        text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
        if (one.empty()) continue;
        const auto equals = one.find('=');
        if (equals == one.npos) return std::nullopt;
        auto key = percent_decoded(trimmed(one.substr(0, equals)));
        auto value = percent_decoded(trimmed(one.substr(equals + 1)));
        if (!key || !value || key->empty()) return std::nullopt;
        pairs.push_back({std::move(*key), std::move(*value)});
    }
    return pairs;
}

/// OpenTelemetry's variables; what cannot be used of them becomes a warning.
class Variables {
public:
    Variables(const config::Environment& all, std::vector<std::string>& warnings)
        : all_(all), warnings_(warnings) {}

    struct Found {
        std::string variable, value;
    };
    [[nodiscard]] std::optional<Found> find(const std::string& variable) const {
        const auto found = all_.find(variable);
        if (found == all_.end() || found->second.empty()) return std::nullopt;
        return Found{variable, found->second};
    }
    /// OTEL_EXPORTER_OTLP_LOGS_<name>, or else OTEL_EXPORTER_OTLP_<name>.
    [[nodiscard]] std::optional<Found> exporter(const std::string& name) const {
        auto found = find("OTEL_EXPORTER_OTLP_LOGS_" + name);
        return found ? found : find("OTEL_EXPORTER_OTLP_" + name);
    }
    /// The value is not shown where it may be a secret.
    void ignored(const Found& found, std::string_view expected, bool secret = false) {
        warnings_.push_back(fmt::format("{}{} is left out: expected {}", found.variable,
                                        secret ? std::string() : "=" + core::quoted(found.value), expected));
    }

private:
    const config::Environment& all_;
    std::vector<std::string>& warnings_;
};

core::Result<OtlpEndpoint> named_endpoint(const Variables& variables) {
    OtlpEndpoint endpoint;
    const auto of_logs = variables.find("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
    const auto base = variables.find("OTEL_EXPORTER_OTLP_ENDPOINT");
    endpoint.origin = of_logs ? of_logs->variable : base ? base->variable : "the default";
    endpoint.is_named = of_logs || base;
    endpoint.url = of_logs ? of_logs->value : base ? base->value : std::string(default_base);
    const std::string scheme = core::lowered(endpoint.url.substr(0, endpoint.url.find("://")));
    const auto authority = endpoint.url.find("://");
    const bool usable = authority != std::string::npos && (scheme == "http" || scheme == "https") &&
                        endpoint.url.find_first_of(" \t\r\n") == std::string::npos &&
                        endpoint.url.size() > authority + 3 && endpoint.url[authority + 3] != '/';
    if (!usable)
        return fail(ErrorKind::configuration,
                    fmt::format("{} is no URL of HTTP; expected http://HOST:4318 or https://HOST:PORT/PATH",
                                endpoint.origin));
    const bool has_path = endpoint.url.find('/', authority + 3) != std::string::npos;
    if (!of_logs) endpoint.url += (endpoint.url.ends_with('/') ? "" : "/") + std::string(logs_path);
    else if (!has_path) endpoint.url += '/';
    if (const auto protocol = variables.exporter("PROTOCOL"); protocol && protocol->value != "http/protobuf")
        return fail(ErrorKind::configuration,
                    fmt::format("{} is {}, which is not spoken here; set "
                                "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf, and "
                                "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT to the collector's HTTP port "
                                "(http://HOST:4318/v1/logs)",
                                protocol->variable, core::quoted(protocol->value)));
    return endpoint;
}

core::Result<OtlpEndpoint> endpoint_of(Variables& variables) {
    auto endpoint = named_endpoint(variables);
    if (!endpoint) return endpoint;
    if (const auto timeout = variables.exporter("TIMEOUT")) {
        std::int64_t milliseconds = 0;
        const char* const end = timeout->value.data() + timeout->value.size();
        const auto [at, code] = std::from_chars(timeout->value.data(), end, milliseconds);
        constexpr std::int64_t longest = 86'400'000;
        if (code != std::errc() || at != end || milliseconds < 0 || milliseconds > longest)
            variables.ignored(*timeout, "a whole number of milliseconds, such as 10000");
        else endpoint->timeout = {(milliseconds == 0 ? longest : milliseconds) * 1000};  // 0: no limit.
    }
    if (const auto compression = variables.exporter("COMPRESSION")) {
        if (compression->value == "gzip") endpoint->gzip = true;
        else if (compression->value != "none") variables.ignored(*compression, "gzip or none");
    }
    if (const auto headers = variables.exporter("HEADERS")) {
        const auto pairs = pairs_of(headers->value);
        const auto sendable = [](const Pair& pair) {
            const auto visible = [](char c) { return c > ' ' && c != ':' && c != '\x7f'; };
            return std::ranges::all_of(pair.key, visible) && std::ranges::none_of(pair.value, [](char c) {
                       return c == '\r' || c == '\n' || c == '\0';
                   });
        };
        if (pairs && std::ranges::all_of(*pairs, sendable))
            for (const auto& [key, value] : *pairs) endpoint->headers.emplace_back(key, core::Secret(value));
        else variables.ignored(*headers, "KEY=VALUE,KEY=VALUE with values percent-encoded", true);
    }
    const auto file = [&](const char* name) {
        const auto found = variables.exporter(name);
        return found ? found->value : std::string();
    };
    endpoint->certificate = file("CERTIFICATE");
    endpoint->client_key = file("CLIENT_KEY");
    endpoint->client_certificate = file("CLIENT_CERTIFICATE");
    return endpoint;
}

bool is_exported(Variables& variables) {
    if (const auto disabled = variables.find("OTEL_SDK_DISABLED")) {
        const std::string value = core::lowered(disabled->value);
        if (value == "true") return false;
        if (value != "false") variables.ignored(*disabled, "true or false");
    }
    if (const auto exporter = variables.find("OTEL_LOGS_EXPORTER")) {
        // The log line is what another exporter of logs to a console would write.
        if (exporter->value == "none" || exporter->value == "console") return false;
        if (exporter->value != "otlp") variables.ignored(*exporter, "otlp, console or none");
    }
    return true;
}

Resource resource_of(Variables& variables, const std::string& environment) {
    Resource resource;
    const auto set = [&](const std::string& key, const std::string& value) {
        const auto found = std::ranges::find(resource, key, [](const auto& pair) { return pair.first; });
        if (found == resource.end()) resource.emplace_back(key, value);
        else found->second = value;
    };
    std::error_code none;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", none).filename().string();
    set("service.name", program.empty() ? "unknown_service" : "unknown_service:" + program);
    if (!environment.empty()) set("deployment.environment.name", environment);
    if (const auto attributes = variables.find("OTEL_RESOURCE_ATTRIBUTES")) {
        if (const auto pairs = pairs_of(attributes->value))
            for (const auto& [key, value] : *pairs) set(core::valid_utf8(key), core::valid_utf8(value));
        else variables.ignored(*attributes, "KEY=VALUE,KEY=VALUE with values percent-encoded", true);
    }
    if (const auto name = variables.find("OTEL_SERVICE_NAME"))
        set("service.name", core::valid_utf8(name->value));
    return resource;
}

}  // namespace

TelemetrySettings telemetry_settings(const config::Settings& settings) {
    TelemetrySettings found;
    Variables variables(settings.open_telemetry(), found.warnings);
    found.exported = is_exported(variables);
    found.endpoint = endpoint_of(variables);
    found.resource = resource_of(variables, settings.text("environment"));
    return found;
}

}  // namespace tristrata::technical
