#include "table_signals.hpp"

#include "gates.hpp"
#include "signals.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/log_gamma.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <variant>

namespace tristrata::detection {
namespace {

using drift::Signal;
using drift::SignalKind;

/// What is counted of a series of times: how many rows, and how many of them are marked.
struct Marked {
    double marked = 0.0;
    double rows = 0.0;
    [[nodiscard]] double share() const { return rows > 0.0 ? marked / rows : 0.0; }
};

/// Rows that a step of `step` between neighbours leaves out; 0 where there is no step.
std::int64_t left_out(std::int64_t difference, std::int64_t step) {
    return step > 0 ? std::max<std::int64_t>(0, (difference + step / 2) / step - 1) : 0;
}

/// Missing rows among those that a regular step expects.
Marked missing_rows(std::span<const std::int64_t> times, std::int64_t step) {
    Marked found{0.0, static_cast<double>(times.size())};
    for (std::size_t i = 1; i < times.size(); ++i)
        found.marked += static_cast<double>(left_out(times[i] - times[i - 1], step));
    found.rows += found.marked;
    return found;
}

/// Rows whose time the row before has too.
Marked repeated(std::span<const std::int64_t> times) {
    Marked found{0.0, static_cast<double>(times.size())};
    for (std::size_t i = 1; i < times.size(); ++i) found.marked += times[i] == times[i - 1] ? 1.0 : 0.0;
    return found;
}

/// The marks of missing_rows, 1 or 0, in order of time. A gap is taken to be no longer than `longest`: what
/// is further apart is compared with nothing.
std::vector<double> gap_marks(std::span<const std::int64_t> times, std::int64_t step, std::size_t longest) {
    std::vector<double> marks;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (i > 0) {
            const auto gap = static_cast<std::size_t>(left_out(times[i] - times[i - 1], step));
            marks.insert(marks.end(), std::min(gap, longest), 1.0);
        }
        marks.push_back(0.0);
    }
    return marks;
}

std::vector<double> repeated_marks(std::span<const std::int64_t> times) {
    std::vector<double> marks(times.size(), 0.0);
    for (std::size_t i = 1; i < times.size(); ++i) marks[i] = times[i] == times[i - 1] ? 1.0 : 0.0;
    return marks;
}

/// Whether current measures more above the mean of its class than all but alpha of the windows above that of
/// theirs. All windows count: those of one class alone are too few for a small alpha.
template <class Measure>
bool beyond_windows(const OrderedSide& reference, const Setting& setting, double found, const Measure& of) {
    std::map<int, Marked> mean;  // Sum and number of the measures of a class, current's among them.
    std::vector<double> measured;
    const auto add = [&](int season_class, double measure) {
        mean[season_class].marked += measure;
        mean[season_class].rows += 1.0;
    };
    for (const Window& window : setting.windows) {
        measured.push_back(of(std::span(reference.times).subspan(window.begin, window.end - window.begin)));
        add(window.season_class, measured.back());
    }
    add(setting.current_class, found);
    const double above = found - mean[setting.current_class].share();
    double as_much = 0.0;
    for (std::size_t i = 0; i < measured.size(); ++i)
        as_much += measured[i] - mean[setting.windows[i].season_class].share() >= above - 1e-12 ? 1.0 : 0.0;
    return 1.0 + as_much <= setting.plan->alpha * (1.0 + static_cast<double>(measured.size())) + 1e-9;
}

/// More marked rows than chance explains, at what the reference's rows are worth.
template <class Marks>
bool unlikely(Marked before, Marked after, std::size_t rows, const Setting& setting, const Marks& marks) {
    const auto p_of = [&](const std::optional<stats::Dependence>& dependence) {
        const auto count = [](double value) { return static_cast<std::uint64_t>(value); };
        const auto outcome = share_test(count(before.marked), count(before.rows - before.marked),
                                        count(after.marked), count(after.rows - after.marked), dependence);
        const auto* test = std::get_if<stats::TestResult>(&outcome);
        return test != nullptr ? test->p : 1.0;
    };
    const double level = signal_level(*setting.plan, 1);
    if (p_of(std::nullopt) > level) return false;
    if (setting.null == Null::independent || before.marked == 0.0) return true;
    const auto found = stats::integrated_autocorrelation_time(marks(), rows);
    const auto* dependence = std::get_if<stats::Dependence>(&found);
    return dependence == nullptr || p_of(*dependence) <= level;
}

/// P(X <= k) or P(X >= k), whichever is the smaller, twice, of the binomial with n tries and share p.
double two_sided_binomial(double k, double n, double p) {
    const auto log_term = [&](double i) {
        return stats::log_gamma(n + 1.0) - stats::log_gamma(i + 1.0) - stats::log_gamma(n - i + 1.0) +
               i * std::log(p) + (n - i) * std::log1p(-p);
    };
    const double step = k < n * p ? -1.0 : 1.0;
    double tail = 0.0;
    for (double i = k; i >= 0.0 && i <= n; i += step) {
        const double term = std::exp(log_term(i));
        tail += term;
        if (term < 1e-17 * tail || term == 0.0) break;
    }
    return std::min(1.0, 2.0 * tail);
}

/// How many times more than draws would the numbers of rows of the reference's windows scatter; at least 1.
double dispersion_of(const std::vector<Window>& windows) {
    constexpr std::size_t windows_min = 5;
    if (windows.size() < windows_min) return 1.0;
    double sum = 0.0, squares = 0.0;
    const auto count = static_cast<double>(windows.size());
    for (const Window& window : windows) sum += static_cast<double>(window.end - window.begin);
    const double mean = sum / count;
    for (const Window& window : windows) {
        const double off = static_cast<double>(window.end - window.begin) - mean;
        squares += off * off;
    }
    return std::max(1.0, squares / (count - 1.0) / mean);
}

std::optional<Signal> rows_signal(const OrderedSide& reference, const OrderedSide& current,
                                  const Setting& setting) {
    const auto seconds = [](const OrderedSide& side) {
        if (!side.from || !side.to) return 0.0;
        return static_cast<double>(side.to->microseconds - side.from->microseconds) * 1e-6;
    };
    // A window wider than the reference's data says nothing of its rows a day. Current's may: an outage up to
    // now looks just like that.
    OrderedSide covered;
    if (reference.from && reference.begins) covered.from = std::max(*reference.from, *reference.begins);
    if (reference.to && reference.ends) covered.to = std::min(*reference.to, *reference.ends);
    const auto n = static_cast<double>(reference.times.size()), m = static_cast<double>(current.times.size());
    const double before_s = seconds(covered), after_s = seconds(current);
    if (!(before_s > 0.0 && after_s > 0.0)) return std::nullopt;
    const double before = n / before_s * 86400.0, after = m / after_s * 86400.0;
    const double change = std::abs(after - before) / before;
    if (setting.plan->severity.of_signal(SignalKind::rows, change) < drift::Severity::warn)
        return std::nullopt;
    const double worth = setting.null == Null::independent ? 1.0 : dispersion_of(setting.windows);
    const double m_worth = std::round(m / worth), all_worth = m_worth + std::round(n / worth);
    if (two_sided_binomial(m_worth, all_worth, after_s / (before_s + after_s)) >
        signal_level(*setting.plan, 1))
        return std::nullopt;
    const double expected = n * after_s / before_s;
    if (setting.null == Null::chunks &&
        !beyond_windows(reference, setting, std::abs(m - expected),
                        [&](auto times) { return std::abs(static_cast<double>(times.size()) - expected); }))
        return std::nullopt;
    return fired(SignalKind::rows, before, after, change,
                 fmt::format("{} {} a day became {}", core::readable(before), before == 1.0 ? "row" : "rows",
                             core::readable(after)),
                 *setting.plan);
}

}  // namespace

std::vector<Signal> table_signals(const OrderedSide& reference, const OrderedSide& current,
                                  const Setting& setting) {
    std::vector<Signal> signals;
    if (!reference.profile || !current.profile) return signals;
    const auto compare = [&](SignalKind kind, std::string_view what, const auto& measure, const auto& marks) {
        const Marked before = measure(std::span(reference.times)), after = measure(std::span(current.times));
        const double a = before.share(), b = after.share();
        if (after.marked == 0.0 || b <= a) return;
        if (!unlikely(before, after, current.times.size(), setting, marks)) return;
        if (setting.null == Null::chunks &&
            !beyond_windows(reference, setting, b, [&](auto times) { return measure(times).share(); }))
            return;
        signals.push_back(fired(
            kind, a, b, b - a,
            fmt::format("{:.0f} {} in current, {:.0f} in the reference", after.marked, what, before.marked),
            *setting.plan));
    };
    const std::int64_t step = reference.profile->step_us;
    compare(
        SignalKind::gap, "rows are missing from the regular step",
        [&](std::span<const std::int64_t> times) { return missing_rows(times, step); },
        [&] { return gap_marks(reference.times, step, current.times.size()); });
    compare(SignalKind::duplicate_times, "times stand more than once", repeated,
            [&] { return repeated_marks(reference.times); });
    if (!current.profile->was_sorted)
        signals.push_back(fired(SignalKind::unsorted_times, std::nullopt, std::nullopt, 0.0,
                                "the times of current do not ascend; they were sorted", *setting.plan));
    if (auto rows = rows_signal(reference, current, setting)) signals.push_back(std::move(*rows));
    return signals;
}

std::vector<drift::Signal> bound_signals(const OrderedSide& current, std::uint64_t rows,
                                         core::Timestamp asked_at, const Plan& plan) {
    using drift::SignalKind;
    std::vector<drift::Signal> signals;
    if (plan.rows_min && rows < *plan.rows_min) {
        const auto asked = static_cast<double>(*plan.rows_min), found = static_cast<double>(rows);
        signals.push_back(fired(SignalKind::row_count, asked, found, (asked - found) / asked,
                                fmt::format("current holds {}; the plan asks for at least {}",
                                            core::plural(rows, "row"), core::readable(asked)),
                                plan));
    }
    if (plan.max_age_us && !current.times.empty()) {
        const auto age = static_cast<double>(asked_at.microseconds - current.times.back());
        const auto allowed = static_cast<double>(*plan.max_age_us);
        if (age > allowed)
            signals.push_back(
                fired(SignalKind::freshness, allowed * 1e-6, age * 1e-6, age / allowed,
                      fmt::format("the newest row is of {}, {} old; the plan allows {}",
                                  core::to_string(core::Timestamp{current.times.back()}),
                                  core::to_string(core::Duration{static_cast<std::int64_t>(age)}),
                                  core::to_string(core::Duration{*plan.max_age_us})),
                      plan));
    }
    return signals;
}

}  // namespace tristrata::detection
