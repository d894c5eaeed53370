#pragma once

#include "tristrata/readiness/rule.hpp"

#include <vector>

namespace tristrata::readiness {

// The rows of the table, by section.
[[nodiscard]] std::vector<Rule> rules_of_the_header();
[[nodiscard]] std::vector<Rule> rules_of_monitoring();
[[nodiscard]] std::vector<Rule> rules_of_alerting();
[[nodiscard]] std::vector<Rule> rules_of_drift();
[[nodiscard]] std::vector<Rule> rules_of_rollout();
[[nodiscard]] std::vector<Rule> rules_of_rollback();
[[nodiscard]] std::vector<Rule> rules_of_the_owner();
[[nodiscard]] std::vector<Rule> rules_of_the_sign_off();

}  // namespace tristrata::readiness
