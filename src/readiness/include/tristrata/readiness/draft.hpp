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
    std::string owner;  ///< A handle, with or without @; empty: not known.
    core::Timestamp now;
    std::vector<std::string> changed;
    const Facts* facts = nullptr;  ///< What may be named; null: nothing is listed.
};

/// The template filled with it. What only a person knows stays <…>, so that the gate stays closed until it is
/// written; what may be named (metrics, alerts, runbooks) stands in comments, which no rule reads. usage: a
/// story that is no name of a folder.
[[nodiscard]] core::Result<std::string> draft(std::string_view form, const DraftRequest& request,
                                              const Policy& policy);

/// The template that comes with the program: docs/templates/TEMPLATE_mlops_readiness.md.
[[nodiscard]] std::string_view built_in_form() noexcept;

}  // namespace tristrata::readiness
