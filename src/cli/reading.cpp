#include "reading.hpp"

#include "opening.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/cursor.hpp"
#include "tristrata/dataset/derived.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/sources/query.hpp"

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

/// Whether a file, whose bytes can be read again, begins as a profile does.
bool is_profile_file(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) return false;
    std::ifstream file(path, std::ios::binary);
    std::array<char, 8> head{};
    file.read(head.data(), head.size());
    return detection::begins_as_profile({head.data(), static_cast<std::size_t>(file.gcount())});
}

/// How the plan has columns read whose format leaves it open.
sources::SourceOptions source_options(const detection::Plan& plan,
                                      const std::optional<dataset::Schema>& read_as) {
    sources::SourceOptions options;
    for (const auto& [name, column] : plan.column) {
        if (column.kind == drift::Kind::categorical) options.types.emplace(name, dataset::Type::text);
        if (column.kind == drift::Kind::numeric) options.types.emplace(name, dataset::Type::real);
    }
    options.read_as = read_as;
    options.time = plan.time;
    return options;
}

core::Result<std::unique_ptr<dataset::Source>> open_query(const QueryOptions& query,
                                                          const SettingOptions& options,
                                                          const core::Task& task) {
    if (query.store.empty())
        return core::fail(core::ErrorKind::usage,
                          "--sql needs the store that it asks: --store kpi, drift, read, or the NAME of a "
                          "[stores.NAME] in tristrata.toml");
    auto settings = read_settings(options);
    if (!settings) return propagate(settings);
    auto setting = config::require_store(*settings, query.store);
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    const auto stop = [task] { return !task.check(); };
    const auto open = [&]() -> core::Result<std::unique_ptr<database::Cursor>> {
        if (url->backend == config::Backend::postgresql) {
            database::PostgresOptions server;
            server.url = config::source_of(*setting);
            return database::open_cursor(std::move(server), query.sql, stop);
        }
        // The name that tables carry in the query: FROM kpi.events.
        const std::string schema = query.store == "read" ? "kpi" : query.store;
        auto file = database::Sqlite::open(url->path, schema, database::Access::read, false);
        if (!file) return propagate(file);
        return database::open_cursor(std::move(*file), query.sql, stop);
    };
    auto cursor = open();
    if (!cursor) return propagate(cursor);
    return sources::open_query(**cursor, fmt::format("query on {}", query.store), task);
}

/// The source as the plan reads it, with a word for each column that it may have meant otherwise.
core::Result<std::unique_ptr<dataset::Source>> as_planned(std::unique_ptr<dataset::Source> source,
                                                          const detection::Plan& plan, bool is_current) {
    for (const auto& field : source->schema().fields)
        if (field.type == dataset::Type::text && !field.remark.empty() && !is_current)
            fmt::print(stderr,
                       "note: {} of {} is read as text, though {}; in a plan, [column.{}] kind = \"numeric\" "
                       "reads it as numbers and names the first value that is none\n",
                       core::quoted(field.name), source->name(), field.remark, core::quoted(field.name));
    return dataset::derive(std::move(source), plan.derived, plan.time);
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_table(const NamedTables& tables, std::size_t index,
                                                          const sources::SourceOptions& options,
                                                          const SettingOptions& settings,
                                                          const core::Task& task) {
    if (index < tables.data.size()) return sources::open_source(tables.data[index], options, task);
    return open_query(tables.query, settings, task);
}

core::Result<std::unique_ptr<dataset::Source>> open_table(const NamedTables& tables, std::size_t index,
                                                          const detection::Plan& plan,
                                                          const std::optional<dataset::Schema>& read_as,
                                                          const SettingOptions& settings,
                                                          const core::Task& task) {
    auto source = open_table(tables, index, source_options(plan, read_as), settings, task);
    if (!source) return propagate(source);
    return as_planned(std::move(*source), plan, read_as.has_value());
}

core::Status check_tables(const NamedTables& tables, const std::string& labels) {
    for (const auto& path : tables.data)
        if (is_profile_file(path))
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
