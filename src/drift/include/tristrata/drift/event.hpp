#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/sink/sink.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::drift {

/// One row of drift.events.
struct Event {
    core::Uuid event_id;
    std::optional<core::Uuid> report_id;
    std::optional<std::string> run_id;
    std::string module;
    DriftType drift_type = DriftType::data_drift;
    std::string metric;
    std::optional<double> reference_value;
    std::optional<double> current_value;
    std::optional<double> significance;
    Severity severity = Severity::info;
    std::string payload;  ///< A JSON document, "{}" where there is nothing to say.
    core::Timestamp detected_at;
};

/// One push: a single event, or all rows of a report, taken in as one. `push_id` is there for a report: the
/// same push twice is one set of rows.
struct Push {
    std::optional<core::Uuid> push_id;
    std::vector<Event> events;
};

/// The rows of a report: one per drifted column (metric psi_<column>, payload its element), one per fired
/// signal, one per joint test that drifted, and one info row share_drifted whose payload is the whole report.
/// Row ids are uuid5(report_id, module, run_id, column, kind), times the report's created_at. `drift_type`
/// replaces the type of the columns' rows where it is given. The rows of a group's columns have its name in
/// the metric (psi_<column>[<by>=<label>]), in the payload ("group") and in what their ids are made of.
[[nodiscard]] Push push_of(const Report& report, std::string_view module, std::optional<std::string> run_id,
                           std::optional<DriftType> drift_type = std::nullopt);

/// The push_id of a report's push, which its rows tell: uuid5(report_id, module, run_id, "", "push").
[[nodiscard]] core::Uuid push_identity(const core::Uuid& report_id, std::string_view module,
                                       const std::optional<std::string>& run_id);

/// The record's bytes and back (docs/formats/record.md).
[[nodiscard]] sink::Record encode(const Push& push);
[[nodiscard]] core::Result<Push> decode(const sink::Record& record);

struct EventRequest {
    DriftType drift_type = DriftType::data_drift;
    std::string module;
    std::string metric;
    std::optional<double> reference_value;
    std::optional<double> current_value;
    std::optional<double> significance;
    std::optional<std::string> run_id;
    std::optional<Severity> severity;  ///< Absent: the policy decides; no row in it is an error.
    std::string payload = "{}";
    std::optional<core::Timestamp> time;  ///< Absent: the clock's.
    std::optional<core::Uuid> event_id;   ///< Absent: a new version 7.
};

/// Validates and appends one event. refused: an empty module or metric; one of them or a run_id over 200
/// bytes, not UTF-8 or with U+0000; a number not finite; a time outside 2000 to 2100; a payload no object.
[[nodiscard]] core::Result<sink::Acknowledgement> push_drift_event(sink::Sink& sink, core::Clock& clock,
                                                                   const EventRequest& request);

/// What an event's payload says, for people: `sentence` is the reason of a column or a signal, or the counts
/// of a whole report; `measured` is what reference_value and current_value are ("median", "share"). Empty
/// where the payload is of another kind.
struct EventWords {
    std::string sentence;
    std::string measured;
};
[[nodiscard]] EventWords words_of(const Event& event);

/// Appends a report's rows as one record. `caller_module`, where it is not empty, stands in each payload.
[[nodiscard]] core::Result<sink::Acknowledgement> push_drift_report(
    sink::Sink& sink, const Report& report, std::string_view module, std::optional<std::string> run_id,
    std::optional<DriftType> drift_type = std::nullopt, std::string_view caller_module = {});

/// The payload, a JSON object with members, with one more at its end: `caller_module`. Unchanged where that
/// is empty.
[[nodiscard]] std::string with_caller(const std::string& payload, std::string_view caller_module);

}  // namespace tristrata::drift
