#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <span>

namespace tristrata::stats {
namespace {

constexpr std::size_t radix_from = 2048;
constexpr std::size_t run_max = 2048;  // Of keys that the upper digits leave equal.
constexpr std::uint64_t sign = std::uint64_t{1} << 63u;

/// A part of a key: `bits` of it, above the lowest `from`.
struct Digit {
    unsigned from;
    unsigned bits;
};
// Most values differ in the upper 34 bits, 22 of the mantissa among them. Three digits: a fourth costs more
// than their wider tables, and the last, of sign and exponent, has few places in use.
constexpr std::array upper_digits{Digit{30, 10}, Digit{40, 12}, Digit{52, 12}};
constexpr std::array all_digits{Digit{0, 10},  Digit{10, 10}, Digit{20, 10},
                                Digit{30, 10}, Digit{40, 12}, Digit{52, 12}};
constexpr unsigned upper_from = upper_digits.front().from;
constexpr std::size_t buckets = std::size_t{1} << 12u;

/// Bits in the order of the values, negative ones reversed below the positive, in the place of the value.
double as_key(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return std::bit_cast<double>(bits ^ ((bits & sign) != 0 ? ~std::uint64_t{0} : sign));
}
double of_key(double key) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(key);
    return std::bit_cast<double>(bits ^ ((bits & sign) != 0 ? sign : ~std::uint64_t{0}));
}

std::size_t digit_of(double key, Digit digit) noexcept {
    const std::uint64_t mask = (std::uint64_t{1} << digit.bits) - 1;
    return static_cast<std::size_t>((std::bit_cast<std::uint64_t>(key) >> digit.from) & mask);
}

/// Places of each digit's values, from the counts of them; false where all keys have the same one.
bool make_places(std::span<std::uint32_t> counts, std::size_t keys) {
    if (std::ranges::find(counts, static_cast<std::uint32_t>(keys)) != counts.end()) return false;
    std::uint32_t offset = 0;
    for (auto& place : counts) {
        const std::uint32_t here = place;
        place = offset;
        offset += here;
    }
    return true;
}

/// Makes keys of the values and orders them by these digits; those that they leave equal stand in the order
/// they had. A pass over many values costs more than making a key of one twice.
template <const auto& digits, class KeyOf>
void order_by_digits(std::vector<double>& values, std::vector<double>& scratch, KeyOf key_of) {
    std::array<std::array<std::uint32_t, buckets>, std::size(digits)> counts{};
    for (const double value : values) {
        const double key = key_of(value);
        for (std::size_t i = 0; i < digits.size(); ++i) ++counts[i][digit_of(key, digits[i])];
    }
    scratch.resize(values.size());
    bool are_keys = false;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto& places = counts[i];
        if (!make_places(std::span(places).first(std::size_t{1} << digits[i].bits), values.size())) continue;
        if (are_keys)
            for (const double key : values) scratch[places[digit_of(key, digits[i])]++] = key;
        else
            for (const double value : values) {
                const double key = key_of(value);
                scratch[places[digit_of(key, digits[i])]++] = key;
            }
        are_keys = true;
        values.swap(scratch);
    }
    if (!are_keys) std::ranges::transform(values, values.begin(), key_of);
}

/// Sorts each run of keys that are equal in the upper digits, and makes values of them again; false, with
/// keys everywhere, where one is too long to be worth it.
bool settle_runs(std::vector<double>& keys) {
    const auto as_bits = [](double key) { return std::bit_cast<std::uint64_t>(key); };
    const auto upper = [&](double key) { return as_bits(key) >> upper_from; };
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
    order_by_digits<upper_digits>(values, scratch, [](double value) { return as_key(value + 0.0); });
    if (settle_runs(values)) return;
    order_by_digits<all_digits>(values, scratch, [](double key) { return key; });
    std::ranges::transform(values, values.begin(), of_key);
}

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
