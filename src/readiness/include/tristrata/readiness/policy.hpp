#pragma once

#include "tristrata/readiness/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// Which of the six sections; a bit a section.
class SectionSet {
public:
    [[nodiscard]] static SectionSet all();
    void add(Part part);
    [[nodiscard]] bool contains(Part part) const noexcept;
    [[nodiscard]] bool contains(SectionSet other) const noexcept { return (bits_ | other.bits_) == bits_; }
    [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] SectionSet operator|(SectionSet other) const noexcept;
    bool operator==(const SectionSet&) const = default;

private:
    std::uint8_t bits_ = 0;
};
/// "§1, §2, §5"; "none".
[[nodiscard]] std::string shown(SectionSet sections);

/// Paths, and the sections that a change of one of them asks for.
struct ScopeRow {
    std::vector<std::string> paths;  ///< Patterns: * and ? within a name, ** over folders, {a,b} either.
    SectionSet sections;
    std::string reason;
};

struct Thresholds {
    double warn = 0.0;
    double crit = 0.0;
};

/// Where it is looked up whether what a plan names exists. Relative to the repository.
struct Places {
    std::vector<std::string> rules;  ///< Files of alert rules, of Prometheus and Grafana: patterns.
    std::vector<std::string> rule_tests;
    std::vector<std::string> runbooks;          ///< Folders beside the repository's root.
    std::vector<std::string> runbook_headings;  ///< That a runbook, or its part, must have.
    std::vector<std::string> metrics;           ///< Names that are known beside those of rules and stores.
    std::vector<std::string> addresses;         ///< That stand for the root, or for a folder of runbooks.
    std::string owners;                         ///< owners.toml.
    bool owners_named = false;                  ///< By the policy's file: it has to be there, then.
};

/// What the gate asks for: ADR-0070's table and minima, or those of readiness.scope.toml.
struct Policy {
    std::vector<ScopeRow> scope;  ///< The first row that a path matches counts for it.
    std::vector<ScopeRow> also;   ///< A second table: what it asks of a path is asked beside the first's.
    std::string stories = "documentation/stories";
    std::string template_file = "documentation/templates/TEMPLATE_mlops_readiness.md";
    std::map<int, std::string>
        removed;  ///< A section that the template need not have, and the ADR that says so.
    std::vector<std::string> cryptos;  ///< Those that may host a canary; empty: whatever reads like one.
    std::map<std::string, std::vector<std::string>, std::less<>> teams;  ///< Team → its people's handles.
    Thresholds psi{0.2, 0.5};
    Thresholds performance_gap{0.05, 0.10};
    double shadow_days_min = 7.0;
    long sunset_days = 90;
    Places places;

    /// ADR-0070's.
    [[nodiscard]] static Policy defaults();
    /// configuration, with file and place: an unknown key, a section that there is not, a scope without a
    /// reason.
    [[nodiscard]] static core::Result<Policy> read(const std::filesystem::path& file);
    [[nodiscard]] static core::Result<Policy> parse(std::string_view text, std::string name);
    /// A policy that nobody has accepted yet, beside ADR-0070's: it may ask for more, and for less never. A
    /// path asks for what either table does, and is known where the decision's knows it or it asks for
    /// something; of two shadows the longer, a runbook's headings of both. Whatever else (where plans and
    /// template lie, `removed`, thresholds, sunset, cryptos, teams, places) is the decision's.
    [[nodiscard]] Policy beside_the_defaults() const;
};

/// Whether a path, of which / divides the names, matches a pattern. Linear in the path for each * of the
/// pattern.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);
/// Each reading of a pattern's {a,b}; a brace that does not end stays as it is.
[[nodiscard]] std::vector<std::string> readings_of(const std::string& pattern);

/// A path that changed, and what it asks for.
struct PathDecision {
    std::string path;
    std::string pattern;  ///< Empty: nothing knows this path.
    SectionSet sections;
    std::string reason;
    bool unaccepted = false;  ///< A policy that the base does not have knows it, and no other.
};
struct Scope {
    SectionSet sections;  ///< What all of them together ask for.
    std::vector<PathDecision> paths;
    std::size_t unknown = 0;
};
[[nodiscard]] Scope scope_of(const Policy& policy, const std::vector<std::string>& paths);

}  // namespace tristrata::readiness
