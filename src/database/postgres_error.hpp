#pragma once

#include "tristrata/core/error.hpp"

#include <string>
#include <string_view>

namespace tristrata::database {

/// What a caller does about an SQLSTATE: the kind's row in the table of kinds says whether to try again. An
/// empty one is a lost connection.
[[nodiscard]] core::ErrorKind kind_of_sqlstate(std::string_view sqlstate) noexcept;

/// The SQLSTATE within a message of verbosity "verbose" ("FATAL:  28P01: password …"), or nothing.
[[nodiscard]] std::string sqlstate_within(std::string_view message);

/// One line of a message of libpq, for people: without severity, SQLSTATE, source line and what follows,
/// every occurrence of the password hidden.
[[nodiscard]] std::string readable_message(std::string_view message, std::string_view password);

/// What to do about it, as the end of a sentence; empty where nothing can be said.
[[nodiscard]] std::string_view advice_for(std::string_view sqlstate) noexcept;

/// The same for a message of libpq that no server sent, and that has no SQLSTATE.
[[nodiscard]] std::string_view advice_without_code(std::string_view message) noexcept;

}  // namespace tristrata::database
