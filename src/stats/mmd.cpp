#include "tristrata/stats/mmd.hpp"

#include "permutation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <unordered_set>
#include <vector>

namespace tristrata::stats {
namespace {

double squared_distance(const double* a, const double* b, std::size_t dimension) {
    double sum = 0.0;
    for (std::size_t k = 0; k < dimension; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

/// The kernel of every pair of both sides' points, 0 on the diagonal: what a permutation sums anew.
class KernelMatrix {
public:
    KernelMatrix(std::span<const double> values, std::size_t dimension, double sigma)
        : size_(values.size() / dimension), values_(size_ * size_, 0.0), rows_(size_, 0.0) {
        const double scale = -0.5 / (sigma * sigma);
        for (std::size_t i = 0; i < size_; ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const double distance =
                    squared_distance(&values[i * dimension], &values[j * dimension], dimension);
                const double kernel = std::exp(scale * distance);
                values_[i * size_ + j] = values_[j * size_ + i] = kernel;
                rows_[i] += kernel;
                rows_[j] += kernel;
            }
        total_ = std::accumulate(rows_.begin(), rows_.end(), 0.0);
    }
    [[nodiscard]] std::size_t size() const { return size_; }

    /// MMD^2 where `one` side are the points named, the other side the rest: the sums within the other side
    /// and across follow from the rows' sums.
    [[nodiscard]] double mmd_squared(std::span<const std::size_t> one) const {
        double within = 0.0, rows = 0.0;
        for (std::size_t i = 0; i < one.size(); ++i) {
            const double* row = &values_[one[i] * size_];
            rows += rows_[one[i]];
            for (std::size_t j = 0; j < i; ++j) within += row[one[j]];
        }
        within *= 2.0;
        const double across = rows - within, others = total_ - within - 2.0 * across;
        const auto n = static_cast<double>(one.size()), m = static_cast<double>(size_ - one.size());
        return within / (n * (n - 1.0)) + others / (m * (m - 1.0)) - 2.0 * across / (n * m);
    }

private:
    std::size_t size_;
    std::vector<double> values_;
    std::vector<double> rows_;
    double total_ = 0.0;
};

/// So many different points of a side, in their order: Floyd's draw without replacement.
std::vector<double> sampled(const Points& points, std::size_t count, Random& random) {
    if (points.size() <= count) return {points.values.begin(), points.values.end()};
    std::unordered_set<std::size_t> chosen;
    for (std::size_t last = points.size() - count; last < points.size(); ++last) {
        const auto index = static_cast<std::size_t>(random.below(last + 1));
        if (!chosen.insert(index).second) chosen.insert(last);
    }
    std::vector<std::size_t> order(chosen.begin(), chosen.end());
    std::ranges::sort(order);
    std::vector<double> out;
    out.reserve(count * points.dimension);
    for (const std::size_t index : order) {
        const auto point = points.values.subspan(index * points.dimension, points.dimension);
        out.insert(out.end(), point.begin(), point.end());
    }
    return out;
}

std::vector<double> joined(std::span<const double> a, std::span<const double> b) {
    std::vector<double> both(a.begin(), a.end());
    both.insert(both.end(), b.begin(), b.end());
    return both;
}

}  // namespace

Statistic mmd_squared(const Points& reference, const Points& current, double sigma) {
    assert(sigma > 0.0 && reference.dimension == current.dimension);
    if (reference.size() == 0 || current.size() == 0) return Undefined::empty_sample;
    if (reference.size() < 2 || current.size() < 2) return Undefined::too_few_values;
    const double scale = -0.5 / (sigma * sigma);
    const std::size_t dimension = reference.dimension;
    const auto kernel = [&](const Points& a, std::size_t i, const Points& b, std::size_t j) {
        return std::exp(scale *
                        squared_distance(&a.values[i * dimension], &b.values[j * dimension], dimension));
    };
    const auto within = [&](const Points& points) {
        double sum = 0.0;
        for (std::size_t i = 0; i < points.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) sum += kernel(points, i, points, j);
        const auto count = static_cast<double>(points.size());
        return 2.0 * sum / (count * (count - 1.0));
    };
    double across = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        for (std::size_t j = 0; j < current.size(); ++j) across += kernel(reference, i, current, j);
    return within(reference) + within(current) -
           2.0 * across / (static_cast<double>(reference.size()) * static_cast<double>(current.size()));
}

Statistic median_distance(const Points& reference, const Points& current) {
    assert(reference.dimension == current.dimension);
    if (reference.size() == 0 || current.size() == 0) return Undefined::empty_sample;
    const std::vector<double> both = joined(reference.values, current.values);
    const std::size_t dimension = reference.dimension, size = both.size() / dimension;
    std::vector<double> distances;
    distances.reserve(size * (size - 1) / 2);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < i; ++j)
            distances.push_back(squared_distance(&both[i * dimension], &both[j * dimension], dimension));
    const auto median = [&] {
        const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
        std::ranges::nth_element(distances, middle);
        return std::sqrt(*middle);
    };
    if (const double all = median(); all > 0.0) return all;
    std::erase(distances, 0.0);
    if (distances.empty()) return Undefined::constant_sample;
    return median();
}

std::variant<MmdResult, Undefined> mmd_test(const Points& reference, const Points& current,
                                            const MmdSettings& settings, Random random) {
    if (reference.size() == 0 || current.size() == 0) return Undefined::empty_sample;
    if (reference.size() < 2 || current.size() < 2) return Undefined::too_few_values;
    const std::size_t dimension = reference.dimension;
    const auto a = sampled(reference, settings.points_max, random);
    const auto b = sampled(current, settings.points_max, random);
    const auto sigma = median_distance({a, dimension}, {b, dimension});
    if (const auto* reason = std::get_if<Undefined>(&sigma)) return *reason;
    MmdResult result{0.0, 1.0, std::get<double>(sigma), a.size() / dimension, b.size() / dimension};
    const KernelMatrix matrix(joined(a, b), dimension, result.sigma);
    // The smaller side's sums are the cheaper ones.
    const std::size_t n = result.reference_points, m = result.current_points, few = std::min(n, m);
    std::vector<std::size_t> order(matrix.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (m < n) std::ranges::rotate(order, order.begin() + static_cast<std::ptrdiff_t>(n));
    const auto small_side = std::span<const std::size_t>(order).first(few);
    result.statistic = matrix.mmd_squared(small_side);
    const double threshold = result.statistic - 1e-12;
    result.p =
        permutation_result(result.statistic, settings.draws, [&] {
            for (std::size_t i = 0; i < few; ++i)
                std::swap(order[i], order[i + static_cast<std::size_t>(random.below(order.size() - i))]);
            return matrix.mmd_squared(small_side) >= threshold;
        }).p;
    return result;
}

}  // namespace tristrata::stats
