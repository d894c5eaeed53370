#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"

#include <string>

namespace tristrata::cli {

/// What a request to engage names as its incident: the whole of an id of which the beginning is given, where
/// its store knows it; else what was given, and a note, for nothing keeps a person from engaging. A new name
/// where nothing is given.
[[nodiscard]] std::string incident_of(const std::string& given, const config::Settings& settings);

/// Whether an incident is open and crit. Nobody has to know of one to be held by it, nor to have named their
/// store: one that cannot be asked is not known to be closed. An id that is none (by_hand:…) is another's.
/// `settings` outlive it.
[[nodiscard]] kill_switch::CritOpen crit_open(const config::Settings& settings);

}  // namespace tristrata::cli
