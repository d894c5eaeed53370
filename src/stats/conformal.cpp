#include "tristrata/stats/conformal.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tristrata::stats {
namespace {

constexpr std::size_t exponents = 200;

}  // namespace

std::optional<WindowRank> newest_window_rank(const std::vector<WindowSeries>& series, std::size_t per_column,
                                             std::span<const int> classes) {
    WindowRank rank;
    std::optional<double> newest;
    std::vector<WindowSeries> standard;
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (series[i].empty()) continue;
        WindowSeries one = standardised(series[i], classes);
        if (!one.back()) continue;
        if (!newest || *one.back() > *newest) {
            newest = one.back();
            rank.column = i / per_column;
        }
        standard.push_back(std::move(one));
    }
    if (!newest) return std::nullopt;
    for (std::size_t window = 0; window + 1 < standard.front().size(); ++window) {
        if (!classes.empty() && classes[window] != classes.back()) continue;
        std::optional<double> score;
        const bool comparable = std::ranges::all_of(standard, [&](const WindowSeries& one) {
            if (one[window] && (!score || *one[window] > *score)) score = one[window];
            return one[window].has_value();
        });
        if (!comparable) continue;  // It had fewer chances of a high score.
        ++rank.compared;
        rank.above += *score > *newest;
        rank.equal += *score == *newest;
    }
    return rank;
}

double smoothed_p(const WindowRank& rank, double u) noexcept {
    return (static_cast<double>(rank.above) + u * (static_cast<double>(rank.equal) + 1.0)) /
           (static_cast<double>(rank.compared) + 1.0);
}

void MixtureMartingale::update(double p) noexcept {
    assert(p > 0.0 && p <= 1.0);
    ++count_;
    minus_log_p_ -= std::log(p);
}

double MixtureMartingale::log_evidence() const noexcept {
    const auto log_product = [&](std::size_t i) {
        const double exponent = (static_cast<double>(i) + 0.5) / static_cast<double>(exponents);
        return static_cast<double>(count_) * std::log(exponent) + (1.0 - exponent) * minus_log_p_;
    };
    double largest = log_product(0);
    for (std::size_t i = 1; i < exponents; ++i) largest = std::max(largest, log_product(i));
    double sum = 0.0;
    for (std::size_t i = 0; i < exponents; ++i) sum += std::exp(log_product(i) - largest);
    return largest + std::log(sum / static_cast<double>(exponents));
}

}  // namespace tristrata::stats
