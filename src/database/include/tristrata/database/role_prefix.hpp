#pragma once

#include "tristrata/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tristrata::database {

class Postgres;

/// usage: more than 40 lower-case letters, digits and _, or a digit first.
[[nodiscard]] core::Status check_role_prefix(std::string_view prefix);

/// The prefix of the roles that a schema was made with: what stands before "maintenance" in its owner's name.
/// Nothing where there is no such schema; configuration: there is one that Tristrata did not make.
[[nodiscard]] core::Result<std::optional<std::string>> role_prefix_of(Postgres& database,
                                                                      std::string_view schema);

}  // namespace tristrata::database
