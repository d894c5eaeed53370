#include "partitions.hpp"
#include "role_prefix.hpp"
#include "schema_text.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/migration.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/role_prefix.hpp"
#include "tristrata/database/script.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using core::fail;

}  // namespace

core::Result<std::int64_t> init_postgres(const PostgresInit& init, Layer layer) {
    if (auto status = database::check_role_prefix(init.role_prefix); !status) return propagate(status);
    database::PostgresOptions options;
    options.url = init.url;
    options.application = "tristrata store init";
    database::Postgres database(std::move(options));
    auto encoding = database.query("SHOW server_encoding");
    if (!encoding) return propagate(encoding);
    if (encoding->text(0, 0) != "UTF8")
        return fail(
            ErrorKind::configuration,
            fmt::format(
                "{}: the database's encoding is {}, which cannot keep every name; make it with: CREATE "
                "DATABASE … ENCODING 'UTF8' TEMPLATE template0",
                database.where(), encoding->text(0, 0)));
    auto there = prefix_there(database, layer);
    if (!there) return propagate(there);
    if (*there && !init.role_prefix.empty() && **there != init.role_prefix)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: the roles of the schema {} have the prefix {}, not {}; leave the prefix out",
                        database.where(), schema_name(layer), core::quoted(**there),
                        core::quoted(init.role_prefix)));
    if (!*there && !init.accept_plain)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: the tables are made as plain PostgreSQL partitions, without what TimescaleDB "
                        "adds (compression); docs/postgresql.md says what that costs. Say that you take it: "
                        "--accept plain",
                        database.where()));
    const std::string prefix = there->value_or(init.role_prefix);
    auto applied = database::migrate(database, schema_name(layer), postgres_migrations(layer), prefix);
    if (!applied) return propagate(applied);
    auto ahead = database.query(fmt::format("SELECT {}.ensure_ahead($1)", schema_name(layer)),
                                {std::to_string(days_ahead)});
    if (!ahead) return propagate(ahead);
    return applied;
}

core::Result<std::string> postgres_schema(Layer layer, std::string_view role_prefix) {
    auto script = database::script_of(schema_name(layer), postgres_migrations(layer), role_prefix);
    if (!script) return propagate(script);
    return fmt::format("{}SELECT {}.ensure_ahead({});\n\n", *script, schema_name(layer), days_ahead);
}

}  // namespace tristrata::store
