#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::technical {

/// How bad an event is, by OpenTelemetry's own numbers.
enum class EventSeverity : std::uint8_t { debug = 5, info = 9, warn = 13, error = 17 };
[[nodiscard]] std::string_view name(EventSeverity severity) noexcept;

/// What events of one name are.
struct EventKind {
    std::string name;
    std::string meaning;
    EventSeverity severity = EventSeverity::info;
    std::vector<std::string> fields;  ///< Which fields it may carry; empty: any.
    std::string where;                ///< "events.toml:4:1", or "built in".
};

/// The names that events may have. It is closed: a name that nobody listed is refused, so that who searches
/// for an event finds it under one spelling.
class EventCatalogue {
public:
    /// What a pipeline of runs, nodes, folds and models tells.
    [[nodiscard]] static EventCatalogue defaults();
    /// The file's in place of the default ones; defaults() where no file is named. Each event is a table
    /// [events.NAME] with `meaning`, and if need be `severity` (info) and `fields`. configuration: a name
    /// that is none, an event without a meaning.
    [[nodiscard]] static core::Result<EventCatalogue> read(const std::filesystem::path& file);

    /// In the order of the file.
    [[nodiscard]] const std::vector<EventKind>& kinds() const noexcept { return kinds_; }
    /// refused: an unknown name, with the nearest known one.
    [[nodiscard]] core::Result<const EventKind*> require(std::string_view name) const;

private:
    std::vector<EventKind> kinds_;
};

/// Letters, digits and '_', '.', '-', beginning with a letter: what a name of an event or a field is made of,
/// so that a log line `key=value` can be taken apart again.
[[nodiscard]] bool is_plain_name(std::string_view name) noexcept;

}  // namespace tristrata::technical
