#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"

namespace tristrata::kill_switch {

/// Rows of kill_switch.state, or of kill_switch.history where `table` says that.
[[nodiscard]] core::Result<std::vector<State>> read_states(database::Postgres& database,
                                                           std::string_view table,
                                                           const std::optional<Scope>& scope,
                                                           std::string_view order, std::uint64_t limit);
/// To `state`, from the version before; false where that is not there any more.
[[nodiscard]] core::Result<bool> write_state(database::Postgres& database, const State& state);

}  // namespace tristrata::kill_switch
