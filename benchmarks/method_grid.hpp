#pragma once

#include "draws.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace tristrata::benchmarks {

/// How the column "x" of both sides is made; a column "time" before it orders the rows.
struct Generator {
    std::string title;
    std::size_t n = 0;
    std::size_t m = 0;
    std::function<Pair(stats::Random&)> make;
    bool numeric = true;
    bool drifts = false;
    bool in_order = false;
    bool quick = false;  ///< Among those that every run of the tests counts.
};

/// Where the peers were found wanting, and where they were not: sizes of reference and current, shapes,
/// numbers of categories, wild values, ties, neighbours that resemble each other; and shifts of each.
[[nodiscard]] std::vector<Generator> method_grid();

}  // namespace tristrata::benchmarks
