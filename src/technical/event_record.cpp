#include "tristrata/core/text.hpp"
#include "tristrata/sink/packed.hpp"
#include "tristrata/technical/event.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <bit>

namespace tristrata::technical {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::uint8_t packed_format = 1;
constexpr unsigned has_trace = 1, has_span = 2, all_flags = 3;
enum class ValueType : std::uint8_t { text, integer, number, no, yes };

auto wrong(std::string_view what) {
    return fail(ErrorKind::invalid_input, fmt::format("not an event's record: {}", what));
}

void add_value(std::string& out, const FieldValue& value) {
    const auto type = [&](ValueType of) { sink::add_byte(out, static_cast<std::uint8_t>(of)); };
    if (const auto* text = std::get_if<std::string>(&value)) {
        type(ValueType::text);
        sink::add_text(out, *text);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        type(ValueType::integer);
        sink::add_fixed(out, static_cast<std::uint64_t>(*whole));
    } else if (const auto* number = std::get_if<double>(&value)) {
        type(ValueType::number);
        sink::add_fixed(out, std::bit_cast<std::uint64_t>(*number));
    } else {
        type(std::get<bool>(value) ? ValueType::yes : ValueType::no);
    }
}

FieldValue value_of(sink::Unpacker& parts) {
    switch (static_cast<ValueType>(parts.byte())) {
        case ValueType::text:
            return std::string(parts.text());
        case ValueType::integer:
            return static_cast<std::int64_t>(parts.fixed());
        case ValueType::number:
            return std::bit_cast<double>(parts.fixed());
        case ValueType::no:
            return false;
        case ValueType::yes:
            return true;
    }
    parts.whole = false;
    return false;
}

bool is_severity(std::uint8_t number) { return name(static_cast<EventSeverity>(number)) != "unknown"; }

}  // namespace

sink::Record encode(const Event& event) {
    constexpr std::size_t usual = 600;
    std::string bytes;
    bytes.reserve(usual);
    sink::add_byte(bytes, packed_format);
    sink::add_byte(bytes, static_cast<std::uint8_t>((event.trace_id ? has_trace : 0U) |
                                                    (event.span_id ? has_span : 0U)));
    sink::add_bytes(bytes, event.event_id.bytes);
    sink::add_fixed(bytes, static_cast<std::uint64_t>(event.time.microseconds));
    sink::add_byte(bytes, static_cast<std::uint8_t>(event.severity));
    sink::add_byte(bytes, event.trace_flags);
    if (event.trace_id) sink::add_bytes(bytes, *event.trace_id);
    if (event.span_id) sink::add_bytes(bytes, *event.span_id);
    sink::add_text(bytes, event.name);
    sink::add_count(bytes, event.resource.size());
    for (const auto& [key, value] : event.resource) {
        sink::add_text(bytes, key);
        sink::add_text(bytes, value);
    }
    sink::add_count(bytes, event.fields.size());
    for (const auto& [key, value] : event.fields) {
        sink::add_text(bytes, key);
        add_value(bytes, value);
    }
    return {sink::RecordClass::event, std::move(bytes)};
}

core::Result<Event> decode(const sink::Record& record) {
    if (record.record_class != sink::RecordClass::event)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    if (record.bytes.empty()) return wrong("it is empty");
    sink::Unpacker parts(record.bytes);
    if (const auto format = parts.byte(); format != packed_format)
        return fail(
            ErrorKind::conflict,
            fmt::format("the event's record has format {}; this program reads {}", format, packed_format));
    Event event;
    const unsigned flags = parts.byte();
    parts.bytes(event.event_id.bytes);
    event.time = {static_cast<std::int64_t>(parts.fixed())};
    const std::uint8_t severity = parts.byte();
    event.severity = static_cast<EventSeverity>(severity);
    event.trace_flags = parts.byte();
    if ((flags & has_trace) != 0) parts.bytes(event.trace_id.emplace());
    if ((flags & has_span) != 0) parts.bytes(event.span_id.emplace());
    event.name = parts.text();
    for (auto left = parts.count(); left > 0 && parts.whole; --left) {
        const auto key = parts.text();
        event.resource.emplace_back(key, parts.text());
    }
    for (auto left = parts.count(); left > 0 && parts.whole; --left) {
        const auto key = parts.text();
        event.fields.emplace_back(key, value_of(parts));
    }
    if ((flags & ~all_flags) != 0) return wrong(fmt::format("its flags are {:#04x}", flags));
    if (!parts.whole || !parts.at_end())
        return wrong(fmt::format("its {} bytes do not hold what they announce", record.bytes.size()));
    if (!is_severity(severity)) return wrong(fmt::format("its severity is {}", severity));
    return event;
}

}  // namespace tristrata::technical
