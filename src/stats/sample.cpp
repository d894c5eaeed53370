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

/// Places of each digit's values, from the counts of them; false where all keys have the same one.
bool make_places(std::array<std::uint32_t, buckets>& counts, std::size_t keys) {
    if (std::ranges::find(counts, static_cast<std::uint32_t>(keys)) != counts.end()) return false;
    std::uint32_t offset = 0;
    for (auto& place : counts) {
        const std::uint32_t here = place;
        place = offset;
        offset += here;
    }
    return true;
}

/// Makes keys of the values and orders them by their digits from `first` on; those that these leave equal
/// stand in the order they had. A pass over many values costs more than making a key of one twice.
template <class KeyOf>
void order_by_digits(std::vector<double>& values, std::vector<double>& scratch, unsigned first,
                     KeyOf key_of) {
    std::array<std::array<std::uint32_t, buckets>, digits> counts{};
    for (const double value : values) {
        const double key = key_of(value);
        for (unsigned digit = first; digit < digits; ++digit) ++counts[digit][digit_of(key, digit)];
    }
    scratch.resize(values.size());
    bool are_keys = false;
    for (unsigned digit = first; digit < digits; ++digit) {
        auto& places = counts[digit];
        if (!make_places(places, values.size())) continue;
        if (are_keys)
            for (const double key : values) scratch[places[digit_of(key, digit)]++] = key;
        else
            for (const double value : values) {
                const double key = key_of(value);
                scratch[places[digit_of(key, digit)]++] = key;
            }
        are_keys = true;
        values.swap(scratch);
    }
    if (!are_keys) std::ranges::transform(values, values.begin(), key_of);
}

/// Sorts each run of keys that are equal from the digit `first` on, and makes values of them again; false,
/// with keys everywhere, where one is too long to be worth it.
bool settle_runs(std::vector<double>& keys, unsigned first) {
    const auto as_bits = [](double key) { return std::bit_cast<std::uint64_t>(key); };
    const auto upper = [&](double key) { return as_bits(key) >> (first * digit_bits); };
    for (auto begin = keys.begin(); begin != keys.end();) {
        auto end = begin + 1;
        while (end != keys.end() && upper(*end) == upper(*begin)) ++end;
        const auto differs = [&](double key) { return as_bits(key) != as_bits(*begin); };
        if (std::any_of(begin + 1, end, differs)) {
            if (static_cast<std::size_t>(end - begin) > run_max) {
                std::transform(keys.begin(), begin, keys.begin(), as_key);
                return false;
            }
            std::sort(begin, end, [&](double a, double b) { return as_bits(a) < as_bits(b); });
        }
        for (; begin != end; ++begin) *begin = of_key(*begin);
    }
    return true;
}

}  // namespace

void sort_values(std::vector<double>& values, std::vector<double>& scratch) {
    if (values.size() < radix_from) {
        for (double& value : values) value += 0.0;  // -0.0 + 0.0 is 0.0.
        std::ranges::sort(values);
        return;
    }
    assert(values.size() < UINT32_MAX);
    // Of the seven digits the upper four, 22 bits of the mantissa among them, tell most values apart.
    order_by_digits(values, scratch, first_upper_digit, [](double value) { return as_key(value + 0.0); });
    if (settle_runs(values, first_upper_digit)) return;
    order_by_digits(values, scratch, 0, [](double key) { return key; });
    std::ranges::transform(values, values.begin(), of_key);
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
