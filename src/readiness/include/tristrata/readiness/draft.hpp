#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/readiness/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What is known of a story before anybody has written a word.
struct DraftRequest {
    std::string story;
    std::string title;
    std::string owner;  ///< A handle, with or without @, or a name; empty: not known.
    core::Timestamp now;
    std::vector<std::string> changed;
    const Facts* facts = nullptr;  ///< What may be named; null: nothing is listed.
};

/// The template filled with it. What only a person knows stays <…>, so that the gate stays closed until it is
/// written; what may be named (metrics, alerts, runbooks) stands in comments, which no rule reads. usage: a
/// story that is no name of a folder, an owner who is no one person.
[[nodiscard]] core::Result<std::string> draft(std::string_view form, const DraftRequest& request,
                                              const Policy& policy);

/// As a plan's lines Owner: and DRI: name somebody: "@maria" for the handle "maria", "Jana Müller" as it is.
/// usage: what the check would refuse there.
[[nodiscard]] core::Result<std::string> owner_of_a_plan(std::string_view given, const Policy& policy);

/// The template that comes with the program: docs/templates/TEMPLATE_mlops_readiness.md.
[[nodiscard]] std::string_view built_in_form() noexcept;

}  // namespace tristrata::readiness
