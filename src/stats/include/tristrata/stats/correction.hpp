#pragma once

#include <optional>
#include <vector>

namespace tristrata::stats {

/// Benjamini-Hochberg: the smallest false discovery rate at which each hypothesis is still rejected. The
/// family is the values present; absent ones stay absent. Order is kept, ties share their value, nothing
/// exceeds 1.
///
/// Example   {.01, .04, absent, .03} gives {.03, .04, absent, .04}.
/// Source    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
[[nodiscard]] std::vector<std::optional<double>> benjamini_hochberg(
    const std::vector<std::optional<double>>& p);

}  // namespace tristrata::stats
