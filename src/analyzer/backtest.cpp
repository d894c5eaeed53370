#include "tristrata/analyzer/backtest.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

namespace tristrata::analyzer {
namespace {

/// The answer in order of time, so that a window's rows stand together.
Answer in_order(Answer answer) {
    if (std::ranges::is_sorted(answer.times)) return answer;
    std::vector<std::size_t> order(answer.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return answer.times[i]; });
    Answer sorted;
    sorted.notes = answer.notes;
    const auto take = [&](const auto& from, auto& to) {
        to.reserve(order.size());
        for (const std::size_t i : order) to.push_back(from[i]);
    };
    take(answer.times, sorted.times);
    for (const auto& column : answer.numbers)
        take(column.values, sorted.numbers.emplace_back(column.name).values);
    for (const auto& column : answer.labels)
        take(column.values, sorted.labels.emplace_back(column.name).values);
    return sorted;
}

Answer between(const Answer& all, core::Timestamp from, core::Timestamp to) {
    const auto index = [&](core::Timestamp time) {
        return std::ranges::lower_bound(all.times, time.microseconds) - all.times.begin();
    };
    const auto begin = index(from), end = index(to);
    Answer part;
    part.notes = all.notes;
    part.times.assign(all.times.begin() + begin, all.times.begin() + end);
    for (const auto& column : all.numbers)
        part.numbers.push_back({column.name, {column.values.begin() + begin, column.values.begin() + end}});
    for (const auto& column : all.labels)
        part.labels.push_back({column.name, {column.values.begin() + begin, column.values.begin() + end}});
    return part;
}

void count(Backtest& result) {
    std::optional<core::Timestamp> last;
    for (const Judgement& one : result.judgements) {
        if (one.verdict == drift::Verdict::insufficient_data) ++result.insufficient_data;
        const auto severity = one.severity();
        if (!severity || *severity < drift::Severity::warn) continue;
        ++result.alerts;
        if (*severity == drift::Severity::crit) ++result.crits;
        if (!last || one.to - *last > Backtest::quiet) ++result.episodes;
        last = one.to;
    }
    const double weeks =
        static_cast<double>((*result.span.to - *result.span.from).microseconds) / (7 * 8.64e10);
    // Nine minutes with one episode say nothing of a week.
    if (weeks < 1.0) return;
    result.alerts_a_week = static_cast<double>(result.alerts) / weeks;
    result.episodes_a_week = static_cast<double>(result.episodes) / weeks;
}

}  // namespace

core::Result<Backtest> backtest(const Definition& definition, Respondent& respondent, core::Timestamp from,
                                core::Timestamp to, const core::Task& task) {
    const std::int64_t every = definition.every.microseconds;
    Backtest result;
    result.analyzer = definition.name;
    result.span = {from, to};
    Definition without_delay = definition;
    without_delay.delay = {};
    const core::Timestamp last = window_end(without_delay, to);
    const core::Timestamp first{window_end(without_delay, from).microseconds + every};
    if (first > last)
        return core::fail(core::ErrorKind::usage, fmt::format("no window of {} ends after {} and by {}",
                                                              core::quoted(definition.name),
                                                              core::to_string(from), core::to_string(to)));
    Definition asked = definition;
    const auto windows =
        static_cast<std::uint64_t>((last - first).microseconds / definition.window.microseconds) + 1;
    asked.rows_max =
        definition.rows_max + windows * (definition.rows_max / (definition.reference_windows + 1) + 1);
    auto answer = respondent.ask(asked, reference_of(definition, first).from, last, task);
    if (!answer) return propagate(answer);
    const Answer all = in_order(std::move(*answer));
    for (core::Timestamp end = first; end <= last; end = {end.microseconds + every}) {
        if (auto going = task.check(); !going) return propagate(going);
        result.judgements.push_back(
            judge(definition, between(all, reference_of(definition, end).from, end), end, task));
        if (task.progress != nullptr)
            task.progress->advanced("windows", result.judgements.size(),
                                    static_cast<std::uint64_t>((last - first).microseconds / every) + 1);
    }
    count(result);
    return result;
}

}  // namespace tristrata::analyzer
