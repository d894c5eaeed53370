#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/kill_switch/policy.hpp"

#include <string>

namespace tristrata::cli {

/// Of the configured analyzers whose module has a scope those of which nothing can ever be evidence to the
/// kill switch, and why, each reason as "; note: …": they look at their windows too late, or these hold too
/// few rows. Empty: there are none, or the file cannot be read, which its own line says.
[[nodiscard]] std::string no_evidence(const config::Settings& settings, const kill_switch::Policy& policy);

}  // namespace tristrata::cli
