#include "tristrata/stats/dependence.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace tristrata::stats {
namespace {

/// A 0/1 series, packed, that counts how often it and itself k steps later are both 1.
class PackedIndicator {
public:
    PackedIndicator(std::span<const double> series, double threshold)
        : size_(series.size()), words_(series.size() / 64 + 2, 0) {
        for (std::size_t i = 0; i < series.size(); ++i) {
            if (series[i] > threshold) continue;
            words_[i / 64] |= std::uint64_t{1} << (i % 64);
            ++ones_;
        }
        before_.reserve(size_ + 1);
        before_.push_back(0);
        for (std::size_t i = 0; i < size_; ++i)
            before_.push_back(before_.back() + (words_[i / 64] >> (i % 64) & 1u));
    }

    [[nodiscard]] double share() const { return static_cast<double>(ones_) / static_cast<double>(size_); }

    /// Autocovariance at lag k around the mean of the whole, divided by n.
    [[nodiscard]] double covariance(std::size_t lag) const {
        const std::size_t shift = lag / 64, bits = lag % 64;
        std::uint64_t both = 0;
        for (std::size_t i = 0; i + shift < words_.size(); ++i) {
            std::uint64_t later = words_[i + shift] >> bits;
            if (bits != 0 && i + shift + 1 < words_.size()) later |= words_[i + shift + 1] << (64 - bits);
            both += static_cast<std::uint64_t>(std::popcount(words_[i] & later));
        }
        const auto n = static_cast<double>(size_);
        const double mean = share();
        const auto first =
            static_cast<double>(before_[size_ - lag]);  // Ones among the earlier ones of the pairs.
        const auto second = static_cast<double>(before_[size_] - before_[lag]);  // Among the later ones.
        return (static_cast<double>(both) - mean * (first + second) +
                mean * mean * (n - static_cast<double>(lag))) /
               n;
    }

private:
    std::size_t size_;
    std::vector<std::uint64_t> words_;
    std::vector<std::uint32_t> before_;
    std::uint64_t ones_ = 0;
};

/// A series less its mean, in units of its largest deviation: no square overflows.
class Centred {
public:
    explicit Centred(std::span<const double> series) : values_(series.begin(), series.end()) {
        const auto n = static_cast<double>(values_.size());
        const double first = values_.front();
        double mean = 0.0, largest = 0.0;
        for (const double x : values_) mean += (x - first) / n;
        for (double& x : values_) {
            x -= first + mean;
            largest = std::max(largest, std::abs(x));
        }
        if (largest > 0.0)
            for (double& x : values_) x /= largest;
    }

    /// Autocovariance at lag k around the mean of the whole, divided by n.
    [[nodiscard]] double covariance(std::size_t lag) const {
        const std::size_t pairs = values_.size() - lag;
        double sum = 0.0;
        for (std::size_t i = 0; i < pairs; ++i) sum += values_[i] * values_[i + lag];
        return sum / static_cast<double>(values_.size());
    }

private:
    std::vector<double> values_;
};

struct Integrated {
    double tau;
    std::size_t lag;
};

template <class Series>
Integrated integrate(const Series& series, std::size_t lags, std::size_t window) {
    const double variance = series.covariance(0);
    const auto weight = [&](std::size_t lag) {
        return 1.0 - static_cast<double>(lag) / static_cast<double>(window);
    };
    // Pairs (0,1), (2,3), ...: positive and falling for a reversible chain; the sum ends where they are not.
    double tau = -1.0, previous = INFINITY;
    std::size_t last = 0;
    for (std::size_t lag = 0; lag + 1 < lags; lag += 2) {
        const double rho = series.covariance(lag) / variance;
        const double rho_next = series.covariance(lag + 1) / variance;
        const double pair = rho + rho_next;
        if (pair <= 0.0) break;
        const double shrink = pair > previous ? previous / pair : 1.0;
        tau += 2.0 * shrink * (weight(lag) * rho + weight(lag + 1) * rho_next);
        previous = std::min(previous, pair);
        last = lag + 1;
    }
    return {std::max(1.0, tau), last};
}

/// `tau` of a series of n values whose sum of lags ended at `lag`.
Dependence dependence_of(double tau, std::size_t lag, std::size_t n) {
    const auto last = static_cast<double>(lag);
    return {tau, last, 2.0 * (2.0 * last + 1.0) / static_cast<double>(n)};
}

}  // namespace

std::variant<Dependence, Undefined> integrated_autocorrelation_time(std::span<const double> series,
                                                                    std::size_t window) {
    if (series.size() < 10 || window < 2) return Undefined::too_few_values;
    std::vector<double> sorted(series.begin(), series.end());
    std::ranges::sort(sorted);
    const std::size_t lags = std::min(window, series.size() / 2);
    double squares = 0.0;
    std::size_t used = 0, longest = 0;
    for (std::size_t decile = 1; decile <= 9; ++decile) {
        const double threshold = sorted[std::min(sorted.size() - 1, decile * sorted.size() / 10)];
        const PackedIndicator indicator(series, threshold);
        if (indicator.share() >= 1.0) continue;
        const Integrated found = integrate(indicator, lags, window);
        squares += found.tau * found.tau;
        longest = std::max(longest, found.lag);
        ++used;
    }
    if (used == 0) return Undefined::constant_sample;
    return dependence_of(std::sqrt(squares / static_cast<double>(used)), longest, series.size());
}

std::variant<Dependence, Undefined> autocorrelation_time_of_mean(std::span<const double> series,
                                                                 std::size_t window) {
    if (series.size() < 10 || window < 2) return Undefined::too_few_values;
    if (std::ranges::all_of(series, [&](double x) { return x == series.front(); }))
        return Undefined::constant_sample;
    const Centred centred(series);
    const Integrated found = integrate(centred, std::min(window, series.size() / 2), window);
    return dependence_of(found.tau, found.lag, series.size());
}

double averaged_p(const std::function<double(double)>& p_of_tau, const Dependence& dependence) {
    const double sd = std::sqrt(dependence.log_variance);
    if (!(sd > 0.0)) return p_of_tau(dependence.tau);
    double sum = 0.0, weights = 0.0;
    for (int node = -20; node <= 20; ++node) {
        const double z = 0.25 * node;
        const double weight = std::exp(-0.5 * z * z);
        sum += weight * p_of_tau(std::max(1.0, dependence.tau * std::exp(sd * z)));
        weights += weight;
    }
    return sum / weights;
}

}  // namespace tristrata::stats
