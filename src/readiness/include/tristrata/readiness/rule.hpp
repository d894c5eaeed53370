#pragma once

#include "tristrata/readiness/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What a finding of a rule means for the gate.
enum class Level : std::uint8_t {
    note,           ///< Said, and no more.
    warning,        ///< Said; fails with --strict.
    error,          ///< The gate fails.
    not_evaluable,  ///< It cannot be told whether the plan is right: closed, also with --advisory.
};
[[nodiscard]] std::string_view name(Level level) noexcept;

/// In what a rule's two examples stand.
enum class Place : std::uint8_t {
    plan,           ///< In a plan that is right but for it.
    connected,      ///< In a plan that is held against rules, stores and runbooks.
    drift_plan,     ///< In the plan's thresholds, held against a drift plan's.
    pull_request,   ///< In the text of a pull request.
    path,           ///< A path that changed.
    change_set,     ///< Paths that change together, one a line.
    folder,         ///< Where the plan lies.
    sections,       ///< Whole sections of a plan that is right but for them.
    bytes,          ///< The encoding of the plan's file.
    template_file,  ///< In the repository's template.
};

/// One row of the table of rules. Its number is stable: reports, suppressions and pages name it.
struct Rule {
    std::string_view id;  ///< "RDY402".
    Part part;
    Level level;
    bool completeness;  ///< It asks for something to be written, not for something to be so.
    Place place;
    std::string_view title;  ///< "The canary names a crypto"
    std::string_view why;
    std::string_view write;  ///< What to write.
    std::string_view good;
    std::string_view bad;  ///< What stands in the place of `good`; empty: nothing does.
};

/// In the order of their numbers.
[[nodiscard]] const std::vector<Rule>& rules();
/// By its number, in any case, with or without RDY; null where there is none.
[[nodiscard]] const Rule* find_rule(std::string_view id);
/// The page of a rule, in Markdown.
[[nodiscard]] std::string page_of(const Rule& rule);

}  // namespace tristrata::readiness
