#include "schema_text.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/role_prefix.hpp"
#include "tristrata/database/script.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"

#include <fmt/format.h>

namespace tristrata::kill_switch {

core::Result<Place> place_of(const config::Settings& settings) {
    auto setting = settings.require("kill_switch_url");
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    Place place;
    place.backend = url->backend;
    place.path = url->path;
    if (url->backend == config::Backend::postgresql) place.url = config::source_of(*setting);
    return place;
}

core::Result<std::int64_t> init(const Place& place, const std::optional<core::SecretSource>& admin,
                                const std::string& role_prefix, core::Clock& clock) {
    if (place.backend == config::Backend::sqlite) {
        auto database = database::Sqlite::open(place.path, schema, database::Access::write, true);
        if (!database) return propagate(database);
        return database::migrate(*database, schema, sqlite_migrations(), clock);
    }
    if (auto fits = database::check_role_prefix(role_prefix); !fits) return propagate(fits);
    if (!admin)
        return core::fail(
            core::ErrorKind::configuration,
            "TRISTRATA_ADMIN_URL is not set; it names a user who may create schemas and roles, who makes "
            "the tables of the kill switch");
    database::PostgresOptions options;
    options.url = *admin;
    options.application = "tristrata kill-switch init";
    database::Postgres database(std::move(options));
    auto there = database::role_prefix_of(database, schema);
    if (!there) return propagate(there);
    if (*there && !role_prefix.empty() && **there != role_prefix)
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("{}: the roles of the schema {} have the prefix {}, not {}; leave the prefix out",
                        database.where(), schema, **there, role_prefix));
    return database::migrate(database, schema, postgres_migrations(), there->value_or(role_prefix));
}

core::Result<std::string> postgres_schema(std::string_view role_prefix) {
    return database::script_of(schema, postgres_migrations(), role_prefix);
}

}  // namespace tristrata::kill_switch
