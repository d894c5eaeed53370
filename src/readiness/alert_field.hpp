#pragma once

#include <string>
#include <string_view>

namespace tristrata::readiness {

// Cells of the table of alerts.

/// 1, 2 or 3 of a cell that is one severity, with what it does or a reason beside it; 0 of any other.
[[nodiscard]] int severity_of(std::string_view cell);
/// Whether a cell without a rule of its own is left to be written: "later", "to be chosen", "?".
[[nodiscard]] bool is_left_open(const std::string& cell);
/// Whether the channel of an alert is said to be none: "-", "nobody", "no channel yet", "muted", "a log
/// file".
[[nodiscard]] bool wakes_nobody(const std::string& channel);
/// "VarianceDead" of "VarianceDead (new)".
[[nodiscard]] std::string name_alone(const std::string& name);
/// What beside an alert's name says that it is not there, or does not speak: "(planned)", ", silenced".
[[nodiscard]] std::string note_of_alert(std::string_view cell);

}  // namespace tristrata::readiness
