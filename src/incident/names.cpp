#include "tristrata/incident/incident.hpp"

#include <array>

namespace tristrata::incident {

std::string_view name(Phase phase) noexcept {
    constexpr std::array names{"open", "cooling", "closed"};
    return names.at(static_cast<std::size_t>(phase));
}
std::string_view name(Ending ending) noexcept {
    constexpr std::array names{"recovered", "quiet", "false_alarm"};
    return names.at(static_cast<std::size_t>(ending));
}
std::string_view name(Hold hold) noexcept {
    constexpr std::array names{"none", "maintenance", "inhibited", "snoozed", "budget", "dismissed"};
    return names.at(static_cast<std::size_t>(hold));
}
std::string_view name(Page::Kind kind) noexcept {
    constexpr std::array names{"firing", "resolved", "budget"};
    return names.at(static_cast<std::size_t>(kind));
}

}  // namespace tristrata::incident
