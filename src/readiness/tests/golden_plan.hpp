#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/readiness/check.hpp"
#include "tristrata/readiness/facts.hpp"
#include "tristrata/readiness/plan.hpp"
#include "tristrata/readiness/policy.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace tristrata::readiness {

inline const std::filesystem::path golden_folder =
    std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden/readiness";

inline std::string text_of_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + file.string());
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline const std::string& right_plan() {
    static const std::string text = text_of_file(golden_folder / "right.md");
    return text;
}

/// The text with the one place that holds `what` replaced.
inline std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    if (at == std::string::npos || text.find(what, at + 1) != std::string::npos)
        throw std::runtime_error("stands not once: " + std::string(what));
    return text.replace(at, what.size(), by);
}

inline core::Timestamp the_day() { return *core::parse_timestamp("2026-05-10"); }

/// "RDY402:31" of each finding; without its line where `lines` is false. What stands beside a value (RDY025)
/// judges nothing, and is told with `asides` alone.
inline std::vector<std::string> found_in(const Outcome& outcome, bool lines = false, bool asides = false) {
    std::vector<std::string> found;
    for (const auto& finding : outcome.findings)
        if (asides || finding.rule->id != "RDY025")
            found.push_back(std::string(finding.rule->id) +
                            (lines ? ":" + std::to_string(finding.line) : ""));
    return found;
}

/// Judges a plan with ADR-0070's policy on the day of the examples.
inline Outcome judged(const std::string& text, SectionSet required = SectionSet::all()) {
    const Policy policy = Policy::defaults();
    auto plan = parse_plan(text, "plan.md");
    if (!plan) throw std::runtime_error(plan.error().message);
    CheckOptions options;
    options.required = required;
    options.now = the_day();
    options.policy = &policy;
    return check(*plan, options);
}

}  // namespace tristrata::readiness
