#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace tristrata::stats {
namespace {

constexpr std::size_t radix_from = 2048;
constexpr unsigned digit_bits = 11;
constexpr unsigned digits = 6;  // 6 x 11 bits cover 64.
constexpr std::size_t buckets = std::size_t{1} << digit_bits;

/// Bits in the order of the values: negative ones reversed below the positive.
std::uint64_t ordered_bits(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return bits ^ ((bits >> 63u) != 0 ? ~std::uint64_t{0} : std::uint64_t{1} << 63u);
}

std::size_t digit_of(double value, unsigned digit) noexcept {
    return static_cast<std::size_t>(ordered_bits(value) >> (digit * digit_bits)) & (buckets - 1);
}

}  // namespace

void sort_values(std::vector<double>& values, std::vector<double>& scratch) {
    for (double& value : values) value += 0.0;  // -0.0 + 0.0 is 0.0.
    if (values.size() < radix_from) {
        std::ranges::sort(values);
        return;
    }
    std::array<std::array<std::uint32_t, buckets>, digits> counts{};
    assert(values.size() < UINT32_MAX);
    for (const double value : values)
        for (unsigned digit = 0; digit < digits; ++digit) ++counts[digit][digit_of(value, digit)];
    scratch.resize(values.size());
    for (unsigned digit = 0; digit < digits; ++digit) {
        auto& count = counts[digit];
        if (std::ranges::find(count, static_cast<std::uint32_t>(values.size())) != count.end())
            continue;  // One digit for all.
        std::uint32_t offset = 0;
        for (auto& place : count) {
            const std::uint32_t here = place;
            place = offset;
            offset += here;
        }
        for (const double value : values) scratch[count[digit_of(value, digit)]++] = value;
        values.swap(scratch);
    }
}

SortedSample::SortedSample(std::span<const double> values)
    : SortedSample(std::vector<double>(values.begin(), values.end())) {}

SortedSample::SortedSample(std::vector<double>&& values) : values_(std::move(values)) {
    std::erase_if(values_, [](double value) { return !std::isfinite(value); });
    std::vector<double> scratch;
    sort_values(values_, scratch);
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
