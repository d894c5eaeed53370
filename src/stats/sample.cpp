#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace tristrata::stats {

SortedSample::SortedSample(std::span<const double> values)
    : SortedSample(std::vector<double>(values.begin(), values.end())) {}

SortedSample::SortedSample(std::vector<double>&& values) : values_(std::move(values)) {
    std::erase_if(values_, [](double value) { return !std::isfinite(value); });
    // Kept for a thread's next sample: the system's fresh pages cost a third of a sort.
    thread_local std::vector<double> scratch;
    constexpr std::size_t kept_max = std::size_t{1} << 20U;  // 8 MB.
    sort_values(values_, scratch);
    if (scratch.capacity() > kept_max) scratch = {};
}

SortedSample SortedSample::from_sorted(std::vector<double> values) {
    assert(std::ranges::is_sorted(values));
    assert(values.empty() || (std::isfinite(values.front()) && std::isfinite(values.back())));
    SortedSample sample;
    sample.values_ = std::move(values);
    return sample;
}

double sorted_quantile(std::span<const double> sorted, double q) noexcept {
    assert(!sorted.empty());
    const double position = q * static_cast<double>(sorted.size() - 1);
    const auto index = static_cast<std::size_t>(position);
    if (index + 1 >= sorted.size()) return sorted.back();
    const double rest = position - static_cast<double>(index);
    return sorted[index] + rest * (sorted[index + 1] - sorted[index]);
}

}  // namespace tristrata::stats
