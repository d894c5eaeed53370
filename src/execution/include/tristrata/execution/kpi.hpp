#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/execution/tag_policy.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::execution {

/// One call of emit_kpi: wide. Each metric becomes one row of kpi.events.
struct KpiRequest {
    std::string module;
    std::optional<std::string> run_id;
    std::optional<std::string> dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<bool> success;
    std::map<std::string, std::string> tags;
    /// The library's own, which nobody else may set: what an adapter knows of a host's task. Keys that are
    /// not reserved are refused here, as reserved ones are in `tags`.
    std::map<std::string, std::string> library_tags;
    std::optional<core::Timestamp> time;  ///< Absent: the clock's.
    std::optional<core::Uuid> event_id;   ///< Names the emit; absent: a new version 7.
    std::vector<std::pair<std::string, double>> metrics;
};

/// One row of kpi.events: narrow.
struct KpiRow {
    core::Uuid event_id;  ///< uuid5(emit_id, metric_name).
    std::uint16_t emit_seq = 0;
    std::string metric_name;
    double metric_value = 0.0;
};

/// An emit, validated: what is written, in one transaction.
struct KpiEmit {
    core::Uuid emit_id;
    core::Timestamp time;
    std::string module;
    std::optional<std::string> run_id;
    std::optional<std::string> dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<bool> success;
    std::map<std::string, std::string> tags;
    std::vector<KpiRow> rows;
};

/// An emit whose texts stand elsewhere and have to stay: in a packed record that is read in place, or in what
/// is emitted.
struct KpiView {
    core::Uuid emit_id;
    core::Timestamp time;
    std::string_view module;
    std::optional<std::string_view> run_id;
    std::optional<std::string_view> dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<bool> success;
    std::vector<std::pair<std::string_view, std::string_view>> tags;  ///< In the order of their keys.
    std::vector<std::pair<std::string_view, double>> metrics;         ///< In the order of their emit_seq.
};
/// Packed, format 2 (docs/formats/record.md). A row's event_id and emit_seq are not written: they follow from
/// emit_id, name and place.
[[nodiscard]] sink::Record encode(const KpiView& emit);
[[nodiscard]] sink::Record encode(const KpiEmit& emit);
/// Also of format 1, JSON. invalid_input: not such a record; conflict: of a format this program does not
/// know.
[[nodiscard]] core::Result<KpiEmit> decode(const sink::Record& record);

/// Errors as of decode; of format 1 a conflict.
[[nodiscard]] core::Result<KpiView> view(const sink::Record& record);
/// Not of format 1.
[[nodiscard]] bool is_packed(const sink::Record& record);

/// What every emit of a process shares.
struct Emitter {
    sink::Sink* sink = nullptr;
    core::Clock* clock = nullptr;
    const TagPolicy* tags = nullptr;
    std::string environment;  ///< TRISTRATA_ENVIRONMENT; becomes the tag `environment`; may be empty.
};

struct KpiReceipt {
    core::Uuid emit_id;
    core::Timestamp time;
    sink::Acknowledgement acknowledgement;
    std::uint64_t redacted = 0;  ///< Tag values that looked like secrets and were replaced.
};

/// What an emit refuses of its module, run_id and tags: an adapter asks before its host runs. Without a
/// policy the keys of tags are not looked at.
[[nodiscard]] core::Status check_origin(const KpiRequest& request, const TagPolicy* tags);

/// Validates and appends one emit (DESIGN 4.1). refused: an empty module, no metric and neither duration nor
/// success, a non-finite metric, an unknown, reserved or deny-listed tag key, an over-long string. The
/// message names the offence. `caller_module` is the call site unless `caller` names another.
[[nodiscard]] core::Result<KpiReceipt> emit_kpi(const Emitter& emitter, const KpiRequest& request,
                                                std::source_location where = std::source_location::current());
[[nodiscard]] core::Result<KpiReceipt> emit_kpi_as(const Emitter& emitter, const KpiRequest& request,
                                                   std::string_view caller_module);

}  // namespace tristrata::execution
