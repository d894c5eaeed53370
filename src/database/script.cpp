#include "tristrata/database/script.hpp"

#include "tristrata/database/role_prefix.hpp"

#include <fmt/format.h>

namespace tristrata::database {

core::Result<std::string> script_of(std::string_view schema, std::span<const Migration> migrations,
                                    std::string_view role_prefix) {
    if (auto status = check_role_prefix(role_prefix); !status) return propagate(status);
    std::string text;
    for (const auto& migration : migrations) {
        // A version that is there is passed over: the first is known by its table, whose rows nobody may ask
        // for before.
        const std::string is_there =
            migration.number == 1 ? fmt::format("to_regclass('{}.schema_version') IS NOT NULL", schema)
                                  : fmt::format("EXISTS (SELECT FROM {}.schema_version WHERE version >= {})",
                                                schema, migration.number);
        text += fmt::format(
            "-- The schema {0}, version {1}: one transaction, which may be run again.\nBEGIN;\nDO "
            "$migration_{1}$ BEGIN IF {2} THEN\n  RAISE NOTICE 'the schema {0} is at version {1} or newer "
            "already';\n  RETURN;\nEND IF;\nEXECUTE $version_{1}$\n{3}\nINSERT INTO {0}.schema_version "
            "(version) VALUES ({1});\n$version_{1}$;\nEND $migration_{1}$;\nCOMMIT;\n",
            schema, migration.number, is_there, with_role_prefix(migration.sql, role_prefix));
    }
    return text;
}

}  // namespace tristrata::database
