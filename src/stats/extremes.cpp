#include "tristrata/stats/extremes.hpp"

#include "tristrata/stats/ranks.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tristrata::stats {

double exceedance_p(double n, double m, double k) noexcept {
    if (k > m) return 0.0;
    double p = 1.0;
    for (double i = 0.0; i < k && p > 0.0; i += 1.0) p *= (m - i) / (n + m - i);
    return p;
}

double largest_share_within(const SortedSample& sample, double width) noexcept {
    const auto values = sample.values();
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; first < values.size(); ++first) {
        while (last < values.size() && values[last] - values[first] <= width) ++last;
        most = std::max(most, last - first);
    }
    return values.empty() ? 0.0 : static_cast<double>(most) / static_cast<double>(values.size());
}

Statistic rank_correlation(std::span<const double> x, std::span<const double> y) {
    std::vector<double> a, b;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
        a.push_back(x[i]);
        b.push_back(y[i]);
    }
    if (a.size() < 3) return Undefined::too_few_values;
    const auto p = mid_ranks(a), q = mid_ranks(b);
    const double middle = 0.5 * static_cast<double>(a.size() + 1);
    double pq = 0.0, pp = 0.0, qq = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        pq += (p[i] - middle) * (q[i] - middle);
        pp += (p[i] - middle) * (p[i] - middle);
        qq += (q[i] - middle) * (q[i] - middle);
    }
    if (!(pp > 0.0) || !(qq > 0.0)) return Undefined::constant_sample;
    return std::clamp(pq / std::sqrt(pp * qq), -1.0, 1.0);
}

}  // namespace tristrata::stats
