#include "tristrata/stats/equal_width.hpp"

#include "tristrata/stats/sum.hpp"

#include <algorithm>
#include <cmath>

namespace tristrata::stats {
namespace {

/// numpy's edges for a width that a rule asks for: as many whole bins as hold the range.
std::vector<double> edges_of_width(double smallest, double largest, double width) {
    if (smallest == largest) return {smallest - 0.5, smallest + 0.5};
    // A range that fits no double has no whole number of bins: one holds all.
    const bool known = width > 0.0 && std::isfinite(largest - smallest);
    const double bins = known ? std::ceil((largest - smallest) / width) : 1.0;
    return even_edges(smallest, largest, static_cast<std::size_t>(bins));
}

}  // namespace

std::vector<double> even_edges(double low, double high, std::size_t bins) {
    std::vector<double> edges(bins + 1);
    const double step = (high - low) / static_cast<double>(bins);
    for (std::size_t i = 0; i < bins; ++i) edges[i] = static_cast<double>(i) * step + low;
    edges[bins] = high;
    return edges;
}

std::vector<double> sturges_edges(double smallest, double largest, std::size_t n) {
    return edges_of_width(smallest, largest,
                          (largest - smallest) / (std::log2(static_cast<double>(n)) + 1.0));
}

std::vector<double> doane_edges(std::span<const double> values) {
    const auto [smallest, largest] = std::ranges::minmax(values);
    const auto n = static_cast<double>(values.size());
    const double mean = smallest + sum_of(values, [smallest](double x) { return x - smallest; }) / n;
    const double sd = std::sqrt(sum_of(values, [mean](double x) { return (x - mean) * (x - mean); }) / n);
    if (values.size() <= 2 || !(sd > 0.0)) return edges_of_width(smallest, largest, 0.0);
    const double cubes = sum_of(values, [mean, sd](double x) {
        const double z = (x - mean) / sd;
        return z * z * z;
    });
    const double skewness_error = std::sqrt(6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0)));
    const double divisor = 1.0 + std::log2(n) + std::log2(1.0 + std::abs(cubes / n) / skewness_error);
    return edges_of_width(smallest, largest, (largest - smallest) / divisor);
}

std::vector<std::uint64_t> counts_between(std::span<const double> edges, std::span<const double> sorted) {
    if (edges.size() < 2) return {};
    std::vector<std::uint64_t> counts(edges.size() - 1, 0);
    auto at = std::ranges::lower_bound(sorted, edges.front());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto rest = std::ranges::subrange(at, sorted.end());
        const auto next = i + 1 < counts.size() ? std::ranges::lower_bound(rest, edges[i + 1])
                                                : std::ranges::upper_bound(rest, edges[i + 1]);
        counts[i] = static_cast<std::uint64_t>(next - at);
        at = next;
    }
    return counts;
}

std::vector<std::uint64_t> counts_in_even_bins(std::span<const double> edges,
                                               std::span<const double> values) {
    std::vector<std::uint64_t> counts(edges.size() - 1, 0);
    const double low = edges.front(), high = edges.back();
    const std::size_t last = counts.size() - 1;
    const double per_width = high > low ? static_cast<double>(counts.size()) / (high - low) : 0.0;
    for (const double x : values) {
        if (!(x >= low && x <= high)) continue;
        // The edges decide; rounding may put the place next to its bin, and widths that no double holds
        // nowhere.
        const double place = (x - low) * per_width;
        auto bin = place < static_cast<double>(last) ? static_cast<std::size_t>(place) : last;
        while (x < edges[bin]) --bin;
        while (bin < last && x >= edges[bin + 1]) ++bin;
        ++counts[bin];
    }
    return counts;
}

}  // namespace tristrata::stats
