#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store.hpp"

#include <optional>
#include <string>

namespace tristrata::store {

/// The prefix of the roles that a layer's schema was made with; nothing where there is no schema.
/// configuration: there is one that Tristrata did not make.
[[nodiscard]] core::Result<std::optional<std::string>> prefix_there(database::Postgres& database,
                                                                    Layer layer);

}  // namespace tristrata::store
