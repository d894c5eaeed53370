#pragma once

#include "options.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/sources/open.hpp"

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

/// The table at `index` of those that the command line names, without a plan. A query is --sql on --store:
/// kpi, drift, read, or a [stores.NAME] of the settings; never a URL, which would stand in the process list.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_table(const NamedTables& tables,
                                                                        std::size_t index,
                                                                        const sources::SourceOptions& options,
                                                                        const SettingOptions& settings,
                                                                        const core::Task& task);

/// The same as the plan reads it: kinds that it knows better than the first rows do, and the columns that it
/// derives. `read_as` is the reference's schema, for the current side.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_table(
    const NamedTables& tables, std::size_t index, const detection::Plan& plan,
    const std::optional<dataset::Schema>& read_as, const SettingOptions& settings, const core::Task& task);

/// usage: a table that is a saved profile; two that are standard input, which can be read once; a store that
/// no query asks. `labels` is a further table that no query stands for, or empty.
[[nodiscard]] core::Status check_tables(const NamedTables& tables, const std::string& labels = {});

/// usage: not one DATA, and what check_tables() refuses.
[[nodiscard]] core::Status check_one(const NamedTables& tables);

/// usage: neither REFERENCE CURRENT nor one DATA of which both windows are named (or whose reference is
/// saved), and what check_tables() refuses.
[[nodiscard]] core::Status check_sides(const NamedTables& tables, bool one_is_enough,
                                       const std::string& labels = {});

}  // namespace tristrata::cli
