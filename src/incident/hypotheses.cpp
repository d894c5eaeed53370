#include "tristrata/incident/hypotheses.hpp"

#include "found_by.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>

namespace tristrata::incident {
namespace {

constexpr core::Duration one_day{86'400'000'000};
constexpr unsigned first_seen_months = 6, found_months = 3;
constexpr std::int64_t looked_at_days = 90;
constexpr std::int64_t wall_ms_max = 60'000;
constexpr std::uint64_t typical_rows = 10'000, typical_columns = 50;
constexpr std::uint64_t opened_a_week = 5;
constexpr std::size_t weeks_on_end = 4;

core::Timestamp day_of(core::Timestamp time) {
    const std::int64_t rest =
        ((time.microseconds % one_day.microseconds) + one_day.microseconds) % one_day.microseconds;
    return {time.microseconds - rest};
}

core::Timestamp days_later(core::Timestamp time, std::int64_t days) {
    return {time.microseconds + days * one_day.microseconds};
}

std::string date(core::Timestamp time) { return core::to_string(time).substr(0, 10); }

/// Where nothing decided it: what a horizon that has not ended, has, or has not begun, makes of it.
void by_horizon(JudgedHypothesis& judged, const HypothesisFigures& figures, std::string reason) {
    judged.reason = std::move(reason);
    if (!judged.to) {
        judged.reason += "; its horizon has not begun: there is no drift event yet";
        judged.what_to_do = "push a drift report, or say from when it is used: --adopted DATE";
    } else if (figures.at < *judged.to) {
        judged.known_at = judged.to;
    } else {
        judged.verdict = HypothesisVerdict::not_held;
    }
}

void unmeasurable(JudgedHypothesis& judged, std::string reason) {
    judged.verdict = HypothesisVerdict::unmeasurable;
    judged.reason = std::move(reason);
}

/// H2 and H4, where nothing was counted between two days.
void without_samples(JudgedHypothesis& judged, const HypothesisFigures& figures) {
    const bool over = judged.to && figures.at >= *judged.to;
    if (figures.no_statements) return unmeasurable(judged, *figures.no_statements);
    constexpr const char* reason = "statements were not counted on two days yet";
    if (over) return unmeasurable(judged, std::string(reason) + " of the horizon");
    by_horizon(judged, figures, reason);
    if (judged.what_to_do.empty())
        judged.what_to_do =
            "serve samples once a day; without it, each day: tristrata report hypotheses --sample";
}

JudgedHypothesis judge_layers(const HypothesisFigures& figures) {
    JudgedHypothesis judged{"H1", "an incident is seen first by another layer than the technical one"};
    judged.from = figures.begun;
    if (figures.begun) judged.to = months_later(*figures.begun, first_seen_months);
    std::uint64_t all = 0, false_alarms = 0, by_watcher = 0, by_tool = 0, by_hand = 0;
    for (const Incident& one : figures.incidents) {
        if (!judged.to || one.opened_at < *judged.from || one.opened_at >= *judged.to) continue;
        ++all;
        const FoundBy by = found_by(one);
        if (one.dismissed_at || one.ending == Ending::false_alarm) ++false_alarms;
        else if (by == FoundBy::watcher) ++by_watcher;
        else if (by == FoundBy::tool) ++by_tool;
        else if (by == FoundBy::hand) ++by_hand;
        else if (one.first_layer != "technical") judged.incidents.push_back(one);
    }
    std::ranges::sort(judged.incidents, {},
                      [](const Incident& one) { return std::pair(one.opened_at, one.incident_id); });
    const auto layer = [&](std::string_view name) {
        return static_cast<std::uint64_t>(
            std::ranges::count(judged.incidents, name, [](const Incident& one) { return one.first_layer; }));
    };
    judged.figures = {{"incidents", all},
                      {"first_by_execution", layer("execution")},
                      {"first_by_drift", layer("drift")},
                      {"of_the_watcher_itself", by_watcher},
                      {"alerts_of_other_tools", by_tool},
                      {"pushed_by_hand", by_hand},
                      {"false_alarms", false_alarms}};
    if (!judged.incidents.empty()) {
        judged.verdict = HypothesisVerdict::held;
        judged.reason =
            fmt::format("{}, the first on {}", core::plural(judged.incidents.size(), "such incident"),
                        date(judged.incidents.front().opened_at));
    } else if (figures.no_incidents) {
        unmeasurable(judged, *figures.no_incidents);
    } else {
        by_horizon(judged, figures,
                   all == 0 ? "no incident was opened" : "no incident was seen first by another layer");
    }
    return judged;
}

JudgedHypothesis judge_queries(const HypothesisFigures& figures) {
    JudgedHypothesis judged{"H2", "a query of a person's own against kpi.events found something"};
    judged.from = figures.begun;
    if (figures.begun) judged.to = months_later(*figures.begun, found_months);
    std::uint64_t queries = 0, restarted = 0;
    std::optional<core::Timestamp> first, last;
    for (const auto& between : calls_between(figures.ad_hoc)) {
        if (!judged.to || between.from < day_of(*judged.from) || between.from >= *judged.to) continue;
        queries += between.calls;
        restarted += between.restarted ? 1 : 0;
        if (!first) first = between.from;
        last = between.to;
    }
    for (const Word& word : figures.words)
        if (judged.to && word.hypothesis == judged.name && word.at >= *judged.from && word.at < *judged.to)
            judged.words.push_back(word);
    judged.figures = {
        {"queries", queries}, {"said_to_have_found", judged.words.size()}, {"counts_restarted", restarted}};
    const bool over = judged.to && figures.at >= *judged.to;
    if (!first) {
        without_samples(judged, figures);
    } else if (queries > 0 && !judged.words.empty()) {
        judged.verdict = HypothesisVerdict::held;
        judged.reason = fmt::format("{}, and {} says: {}", core::plural(queries, "query", "queries"),
                                    judged.words.front().who, judged.words.front().why);
    } else if (queries > 0) {
        by_horizon(judged, figures,
                   fmt::format("{}, and nobody said that one found something",
                               core::plural(queries, "query", "queries")));
        judged.what_to_do = "who found something says so: tristrata report hypotheses --found H2 --why TEXT";
    } else if (over &&
               (days_later(day_of(*judged.from), 1) < *first || *last < days_later(day_of(*judged.to), -1))) {
        unmeasurable(judged,
                     fmt::format("no query was counted, but only from {} to {}", date(*first), date(*last)));
    } else {
        by_horizon(judged, figures, "no query was counted");
    }
    return judged;
}

std::uint64_t cells(const CheckFigures& one) {
    return std::max(one.rows_reference, one.rows_current) * one.columns;
}

JudgedHypothesis judge_reports(const HypothesisFigures& figures) {
    JudgedHypothesis judged{"H3", "a drift report of up to 10,000 rows and 50 columns takes less than 60 s"};
    const CheckFigures *largest = nullptr, *slowest = nullptr, *beyond = nullptr;
    std::uint64_t typical = 0, fast_beyond = 0;
    for (const CheckFigures& one : figures.checks) {
        const bool fits =
            std::max(one.rows_reference, one.rows_current) <= typical_rows && one.columns <= typical_columns;
        const auto larger = [&](const CheckFigures* other) {
            return other == nullptr ||
                   std::pair(cells(one), one.duration_ms) > std::pair(cells(*other), other->duration_ms);
        };
        if (!fits) {
            fast_beyond += one.duration_ms < wall_ms_max ? 1 : 0;
            if (larger(beyond)) beyond = &one;
            continue;
        }
        ++typical;
        if (larger(largest)) largest = &one;
        if (slowest == nullptr || one.duration_ms > slowest->duration_ms) slowest = &one;
    }
    judged.figures = {{"checks", figures.checks.size()}, {"checks_up_to_the_size", typical}};
    if (slowest != nullptr)
        judged.figures.emplace_back("duration_ms_max", static_cast<std::uint64_t>(slowest->duration_ms));
    for (const auto* one : {largest, slowest, beyond})
        if (one != nullptr && (one != slowest || slowest != largest || judged.checks.empty()))
            judged.checks.push_back(*one);
    const auto told = [](const CheckFigures& one) {
        return fmt::format("{} rows against {} and {} in {:.3f} s", one.rows_current, one.rows_reference,
                           core::plural(one.columns, "column"), static_cast<double>(one.duration_ms) / 1000);
    };
    if (slowest != nullptr && slowest->duration_ms >= wall_ms_max) {
        judged.verdict = HypothesisVerdict::not_held;
        judged.reason = told(*slowest);
    } else if (typical + fast_beyond > 0) {
        judged.verdict = HypothesisVerdict::held;
        judged.reason = "the largest: " + told(largest != nullptr ? *largest : *beyond);
        if (largest != nullptr && cells(*largest) < typical_rows * typical_columns && fast_beyond == 0)
            judged.reason += "; none was as large as the claim";
    } else if (figures.no_checks) {
        unmeasurable(judged, *figures.no_checks);
    } else if (beyond != nullptr) {
        judged.reason = "only larger ones were made, none below 60 s: " + told(*beyond);
    } else {
        judged.reason = "no check said how long it took";
        judged.what_to_do = "drift check --push with a KPI store, or a [[check]] of serve";
    }
    return judged;
}

std::vector<HypothesisWeek> weeks_of(const HypothesisFigures& figures, core::Timestamp from,
                                     core::Timestamp to) {
    std::vector<HypothesisWeek> weeks;
    const auto between = calls_between(figures.opened);
    for (core::Timestamp begin = day_of(from); begin <= figures.at; begin = days_later(begin, 7)) {
        const core::Timestamp end = days_later(begin, 7);
        if (end > to) break;
        HypothesisWeek seven{begin};
        std::int64_t covered = 0;
        for (const auto& one : between)
            if (one.from >= begin && one.to <= end) {
                seven.calls += one.calls;
                covered += (one.to - one.from).microseconds;
            }
        seven.whole = covered == (end - begin).microseconds;
        weeks.push_back(seven);
    }
    return weeks;
}

/// The first place where so many weeks on end are `good`.
template <class Good>
std::optional<std::size_t> on_end(const std::vector<HypothesisWeek>& weeks, const Good& good) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < weeks.size(); ++i) {
        run = good(weeks[i]) ? run + 1 : 0;
        if (run == weeks_on_end) return i + 1 - weeks_on_end;
    }
    return std::nullopt;
}

JudgedHypothesis judge_dashboard(const HypothesisFigures& figures) {
    JudgedHypothesis judged{"H4", "the KPI dashboard is opened at least 5 times a week, four weeks on end"};
    judged.from = figures.begun;
    if (figures.begun) judged.to = days_later(*figures.begun, looked_at_days);
    std::uint64_t opened = 0, restarted = 0;
    for (const auto& one : calls_between(figures.opened))
        if (judged.to && one.from >= day_of(*judged.from) && one.from < *judged.to) {
            opened += one.calls;
            restarted += one.restarted ? 1 : 0;
        }
    if (judged.to) judged.weeks = weeks_of(figures, *judged.from, *judged.to);
    const auto often = [](const HypothesisWeek& one) { return one.calls >= opened_a_week; };
    const auto reached = static_cast<std::uint64_t>(std::ranges::count_if(judged.weeks, often));
    judged.figures = {{"opened", opened}, {"weeks_reached", reached}, {"counts_restarted", restarted}};
    const bool over = judged.to && figures.at >= *judged.to;
    if (const auto place = on_end(judged.weeks, often)) {
        judged.verdict = HypothesisVerdict::held;
        judged.reason = fmt::format("in each of the four weeks from {}", date(judged.weeks[*place].from));
    } else if (figures.opened.size() < 2) {
        without_samples(judged, figures);
    } else if (over && on_end(judged.weeks, [&](const auto& one) { return often(one) || !one.whole; })) {
        const auto gaps = std::ranges::count_if(judged.weeks, [](const auto& one) { return !one.whole; });
        unmeasurable(judged, fmt::format("{} of {} weeks lack samples", gaps, judged.weeks.size()));
    } else {
        by_horizon(judged, figures,
                   fmt::format("opened {}, often enough in {}", core::plural(opened, "time"),
                               core::plural(reached, "week")));
    }
    return judged;
}

}  // namespace

std::string_view name(HypothesisVerdict verdict) noexcept {
    switch (verdict) {
        case HypothesisVerdict::held:
            return "held";
        case HypothesisVerdict::not_held:
            return "not_held";
        case HypothesisVerdict::not_yet:
            return "not_yet";
        case HypothesisVerdict::unmeasurable:
            return "unmeasurable";
    }
    return "unmeasurable";
}

std::vector<StatementCalls> calls_between(const std::vector<StatementSample>& samples) {
    std::vector<StatementCalls> between;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const StatementSample &before = samples[i - 1], &after = samples[i];
        StatementCalls calls{before.day, after.day};
        const bool reset = before.since && after.since && *after.since > *before.since;
        calls.restarted = reset || after.calls < before.calls;
        if (!calls.restarted) calls.calls = after.calls - before.calls;
        else if (reset || before.statements <= 1) calls.calls = after.calls;
        between.push_back(calls);
    }
    return between;
}

core::Timestamp months_later(core::Timestamp time, unsigned months) noexcept {
    using namespace std::chrono;
    const core::Timestamp day = day_of(time);
    const year_month_day from{sys_days(std::chrono::days(day.microseconds / one_day.microseconds))};
    const year_month month = from.year() / from.month() + std::chrono::months(months);
    const year_month_day_last last = month / std::chrono::last;
    const sys_days to = sys_days(month / std::min(from.day(), last.day()));
    return {to.time_since_epoch().count() * one_day.microseconds + (time - day).microseconds};
}

std::vector<JudgedHypothesis> judge(const HypothesisFigures& figures) {
    return {judge_layers(figures), judge_queries(figures), judge_reports(figures), judge_dashboard(figures)};
}

}  // namespace tristrata::incident
