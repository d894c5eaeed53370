#include "reading.hpp"

#include "opening.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "tristrata/drift_check/table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace tristrata::cli {

core::Result<detection::Plan> plan_of(const PlanArguments& arguments, const SettingOptions& settings) {
    detection::Plan plan;
    if (!arguments.plan.empty()) {
        auto read = detection::read_plan(arguments.plan);
        if (!read) return propagate(read);
        plan = std::move(*read);
    }
    if (!arguments.time.empty()) plan.time = arguments.time;
    if (!arguments.columns.empty()) plan.columns = arguments.columns;
    if (arguments.method) plan.method = *arguments.method;
    if (arguments.alpha) plan.alpha = *arguments.alpha;
    if (arguments.seed) plan.seed = *arguments.seed;
    if (arguments.null) {
        auto null = detection::parse_null(*arguments.null);
        if (!null) return propagate(null);
        plan.null = *null;
    }
    if (arguments.season) {
        auto season = detection::parse_season(*arguments.season);
        if (!season) return propagate(season);
        plan.season = *season;
    }
    auto patterns = read_patterns(settings);
    if (!patterns) return propagate(patterns);
    plan.patterns = std::move(*patterns);
    if (auto status = detection::validate(plan); !status) return propagate(status);
    return plan;
}

namespace {

drift_check::TableName table_at(const NamedTables& tables, std::size_t index) {
    if (index < tables.data.size()) return {tables.data[index], {}, {}};
    return {{}, tables.query.sql, tables.query.store};
}

/// A query alone needs settings, and a file is checked also where they are wrong.
core::Result<config::Settings> settings_of(const drift_check::TableName& name,
                                           const SettingOptions& options) {
    return name.sql.empty() ? core::Result<config::Settings>(config::Settings()) : read_settings(options);
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_table(const NamedTables& tables, std::size_t index,
                                                          const sources::SourceOptions& options,
                                                          const SettingOptions& settings,
                                                          const core::Task& task) {
    const auto name = table_at(tables, index);
    auto read = settings_of(name, settings);
    if (!read) return propagate(read);
    return drift_check::open_table(name, options, *read, task);
}

core::Result<std::unique_ptr<dataset::Source>> open_table(const NamedTables& tables, std::size_t index,
                                                          const detection::Plan& plan,
                                                          const std::optional<dataset::Schema>& read_as,
                                                          const SettingOptions& settings,
                                                          const core::Task& task) {
    const auto name = table_at(tables, index);
    auto read = settings_of(name, settings);
    if (!read) return propagate(read);
    return drift_check::open_table(name, plan, read_as, *read, task, [](std::string_view sentence) {
        fmt::print(stderr, "note: {}\n", sentence);
    });
}

core::Status check_tables(const NamedTables& tables, const std::string& labels) {
    for (const auto& path : tables.data)
        if (drift_check::is_profile_file(path))
            return core::fail(core::ErrorKind::usage,
                              fmt::format("{} is a saved profile, no table; what is held against it is named "
                                          "beside it: tristrata drift check --profile {} CURRENT",
                                          path, path));
    if (std::ranges::count(tables.data, "-") + (labels == "-" ? 1 : 0) > 1)
        return core::fail(
            core::ErrorKind::usage,
            labels == "-"
                ? "standard input (-) stands for DATA and for --labels and can be read once; give one as a "
                  "file"
                : "standard input (-) stands on both sides and can be read once; give one side as a file");
    if (!tables.query.sql.empty() && tables.query.store.empty())
        return core::fail(core::ErrorKind::usage,
                          "--sql needs the store that it asks: --store kpi, drift, read, or the NAME of a "
                          "[stores.NAME] in tristrata.toml");
    if (!tables.query.store.empty() && tables.query.sql.empty())
        return core::fail(core::ErrorKind::usage,
                          "--store says which store a query asks; give the query with --sql");
    return {};
}

core::Status check_one(const NamedTables& tables) {
    if (tables.count() != 1)
        return core::fail(
            core::ErrorKind::usage,
            fmt::format("{} tables are named; expected one: DATA, or --sql QUERY --store NAME in "
                        "its place",
                        tables.count()));
    return check_tables(tables);
}

core::Status check_sides(const NamedTables& tables, bool one_is_enough, const std::string& labels) {
    if (tables.count() == 0 || tables.count() > 2)
        return core::fail(
            core::ErrorKind::usage,
            fmt::format("{} tables are named; expected two, REFERENCE CURRENT, or one DATA with two windows "
                        "of it; --sql stands for the last of them",
                        tables.count()));
    if (auto status = check_tables(tables, labels); !status) return status;
    if (tables.count() == 1 && !one_is_enough)
        return core::fail(core::ErrorKind::usage,
                          "one DATA is compared with itself over time: give --time, --reference FROM..TO and "
                          "--current FROM..TO; or name two files, REFERENCE CURRENT");
    return {};
}

}  // namespace tristrata::cli
