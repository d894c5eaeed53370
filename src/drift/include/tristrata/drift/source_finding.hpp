#pragma once

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tristrata::drift {

/// What somebody says who looks at a source window by window: an analyzer, a scheduled check.
struct SourceFinding {
    std::string_view finding;  ///< A signal's kind, "distribution", "combination", "source".
    std::string_view reason;   ///< One sentence, for a person.
    /// What reference_value and current_value are; empty: what the signal measures.
    std::string_view measured;
    std::string_view source;              ///< As people know it, without credentials.
    std::optional<core::Timestamp> from;  ///< The window; absent: all of the source.
    core::Timestamp to;
    std::optional<std::uint64_t> rows;  ///< Of the window, where they were counted.
};

/// The members that its payload has whoever says it: finding, signal where it is one, reason, measured,
/// source and window. They go into the object that is open.
void write_members(core::JsonWriter& json, const SourceFinding& finding);

/// Whether a signal speaks of values that came. The others speak of rows, columns or times that did not come,
/// or came twice: that is the telemetry's.
[[nodiscard]] bool is_of_values(SignalKind kind) noexcept;

}  // namespace tristrata::drift
