#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace tristrata::stats {
namespace {

constexpr std::size_t cells_from = 2048;
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

/// A grid of equal cells over where most of the values lie; what lies farther out is of the first or the last
/// one.
class Grid {
public:
    // Two digits a cell, and no more places to write to than the nearest caches bear.
    static constexpr unsigned digit_bits = 10;
    static constexpr std::size_t digits = std::size_t{1} << digit_bits;
    static constexpr std::uint32_t last = digits * digits - 1;

    /// Nothing where most of the values are one, or too far apart to be told by equal cells at all.
    static std::optional<Grid> over(std::span<const double> values) {
        // Seven eighths of the values and as much again on both sides: a normal column's outermost lie
        // within, and one far value does not coarsen it.
        std::array<double, 256> some{};
        const std::size_t stride = values.size() / some.size();
        for (std::size_t i = 0; i < some.size(); ++i) some[i] = values[i * stride];
        std::ranges::sort(some);
        const double inner = some[some.size() - 1 - some.size() / 16] - some[some.size() / 16];
        Grid grid{some[some.size() / 16] - inner, static_cast<double>(last) / (3.0 * inner)};
        if (!(inner > 0.0) || !std::isfinite(grid.low_) || !std::isnormal(grid.scale_)) return std::nullopt;
        return grid;
    }
    /// Ascends with the value, as each rounding on the way does.
    [[nodiscard]] std::uint32_t cell(double value) const {
        const double place = std::clamp((value - low_) * scale_, 0.0, static_cast<double>(last));
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(place));  // An instruction less.
    }
    [[nodiscard]] std::size_t low_digit(double value) const { return cell(value) % digits; }
    [[nodiscard]] std::size_t high_digit(double value) const { return cell(value) / digits; }

private:
    Grid(double low, double scale) : low_(low), scale_(scale) {}
    double low_, scale_;
};

void order_by_cells(std::vector<double>& values, std::vector<double>& scratch, const Grid& grid) {
    std::array<std::uint32_t, Grid::digits> low{}, high{};
    for (double& value : values) {
        value += 0.0;  // -0.0 + 0.0 is 0.0.
        ++low[grid.low_digit(value)];
        ++high[grid.high_digit(value)];
    }
    std::exclusive_scan(low.begin(), low.end(), low.begin(), std::uint32_t{0});
    std::exclusive_scan(high.begin(), high.end(), high.begin(), std::uint32_t{0});
    scratch.resize(values.size());
    for (const double value : values) scratch[low[grid.low_digit(value)]++] = value;
    for (const double value : scratch) values[high[grid.high_digit(value)]++] = value;
}

/// Sorts what is in the order of its cells; false, with all values in some order, where too many share one.
bool settle_cells(std::vector<double>& values, const Grid& grid) {
    const auto inner = std::ranges::find_if(values, [&](double value) { return grid.cell(value) > 0; });
    auto outer = values.end();
    while (outer != inner && grid.cell(outer[-1]) == Grid::last) --outer;
    std::sort(values.begin(), inner);
    std::sort(outer, values.end());
    auto moves = 4 * static_cast<std::ptrdiff_t>(values.size());
    for (auto next = inner; next != outer; ++next) {
        const double value = *next;
        auto place = next;
        for (; place != inner && value < place[-1]; --place) *place = place[-1];
        if (place == next) continue;
        *place = value;
        moves -= next - place;
        if (moves < 0) return false;
    }
    return true;
}

}  // namespace

void sort_values(std::vector<double>& values, std::vector<double>& scratch) {
    assert(values.size() < UINT32_MAX);
    const auto grid = values.size() < cells_from ? std::nullopt : Grid::over(values);
    if (grid) {
        order_by_cells(values, scratch, *grid);
        if (settle_cells(values, *grid)) return;
    } else {
        for (double& value : values) value += 0.0;
    }
    if (values.size() < cells_from) {
        std::ranges::sort(values);
        return;
    }
    order_by_digits<upper_digits>(values, scratch, as_key);
    if (settle_runs(values)) return;
    order_by_digits<all_digits>(values, scratch, [](double key) { return key; });
    std::ranges::transform(values, values.begin(), of_key);
}

}  // namespace tristrata::stats
