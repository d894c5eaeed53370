#include "reading.hpp"

#include "opening.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/dataset/derived.hpp"
#include "tristrata/sources/open.hpp"
#include "tristrata/sources/query.hpp"

#include <fmt/format.h>
#include <algorithm>

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

core::Result<std::unique_ptr<dataset::Source>> open_data(const std::string& path, const detection::Plan& plan,
                                                         const std::optional<dataset::Schema>& read_as,
                                                         const core::Task& task) {
    sources::SourceOptions options;
    for (const auto& [name, column] : plan.column) {
        if (column.kind == drift::Kind::categorical) options.types.emplace(name, dataset::Type::text);
        if (column.kind == drift::Kind::numeric) options.types.emplace(name, dataset::Type::real);
    }
    options.read_as = read_as;
    options.time = plan.time;
    auto source = sources::open_source(path, options, task);
    if (!source) return propagate(source);
    for (const auto& field : (*source)->schema().fields)
        if (field.type == dataset::Type::text && !field.remark.empty() && !read_as)
            fmt::print(stderr,
                       "note: {} of {} is read as text, though {}; in a plan, [column.{}] kind = \"numeric\" "
                       "reads it as numbers and names the first value that is none\n",
                       core::quoted(field.name), path, field.remark, core::quoted(field.name));
    return dataset::derive(std::move(*source), plan.derived, plan.time);
}

core::Result<std::unique_ptr<dataset::Source>> open_query(const QueryOptions& query,
                                                          const config::Settings& settings,
                                                          const detection::Plan& plan,
                                                          const core::Task& task) {
    if (query.store.empty())
        return core::fail(core::ErrorKind::usage,
                          "--sql needs the store that it asks: --store kpi, drift, read, or the NAME of a "
                          "[stores.NAME] in tristrata.toml");
    auto setting = config::require_store(settings, query.store);
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    if (url->backend != config::Backend::sqlite)
        return core::fail(core::ErrorKind::configuration,
                          fmt::format("{} is a PostgreSQL URL, which this version does not read; expected "
                                      "sqlite:///PATH",
                                      setting->origin));
    // The name that tables carry in the query: FROM kpi.events.
    const std::string schema = query.store == "read" ? "kpi" : query.store;
    auto database = database::Sqlite::open(url->path, schema, database::Access::read, false);
    if (!database) return propagate(database);
    auto source = sources::open_query(*database, query.sql, fmt::format("query on {}", query.store), task);
    if (!source) return propagate(source);
    return dataset::derive(std::move(*source), plan.derived, plan.time);
}

core::Status refuse_two_pipes(const std::vector<std::string>& data) {
    if (std::ranges::count(data, "-") < 2) return {};
    return core::fail(
        core::ErrorKind::usage,
        "standard input (-) stands on both sides and can be read once; give one side as a file");
}

}  // namespace tristrata::cli
