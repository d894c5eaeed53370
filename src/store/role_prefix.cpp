#include "role_prefix.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

constexpr std::string_view owner = "maintenance";

}  // namespace

core::Result<std::optional<std::string>> prefix_there(database::Postgres& database, Layer layer) {
    auto rows = database.query(
        "SELECT rolname FROM pg_catalog.pg_namespace JOIN pg_catalog.pg_roles ON pg_roles.oid = nspowner "
        "WHERE "
        "nspname = $1",
        {std::string(schema_name(layer))});
    if (!rows) return propagate(rows);
    if (rows->count() == 0) return std::optional<std::string>();
    const std::string name = rows->text(0, 0);
    if (!name.ends_with(owner))
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("{} has a schema {} that Tristrata did not make (its owner is no {}); give the store "
                        "a database of its own",
                        database.where(), schema_name(layer), owner));
    return std::optional(name.substr(0, name.size() - owner.size()));
}

}  // namespace tristrata::store
