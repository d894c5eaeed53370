#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace tristrata::stats {
namespace {

// Ten bits: with eleven the places written to outgrow what the processor's first table of pages holds, and a
// million values take nearly twice as long.
constexpr std::size_t radix_from = 2048;
constexpr unsigned digit_bits = 10;
constexpr unsigned digits = 7;  // 7 x 10 bits cover 64.
constexpr unsigned first_upper_digit = 3;
constexpr std::size_t run_max = 2048;  // Of keys that the upper digits leave equal.
constexpr std::size_t buckets = std::size_t{1} << digit_bits;
constexpr std::uint64_t sign = std::uint64_t{1} << 63u;

/// Bits in the order of the values, negative ones reversed below the positive, in the place of the value.
double as_key(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return std::bit_cast<double>(bits ^ ((bits & sign) != 0 ? ~std::uint64_t{0} : sign));
}
double of_key(double key) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(key);
    return std::bit_cast<double>(bits ^ ((bits & sign) != 0 ? sign : ~std::uint64_t{0}));
}

std::size_t digit_of(double key, unsigned digit) noexcept {
    return static_cast<std::size_t>(std::bit_cast<std::uint64_t>(key) >> (digit * digit_bits)) &
           (buckets - 1);
}

/// Orders keys by their digits from `first` on; those that these leave equal stand in the order they had.
void order_by_digits(std::vector<double>& keys, std::vector<double>& scratch, unsigned first) {
    std::array<std::array<std::uint32_t, buckets>, digits> counts{};
    for (const double key : keys)
        for (unsigned digit = first; digit < digits; ++digit) ++counts[digit][digit_of(key, digit)];
    scratch.resize(keys.size());
    for (unsigned digit = first; digit < digits; ++digit) {
        auto& count = counts[digit];
        if (std::ranges::find(count, static_cast<std::uint32_t>(keys.size())) != count.end())
            continue;  // One digit for all.
        std::uint32_t offset = 0;
        for (auto& place : count) {
            const std::uint32_t here = place;
            place = offset;
            offset += here;
        }
        for (const double key : keys) scratch[count[digit_of(key, digit)]++] = key;
        keys.swap(scratch);
    }
}

/// Sorts each run of keys that are equal from the digit `first` on; false where one is too long to be worth
/// it.
bool settle_runs(std::vector<double>& keys, unsigned first) {
    const auto as_bits = [](double key) { return std::bit_cast<std::uint64_t>(key); };
    const auto upper = [&](double key) { return as_bits(key) >> (first * digit_bits); };
    for (auto begin = keys.begin(); begin != keys.end();) {
        auto end = begin + 1;
        while (end != keys.end() && upper(*end) == upper(*begin)) ++end;
        const auto differs = [&](double key) { return as_bits(key) != as_bits(*begin); };
        if (std::any_of(begin + 1, end, differs)) {
            if (static_cast<std::size_t>(end - begin) > run_max) return false;
            std::sort(begin, end, [&](double a, double b) { return as_bits(a) < as_bits(b); });
        }
        begin = end;
    }
    return true;
}

}  // namespace

void sort_values(std::vector<double>& values, std::vector<double>& scratch) {
    for (double& value : values) value += 0.0;  // -0.0 + 0.0 is 0.0.
    if (values.size() < radix_from) {
        std::ranges::sort(values);
        return;
    }
    assert(values.size() < UINT32_MAX);
    for (double& value : values) value = as_key(value);
    // Of the seven digits the upper four, 22 bits of the mantissa among them, tell most values apart.
    order_by_digits(values, scratch, first_upper_digit);
    if (!settle_runs(values, first_upper_digit)) order_by_digits(values, scratch, 0);
    for (double& value : values) value = of_key(value);
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
