#include "tristrata/database/role_prefix.hpp"

#include "tristrata/database/postgres.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::database {
namespace {

constexpr std::string_view schema_owner = "maintenance";

}  // namespace

core::Status check_role_prefix(std::string_view prefix) {
    // PostgreSQL cuts names at 63 bytes, silently.
    constexpr std::size_t longest = 40;
    const bool fits = std::ranges::all_of(
        prefix, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (fits && prefix.size() <= longest && (prefix.empty() || prefix.front() < '0' || prefix.front() > '9'))
        return {};
    return core::fail(
        core::ErrorKind::usage,
        fmt::format("a role prefix holds lower-case letters, digits and _, at most {} of them and no digit "
                    "first, such as cvntrade_",
                    longest));
}

core::Result<std::optional<std::string>> role_prefix_of(Postgres& database, std::string_view schema) {
    auto rows = database.query(
        "SELECT rolname FROM pg_catalog.pg_namespace JOIN pg_catalog.pg_roles ON pg_roles.oid = nspowner "
        "WHERE nspname = $1",
        {std::string(schema)});
    if (!rows) return propagate(rows);
    if (rows->count() == 0) return std::optional<std::string>();
    const std::string name = rows->text(0, 0);
    if (!name.ends_with(schema_owner))
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("{} has a schema {} that Tristrata did not make (its owner is no {}); give the store "
                        "a database of its own",
                        database.where(), schema, schema_owner));
    return std::optional(name.substr(0, name.size() - schema_owner.size()));
}

}  // namespace tristrata::database
