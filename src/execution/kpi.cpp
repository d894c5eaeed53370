#include "tristrata/execution/kpi.hpp"
#include "tristrata/core/secret.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::execution {
namespace {

using core::ErrorKind;
using core::fail;

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

core::Status check_value(std::string_view key, std::string_view value) {
    // The value is not shown: it may be what must not be seen.
    if (value.size() > tag_bytes_max)
        return fail(ErrorKind::refused,
                    fmt::format("the value of the tag {} has {} bytes; at most {} are allowed",
                                core::quoted(key), value.size(), tag_bytes_max));
    if (!core::is_utf8(value))
        return fail(ErrorKind::refused,
                    fmt::format("the value of the tag {} is not UTF-8", core::quoted(key)));
    if (value.find('\0') != std::string_view::npos)
        return fail(ErrorKind::refused,
                    fmt::format("the value of the tag {} holds U+0000, which PostgreSQL cannot keep",
                                core::quoted(key)));
    return {};
}

/// Four digits of a year are what a store's text of a time and Python's datetime hold.
core::Status check_time(core::Timestamp time) {
    constexpr core::Timestamp first{-62'135'596'800'000'000}, end{253'402'300'800'000'000};
    if (first <= time && time < end) return {};
    return fail(ErrorKind::refused,
                fmt::format("the time {} lies outside the years 1 to 9999 in UTC; give the "
                            "time at which it was measured, or none for now",
                            core::to_string(time)));
}

core::Status check_request(const KpiRequest& request, const TagPolicy& tags) {
    if (auto status = check_origin(request, &tags); !status) return status;
    if (request.time)
        if (auto status = check_time(*request.time); !status) return status;
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
    std::vector<std::string_view> names;
    names.reserve(request.metrics.size());
    for (const auto& [name, value] : request.metrics) {
        if (auto status = check_text("metric's name", name, name_bytes_max); !status) return status;
        if (!std::isfinite(value))
            return fail(
                ErrorKind::refused,
                fmt::format("the metric {} is {}; expected a finite number: leave out what has no value",
                            core::quoted(name), value));
        names.push_back(name);
    }
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
        return fail(ErrorKind::refused,
                    fmt::format("the metric {} stands twice in one emit", core::quoted(*twice)));
    for (const auto& [key, value] : request.library_tags) {
        if (!TagPolicy::is_reserved(key) || key == "caller_module")
            return fail(ErrorKind::refused,
                        fmt::format("the tag {} is none that an adapter sets", core::quoted(key)));
        if (auto status = check_value(key, value); !status) return status;
    }
    return {};
}

std::string caller_of(const std::source_location& where) {
    const std::string_view file = where.file_name();
    const auto slash = file.find_last_of('/');
    return std::string(slash == std::string_view::npos ? file : file.substr(slash + 1));
}

}  // namespace

core::Status check_origin(const KpiRequest& request, const TagPolicy* tags) {
    if (auto status = check_text("module", request.module, name_bytes_max); !status) return status;
    if (request.run_id)
        if (auto status = check_text("run_id", *request.run_id, name_bytes_max); !status) return status;
    for (const auto& [key, value] : request.tags) {
        if (tags != nullptr)
            if (auto status = tags->check_key(key); !status) return status;
        if (auto status = check_value(key, value); !status) return status;
    }
    return {};
}

core::Result<KpiReceipt> emit_kpi(const Emitter& emitter, const KpiRequest& request,
                                  std::source_location where) {
    return emit_kpi_as(emitter, request, caller_of(where));
}

core::Result<KpiReceipt> emit_kpi_as(const Emitter& emitter, const KpiRequest& request,
                                     std::string_view caller_module) {
    if (auto status = check_request(request, *emitter.tags); !status) return propagate(status);
    KpiReceipt receipt;
    receipt.emit_id = request.event_id ? *request.event_id : core::uuid_v7(*emitter.clock);
    receipt.time = request.time ? *request.time : emitter.clock->now();

    KpiView emit{receipt.emit_id,
                 receipt.time,
                 request.module,
                 request.run_id,
                 request.dag_node,
                 request.duration_ms,
                 request.success,
                 {},
                 {}};
    emit.tags.reserve(request.tags.size() + request.library_tags.size() + 2);
    for (const auto* tags : {&request.tags, &request.library_tags})
        for (const auto& [key, value] : *tags) {
            const bool sensitive = emitter.tags->looks_sensitive(value);
            receipt.redacted += sensitive;
            emit.tags.emplace_back(key, sensitive ? core::redacted : std::string_view(value));
        }
    if (!emitter.environment.empty() && !request.tags.contains("environment"))
        emit.tags.emplace_back("environment", emitter.environment);
    if (!caller_module.empty()) emit.tags.emplace_back("caller_module", caller_module);
    std::ranges::sort(emit.tags);
    emit.metrics.assign(request.metrics.begin(), request.metrics.end());
    if (emit.metrics.empty() && request.duration_ms)
        emit.metrics.emplace_back("duration_ms", static_cast<double>(*request.duration_ms));
    else if (emit.metrics.empty()) emit.metrics.emplace_back("success", *request.success ? 1.0 : 0.0);

    const sink::Record record = encode(emit);
    auto acknowledged = emitter.sink->append({&record, 1});
    if (!acknowledged)
        return tl::unexpected(sink::repeatable(acknowledged.error(), receipt.emit_id, receipt.time));
    receipt.acknowledgement = *acknowledged;
    return receipt;
}

}  // namespace tristrata::execution
