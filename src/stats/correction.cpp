#include "tristrata/stats/correction.hpp"

#include <algorithm>
#include <cstddef>

namespace tristrata::stats {

std::vector<std::optional<double>> benjamini_hochberg(const std::vector<std::optional<double>>& p) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (p[i]) order.push_back(i);
    std::ranges::stable_sort(order, [&](auto a, auto b) { return *p[a] < *p[b]; });
    std::vector<std::optional<double>> adjusted(p.size());
    const auto family = static_cast<double>(order.size());
    double smallest = 1.0;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        smallest = std::min(smallest, *p[order[rank - 1]] * family / static_cast<double>(rank));
        adjusted[order[rank - 1]] = smallest;
    }
    return adjusted;
}

}  // namespace tristrata::stats
