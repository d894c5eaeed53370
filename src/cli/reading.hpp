#pragma once

#include "options.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::cli {

/// What every command that takes a plan takes beside it.
struct PlanArguments {
    std::string plan;  ///< A file; empty: none.
    std::string time;
    std::vector<std::string> columns;
    std::optional<std::string> method;
    std::optional<std::string> null;
    std::optional<std::string> season;
    std::optional<double> alpha;
    std::optional<std::uint64_t> seed;
};

/// The plan file, with what the command line says on top of it, and the patterns of the setting "sensitive".
[[nodiscard]] core::Result<detection::Plan> plan_of(const PlanArguments& arguments,
                                                    const SettingOptions& settings);

/// Opens what the command line calls DATA as the plan reads it: kinds that it knows better than the first
/// rows do, and the columns that it derives. `read_as` is the reference's schema, for the current side.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_data(
    const std::string& path, const detection::Plan& plan, const std::optional<dataset::Schema>& read_as,
    const core::Task& task);

/// DATA as the rows of --sql on --store: kpi, drift, read, or a [stores.NAME] of the settings. Never a URL,
/// which would stand in the process list.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_query(const QueryOptions& query,
                                                                        const config::Settings& settings,
                                                                        const detection::Plan& plan,
                                                                        const core::Task& task);

/// "-" can be read once: a second one is a usage error.
[[nodiscard]] core::Status refuse_two_pipes(const std::vector<std::string>& data);

}  // namespace tristrata::cli
