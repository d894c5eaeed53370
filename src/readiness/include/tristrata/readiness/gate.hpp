#pragma once

#include "tristrata/readiness/facts.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::readiness {

/// What one run of the gate is asked. Paths of plans are relative to the repository.
struct GateRequest {
    std::filesystem::path root;
    std::optional<std::vector<std::string>> changed;  ///< Absent: all six sections are asked for ...
    std::string ancestor;  ///< Where the change set left its base: its template counts. Empty: no base.
    std::string commit;    ///< Plans, template and decisions are those of it; empty: the working tree's.
    std::map<std::string, std::string> uncommitted;  ///< Path → state, of the working tree.
    std::string policy_file;                  ///< Relative to the repository; empty: it is none of its files.
    std::string policy_whose;                 ///< For messages (PolicyInForce).
    std::optional<SectionSet> sections;       ///< ... or these, whatever changed.
    std::vector<std::string> files;           ///< Plans that are named.
    std::string story;                        ///< The plan is that of this story.
    bool all = false;                         ///< Every plan of the repository.
    std::optional<std::string> issue;         ///< The text of an issue with the part "## MLOps readiness".
    std::string issue_name = "issue";         ///< For messages.
    std::string issue_address;                ///< What a pull request links for it.
    std::optional<std::string> pull_request;  ///< Its text.
    bool strict = false;
    bool advisory = false;
    core::Timestamp now;
    std::string version;
    unsigned threads = 2;
};

/// Finds the plans that the request asks for, reads and judges them. What cannot be found is RDY001, what
/// cannot be read RDY002: both are findings. `facts`: null where nothing is looked up.
///
/// Errors    not_found, configuration: the repository or its template cannot be read.
/// Cost      Plans are read on so many threads; the store is asked by one at a time.
[[nodiscard]] core::Result<Verdict> evaluate(const GateRequest& request, const Policy& policy,
                                             const Facts* facts);

/// Every plan of the repository, by its path, in alphabetical order.
[[nodiscard]] core::Result<std::vector<std::string>> plans_of(const GateRequest& request,
                                                              const Policy& policy);
/// "documentation/stories/CVN-1/mlops_readiness.md".
[[nodiscard]] std::string path_of(const Policy& policy, const std::string& story);
/// The story of a path that is one of these; empty where it is none.
[[nodiscard]] std::string story_of(const Policy& policy, std::string_view path);

}  // namespace tristrata::readiness
