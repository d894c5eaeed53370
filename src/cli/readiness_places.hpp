#pragma once

#include "tristrata/core/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tristrata::cli {

/// Plans of a command line, and the folder that they are read from.
struct PlacedPlans {
    std::filesystem::path root;
    std::vector<std::string> files;  ///< Relative to it; absolute where one leads out of it by a link.
    bool elsewhere = false;          ///< They lie outside the folder that was given.
};

/// Where plans lie. A path is of the working folder; one below `root` is named as it stands there, also where
/// a link stands on its way, so that it is refused by that name. Plans of another repository, also of one
/// within `root`, are read from that one, such as lie in none from the folder that they share. `named`: the
/// root is the person's own word, and what lies below it is its own.
///
/// Errors    usage: plans of two repositories, each of which has a policy of its own.
[[nodiscard]] core::Result<PlacedPlans> place_plans(const std::filesystem::path& root, bool named,
                                                    const std::vector<std::string>& files);

}  // namespace tristrata::cli
