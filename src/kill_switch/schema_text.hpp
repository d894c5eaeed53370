#pragma once

#include "tristrata/database/migration.hpp"

#include <span>
#include <string_view>

namespace tristrata::kill_switch {

inline constexpr std::string_view schema = "kill_switch";

/// The migrations of src/kill_switch/migrations/, put into the program when it was built.
[[nodiscard]] std::span<const database::Migration> sqlite_migrations() noexcept;
[[nodiscard]] std::span<const database::Migration> postgres_migrations() noexcept;
/// Of this program, as evaluations keep it.
[[nodiscard]] std::string_view program_version() noexcept;

}  // namespace tristrata::kill_switch
