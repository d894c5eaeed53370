#include "tristrata/execution/kpi.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/sink/packed.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tristrata::execution {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::json;

constexpr char packed_format = 2;
constexpr char json_begins = '{';  // Format 1.

// The bits of the second byte.
constexpr unsigned has_run_id = 1, has_dag_node = 2, has_duration = 4, has_success = 8, succeeded = 16,
                   all_flags = 31;

auto wrong(std::string_view what) {
    return fail(ErrorKind::invalid_input, fmt::format("not a KPI record: {}", core::valid_utf8(what)));
}

void add_row(KpiEmit& emit, std::string name, double value) {
    KpiRow row;
    row.event_id = core::uuid_v5(emit.emit_id, name);
    row.emit_seq = static_cast<std::uint16_t>(emit.rows.size());
    row.metric_name = std::move(name);
    row.metric_value = value;
    emit.rows.push_back(std::move(row));
}

/// Format 1, what programs before this one spooled.
core::Result<KpiEmit> parse(std::string_view bytes) {
    try {
        const json document = json::parse(bytes);
        if (const int format = document.at("format").get<int>(); format != 1)
            return fail(ErrorKind::conflict,
                        fmt::format("the KPI record in JSON has format {}; this program reads 1", format));
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
        for (const json& one : document.at("rows"))
            add_row(emit, one.at("metric_name").get<std::string>(), one.at("metric_value").get<double>());
        return emit;
    } catch (const json::exception& error) {
        return wrong(error.what());
    }
}

}  // namespace

sink::Record encode(const KpiView& emit) {
    constexpr std::size_t usual = 400;
    std::string bytes;
    bytes.reserve(usual);
    bytes += packed_format;
    const unsigned flags = (emit.run_id ? has_run_id : 0u) | (emit.dag_node ? has_dag_node : 0u) |
                           (emit.duration_ms ? has_duration : 0u) | (emit.success ? has_success : 0u) |
                           (emit.success.value_or(false) ? succeeded : 0u);
    bytes += static_cast<char>(flags);
    sink::add_bytes(bytes, emit.emit_id.bytes);
    sink::add_fixed(bytes, static_cast<std::uint64_t>(emit.time.microseconds));
    sink::add_text(bytes, emit.module);
    if (emit.run_id) sink::add_text(bytes, *emit.run_id);
    if (emit.dag_node) sink::add_text(bytes, *emit.dag_node);
    if (emit.duration_ms) sink::add_fixed(bytes, static_cast<std::uint64_t>(*emit.duration_ms));
    sink::add_count(bytes, emit.tags.size());
    for (const auto& [key, value] : emit.tags) {
        sink::add_text(bytes, key);
        sink::add_text(bytes, value);
    }
    sink::add_count(bytes, emit.metrics.size());
    for (const auto& [name, value] : emit.metrics) {
        sink::add_text(bytes, name);
        sink::add_fixed(bytes, std::bit_cast<std::uint64_t>(value));
    }
    return {sink::RecordClass::kpi, std::move(bytes), static_cast<std::uint32_t>(emit.metrics.size())};
}

sink::Record encode(const KpiEmit& emit) {
    KpiView seen{emit.emit_id,     emit.time,    emit.module, emit.run_id, emit.dag_node,
                 emit.duration_ms, emit.success, {},          {}};
    for (const auto& [key, value] : emit.tags) seen.tags.emplace_back(key, value);
    for (const auto& row : emit.rows) seen.metrics.emplace_back(row.metric_name, row.metric_value);
    return encode(seen);
}

core::Result<KpiView> view(const sink::Record& record) {
    if (record.record_class != sink::RecordClass::kpi)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    if (record.bytes.empty()) return wrong("it is empty");
    if (record.bytes.front() != packed_format)
        return fail(
            ErrorKind::conflict,
            fmt::format("the KPI record begins with byte {}; this program reads format 1 (JSON) and 2",
                        static_cast<unsigned>(static_cast<std::uint8_t>(record.bytes.front()))));
    sink::Unpacker parts(std::string_view(record.bytes).substr(1));
    KpiView emit;
    const unsigned flags = parts.byte();
    parts.bytes(emit.emit_id.bytes);
    emit.time = {static_cast<std::int64_t>(parts.fixed())};
    emit.module = parts.text();
    if ((flags & has_run_id) != 0) emit.run_id = parts.text();
    if ((flags & has_dag_node) != 0) emit.dag_node = parts.text();
    if ((flags & has_duration) != 0) emit.duration_ms = static_cast<std::int64_t>(parts.fixed());
    if ((flags & has_success) != 0) emit.success = (flags & succeeded) != 0;
    for (auto left = parts.count(); left > 0 && parts.whole; --left) {
        const auto key = parts.text();
        emit.tags.emplace_back(key, parts.text());
    }
    for (auto left = parts.count(); left > 0 && parts.whole; --left) {
        const auto name = parts.text();
        emit.metrics.emplace_back(name, std::bit_cast<double>(parts.fixed()));
        if (!std::isfinite(emit.metrics.back().second)) parts.whole = false;
    }
    if ((flags & ~all_flags) != 0) return wrong(fmt::format("its flags are {:#04x}", flags));
    if (!parts.whole || !parts.at_end())
        return wrong(fmt::format("its {} bytes do not hold what they announce", record.bytes.size()));
    return emit;
}

bool is_packed(const sink::Record& record) { return !record.bytes.starts_with(json_begins); }

core::Result<KpiEmit> decode(const sink::Record& record) {
    if (record.record_class == sink::RecordClass::kpi && !is_packed(record)) return parse(record.bytes);
    auto seen = view(record);
    if (!seen) return propagate(seen);
    KpiEmit emit;
    emit.emit_id = seen->emit_id;
    emit.time = seen->time;
    emit.module = seen->module;
    emit.run_id = seen->run_id;
    emit.dag_node = seen->dag_node;
    emit.duration_ms = seen->duration_ms;
    emit.success = seen->success;
    for (const auto& [key, value] : seen->tags) emit.tags.emplace(key, value);
    for (const auto& [name, value] : seen->metrics) add_row(emit, std::string(name), value);
    return emit;
}

}  // namespace tristrata::execution
