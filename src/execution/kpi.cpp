#include "tristrata/execution/kpi.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace tristrata::execution {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::ordered_json;

constexpr int record_format = 1;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t tag_bytes_max = 500;
constexpr std::size_t metrics_max = 1000;

core::Status check_text(std::string_view what, std::string_view text, std::size_t bytes_max) {
    if (text.empty()) return fail(ErrorKind::refused, fmt::format("the {} is empty", what));
    if (text.size() > bytes_max)
        return fail(ErrorKind::refused, fmt::format("the {} {} has {} bytes; at most {} are allowed", what,
                                                    core::quoted(text, 40), text.size(), bytes_max));
    if (!core::is_utf8(text))
        return fail(ErrorKind::refused, fmt::format("the {} {} is not UTF-8", what, core::quoted(text, 40)));
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return fail(ErrorKind::refused,
                        fmt::format("the {} {} holds a control character", what, core::quoted(text, 40)));
    return {};
}

core::Status check_request(const KpiRequest& request, const TagPolicy& tags) {
    if (auto status = check_text("module", request.module, name_bytes_max); !status) return status;
    if (request.run_id)
        if (auto status = check_text("run_id", *request.run_id, name_bytes_max); !status) return status;
    if (request.dag_node)
        if (auto status = check_text("dag_node", *request.dag_node, name_bytes_max); !status) return status;
    if (request.duration_ms && (*request.duration_ms < 0 || *request.duration_ms > INT32_MAX))
        return fail(ErrorKind::refused,
                    fmt::format("duration_ms is {}; expected 0 to {}", *request.duration_ms, INT32_MAX));
    if (request.metrics.empty() && !request.duration_ms && !request.success)
        return fail(ErrorKind::refused, "nothing to emit: give at least one metric, duration_ms or success");
    if (request.metrics.size() > metrics_max)
        return fail(ErrorKind::limit_exceeded, fmt::format("{} metrics in one emit; at most {} are allowed",
                                                           request.metrics.size(), metrics_max));
    std::set<std::string_view> seen;
    for (const auto& [name, value] : request.metrics) {
        if (auto status = check_text("metric's name", name, name_bytes_max); !status) return status;
        if (!std::isfinite(value))
            return fail(
                ErrorKind::refused,
                fmt::format("the metric {} is {}; expected a finite number: leave out what has no value",
                            core::quoted(name), value));
        if (!seen.insert(name).second)
            return fail(ErrorKind::refused,
                        fmt::format("the metric {} stands twice in one emit", core::quoted(name)));
    }
    for (const auto& [key, value] : request.tags) {
        if (auto status = tags.check_key(key); !status) return status;
        // The value is not shown: it may be what must not be seen.
        if (value.size() > tag_bytes_max)
            return fail(ErrorKind::refused,
                        fmt::format("the value of the tag {} has {} bytes; at most {} are allowed",
                                    core::quoted(key), value.size(), tag_bytes_max));
        if (!core::is_utf8(value))
            return fail(ErrorKind::refused,
                        fmt::format("the value of the tag {} is not UTF-8", core::quoted(key)));
    }
    return {};
}

std::string caller_of(const std::source_location& where) {
    const std::string_view file = where.file_name();
    const auto slash = file.find_last_of('/');
    return std::string(slash == std::string_view::npos ? file : file.substr(slash + 1));
}

}  // namespace

sink::Record encode(const KpiEmit& emit) {
    core::JsonWriter out;
    out.begin_object();
    out.member("format", record_format);
    out.member("emit_id", core::to_string(emit.emit_id));
    out.member("time_us", emit.time.microseconds);
    out.member("module", emit.module);
    out.member("run_id", emit.run_id);
    out.member("dag_node", emit.dag_node);
    out.member("duration_ms", emit.duration_ms);
    out.member("success", emit.success);
    out.key("tags");
    out.begin_object();
    for (const auto& [key, value] : emit.tags) out.member(key, value);
    out.end_object();
    out.key("rows");
    out.begin_array();
    for (const auto& row : emit.rows) {
        out.begin_object();
        out.member("event_id", core::to_string(row.event_id));
        out.member("metric_name", row.metric_name);
        out.member("metric_value", row.metric_value);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return {sink::RecordClass::kpi, out.take(), static_cast<std::uint32_t>(emit.rows.size())};
}

core::Result<KpiEmit> decode(const sink::Record& record) {
    const auto wrong = [](std::string_view what) {
        return fail(ErrorKind::invalid_input, fmt::format("not a KPI record: {}", core::valid_utf8(what)));
    };
    if (record.record_class != sink::RecordClass::kpi)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    try {
        const json document = json::parse(record.bytes);
        if (const int format = document.at("format").get<int>(); format != record_format)
            return fail(
                ErrorKind::conflict,
                fmt::format("the KPI record has format {}; this program reads {}", format, record_format));
        KpiEmit emit;
        auto id = core::parse_uuid(document.at("emit_id").get<std::string>());
        if (!id) return propagate(id);
        emit.emit_id = *id;
        emit.time = {document.at("time_us").get<std::int64_t>()};
        emit.module = document.at("module").get<std::string>();
        if (!document.at("run_id").is_null()) emit.run_id = document.at("run_id").get<std::string>();
        if (!document.at("dag_node").is_null()) emit.dag_node = document.at("dag_node").get<std::string>();
        if (!document.at("duration_ms").is_null())
            emit.duration_ms = document.at("duration_ms").get<std::int64_t>();
        if (!document.at("success").is_null()) emit.success = document.at("success").get<bool>();
        for (const auto& [key, value] : document.at("tags").items())
            emit.tags.emplace(key, value.get<std::string>());
        for (const json& one : document.at("rows")) {
            KpiRow row;
            auto event_id = core::parse_uuid(one.at("event_id").get<std::string>());
            if (!event_id) return propagate(event_id);
            row.event_id = *event_id;
            row.emit_seq = static_cast<std::uint16_t>(emit.rows.size());
            row.metric_name = one.at("metric_name").get<std::string>();
            if (!one.at("metric_value").is_null()) row.metric_value = one.at("metric_value").get<double>();
            emit.rows.push_back(std::move(row));
        }
        return emit;
    } catch (const json::exception& error) {
        return wrong(error.what());
    }
}

core::Result<KpiReceipt> emit_kpi(const Emitter& emitter, const KpiRequest& request,
                                  std::source_location where) {
    return emit_kpi_as(emitter, request, caller_of(where));
}

core::Result<KpiReceipt> emit_kpi_as(const Emitter& emitter, const KpiRequest& request,
                                     std::string_view caller_module) {
    if (auto status = check_request(request, *emitter.tags); !status) return propagate(status);
    KpiReceipt receipt;
    KpiEmit emit;
    emit.emit_id = request.event_id ? *request.event_id : core::uuid_v7(*emitter.clock);
    emit.time = request.time ? *request.time : emitter.clock->now();
    emit.module = request.module;
    emit.run_id = request.run_id;
    emit.dag_node = request.dag_node;
    emit.duration_ms = request.duration_ms;
    emit.success = request.success;
    for (const auto& [key, value] : request.tags) {
        const bool sensitive = emitter.tags->looks_sensitive(value);
        receipt.redacted += sensitive;
        emit.tags.emplace(key, sensitive ? "[redacted]" : value);
    }
    if (!emitter.environment.empty()) emit.tags.try_emplace("environment", emitter.environment);
    if (!caller_module.empty()) emit.tags.insert_or_assign("caller_module", std::string(caller_module));

    const auto add = [&](std::string name, double value) {
        KpiRow row;
        row.event_id = core::uuid_v5(emit.emit_id, name);
        row.emit_seq = static_cast<std::uint16_t>(emit.rows.size());
        row.metric_name = std::move(name);
        row.metric_value = value;
        emit.rows.push_back(std::move(row));
    };
    for (const auto& [name, value] : request.metrics) add(name, value);
    if (emit.rows.empty() && request.duration_ms)
        add("duration_ms", static_cast<double>(*request.duration_ms));
    else if (emit.rows.empty()) add("success", *request.success ? 1.0 : 0.0);

    const sink::Record record = encode(emit);
    auto acknowledged = emitter.sink->append({&record, 1});
    if (!acknowledged) return tl::unexpected(sink::repeatable(acknowledged.error(), emit.emit_id, emit.time));
    receipt.emit_id = emit.emit_id;
    receipt.time = emit.time;
    receipt.acknowledgement = *acknowledged;
    return receipt;
}

}  // namespace tristrata::execution
