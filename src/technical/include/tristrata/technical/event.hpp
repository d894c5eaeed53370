#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/technical/event_catalogue.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tristrata::technical {

using FieldValue = std::variant<std::string, std::int64_t, double, bool>;
using Field = std::pair<std::string, FieldValue>;

/// One call of emit_event.
struct EventRequest {
    std::string name;           ///< One of the catalogue's.
    std::vector<Field> fields;  ///< In the order in which they are to be read.
    /// The active span's, as OpenTelemetry writes them: 32 and 16 hexadecimal digits. Empty, or all zeros, is
    /// none.
    std::string trace_id;
    std::string span_id;
    std::uint8_t trace_flags = 0;         ///< W3C's: 1 is sampled.
    std::optional<core::Timestamp> time;  ///< Absent: the clock's.
    std::optional<core::Uuid> event_id;   ///< Absent: a new version 7.
};

/// Who emits: OpenTelemetry's resource, key and value. `service.instance.id` is one process's alone.
using Resource = std::vector<std::pair<std::string, std::string>>;

/// An event, validated and redacted: what its record holds.
struct Event {
    core::Uuid event_id;
    core::Timestamp time;
    std::string name;
    EventSeverity severity = EventSeverity::info;
    std::optional<core::TraceId> trace_id;
    std::optional<core::SpanId> span_id;
    std::uint8_t trace_flags = 0;
    Resource resource;
    std::vector<Field> fields;
};

/// `event=NAME key=value …`, in the order of the fields; a value in which a line would break is a JSON
/// string.
///
/// Example   event=training_fold_complete crypto=BTCUSDC fold_id=0 duration_ms=12345 (tests/event_test.cpp).
[[nodiscard]] std::string log_line(const Event& event);

/// Packed (docs/formats/record.md): one row.
[[nodiscard]] sink::Record encode(const Event& event);
/// invalid_input: not such a record; conflict: of a format that this program does not know.
[[nodiscard]] core::Result<Event> decode(const sink::Record& record);

/// What every event of a process shares.
struct Emitter {
    sink::Sink* sink = nullptr;  ///< None: an event is its line, and no record.
    core::Clock* clock = nullptr;
    const EventCatalogue* catalogue = nullptr;
    const config::SensitivePatterns* sensitive = nullptr;
    const Resource* resource = nullptr;
    /// Given each event's line, before its record is appended.
    std::function<void(std::string_view)> log = {};
};

struct EventReceipt {
    core::Uuid event_id;
    core::Timestamp time;
    std::string line;
    std::optional<sink::Acknowledgement> acknowledgement =
        {};                                   ///< Absent without a sink, and where it failed.
    std::optional<core::Error> failure = {};  ///< Why the record was not acknowledged: it is lost, perhaps.
    std::uint64_t redacted = 0;               ///< Values that are secret, or looked so, and were replaced.
    std::uint64_t shortened = 0;  ///< Values that were cut to 4,096 bytes, or to what 48 KiB leave.
    std::uint64_t mended = 0;     ///< Values with bytes that are not UTF-8: U+FFFD stands for them.
};

/// Validates, redacts, writes the log line and appends the record of one event (DESIGN 4.1). A field whose
/// key holds password, secret, token, key or credential (in any case), and a text that looks like a secret,
/// has
/// "[redacted]" for its value.
///
/// Errors    refused: a name that is not in the catalogue, a field that its event does not carry, a key that
/// is
///           no plain name, stands twice or is the library's own (event, trace_id, span_id), an id of a trace
///           or span that is none; limit_exceeded: over 100 fields. They are mistakes of the program.
///           Everything else, a sink that fails among it, is said in the receipt: telemetry does not take a
///           pipeline down.
/// Threads   Any number of callers at once, as the sink.
[[nodiscard]] core::Result<EventReceipt> emit_event(const Emitter& emitter, const EventRequest& request);

}  // namespace tristrata::technical
