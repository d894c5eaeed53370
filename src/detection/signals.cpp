#include "signals.hpp"

#include "evidence.hpp"
#include "gates.hpp"
#include "sentence.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/log_gamma.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <variant>

namespace tristrata::detection {
namespace {

using drift::Signal;
using drift::SignalKind;

/// A share that moves by less than this is no signal, however many rows there are.
constexpr double missing_share_floor = 0.01;

/// A column has five signals that chance can raise (missing, infinite, new, vanished, constant). Together
/// they get a fifth of alpha, so that they add little to the false alarms of the distribution's verdict.
constexpr double signals_that_chance_raises = 5.0;

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Which rows are marked, 1 or 0, in their order.
using Indicator = std::function<std::vector<double>()>;

/// Whether current's share of marked rows differs more from that of its class than those of all but alpha of
/// the windows do: what happens every Saturday is no news on a Saturday.
bool beyond_windows(const std::vector<double>& marks, double after, std::uint64_t m, const Setting& setting) {
    struct Pool {
        double marked = 0.0, rows = 0.0;
    };
    std::map<int, Pool> pools;
    const auto marked_in = [&](const Window& window) {
        const auto at = [&](std::size_t row) { return marks.begin() + static_cast<std::ptrdiff_t>(row); };
        return std::accumulate(at(window.begin), at(window.end), 0.0);
    };
    const auto add = [&](int season_class, double marked, double rows) {
        pools[season_class].marked += marked;
        pools[season_class].rows += rows;
    };
    for (const Window& window : setting.windows)
        add(window.season_class, marked_in(window), static_cast<double>(window.end - window.begin));
    add(setting.current_class, after * static_cast<double>(m), static_cast<double>(m));
    const auto from_its_class = [&](int season_class, double share) {
        return std::abs(share - pools[season_class].marked / pools[season_class].rows);
    };
    const double found = from_its_class(setting.current_class, after);
    const auto as_far = std::ranges::count_if(setting.windows, [&](const Window& window) {
        const double share = marked_in(window) / static_cast<double>(window.end - window.begin);
        return from_its_class(window.season_class, share) >= found - 1e-12;
    });
    return 1.0 + static_cast<double>(as_far) <=
           setting.plan->alpha * (1.0 + static_cast<double>(setting.windows.size())) + 1e-9;
}

/// The same for labels: a window's new rows are those of labels that no other window has. Current has to have
/// more of them than all but alpha of the windows.
bool new_beyond_windows(const CategoryTable& table, const Setting& setting) {
    const auto own_share = [&](const Window& window) {
        std::unordered_map<std::uint32_t, std::uint64_t> counts;
        std::uint64_t rows = 0, own = 0;
        for (std::size_t row = window.begin; row < window.end; ++row) {
            const auto code = table.reference_codes[row];
            if (code >= table.labels.size()) continue;
            ++counts[code];
            ++rows;
        }
        for (const auto& [code, count] : counts)
            own += count == table.reference[code] + table.current[code] ? count : 0;
        return share(own, rows);
    };
    std::uint64_t own = 0, rows = 0;
    for (std::size_t i = 0; i < table.labels.size(); ++i) {
        rows += table.current[i];
        own += table.reference[i] == 0 ? table.current[i] : 0;
    }
    const double found = share(own, rows);
    const auto as_many = std::ranges::count_if(
        setting.windows, [&](const Window& window) { return own_share(window) >= found - 1e-12; });
    return 1.0 + static_cast<double>(as_many) <=
           setting.plan->alpha * (1.0 + static_cast<double>(setting.windows.size())) + 1e-9;
}

/// A signal about two shares: it fires where chance does not explain the difference and it is at least
/// `floor`. Outages come in runs: in ordered rows the reference's own indicator says what they are worth. A
/// reference without any marked row says nothing about runs, and any share that reaches the floor is news.
void compare_shares(std::vector<Signal>& signals, SignalKind kind, std::string_view what,
                    std::uint64_t reference, std::uint64_t n, std::uint64_t current, std::uint64_t m,
                    double floor, const Indicator& reference_marks, const Setting& setting) {
    if (reference == 0 && current == 0) return;
    if (n == 0 || m == 0) return;
    const double before = share(reference, n);
    const double after = share(current, m);
    const double size = std::abs(after - before);
    const double level = signal_level(*setting.plan, setting.columns);
    const auto unlikely = [&](const std::optional<stats::Dependence>& dependence) {
        const auto outcome = share_test(reference, n - reference, current, m - current, dependence);
        const auto* test = std::get_if<stats::TestResult>(&outcome);
        return test != nullptr && test->p <= level;
    };
    bool fires = size >= floor && unlikely(std::nullopt);
    if (fires && setting.ordered && setting.null != Null::independent && reference > 0) {
        const auto found = stats::integrated_autocorrelation_time(reference_marks(), m);
        if (const auto* dependence = std::get_if<stats::Dependence>(&found)) fires = unlikely(*dependence);
    }
    if (fires && setting.null == Null::chunks) fires = beyond_windows(reference_marks(), after, m, setting);
    if (fires) {
        signals.push_back(fired(
            kind, before, after, size,
            fmt::format("{} values went from {} to {} of the rows", what, percent(before), percent(after)),
            *setting.plan));
        return;
    }
    Signal quiet;
    quiet.kind = kind;
    quiet.reference = before;
    quiet.current = after;
    quiet.reason =
        fmt::format("{} values: {} of the rows before, {} now", what, percent(before), percent(after));
    signals.push_back(std::move(quiet));
}

std::vector<double> missing_marks(const dataset::Column& column) {
    std::vector<double> marks;
    for (const double x : column.numbers) marks.push_back(std::isnan(x) ? 1.0 : 0.0);
    for (const auto t : column.times) marks.push_back(t == dataset::Column::missing_time ? 1.0 : 0.0);
    for (const auto c : column.codes) marks.push_back(c == dataset::Column::missing_code ? 1.0 : 0.0);
    return marks;
}

std::vector<double> infinite_marks(const dataset::Column& column) {
    std::vector<double> marks;
    for (const double x : column.numbers) marks.push_back(std::isinf(x) ? 1.0 : 0.0);
    return marks;
}

/// How many labels a sentence names before it only counts the rest.
constexpr std::size_t labels_named = 3;

std::string name_some(std::span<const std::string> labels, std::span<const std::size_t> which) {
    std::string text;
    for (std::size_t i = 0; i < std::min(which.size(), labels_named); ++i)
        text += (i ? ", " : "") + core::quoted(labels[which[i]], 40);
    if (which.size() > labels_named) text += fmt::format(" and {} more", which.size() - labels_named);
    return text;
}

/// How many labels that seem to have vanished are looked at one by one.
constexpr std::size_t labels_asked = 16;

/// How often each label follows another one; its count where it is the only one, which says nothing of runs.
std::vector<std::uint64_t> run_starts(std::span<const std::uint32_t> codes,
                                      std::span<const std::uint64_t> counts) {
    std::vector<std::uint64_t> starts(counts.size(), 0);
    std::uint32_t before = dataset::Column::missing_code;
    for (const auto code : codes) {
        if (code >= starts.size()) continue;
        starts[code] += code != before;
        before = code;
    }
    if (before < starts.size() && std::ranges::count_if(counts, [](auto c) { return c > 0; }) == 1)
        starts[before] = std::max(starts[before], counts[before]);
    return starts;
}

double tau_of_label(std::span<const std::uint32_t> codes, std::size_t label, std::uint64_t m) {
    std::vector<double> marks;
    marks.reserve(codes.size());
    for (const auto code : codes)
        if (code != dataset::Column::missing_code) marks.push_back(code == label ? 1.0 : 0.0);
    const auto found = stats::integrated_autocorrelation_time(marks, m);
    const auto* dependence = std::get_if<stats::Dependence>(&found);
    return dependence != nullptr ? dependence->tau : 1.0;
}

/// Labels that the reference has none of, and how many rows they hold now: against how many rows of the
/// reference hold a label that stands there once, which foretells how much of any next sample is new (Good,
/// 1953). A long tail that goes on as before is no signal.
std::optional<Signal> new_labels(const CategoryTable& table, std::uint64_t n, std::uint64_t m,
                                 const Setting& setting) {
    std::uint64_t once = 0, new_rows = 0;
    std::vector<std::size_t> appeared;
    for (std::size_t i = 0; i < table.labels.size(); ++i) {
        once += table.reference[i] == 1;
        if (table.reference[i] > 0 || table.current[i] == 0) continue;
        appeared.push_back(i);
        new_rows += table.current[i];
    }
    if (appeared.empty()) return std::nullopt;
    std::ranges::stable_sort(appeared, [&](auto a, auto b) { return table.current[a] > table.current[b]; });
    const double expected = share(once, n), found = share(new_rows, m);
    auto reason = fmt::format("{} of the rows hold {} that the reference never showed: {}", percent(found),
                              appeared.size() == 1 ? "a label" : fmt::format("{} labels", appeared.size()),
                              name_some(table.labels, appeared));
    const auto outcome = share_test(once, n - once, new_rows, m - new_rows, table.dependence);
    const auto* test = std::get_if<stats::TestResult>(&outcome);
    bool fires =
        test != nullptr && found > expected && test->p <= signal_level(*setting.plan, setting.columns);
    if (fires && setting.null == Null::chunks && !table.reference_codes.empty())
        fires = new_beyond_windows(table, setting);
    if (fires) return fired(SignalKind::new_category, 0.0, found, found, std::move(reason), *setting.plan);
    Signal quiet;
    quiet.kind = SignalKind::new_category;
    quiet.reference = expected;
    quiet.current = found;
    quiet.reason = reason + (once > 0 ? "; about as many as its own labels seen once foretell"
                                      : "; so few that chance explains why the reference has none");
    return quiet;
}

/// Labels of the reference that no row holds now, where chance does not explain it.
std::optional<Signal> vanished_labels(const CategoryTable& table, std::uint64_t n, std::uint64_t m,
                                      const Setting& setting) {
    const auto& [labels, reference, current, codes, dependence] = table;
    std::vector<std::size_t> vanished;
    const double level = signal_level(*setting.plan, setting.columns) / static_cast<double>(labels.size());
    const bool in_runs = setting.ordered && setting.null != Null::independent && !codes.empty();
    const auto starts = in_runs ? run_starts(codes, reference) : std::vector<std::uint64_t>{};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (reference[i] == 0 || current[i] > 0) continue;
        // In runs, a run may begin in every row that does not hold the label yet.
        const double p = in_runs ? p_unseen(starts[i], std::max(starts[i], n - reference[i]), m, 1.0)
                                 : p_unseen(reference[i], n, m, 1.0);
        if (p > level) continue;
        vanished.push_back(i);
    }
    std::ranges::stable_sort(vanished, [&](auto a, auto b) { return reference[a] > reference[b]; });
    // Runs may be torn by other labels: the most frequent labels are asked for what their rows are worth.
    if (in_runs) {
        const std::vector<std::size_t> candidates = std::exchange(vanished, {});
        for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
            const std::size_t i = candidates[rank];
            const double tau = rank < labels_asked ? tau_of_label(codes, i, m) : 1.0;
            if (p_unseen(reference[i], n, m, tau) <= level) vanished.push_back(i);
        }
    }
    if (vanished.empty()) return std::nullopt;
    std::uint64_t lost_rows = 0;
    for (const auto i : vanished) lost_rows += reference[i];
    const double lost = share(lost_rows, n);
    return fired(SignalKind::vanished_category, lost, 0.0, lost,
                 fmt::format("{} of the reference held {} that no row holds now: {}", percent(lost),
                             vanished.size() == 1 ? "a label" : fmt::format("{} labels", vanished.size()),
                             name_some(labels, vanished)),
                 *setting.plan);
}

}  // namespace

double signal_level(const Plan& plan, std::size_t columns) noexcept {
    return plan.alpha / static_cast<double>(std::max<std::size_t>(1, columns)) /
           (5.0 * signals_that_chance_raises);
}

double p_unseen(std::uint64_t times, std::uint64_t n, std::uint64_t m, double tau) {
    const double rows = static_cast<double>(n + m) / tau, marked = static_cast<double>(times) / tau;
    const double drawn = static_cast<double>(m) / tau;
    const double free = rows - marked - drawn;  // Rows of the reference that are not marked.
    if (free < 0.0) return 0.0;
    return std::exp(stats::log_gamma(rows - marked + 1.0) - stats::log_gamma(free + 1.0) -
                    stats::log_gamma(rows + 1.0) + stats::log_gamma(rows - drawn + 1.0));
}

Signal fired(SignalKind kind, std::optional<double> reference, std::optional<double> current, double size,
             std::string reason, const Plan& plan) {
    Signal signal;
    signal.kind = kind;
    signal.reference = reference;
    signal.current = current;
    signal.verdict = drift::Verdict::drift;
    signal.severity = plan.severity.of_signal(kind, size).value_or(drift::Severity::info);
    signal.reason = std::move(reason);
    return signal;
}

std::vector<Signal> value_signals(const dataset::Column& reference, const dataset::Column& current,
                                  const Setting& setting) {
    std::vector<Signal> signals;
    // Of a column that cannot be read nobody knows what is missing.
    if (reference.type == dataset::Type::unsupported || current.type == dataset::Type::unsupported)
        return signals;
    compare_shares(
        signals, SignalKind::missing_share, "missing", reference.missing, reference.rows, current.missing,
        current.rows, missing_share_floor, [&] { return missing_marks(reference); }, setting);
    compare_shares(
        signals, SignalKind::infinite_share, "infinite", reference.infinite, reference.rows, current.infinite,
        current.rows, 0.0, [&] { return infinite_marks(reference); }, setting);
    return signals;
}

std::vector<Signal> category_signals(const CategoryTable& table, const Setting& setting) {
    std::vector<Signal> signals;
    const auto n = std::accumulate(table.reference.begin(), table.reference.end(), std::uint64_t{0});
    const auto m = std::accumulate(table.current.begin(), table.current.end(), std::uint64_t{0});
    if (n == 0 || m == 0) return signals;
    if (auto signal = new_labels(table, n, m, setting)) signals.push_back(std::move(*signal));
    if (auto signal = vanished_labels(table, n, m, setting)) signals.push_back(std::move(*signal));
    return signals;
}

std::optional<Signal> constant_signal(const Constancy& found, const Setting& setting) {
    if (found.distinct < 2 || static_cast<double>(found.current) < current_values_min) return std::nullopt;
    const double tau = found.dependence ? found.dependence->tau : 1.0;
    if (p_unseen(found.others, found.reference, found.current, tau) >
        signal_level(*setting.plan, setting.columns))
        return std::nullopt;
    // Where whole windows of the reference are constant too, one more is no news.
    if (!setting.windows.empty() && setting.null == Null::chunks &&
        1.0 + static_cast<double>(found.constant_windows) >
            setting.plan->alpha * (1.0 + static_cast<double>(setting.windows.size())) + 1e-9)
        return std::nullopt;
    return fired(SignalKind::constant, static_cast<double>(found.distinct), 1.0, 1.0,
                 fmt::format("every row now holds one and the same value, where the reference had {}",
                             core::readable(static_cast<double>(found.distinct))),
                 *setting.plan);
}

}  // namespace tristrata::detection
