#include "no_evidence.hpp"

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cstdint>

namespace tristrata::cli {
namespace {

using analyzer::Definition;

void append_name(std::string& names, const Definition& one, const std::string& why) {
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", core::quoted(one.name), why);
}

/// Why no window of it holds so many rows, or not of few series; empty: one may.
std::string too_few(const Definition& one, std::uint64_t needed) {
    if (one.rows_max < needed) return fmt::format("rows_max {}", one.rows_max);
    if (one.place.kind != analyzer::SourceKind::promql || one.step.microseconds <= 0) return {};
    const auto points = static_cast<std::uint64_t>(one.window.microseconds / one.step.microseconds);
    if (points == 0 || points >= needed) return {};
    const std::uint64_t series = (needed + points - 1) / points;
    return fmt::format("{} a window of each series, and fewer than {} come", core::plural(points, "point"),
                       core::plural(series, "series", "series"));
}

}  // namespace

std::string no_evidence(const config::Settings& settings, const kill_switch::Policy& policy) {
    const auto* file = settings.find("analyzers");
    if (file == nullptr) return {};
    const auto definitions = analyzer::require_definitions(file->value.reveal());
    if (!definitions) return {};
    std::string late, few;
    for (const Definition& one : *definitions) {
        if (policy.scope_of(one.module) == nullptr) continue;
        if (one.delay >= policy.evidence.age_max)
            append_name(late, one, fmt::format("delay {}", core::to_string(one.delay)));
        if (const std::string why = too_few(one, policy.evidence.rows); !why.empty())
            append_name(few, one, why);
    }
    std::string said;
    if (!late.empty())
        said += fmt::format(
            "; note: {} can engage nothing: [kill_switch] evidence_age is {}, and a window is older when it "
            "is "
            "looked at",
            late, core::to_string(policy.evidence.age_max));
    if (!few.empty())
        said += fmt::format(
            "; note: {} can engage nothing: [kill_switch] evidence_rows is {}, and a window holds fewer: "
            "give "
            "it a shorter step, a longer window or more rows_max",
            few, policy.evidence.rows);
    return said;
}

}  // namespace tristrata::cli
