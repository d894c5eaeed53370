#pragma once

#include "options.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tristrata::cli {

/// Set by the subcommand that was named; run once the whole line has been understood.
using Action = std::function<int()>;

/// --config, --kpi-url, --drift-url, --spool.
void add_settings(CLI::App& command, SettingOptions& settings);
/// --format and --out.
void add_output(CLI::App& command, Output& output, const std::vector<std::string>& formats);

/// tristrata analyze …
void add_analyzers(CLI::App& app, Action& action);
/// tristrata event …
void add_events(CLI::App& app, Action& action);
/// tristrata incident …
void add_incidents(CLI::App& app, Action& action);
/// tristrata kill-switch …
void add_kill_switch(CLI::App& app, Action& action);
/// tristrata report …
void add_reports(CLI::App& app, Action& action);
/// tristrata readiness …
void add_readiness(CLI::App& app, Action& action);
/// tristrata store …
void add_stores(CLI::App& app, Action& action);

}  // namespace tristrata::cli
