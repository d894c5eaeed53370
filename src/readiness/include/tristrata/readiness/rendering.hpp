#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/readiness/check.hpp"

#include <string>
#include <vector>

namespace tristrata::readiness {

/// What one run of the gate found. The same run renders to the same bytes.
struct Verdict {
    std::vector<Outcome> outcomes;      ///< A plan each, by file.
    std::string none;                   ///< Why no plan was judged, where that is not that none is asked for.
    std::string policy;                 ///< Whose it is, where changed paths are judged; else empty.
    std::optional<Scope> scope;         ///< Where changed paths asked for the sections.
    std::vector<std::string> unjudged;  ///< Plans that are new and that nothing of the change set asks for.
    bool strict = false;                ///< A warning fails, too.
    bool advisory = false;              ///< A failure is said and does not fail.
    core::Timestamp at;
    std::string version;                       ///< Of this program, for SARIF.
    SectionSet all_asked = SectionSet::all();  ///< Of a plan that records none; a decision may remove some.

    [[nodiscard]] bool blocked() const;
    [[nodiscard]] bool evaluable() const;
    /// 0 ready, or nothing is asked; 1 the gate failed; 3 it could not be evaluated. --advisory turns 1 into
    /// 0.
    [[nodiscard]] int exit_code() const;
};

/// For people, lines of any width.
[[nodiscard]] std::string to_text(const Verdict& verdict);
/// Schema tristrata.readiness/1 (docs/formats/readiness.md).
[[nodiscard]] std::string to_json(const Verdict& verdict);
/// A case a rule and plan; a skipped section is a skipped case.
[[nodiscard]] std::string to_junit(const Verdict& verdict);
/// SARIF 2.1.0 (OASIS), paths relative to the repository.
[[nodiscard]] std::string to_sarif(const Verdict& verdict);
/// Workflow commands of GitHub Actions: ::error file=…,line=…,title=RDY402::…
[[nodiscard]] std::string to_github(const Verdict& verdict);
/// A comment of a pull request that is edited instead of written again: its first line marks it. At most
/// 65,536 bytes, GitHub's limit in characters: what does not fit is left out as whole findings, the lightest
/// first, and counted in it.
[[nodiscard]] std::string to_comment(const Verdict& verdict);
/// Which path asked for which section, and why.
[[nodiscard]] std::string to_text(const Scope& scope);
[[nodiscard]] std::string to_json(const Scope& scope);

}  // namespace tristrata::readiness
