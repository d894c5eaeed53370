#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/execution/tag_policy.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tristrata::execution {

struct TagFinding {
    std::string key;
    std::string where;
    std::string problem;  ///< "has no reason", "is used nowhere below src".
};

/// Keys of the whitelist without a reason, and those that stand as a word in no text file below `folder`
/// (hidden folders and files over 4 MB are left out).
[[nodiscard]] core::Result<std::vector<TagFinding>> check_uses(const TagPolicy& policy,
                                                               const std::filesystem::path& folder);

}  // namespace tristrata::execution
