#include "kill_switch_incidents.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/kill_switch/escalation.hpp"

#include <fmt/format.h>
#include <string_view>

namespace tristrata::cli {
namespace {

/// "59f9": elsewhere an id is asked for by its beginning; here it would be the name of another incident. What
/// is too short for that is told, as there.
bool begins_an_id(std::string_view text) {
    constexpr std::size_t whole = 36;
    return text.size() < whole && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

core::Result<incident::Incident> find(const std::string& id, const config::Settings& settings) {
    if (auto set = settings.require("response_url"); !set) return propagate(set);
    auto store = incident::IncidentStore::open(settings);
    if (!store) return propagate(store);
    return store->find(id);
}

}  // namespace

std::string incident_of(const std::string& given, const config::Settings& settings) {
    if (given.empty()) return "by_hand:" + core::to_string(core::uuid_v7(core::system_clock()));
    if (!begins_an_id(given)) return given;
    auto found = find(given, settings);
    if (found) return core::to_string(found->incident_id);
    fmt::print(
        stderr,
        "note: no incident holds the scope by the beginning of an id, and the whole of {} is not known "
        "here: {}\n",
        core::quoted(given), found.error().message);
    return given;
}

kill_switch::CritOpen crit_open(const config::Settings& settings) {
    return [&settings](const std::string& text) -> core::Result<bool> {
        const auto id = core::parse_uuid(text);
        if (!id) return false;
        auto found = find(core::to_string(*id), settings);
        if (!found && found.error().kind == core::ErrorKind::not_found) return false;
        if (!found) return propagate(found);
        return found->phase != incident::Phase::closed && found->severity == drift::Severity::crit &&
               found->module != kill_switch::event_module;
    };
}

}  // namespace tristrata::cli
