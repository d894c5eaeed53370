#include "stuck_values.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/drift/missing.hpp"
#include "usual_windows.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace tristrata::analyzer {
namespace {

/// A value and how often it is there.
struct Count {
    double value = 0.0;
    double times = 0.0;
};

/// Ascending by value.
std::vector<Count> counts_of(std::span<const TimedValue> values) {
    std::vector<double> sorted;
    sorted.reserve(values.size());
    for (const auto& one : values) sorted.push_back(one.value);
    std::ranges::sort(sorted);
    std::vector<Count> counts;
    for (const double value : sorted)
        if (!counts.empty() && counts.back().value == value) counts.back().times += 1.0;
        else counts.push_back({value, 1.0});
    return counts;
}

double times_of(const std::vector<Count>& counts, double value) {
    const auto found = std::ranges::lower_bound(counts, value, {}, &Count::value);
    return found != counts.end() && found->value == value ? found->times : 0.0;
}

double pairs_of(double n) { return n * (n - 1.0) / 2.0; }

/// Of n values, the share of pairs that are equal; n is 2 or more.
double equal_share(const std::vector<Count>& counts, std::size_t n) {
    double equal = 0.0;
    for (const auto& one : counts) equal += pairs_of(one.times);
    return equal / pairs_of(static_cast<double>(n));
}

/// How often two of such values are equal because they lie on steps: step / (2 √π σ), of normal ones. The
/// spread is that of the different values, which one of them in many rows does not move.
double equal_by_step(const std::vector<Count>& current, const std::vector<Count>& reference) {
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < reference.size(); ++i)
        step = std::min(step, reference[i].value - reference[i - 1].value);
    std::vector<double> different;
    for (const auto& one : current) different.push_back(one.value);
    constexpr double of_normal = 1.349;
    const double spread = (quartile(different, 3) - quartile(different, 1)) / of_normal;
    return std::min(1.0, step / (2.0 * std::sqrt(std::numbers::pi) * spread));
}

}  // namespace

std::optional<std::string> stuck_values(std::span<const TimedValue> reference,
                                        std::span<const TimedValue> current, std::int64_t before,
                                        std::int64_t length, detection::Season season,
                                        const drift::SeverityPolicy& policy) {
    constexpr std::size_t values_min = 5;
    if (current.size() < values_min) return std::nullopt;
    const auto now = counts_of(current), all = counts_of(reference);
    std::vector<double> rates, different;
    double constant = 0.0;
    for (const auto window : windows_of_its_class(reference, before, length, season, &TimedValue::time)) {
        if (window.size() < 2) continue;
        const auto counts = counts_of(window);
        constant += counts.size() == 1 ? 1.0 : 0.0;
        different.push_back(static_cast<double>(counts.size()));
        rates.push_back(equal_share(counts, window.size()));
    }
    if (rates.empty()) return std::nullopt;
    const auto windows = static_cast<double>(rates.size());
    if (now.size() == 1) {
        if (constant >= windows / 4.0) return std::nullopt;
        return fmt::format("all {} values are {}, where {} of {} such windows hold one value alone",
                           current.size(), core::readable(now.front().value), constant, windows);
    }
    // A few pairs fall together by chance.
    constexpr double times_expected = 4.0, by_chance = 3.0, own_share = 0.05;
    const double pairs = pairs_of(static_cast<double>(current.size()));
    double found = 0.0;
    for (const auto& one : now)
        if (times_of(all, one.value) < own_share * static_cast<double>(reference.size()))
            found += pairs_of(one.times);
    const double expected = pairs * std::max(quartile(rates, 3), equal_by_step(now, all));
    if (found <= times_expected * expected + by_chance ||
        !drift::is_much_missing(std::sqrt((found - expected) / pairs), policy))
        return std::nullopt;
    const auto most = std::ranges::max_element(now, {}, &Count::times);
    return fmt::format(
        "{} of {} values are {} and {} differ, where such windows hold {} different ones: "
        "stuck, copied or filled in",
        most->times, current.size(), core::readable(most->value), now.size(),
        core::readable(quartile(different, 2)));
}

std::vector<std::string> stuck_columns(const Definition& definition, const Answer& answer,
                                       std::span<const std::size_t> reference,
                                       std::span<const std::size_t> current, std::int64_t before) {
    std::vector<std::string> sentences;
    for (const auto& column : answer.numbers) {
        const auto values_of = [&](std::span<const std::size_t> rows) {
            std::vector<TimedValue> values;
            values.reserve(rows.size());
            for (const std::size_t row : rows)
                if (std::isfinite(column.values[row]))
                    values.push_back({answer.times[row], column.values[row]});
            std::ranges::stable_sort(values, {}, &TimedValue::time);
            return values;
        };
        if (const auto stuck =
                stuck_values(values_of(reference), values_of(current), before, definition.window.microseconds,
                             definition.plan.season, definition.plan.severity))
            sentences.push_back(fmt::format("{}: {}", core::quoted(column.name), *stuck));
    }
    return sentences;
}

}  // namespace tristrata::analyzer
