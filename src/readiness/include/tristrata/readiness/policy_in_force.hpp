#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/readiness/policy.hpp"

#include <filesystem>
#include <string>

namespace tristrata::readiness {

/// The policy that counts, and whose it is.
struct PolicyInForce {
    Policy policy;
    std::string file;   ///< Relative to the repository; empty: a file elsewhere was given.
    std::string whose;  ///< "readiness.scope.toml as it stands at the base (1a2b3c4d5e6f)"
};

/// `given`: a file, of the command line; empty: readiness.scope.toml of the repository, or ADR-0070's own
/// where it has none. With an `ancestor` (ancestor_of) a file of the repository counts as it stands there, so
/// that no change set opens the gate for itself; where it is not there, ADR-0070's own counts, with the file
/// beside it (Policy::beside_the_defaults). `head`: the commit whose file that is; empty: the working tree's.
/// The file of the change set is read, too. One that cannot be read at the ancestor counts for a change set
/// that mends it, alone or with a decision: for that one ADR-0070's own does, with the mended one beside it.
///
/// Errors    configuration: a file that is wrong, at the ancestor or by the change set; not_found,
///           unavailable: git, or the given file.
[[nodiscard]] core::Result<PolicyInForce> policy_in_force(const std::filesystem::path& root,
                                                          const std::string& given,
                                                          const std::string& ancestor,
                                                          const std::string& head);

}  // namespace tristrata::readiness
