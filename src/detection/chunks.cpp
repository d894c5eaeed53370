#include "numeric_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace tristrata::detection {
namespace {

/// A measure of exactly zero has no logarithm; this is far below what any window of real values shows.
constexpr double smallest_measure = 1e-12;

/// The windows of the reference, then current, as row ranges with their class.
struct Part {
    const double* begin;
    const double* end;
    int season_class;
};

/// Right-continuous empirical CDF distance of a sorted window from the sorted pool it is part of.
double distance_from_pool(const std::vector<double>& window, const std::vector<double>& pool) {
    const auto n = static_cast<double>(window.size());
    const auto total = static_cast<double>(pool.size());
    double distance = 0.0;
    std::size_t below = 0;
    for (std::size_t i = 0; i < window.size();) {
        std::size_t j = i;
        while (j < window.size() && window[j] == window[i]) ++j;
        const auto from = pool.begin() + static_cast<std::ptrdiff_t>(below);
        const auto first = std::lower_bound(from, pool.end(), window[i]);
        const auto last = std::upper_bound(first, pool.end(), window[i]);
        const auto before = static_cast<double>(first - pool.begin());
        const auto through = static_cast<double>(last - pool.begin());
        distance = std::max({distance, std::abs(static_cast<double>(i) / n - before / total),
                             std::abs(static_cast<double>(j) / n - through / total)});
        below = static_cast<std::size_t>(last - pool.begin());
        i = j;
    }
    return distance;
}

double at_share(const std::vector<double>& sorted, double q) {
    const double position = q * static_cast<double>(sorted.size() - 1);
    const auto index = static_cast<std::size_t>(position);
    const double rest = position - static_cast<double>(index);
    if (index + 1 >= sorted.size()) return sorted.back();
    return sorted[index] + rest * (sorted[index + 1] - sorted[index]);
}

}  // namespace

double log_of_measure(double measure) noexcept { return std::log(std::max(measure, smallest_measure)); }

std::vector<WindowMeasure> window_measures(const std::vector<double>& reference,
                                           const std::vector<double>& current, const Setting& setting) {
    std::vector<Part> parts;
    for (const Window& window : setting.windows)
        parts.push_back(
            {reference.data() + window.begin, reference.data() + window.end, window.season_class});
    parts.push_back({current.data(), current.data() + current.size(), setting.current_class});

    std::map<int, std::vector<double>> pools;
    std::vector<std::vector<double>> sorted(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::copy_if(parts[i].begin, parts[i].end, std::back_inserter(sorted[i]),
                     [](double value) { return std::isfinite(value); });
        std::ranges::sort(sorted[i]);
        auto& pool = pools[parts[i].season_class];
        pool.insert(pool.end(), sorted[i].begin(), sorted[i].end());
    }
    for (auto& [season_class, pool] : pools) std::ranges::sort(pool);

    std::vector<WindowMeasure> measures(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& pool = pools[parts[i].season_class];
        const auto& window = sorted[i];
        if (window.empty() || pool.size() <= window.size())
            continue;  // Alone in its class: nothing to compare with.
        measures[i].log_distance = log_of_measure(distance_from_pool(window, pool));
        const double spread = at_share(pool, 0.75) - at_share(pool, 0.25);
        if (window.size() < 3 || !(spread > 0.0)) continue;
        const double middle = at_share(pool, 0.5);
        std::vector<double> deviations(window.size());
        std::ranges::transform(window, deviations.begin(),
                               [&](double x) { return std::abs(x - middle) / spread; });
        std::ranges::nth_element(deviations, deviations.end() - 3);
        measures[i].log_third_largest = log_of_measure(*(deviations.end() - 3));
    }
    return measures;
}

std::vector<WindowMeasure> window_measures(std::size_t labels, std::span<const std::uint32_t> reference,
                                           std::span<const std::uint32_t> current, const Setting& setting) {
    struct Part {
        const std::uint32_t* begin;
        const std::uint32_t* end;
        int season_class;
    };
    struct Pool {
        std::vector<double> counts;
        double total = 0.0;
    };
    std::vector<Part> parts;
    for (const Window& window : setting.windows)
        parts.push_back(
            {reference.data() + window.begin, reference.data() + window.end, window.season_class});
    parts.push_back({current.data(), current.data() + current.size(), setting.current_class});
    std::map<int, Pool> pools;
    for (const Part& part : parts) {
        auto& pool = pools[part.season_class];
        pool.counts.resize(labels, 0.0);
        for (const auto* code = part.begin; code != part.end; ++code) {
            if (*code >= labels) continue;
            pool.counts[*code] += 1.0;
            pool.total += 1.0;
        }
    }
    // A window touches few of many labels: the total variation is the sum over those it has more of than the
    // pool, and what it lacks balances them.
    std::vector<double> counts(labels, 0.0);
    std::vector<WindowMeasure> measures(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& pool = pools[parts[i].season_class];
        std::vector<std::uint32_t> touched;
        double total = 0.0;
        for (const auto* code = parts[i].begin; code != parts[i].end; ++code) {
            if (*code >= labels) continue;
            if (counts[*code] == 0.0) touched.push_back(*code);
            counts[*code] += 1.0;
            total += 1.0;
        }
        double distance = 0.0;
        for (const auto code : touched) {
            distance += std::max(0.0, counts[code] / total - pool.counts[code] / pool.total);
            counts[code] = 0.0;
        }
        if (total > 0.0 && pool.total > total) measures[i].log_distance = log_of_measure(distance);
    }
    return measures;
}

}  // namespace tristrata::detection
