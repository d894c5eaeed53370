#pragma once

#include <array>
#include <cstddef>
#include <numeric>
#include <span>

namespace tristrata::stats {

/// The sum of term(x) over all values; 0 of none. Eight sums grow side by side, so that one addition need not
/// wait for the one before it; their order is fixed. O(n).
template <class Term>
[[nodiscard]] double sum_of(std::span<const double> values, Term term) {
    std::array<double, 8> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= values.size(); i += sums.size())
        for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += term(values[i + lane]);
    for (; i < values.size(); ++i) sums[i % sums.size()] += term(values[i]);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace tristrata::stats
