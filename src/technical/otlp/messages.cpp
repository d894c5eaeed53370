#include "otlp_part.hpp"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"

#include <zlib.h>
#include <algorithm>
#include <cstddef>

namespace tristrata::technical {
namespace {

namespace proto = opentelemetry::proto;

std::string bytes_of(const auto& id) {
    return std::string(reinterpret_cast<const char*>(id.data()), id.size());
}

void set(proto::common::v1::KeyValue& attribute, std::string_view key, const FieldValue& value) {
    attribute.set_key(std::string(key));
    auto& of = *attribute.mutable_value();
    if (const auto* text = std::get_if<std::string>(&value)) of.set_string_value(*text);
    else if (const auto* whole = std::get_if<std::int64_t>(&value)) of.set_int_value(*whole);
    else if (const auto* number = std::get_if<double>(&value)) of.set_double_value(*number);
    else of.set_bool_value(std::get<bool>(value));
}

std::string severity_text(EventSeverity severity) {
    std::string text(name(severity));
    for (char& c : text) c = static_cast<char>(c - 32);
    return text;
}

void set(proto::logs::v1::LogRecord& record, const Event& event) {
    const auto nanoseconds = static_cast<std::uint64_t>(event.time.microseconds) * 1000;
    record.set_time_unix_nano(nanoseconds);
    record.set_observed_time_unix_nano(nanoseconds);
    record.set_severity_number(static_cast<proto::logs::v1::SeverityNumber>(event.severity));
    record.set_severity_text(severity_text(event.severity));
    record.set_event_name(event.name);
    record.mutable_body()->set_string_value(log_line(event));
    set(*record.add_attributes(), "event", event.name);
    set(*record.add_attributes(), "event.id", core::to_string(event.event_id));
    for (const auto& [key, value] : event.fields) set(*record.add_attributes(), key, value);
    record.set_flags(event.trace_flags);
    if (event.trace_id) record.set_trace_id(bytes_of(*event.trace_id));
    if (event.span_id) record.set_span_id(bytes_of(*event.span_id));
}

std::string encoded_request(const std::vector<Event>& events, std::string_view version) {
    proto::collector::logs::v1::ExportLogsServiceRequest request;
    std::vector<const Resource*> resources;
    for (const Event& event : events) {
        const auto found = std::ranges::find_if(
            resources, [&](const Resource* resource) { return *resource == event.resource; });
        const auto place = static_cast<int>(found - resources.begin());
        if (found == resources.end()) {
            resources.push_back(&event.resource);
            auto& logs = *request.add_resource_logs();
            for (const auto& [key, value] : event.resource)
                set(*logs.mutable_resource()->add_attributes(), key, value);
            auto& scope = *logs.add_scope_logs()->mutable_scope();
            scope.set_name("tristrata");
            scope.set_version(std::string(version));
        }
        set(*request.mutable_resource_logs(place)->mutable_scope_logs(0)->add_log_records(), event);
    }
    return request.SerializeAsString();
}

bool decoded_answer(std::string_view bytes, OtlpAnswer& answer) {
    proto::collector::logs::v1::ExportLogsServiceResponse response;
    if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
    answer.rejected = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, response.partial_success().rejected_log_records()));
    answer.message = response.partial_success().error_message();
    return true;
}

std::string gzipped(std::string_view bytes) {
    constexpr int with_gzip_head = 15 + 16;
    constexpr int usual_memory = 8;
    z_stream stream{};
    std::string out;
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_head, usual_memory,
                       Z_DEFAULT_STRATEGY) != Z_OK)
        return out;
    out.resize(::deflateBound(&stream, static_cast<uLong>(bytes.size())));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = ::deflate(&stream, Z_FINISH);
    out.resize(ended == Z_STREAM_END ? stream.total_out : 0);
    ::deflateEnd(&stream);
    return out;
}

}  // namespace
}  // namespace tristrata::technical

extern "C" {
[[gnu::visibility("default")]] extern const tristrata::technical::OtlpPart tristrata_otlp_part;
const tristrata::technical::OtlpPart tristrata_otlp_part{tristrata::technical::encoded_request,
                                                         tristrata::technical::decoded_answer,
                                                         tristrata::technical::gzipped};
}
