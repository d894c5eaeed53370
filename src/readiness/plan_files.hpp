#pragma once

#include "tristrata/readiness/gate.hpp"

#include <optional>
#include <string>

// The files that a request of the gate is about: of a commit, or of the working tree.
namespace tristrata::readiness {

[[nodiscard]] core::Result<std::string> text_of(const GateRequest& request, const std::string& file);
/// Also a folder, and a link that leads nowhere.
[[nodiscard]] bool is_there(const GateRequest& request, const std::string& file);

/// The plan of a file, or the outcome that says why there is none.
struct Read {
    std::optional<Plan> plan;
    std::optional<Outcome> instead;
};
[[nodiscard]] Read read_plan_file(const GateRequest& request, const std::string& file, SectionSet required);

}  // namespace tristrata::readiness
