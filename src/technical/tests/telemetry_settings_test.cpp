#include "tristrata/technical/telemetry_settings.hpp"

#include <gtest/gtest.h>
#include <algorithm>

using namespace tristrata;
using namespace tristrata::technical;

namespace {

TelemetrySettings of(const config::Environment& variables, const std::string& environment = "") {
    config::Settings settings;
    settings.set_open_telemetry(variables);
    if (!environment.empty()) settings.set("environment", {core::Secret(environment), "here"});
    return telemetry_settings(settings);
}

std::string url_of(const config::Environment& variables) {
    const auto found = of(variables);
    return found.endpoint ? found.endpoint->url : "none: " + found.endpoint.error().message;
}

std::string attribute(const Resource& resource, std::string_view key) {
    const auto found = std::ranges::find(resource, key, [](const auto& pair) { return pair.first; });
    return found == resource.end() ? "absent" : found->second;
}

}  // namespace

TEST(TelemetrySettings, without_a_variable_are_the_defaults_of_the_specification) {
    const auto found = of({});
    EXPECT_TRUE(found.exported);
    ASSERT_TRUE(found.endpoint);
    EXPECT_EQ(found.endpoint->url, "http://localhost:4318/v1/logs");
    EXPECT_EQ(found.endpoint->timeout.microseconds, 10'000'000);
    EXPECT_FALSE(found.endpoint->gzip);
    EXPECT_TRUE(found.endpoint->headers.empty());
    EXPECT_EQ(attribute(found.resource, "service.name"), "unknown_service:technical_test");
    EXPECT_EQ(attribute(found.resource, "deployment.environment.name"), "absent");
    EXPECT_TRUE(found.warnings.empty());
}

TEST(TelemetrySettings, a_base_endpoint_has_the_path_of_logs_appended_and_that_of_logs_is_taken_as_it_is) {
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}), "http://c:4318/v1/logs");
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}}), "http://c:4318/v1/logs");
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/mine/"}}), "https://c/mine/v1/logs");
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/mine"}}), "https://c/mine/v1/logs");
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l:4318"}}), "http://l:4318/");
    EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://loki:3100/otlp/v1/logs"},
                      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}),
              "http://loki:3100/otlp/v1/logs");
}

TEST(TelemetrySettings, what_is_no_url_or_another_protocol_waits_instead_of_going_elsewhere) {
    for (const auto* wrong : {"collector:4318", "ftp://c:4318", "http://", "http:///v1/logs", "http://a b"}) {
        const auto found = of({{"OTEL_EXPORTER_OTLP_ENDPOINT", wrong}});
        ASSERT_FALSE(found.endpoint) << wrong;
        EXPECT_EQ(found.endpoint.error().kind, core::ErrorKind::configuration);
        EXPECT_NE(found.endpoint.error().message.find("OTEL_EXPORTER_OTLP_ENDPOINT is no URL"),
                  std::string::npos);
    }
    const auto grpc = of({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}});
    ASSERT_FALSE(grpc.endpoint);
    EXPECT_NE(grpc.endpoint.error().message.find("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf"),
              std::string::npos);
    EXPECT_TRUE(
        of({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf"}})
            .endpoint);
}

TEST(TelemetrySettings, a_variable_of_logs_stands_above_the_general_one) {
    const auto found = of({{"OTEL_EXPORTER_OTLP_TIMEOUT", "5000"},
                           {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "250"},
                           {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                           {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"},
                           {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
                           {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key.pem"},
                           {"OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", "/client.pem"}});
    ASSERT_TRUE(found.endpoint);
    EXPECT_EQ(found.endpoint->timeout.microseconds, 250'000);
    EXPECT_FALSE(found.endpoint->gzip);
    EXPECT_EQ(found.endpoint->certificate, "/ca.pem");
    EXPECT_EQ(found.endpoint->client_key, "/key.pem");
    EXPECT_EQ(found.endpoint->client_certificate, "/client.pem");
}

TEST(TelemetrySettings, headers_are_pairs_with_encoded_values) {
    const auto found =
        of({{"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20YWJj, x-scope = tenant%2C1 ,"}});
    ASSERT_TRUE(found.endpoint);
    ASSERT_EQ(found.endpoint->headers.size(), 2u);
    EXPECT_EQ(found.endpoint->headers[0].first, "Authorization");
    EXPECT_EQ(found.endpoint->headers[0].second.reveal(), "Basic YWJj");
    EXPECT_EQ(found.endpoint->headers[1].first, "x-scope");
    EXPECT_EQ(found.endpoint->headers[1].second.reveal(), "tenant,1");
    for (const auto* wrong : {"just text", "a=%zz", "a=%0d%0aX-Forged: 1", "=b"}) {
        const auto none = of({{"OTEL_EXPORTER_OTLP_HEADERS", wrong}});
        ASSERT_TRUE(none.endpoint);
        EXPECT_TRUE(none.endpoint->headers.empty()) << wrong;
        ASSERT_EQ(none.warnings.size(), 1u) << wrong;
        EXPECT_EQ(none.warnings[0].find(wrong), std::string::npos) << "a header may be a secret";
    }
}

TEST(TelemetrySettings, what_cannot_be_used_is_left_out_with_a_warning) {
    const auto found = of({{"OTEL_EXPORTER_OTLP_TIMEOUT", "ten"},
                           {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"},
                           {"OTEL_SDK_DISABLED", "yes"},
                           {"OTEL_LOGS_EXPORTER", "kafka"},
                           {"OTEL_RESOURCE_ATTRIBUTES", "a=1,b"}});
    ASSERT_TRUE(found.endpoint);
    EXPECT_TRUE(found.exported);
    EXPECT_EQ(found.endpoint->timeout.microseconds, 10'000'000);
    EXPECT_FALSE(found.endpoint->gzip);
    EXPECT_EQ(attribute(found.resource, "a"), "absent") << "one that is none makes the whole useless";
    EXPECT_EQ(found.warnings.size(), 5u);
}

TEST(TelemetrySettings, what_is_switched_off_is_not_exported) {
    EXPECT_FALSE(of({{"OTEL_SDK_DISABLED", "TRUE"}}).exported);
    EXPECT_FALSE(of({{"OTEL_LOGS_EXPORTER", "none"}}).exported);
    EXPECT_FALSE(of({{"OTEL_LOGS_EXPORTER", "console"}}).exported);
    EXPECT_TRUE(of({{"OTEL_LOGS_EXPORTER", "otlp"}}).exported);
    EXPECT_TRUE(of({{"OTEL_SDK_DISABLED", "false"}}).exported);
}

TEST(TelemetrySettings, the_resource_is_named_by_the_variables_and_the_environment) {
    const auto found =
        of({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=other,service.namespace=cvn%20trade,k=v"},
            {"OTEL_SERVICE_NAME", "training"}},
           "staging");
    EXPECT_EQ(attribute(found.resource, "service.name"), "training");
    EXPECT_EQ(attribute(found.resource, "service.namespace"), "cvn trade");
    EXPECT_EQ(attribute(found.resource, "k"), "v");
    EXPECT_EQ(attribute(found.resource, "deployment.environment.name"), "staging");
    EXPECT_EQ(
        attribute(of({{"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod"}}, "staging").resource,
                  "deployment.environment.name"),
        "prod");
}
