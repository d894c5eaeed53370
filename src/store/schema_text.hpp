#pragma once

#include "tristrata/database/migration.hpp"
#include "tristrata/store/store.hpp"

#include <span>

namespace tristrata::store {

/// The migrations of src/store/migrations/sqlite/, put into the program when it was built.
[[nodiscard]] std::span<const database::Migration> sqlite_migrations(Layer layer) noexcept;
/// Those of src/store/migrations/postgres/.
[[nodiscard]] std::span<const database::Migration> postgres_migrations(Layer layer) noexcept;

}  // namespace tristrata::store
