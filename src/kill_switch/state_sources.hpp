#pragma once

#include "tristrata/kill_switch/reader.hpp"

#include <string>

namespace tristrata::kill_switch {

[[nodiscard]] StateSource postgres_state_source(const core::SecretSource& url);
[[nodiscard]] StateSource sqlite_state_source(const std::string& path);

}  // namespace tristrata::kill_switch
