#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"

#include <cstdint>

namespace tristrata::kill_switch {

/// Whether a scope in other letters is meant, too (is_same).
enum class Letters : std::uint8_t { as_given, any };
/// Rows of kill_switch.state, or of kill_switch.history where `table` says that.
[[nodiscard]] core::Result<std::vector<State>> read_states(database::Postgres& database,
                                                           std::string_view table,
                                                           const std::optional<Scope>& scope,
                                                           std::string_view order, std::uint64_t limit,
                                                           Letters letters = Letters::as_given);
/// To `state`, from the version before; false where that is not there any more.
[[nodiscard]] core::Result<bool> write_state(database::Postgres& database, const State& state);

}  // namespace tristrata::kill_switch
