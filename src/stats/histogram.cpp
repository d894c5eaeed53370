#include "tristrata/stats/histogram.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tristrata::stats {

void Histogram::update(std::span<const double> values) {
    for (const double value : values)
        ++counts[static_cast<std::size_t>(std::ranges::lower_bound(edges, value) - edges.begin())];
}

void Histogram::update_sorted(std::span<const double> values) {
    auto from = values.begin();
    for (std::size_t bin = 0; bin < edges.size(); ++bin) {
        const auto to = std::upper_bound(from, values.end(), edges[bin]);
        counts[bin] += static_cast<std::uint64_t>(to - from);
        from = to;
    }
    counts.back() += static_cast<std::uint64_t>(values.end() - from);
}

void Histogram::merge(const Histogram& other) {
    assert(edges == other.edges);
    std::ranges::transform(counts, other.counts, counts.begin(), std::plus<>{});
}

std::uint64_t Histogram::total() const noexcept {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

namespace {

/// The value of rank ceil(i n / bins), i and n at least 1.
double value_of_rank(std::span<const double> sorted, std::size_t i, std::size_t bins) {
    return sorted[(i * sorted.size() + bins - 1) / bins - 1];
}

}  // namespace

std::vector<double> equal_mass_edges(std::span<const double> sorted, std::size_t bins) {
    std::vector<double> edges;
    for (std::size_t i = 1; i < bins && !sorted.empty(); ++i) {
        const double edge = value_of_rank(sorted, i, bins);
        if (edge < sorted.back() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
    }
    return edges;
}

std::vector<double> mass_point_edges(std::span<const double> sorted, std::size_t bins) {
    std::vector<double> edges;
    const auto add = [&](double edge) {
        if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    };
    for (std::size_t i = 1; i <= bins && !sorted.empty(); ++i) {
        const double edge = value_of_rank(sorted, i, bins);
        if (std::ranges::equal_range(sorted, edge).size() * bins >= sorted.size()) {
            add(std::nextafter(edge, -INFINITY));
            add(edge);
        } else if (edge < sorted.back()) {
            add(edge);
        }
    }
    return edges;
}

std::vector<double> plot_edges(std::span<const double> reference, std::span<const double> current,
                               std::size_t bins) {
    if (reference.empty() && current.empty()) return {};
    double low = INFINITY, high = -INFINITY;
    for (const auto sample : {reference, current}) {
        if (sample.empty()) continue;
        const auto last = static_cast<double>(sample.size() - 1);
        low = std::min(low, sample[static_cast<std::size_t>(std::floor(0.005 * last))]);
        high = std::max(high, sample[static_cast<std::size_t>(std::ceil(0.995 * last))]);
    }
    if (!(high > low)) {
        const double half = std::max(0.5, std::abs(low) * 1e-6);
        return {low - half, low + half};
    }
    std::vector<double> edges;
    for (std::size_t i = 0; i <= bins; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(bins);
        const double edge = low * (1.0 - share) + high * share;  // No overflow where the ends are far apart.
        if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    }
    return edges;
}

}  // namespace tristrata::stats
