#include "tristrata/drift_check/table.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/database/cursor.hpp"
#include "tristrata/dataset/derived.hpp"
#include "tristrata/sources/query.hpp"

#include <fmt/format.h>

namespace tristrata::drift_check {
namespace {

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

core::Result<std::unique_ptr<dataset::Source>> open_query(const TableName& name,
                                                          const config::Settings& settings,
                                                          const core::Task& task) {
    if (name.store.empty())
        return core::fail(core::ErrorKind::usage,
                          "a query needs the store that it asks: kpi, drift, read, or the NAME of a "
                          "[stores.NAME] in tristrata.toml");
    auto setting = config::require_store(settings, name.store);
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    const auto stop = [task] { return !task.check(); };
    const auto open = [&]() -> core::Result<std::unique_ptr<database::Cursor>> {
        if (url->backend == config::Backend::postgresql) {
            database::PostgresOptions server;
            server.url = config::source_of(*setting);
            return database::open_cursor(std::move(server), name.sql, stop);
        }
        // The name that tables carry in the query: FROM kpi.events.
        const std::string schema = name.store == "read" ? "kpi" : name.store;
        auto file = database::Sqlite::open(url->path, schema, database::Access::read, false);
        if (!file) return propagate(file);
        return database::open_cursor(std::move(*file), name.sql, stop);
    };
    auto cursor = open();
    if (!cursor) return propagate(cursor);
    return sources::open_query(**cursor, fmt::format("query on {}", name.store), task);
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_table(const TableName& name,
                                                          const sources::SourceOptions& options,
                                                          const config::Settings& settings,
                                                          const core::Task& task) {
    if (name.sql.empty()) return sources::open_source(name.path, options, task);
    return open_query(name, settings, task);
}

core::Result<std::unique_ptr<dataset::Source>> open_table(
    const TableName& name, const detection::Plan& plan, const std::optional<dataset::Schema>& read_as,
    const config::Settings& settings, const core::Task& task,
    const std::function<void(std::string_view)>& notice) {
    auto source = open_table(name, source_options(plan, read_as), settings, task);
    if (!source) return propagate(source);
    if (notice && !read_as)
        for (const auto& field : (*source)->schema().fields)
            if (field.type == dataset::Type::text && !field.remark.empty())
                notice(fmt::format(
                    "{} of {} is read as text, though {}; in a plan, [column.{}] kind = "
                    "\"numeric\" reads it as numbers and names the first value that is none",
                    core::quoted(field.name), (*source)->name(), field.remark, core::quoted(field.name)));
    return dataset::derive(std::move(*source), plan.derived, plan.time);
}

}  // namespace tristrata::drift_check
