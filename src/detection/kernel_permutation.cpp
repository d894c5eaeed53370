#include "kernel_permutation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace tristrata::detection {
namespace {

constexpr std::size_t permutations = 100;

/// How many ordered pairs (i, j), i = j among them, lie at most so far apart. O(n).
std::size_t pairs_within(std::span<const double> sorted, double distance) {
    std::size_t pairs = 0, first = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        while (sorted[i] - sorted[first] > distance) ++first;
        pairs += 2 * (i - first) + 1;
    }
    return pairs;
}

/// The distance of rank `rank` (from 0) among all n² ordered pairs: bisection over the bits of a double,
/// which ascend with its value.
double distance_of_rank(std::span<const double> sorted, std::size_t rank) {
    std::uint64_t low = 0, high = std::bit_cast<std::uint64_t>(sorted.back() - sorted.front());
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (pairs_within(sorted, std::bit_cast<double>(middle)) > rank) high = middle;
        else low = middle + 1;
    }
    return std::bit_cast<double>(low);
}

/// Which values stand on the reference's side, of the observation and of each permutation: 1 or 0.
std::vector<std::vector<float>> sides_of(std::size_t n, std::size_t all, stats::Random& random) {
    std::vector<std::vector<float>> sides(permutations + 1, std::vector<float>(all, 0.0F));
    std::vector<std::size_t> order(all);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t p = 0; p < sides.size(); ++p) {
        if (p > 0)
            for (std::size_t i = 0; i < n; ++i) std::swap(order[i], order[i + random.below(all - i)]);
        for (std::size_t i = 0; i < n; ++i) sides[p][order[i]] = 1.0F;
    }
    return sides;
}

}  // namespace

double kernel_permutation_p(std::span<const double> reference, std::span<const double> current,
                            stats::Random random) {
    const std::size_t n = reference.size(), m = current.size(), all = n + m;
    std::vector<double> values(reference.begin(), reference.end());
    values.insert(values.end(), current.begin(), current.end());

    // numpy's percentile 50 by the rule "nearest": rank (n² - 1) / 2, halves to the even one.
    const auto rank = static_cast<std::size_t>(std::nearbyint((static_cast<double>(n * n) - 1.0) * 0.5));
    const double median = distance_of_rank(reference, rank);
    const double width_squared = median > 0.0 ? 0.5 * median * median : 0.5;
    const double gamma = 1.0 / (2.0 * width_squared);

    // Within the reference's side x: Kxx. With a row's sum over all values, the other two blocks follow:
    // Kxy = (sum of x's rows) - Kxx, Kyy = total - Kxx - 2 Kxy.
    const auto sides = sides_of(n, all, random);
    std::vector<double> within(sides.size(), 0.0), rows(sides.size(), 0.0);
    std::vector<float> kernel(all);
    double total = 0.0;
    for (std::size_t i = 0; i < all; ++i) {
        double row = 0.0;
        for (std::size_t j = 0; j < all; ++j) {
            const double gap = values[i] - values[j];
            const double k = i == j ? 0.0 : std::exp(-gamma * gap * gap);
            kernel[j] = static_cast<float>(k);
            row += k;
        }
        total += row;
        for (std::size_t p = 0; p < sides.size(); ++p) {
            const auto& side = sides[p];
            if (side[i] == 0.0F) continue;
            float sum = 0.0F;
            for (std::size_t j = 0; j < all; ++j) sum += kernel[j] * side[j];
            within[p] += static_cast<double>(sum);
            rows[p] += row;
        }
    }
    const auto a = static_cast<double>(n), b = static_cast<double>(m);
    const auto mmd = [&](std::size_t p) {
        const double between = rows[p] - within[p], beyond = total - within[p] - 2.0 * between;
        return within[p] / (a * (a - 1.0)) + beyond / (b * (b - 1.0)) - 2.0 * between / (a * b);
    };
    const double observed = mmd(0);
    std::size_t reached = 0;
    for (std::size_t p = 1; p <= permutations; ++p) reached += mmd(p) >= observed;
    return static_cast<double>(reached) / static_cast<double>(permutations);
}

}  // namespace tristrata::detection
