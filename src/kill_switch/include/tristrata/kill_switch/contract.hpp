#pragma once

#include "tristrata/core/secret.hpp"
#include "tristrata/kill_switch/vocabulary.hpp"

#include <string>
#include <vector>

namespace tristrata::kill_switch {

/// What the database has to keep, whatever tables stand behind kill_switch.state and kill_switch.history.
struct ContractRule {
    std::string rule;
    bool holds = false;
    std::string found;  ///< What the database said or did.
};

/// Tries each rule on PostgreSQL as the roles engager, operator and grafana_reader, in one transaction that
/// is taken back: nobody sees it, and the scope's row is locked meanwhile. `admin` is a user who may take
/// those roles. Returns   Every rule; the first two alone where the tables cannot be read or engaged at all.
/// Errors    configuration: no such tables or roles; conflict: the scope is engaged; unavailable.
[[nodiscard]] core::Result<std::vector<ContractRule>> check_contract(const core::SecretSource& admin,
                                                                     const Scope& scope);

}  // namespace tristrata::kill_switch
