#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/relay/relay.hpp"

#include <string>
#include <vector>

namespace tristrata::cli {

/// What stays in a spool when a relay has ended, beside what a destination does not take, a sentence each.
struct SpoolLeft {
    std::vector<std::string> elsewhere;  ///< Rows in a slot that another process drains.
    std::vector<std::string> unnamed;    ///< Rows of a class whose store is not set here; pages nobody took.
    std::vector<std::string> uncarried;  ///< Rows of a class that no program carries: nothing to mend.
    [[nodiscard]] bool ok() const noexcept { return elsewhere.empty() && unnamed.empty(); }
    /// All that somebody has to do something about.
    [[nodiscard]] std::vector<std::string> sentences() const;
};

/// Parked rows are left out: they wait to be asked for. not_found: there is no spool.
[[nodiscard]] core::Result<SpoolLeft> left_in_spool(const config::Settings& settings,
                                                    const relay::Delivered& done);

}  // namespace tristrata::cli
