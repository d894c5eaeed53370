#include "role_prefix.hpp"

#include "tristrata/database/role_prefix.hpp"

namespace tristrata::store {

core::Result<std::optional<std::string>> prefix_there(database::Postgres& database, Layer layer) {
    return database::role_prefix_of(database, schema_name(layer));
}

}  // namespace tristrata::store
