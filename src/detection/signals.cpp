#include "signals.hpp"

#include "evidence.hpp"
#include "gates.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/dependence.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <utility>
#include <variant>

namespace tristrata::detection {
namespace {

using drift::Signal;
using drift::SignalKind;

/// A share that moves by less than this is no signal, however many rows there are.
constexpr double missing_share_floor = 0.01;

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(double value) { return fmt::format("{:.3g} %", 100.0 * value); }

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
    const double level = setting.plan->alpha / static_cast<double>(std::max<std::size_t>(1, setting.columns));
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

/// Probability that `m` rows worth m / tau show nothing of what came `times` in n.
double p_unseen(std::uint64_t times, std::uint64_t n, std::uint64_t m, double tau) {
    const double each = std::min(share(times, n), 1.0 - 1e-12);
    return std::exp(static_cast<double>(m) / tau * std::log1p(-each));
}

}  // namespace

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
    compare_shares(
        signals, SignalKind::missing_share, "missing", reference.missing, reference.rows, current.missing,
        current.rows, missing_share_floor, [&] { return missing_marks(reference); }, setting);
    compare_shares(
        signals, SignalKind::infinite_share, "infinite", reference.infinite, reference.rows, current.infinite,
        current.rows, 0.0, [&] { return infinite_marks(reference); }, setting);
    return signals;
}

std::vector<Signal> category_signals(std::span<const std::string> labels,
                                     std::span<const std::uint64_t> reference,
                                     std::span<const std::uint64_t> current,
                                     std::span<const std::uint32_t> reference_codes, const Setting& setting) {
    std::vector<Signal> signals;
    std::uint64_t n = 0, m = 0, once = 0, new_rows = 0;
    std::vector<std::size_t> appeared, vanished;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        n += reference[i];
        m += current[i];
        once += reference[i] == 1;
        if (reference[i] == 0 && current[i] > 0) {
            appeared.push_back(i);
            new_rows += current[i];
        }
    }
    if (n == 0 || m == 0) return signals;

    if (!appeared.empty()) {
        std::ranges::stable_sort(appeared, [&](auto a, auto b) { return current[a] > current[b]; });
        // Labels that the reference showed once foretell how much of any next sample is new (Good, 1953): a
        // long tail that goes on as before is no signal.
        const double expected = share(once, n);
        const double found = share(new_rows, m);
        const double sd = std::sqrt(std::max(expected * (1 - expected), 1.0 / static_cast<double>(n)) *
                                    (1.0 / static_cast<double>(m) + 1.0 / static_cast<double>(n)));
        auto reason =
            fmt::format("{} of the rows hold {} that the reference never showed: {}", percent(found),
                        appeared.size() == 1 ? "a label" : fmt::format("{} labels", appeared.size()),
                        name_some(labels, appeared));
        if (found > expected + 3.0 * sd || (once == 0 && new_rows >= 1)) {
            signals.push_back(
                fired(SignalKind::new_category, 0.0, found, found, std::move(reason), *setting.plan));
        } else {
            Signal quiet;
            quiet.kind = SignalKind::new_category;
            quiet.reference = expected;
            quiet.current = found;
            quiet.reason = reason + "; about as many as its own labels seen once foretell";
            signals.push_back(std::move(quiet));
        }
    }

    std::uint64_t lost_rows = 0;
    const double level = setting.plan->alpha /
                         static_cast<double>(std::max<std::size_t>(1, setting.columns)) /
                         static_cast<double>(labels.size());
    const bool in_runs = setting.ordered && setting.null != Null::independent;
    const auto starts = in_runs ? run_starts(reference_codes, reference) : std::vector<std::uint64_t>{};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (reference[i] == 0 || current[i] > 0) continue;
        if (p_unseen(in_runs ? starts[i] : reference[i], n, m, 1.0) > level) continue;
        vanished.push_back(i);
    }
    std::ranges::stable_sort(vanished, [&](auto a, auto b) { return reference[a] > reference[b]; });
    // Runs may be torn by other labels: the most frequent labels are asked for what their rows are worth.
    if (in_runs) {
        const std::vector<std::size_t> candidates = std::exchange(vanished, {});
        for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
            const std::size_t i = candidates[rank];
            const double tau = rank < labels_asked ? tau_of_label(reference_codes, i, m) : 1.0;
            if (p_unseen(reference[i], n, m, tau) <= level) vanished.push_back(i);
        }
    }
    for (const auto i : vanished) lost_rows += reference[i];
    if (!vanished.empty()) {
        const double lost = share(lost_rows, n);
        signals.push_back(
            fired(SignalKind::vanished_category, lost, 0.0, lost,
                  fmt::format("{} of the reference held {} that no row holds now: {}", percent(lost),
                              vanished.size() == 1 ? "a label" : fmt::format("{} labels", vanished.size()),
                              name_some(labels, vanished)),
                  *setting.plan));
    }
    return signals;
}

}  // namespace tristrata::detection
