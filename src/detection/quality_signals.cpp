#include "quality_signals.hpp"

#include "gates.hpp"
#include "sentence.hpp"
#include "signals.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/detection/bounds.hpp"
#include "tristrata/stats/extremes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace tristrata::detection {
namespace {

using drift::Signal;
using drift::SignalKind;

/// Below this share of the reference's spread a column is as good as constant.
constexpr double spread_floor = 0.01;

double level_of(const Setting& setting) { return signal_level(*setting.plan, setting.columns); }

double middle_spread(const stats::SortedSample& sample) {
    return sample.quantile(0.95) - sample.quantile(0.05);
}

/// Whether m values could lie that close together by chance: each but the first must fall into some interval
/// of the width, and no interval holds more than the reference's fullest one.
std::optional<Signal> dispersion(const stats::SortedSample& reference, const stats::SortedSample& current,
                                 const ColumnPlan& column, const std::function<double()>& tau,
                                 const Setting& setting) {
    const double before = middle_spread(reference), after = middle_spread(current);
    const double width = current.values().back() - current.values().front();
    const auto signal = [&](std::string reason) {
        return fired(SignalKind::dispersion, before, after, 1.0, std::move(reason), *setting.plan);
    };
    if (column.dispersion_min) {
        const double middle = std::abs(current.median());
        const double relative = middle > 0.0 ? after / middle : after;
        if (relative < *column.dispersion_min)
            return signal(
                fmt::format("nine in ten values lie within {} of each other, {:.2g} of their median; the "
                            "plan asks for at least {}",
                            core::readable(after), relative, *column.dispersion_min));
    }
    if (width <= 0.0 || !(after <= spread_floor * before)) return std::nullopt;  // All alike is `constant`.
    const double worth = static_cast<double>(current.size()) / std::max(1.0, tau());
    if (worth < current_values_min) return std::nullopt;
    const double fullest = stats::largest_share_within(reference, width);
    if (worth * std::pow(fullest, worth - 1.0) > level_of(setting)) return std::nullopt;
    return signal(
        fmt::format("the values hardly differ any more: nine in ten lie within {} of each other, where it "
                    "was {}",
                    core::readable(after), core::readable(before)));
}

std::optional<Signal> range(const stats::SortedSample& reference, const stats::SortedSample& current,
                            const ColumnPlan& column, const std::function<double()>& tau,
                            const Setting& setting) {
    // What the plan allows takes the place of what the reference happened to show.
    if (column.minimum || column.maximum) return std::nullopt;
    const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
    const double low = reference.values().front(), high = reference.values().back();
    const auto values = current.values();
    const auto below = static_cast<double>(std::ranges::lower_bound(values, low) - values.begin());
    const auto above = static_cast<double>(values.end() - std::ranges::upper_bound(values, high));
    if (below + above == 0.0) return std::nullopt;
    const auto beyond_chance = [&](double k, double rows) {
        return 2.0 * stats::exceedance_p(n / rows, m / rows, std::floor(k / rows)) <= level_of(setting);
    };
    const auto counts = [&](double k) {
        return k > 0.0 && beyond_chance(k, 1.0) && beyond_chance(k, std::max(1.0, tau()));
    };
    const bool under = counts(below), over = counts(above);
    if (!under && !over) return std::nullopt;
    const double share = ((under ? below : 0.0) + (over ? above : 0.0)) / m;
    std::string where;
    if (under)
        where = fmt::format("{} below {}, down to {}", percent(below / m), core::readable(low),
                            core::readable(values.front()));
    if (over)
        where += fmt::format("{}{} above {}, up to {}", under ? "; " : "", percent(above / m),
                             core::readable(high), core::readable(values.back()));
    auto signal = fired(SignalKind::range, 0.0, share, share,
                        fmt::format("values lie outside the range that the reference showed: {}", where),
                        *setting.plan);
    // That is no bound, and a shift has a verdict of its own: it is told only.
    signal.severity = drift::Severity::info;
    return signal;
}

/// Rows whose key stood before.
std::uint64_t repeated(const dataset::Column& column) {
    std::uint64_t again = 0;
    if (!column.codes.empty()) {
        std::vector<bool> seen(column.labels.size(), false);
        for (const auto code : column.codes) {
            if (code >= seen.size()) continue;
            again += seen[code];
            seen[code] = true;
        }
        return again;
    }
    std::vector<double> values;
    for (const double x : column.numbers)
        if (!std::isnan(x)) values.push_back(x);
    for (const auto t : column.times)
        if (t != dataset::Column::missing_time) values.push_back(static_cast<double>(t));
    std::ranges::sort(values);
    for (std::size_t i = 1; i < values.size(); ++i) again += values[i] == values[i - 1];
    return again;
}

/// Every k-th row as a number, so that at most leak_rows_max are left; empty where the column is neither
/// numbers nor booleans.
std::vector<double> thinned(const dataset::Column& column) {
    std::vector<double> values;
    const std::size_t rows = std::max(column.numbers.size(), column.codes.size());
    const std::size_t step = std::max<std::size_t>(1, (rows + leak_rows_max - 1) / leak_rows_max);
    if (!column.numbers.empty()) {
        for (std::size_t i = 0; i < rows; i += step) values.push_back(column.numbers[i]);
    } else if (column.type == dataset::Type::boolean) {
        for (std::size_t i = 0; i < rows; i += step)
            values.push_back(column.codes[i] == dataset::Column::missing_code
                                 ? std::nan("")
                                 : (column.labels[column.codes[i]] == "true" ? 1.0 : 0.0));
    }
    return values;
}

std::optional<double> correlation_with(const dataset::Column& target, const dataset::Column& feature) {
    return stats::value_of(stats::rank_correlation(thinned(target), thinned(feature)));
}

}  // namespace

std::optional<Signal> beyond_bounds(std::span<const double> values, const ColumnPlan& column,
                                    const Plan& plan) {
    if (!column.minimum && !column.maximum) return std::nullopt;
    std::uint64_t below = 0, above = 0, all = 0;
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    for (const double value : values) {
        if (std::isnan(value)) continue;
        ++all;
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
        below += column.minimum && value < *column.minimum ? 1 : 0;
        above += column.maximum && value > *column.maximum ? 1 : 0;
    }
    if (below + above == 0) return std::nullopt;
    std::string reason =
        fmt::format("{} of {} beyond the bounds:", below + above, core::plural(all, "value"));
    if (below > 0)
        reason += fmt::format(" {} below {}, down to {}", below, core::readable(*column.minimum),
                              core::readable(lowest));
    if (above > 0)
        reason += fmt::format("{} {} above {}, up to {}", below > 0 ? ";" : "", above,
                              core::readable(*column.maximum), core::readable(highest));
    const double share = static_cast<double>(below + above) / static_cast<double>(all);
    return fired(SignalKind::range, 0.0, share, share, std::move(reason), plan);
}

std::string not_finite(std::string_view key, double bound) {
    return fmt::format(
        "{} is {}; expected a finite number, such as {} = 0; leave {} out where there is no bound", key,
        bound, key, key);
}

std::vector<Signal> spread_and_range_signals(const stats::SortedSample& reference,
                                             const stats::SortedSample& current, const ColumnPlan& column,
                                             const std::function<double()>& tau, const Setting& setting) {
    std::vector<Signal> signals;
    if (static_cast<double>(reference.size()) < reference_values_min ||
        static_cast<double>(current.size()) < current_values_min)
        return signals;
    if (auto found = dispersion(reference, current, column, tau, setting))
        signals.push_back(std::move(*found));
    if (auto found = range(reference, current, column, tau, setting)) signals.push_back(std::move(*found));
    return signals;
}

std::vector<Signal> key_signals(const dataset::Column& reference, const dataset::Column& current,
                                const Setting& setting) {
    const std::uint64_t n = reference.rows - reference.missing, m = current.rows - current.missing;
    const std::uint64_t before = repeated(reference), after = repeated(current);
    if (n == 0 || m == 0 || after == 0) return {};
    const double a = static_cast<double>(before) / static_cast<double>(n);
    const double b = static_cast<double>(after) / static_cast<double>(m);
    if (b <= a) return {};
    if (before > 0) {
        const auto outcome = share_test(before, n - before, after, m - after, std::nullopt);
        const auto* test = std::get_if<stats::TestResult>(&outcome);
        if (test == nullptr || test->p > level_of(setting)) return {};
    }
    return {fired(SignalKind::duplicate_keys, a, b, b,
                  fmt::format("{} of the rows repeat a key that stood before, where it was {}", percent(b),
                              before == 0 ? "none" : percent(a)),
                  *setting.plan)};
}

std::vector<Signal> leak_signals(const Targets& target, const dataset::Column& reference,
                                 const dataset::Column& current, const Setting& setting) {
    const auto after = correlation_with(target.current, current);
    if (!after || std::abs(*after) < leak_floor) return {};
    const auto before = correlation_with(target.reference, reference);
    const double change = std::max(0.0, std::abs(*after) - std::abs(before.value_or(0.0)));
    return {fired(SignalKind::leak, before, after, change,
                  fmt::format("it nearly is the target: their rank correlation is {:.3f}, where it was {}",
                              *after, before ? fmt::format("{:.3f}", *before) : std::string("not known")),
                  *setting.plan)};
}

}  // namespace tristrata::detection
