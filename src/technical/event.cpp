#include "tristrata/technical/event.hpp"
#include "tristrata/core/secret.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::technical {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t fields_max = 100;
constexpr std::size_t key_bytes_max = 200;
constexpr std::size_t value_bytes_max = 4096;
/// Of all texts of an event: Loki takes no more than 64 KiB of metadata with a line.
constexpr std::size_t values_bytes_max = 48U << 10U;
constexpr std::string_view cut_mark = "…";

constexpr std::array<std::string_view, 3> own_keys{"event", "trace_id", "span_id"};

core::Status check_key(const EventKind& kind, std::string_view key) {
    if (!is_plain_name(key) || key.size() > key_bytes_max)
        return fail(
            ErrorKind::refused,
            fmt::format("the field {} of the event {} is no name; expected letters, digits, _, . and -, "
                        "beginning with a letter, at most {} bytes",
                        core::quoted(key), kind.name, key_bytes_max));
    if (std::ranges::find(own_keys, key) != own_keys.end())
        return fail(
            ErrorKind::refused,
            fmt::format("the field {} of the event {} is the library's own; {}", core::quoted(key), kind.name,
                        key == "event" ? "the event's name is given for itself"
                                       : "the ids of trace and span are given beside the fields"));
    if (kind.fields.empty() || std::ranges::find(kind.fields, key) != kind.fields.end()) return {};
    const auto near = core::nearest(key, kind.fields);
    return fail(ErrorKind::refused,
                fmt::format("the event {} ({}) has no field {}; {}", kind.name, kind.where, core::quoted(key),
                            near.empty() ? fmt::format("it has {}", fmt::join(kind.fields, ", "))
                                         : fmt::format("did you mean {}?", core::quoted(near))));
}

core::Status check_fields(const EventKind& kind, const std::vector<Field>& fields) {
    if (fields.size() > fields_max)
        return fail(ErrorKind::limit_exceeded,
                    fmt::format("the event {} has {} fields; at most {} are allowed", kind.name,
                                fields.size(), fields_max));
    std::vector<std::string_view> keys;
    keys.reserve(fields.size());
    for (const auto& [key, value] : fields) {
        if (auto status = check_key(kind, key); !status) return status;
        keys.push_back(key);
    }
    std::ranges::sort(keys);
    if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end())
        return fail(ErrorKind::refused, fmt::format("the field {} stands twice in one event {}",
                                                    core::quoted(*twice), kind.name));
    return {};
}

/// At most so many bytes of it, by whole characters and with a mark at the end.
std::string cut(const std::string& text, std::size_t bytes) {
    std::size_t end = bytes > cut_mark.size() ? bytes - cut_mark.size() : 0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + std::string(cut_mark);
}

/// Fields as they may leave the process; what was changed is counted in the receipt.
std::vector<Field> admissible(const Emitter& emitter, const std::vector<Field>& fields,
                              EventReceipt& receipt) {
    std::vector<Field> admitted;
    admitted.reserve(fields.size());
    std::size_t left = values_bytes_max;
    for (const auto& [key, value] : fields) {
        const auto* given = std::get_if<std::string>(&value);
        if (config::names_a_secret(key) ||
            (given != nullptr && (config::holds_a_secret(*given) || emitter.sensitive->match(*given)))) {
            ++receipt.redacted;
            admitted.emplace_back(key, std::string(core::redacted));
            continue;
        }
        if (given == nullptr) {
            admitted.emplace_back(key, value);
            continue;
        }
        std::string text = *given;
        if (!core::is_utf8(text)) {
            ++receipt.mended;
            text = core::valid_utf8(text);
        }
        if (const std::size_t most = std::min(value_bytes_max, left); text.size() > most) {
            ++receipt.shortened;
            text = cut(text, most);
        }
        left -= std::min(left, text.size());
        admitted.emplace_back(key, std::move(text));
    }
    return admitted;
}

std::string text_of(const FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return core::logfmt_value(*text);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    const double number = std::get<double>(value);
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    return core::shortest(number);
}

}  // namespace

std::string log_line(const Event& event) {
    std::string line = "event=" + event.name;
    for (const auto& [key, value] : event.fields) {
        line += ' ';
        line += key;
        line += '=';
        line += text_of(value);
    }
    return line;
}

core::Result<EventReceipt> emit_event(const Emitter& emitter, const EventRequest& request) {
    auto kind = emitter.catalogue->require(request.name);
    if (!kind) return propagate(kind);
    if (auto status = check_fields(**kind, request.fields); !status) return propagate(status);
    auto trace_id = core::parse_trace_id(request.trace_id);
    if (!trace_id) return propagate(trace_id);
    auto span_id = core::parse_span_id(request.span_id);
    if (!span_id) return propagate(span_id);

    EventReceipt receipt;
    receipt.event_id = request.event_id ? *request.event_id : core::uuid_v7(*emitter.clock);
    receipt.time = request.time ? *request.time : emitter.clock->now();
    Event event{receipt.event_id,
                receipt.time,
                request.name,
                (*kind)->severity,
                *trace_id,
                *span_id,
                request.trace_flags,
                emitter.resource == nullptr ? Resource() : *emitter.resource,
                admissible(emitter, request.fields, receipt)};
    receipt.line = log_line(event);
    if (emitter.log) emitter.log(receipt.line);
    if (emitter.sink == nullptr) return receipt;
    const sink::Record record = encode(event);
    auto acknowledged = emitter.sink->append({&record, 1});
    if (acknowledged) receipt.acknowledgement = *acknowledged;
    else receipt.failure = acknowledged.error();
    return receipt;
}

}  // namespace tristrata::technical
