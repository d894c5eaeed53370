#include "tristrata/incident/apply.hpp"
#include "tristrata/incident/wording.hpp"

#include "events.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;

namespace {

/// What a database keeps: only whole steps reach it.
struct Kept {
    State state;
    std::set<core::Uuid> processed;
    std::map<core::Uuid, notification::Alert> pages;
    std::set<core::Uuid> appended;
    std::vector<Transition> history;
};

struct Row {
    core::Timestamp commits;
    drift::Event event;
};

enum class Death { none, before_commit, before_append, between_appends, before_mark };

/// One step of a program that may die anywhere in it.
void step(Kept& kept, const std::vector<Row>& rows, core::Timestamp now, Death death, const Policy& policy,
          std::vector<notification::Alert>& receiver) {
    std::vector<drift::Event> events;
    for (const Row& row : rows)
        if (row.commits <= now && !kept.processed.contains(row.event.event_id)) events.push_back(row.event);
    Kept next = kept;
    const Applied applied = apply(policy, {}, next.state, events, now);
    for (const auto& event : events) next.processed.insert(event.event_id);
    for (const Page& page : applied.pages) {
        const auto incident =
            std::ranges::find(next.state.incidents, page.incident_id, &Incident::incident_id);
        next.pages.emplace(page.page_id, alert_of(*incident, page.kind, now));
    }
    next.history.insert(next.history.end(), applied.transitions.begin(), applied.transitions.end());
    if (death == Death::before_commit) return;
    kept = std::move(next);
    if (death == Death::before_append) return;
    for (const auto& [page_id, alert] : kept.pages) {
        if (kept.appended.contains(page_id)) continue;
        receiver.push_back(alert);
        if (death == Death::before_mark) return;
        kept.appended.insert(page_id);
        if (death == Death::between_appends) return;
    }
}

/// Whether it is crit within the incident when, as far as is known by then, its metric was none for the
/// cool-down.
bool may_be_return(const std::vector<Row>& rows, const Row& row, const Incident& incident,
                   const Policy& policy) {
    const drift::Event& event = row.event;
    if (event.severity != Severity::crit || event.module != incident.module ||
        event.detected_at <= incident.first_seen || event.detected_at > incident.last_seen)
        return false;
    return std::ranges::none_of(rows, [&](const Row& other) {
        return other.event.severity == Severity::crit && other.event.module == event.module &&
               other.event.metric == event.metric && other.event.detected_at < event.detected_at &&
               event.detected_at < other.event.detected_at + policy.fallback.cool_down &&
               other.commits <= row.commits;
    });
}

}  // namespace

// A thousand lives of the program, each with deaths at any moment, rows that commit hours late and out of
// order.
TEST(Deaths, no_crit_is_lost_and_none_is_told_twice_in_a_thousand_lives) {
    std::size_t lost = 0, twice = 0, deaths = 0, crits = 0, pages = 0;
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        Policy policy;
        policy.fallback.close = 2;
        policy.fallback.cool_down = {30 * minute.microseconds};
        policy.fallback.pages_per_week = 10'000;
        policy.inhibition.by.clear();
        std::vector<Row> rows;
        for (int i = 0; i < 60; ++i) {
            const core::Timestamp at = monday + core::Duration{i * 5 * minute.microseconds};
            const auto severity = random() % 4 == 0   ? Severity::crit
                                  : random() % 3 == 0 ? Severity::warn
                                                      : Severity::info;
            const bool late = random() % 5 == 0;
            const core::Duration delay{static_cast<std::int64_t>(late ? random() % 300 : random() % 2) *
                                       minute.microseconds};
            rows.push_back({at + delay, event_at(at, severity, "m" + std::to_string(random() % 3),
                                                 "x" + std::to_string(random() % 2))});
        }
        Kept kept;
        std::vector<notification::Alert> receiver;
        for (core::Timestamp now = monday; now < monday + core::Duration{12 * hour.microseconds};
             now = now + core::Duration{7 * minute.microseconds}) {
            const auto death = random() % 2 == 0 ? static_cast<Death>(1 + random() % 4) : Death::none;
            deaths += death == Death::none ? 0 : 1;
            step(kept, rows, now, death, policy, receiver);
        }
        step(kept, rows, monday + day, Death::none, policy, receiver);

        // Each crit stands in an incident of which somebody was told.
        for (const Row& row : rows) {
            if (row.event.severity != Severity::crit) continue;
            ++crits;
            const bool told = std::ranges::any_of(kept.state.incidents, [&](const Incident& one) {
                const bool holds = one.module == row.event.module &&
                                   one.first_seen <= row.event.detected_at &&
                                   row.event.detected_at <= one.last_seen && one.severity == Severity::crit;
                const bool has_metric = std::ranges::any_of(one.findings, [&](const Finding& finding) {
                    return finding.metric == row.event.metric && finding.severity == Severity::crit;
                });
                if (!holds || !has_metric) return false;
                return std::ranges::any_of(receiver, [&](const notification::Alert& alert) {
                    return !alert.ends_at &&
                           alert.annotation("incident_id") == core::to_string(one.incident_id);
                });
            });
            lost += told ? 0 : 1;
        }
        // In effect: an alert is its labels and its start.
        std::set<std::pair<notification::Texts, core::Timestamp>> alerts;
        for (const auto& alert : receiver)
            if (!alert.ends_at) alerts.emplace(alert.labels, alert.starts_at);
        const auto firing = static_cast<std::size_t>(std::ranges::count_if(
            kept.pages, [](const auto& page) { return !page.second.ends_at.has_value(); }));
        pages += firing;
        // Each telling is another alert, of metrics that none before it spoke of, or that return.
        for (const Incident& one : kept.state.incidents) {
            std::set<std::string> tellings;
            std::size_t told = 0;
            for (const auto& [page_id, alert] : kept.pages) {
                if (alert.ends_at || alert.annotation("incident_id") != core::to_string(one.incident_id))
                    continue;
                ++told;
                tellings.emplace(alert.label("page"));
            }
            const auto metrics = static_cast<std::size_t>(
                std::ranges::count(one.findings, Severity::crit, &Finding::severity));
            const auto returns = static_cast<std::size_t>(std::ranges::count_if(
                rows, [&](const Row& row) { return may_be_return(rows, row, one, policy); }));
            twice += told > tellings.size() || told > metrics + returns || told != one.tellings ? 1 : 0;
        }
        EXPECT_LE(alerts.size(), firing);
        // The history has no gap and nothing twice.
        std::map<core::Uuid, std::int64_t> last;
        for (const Transition& one : kept.history) EXPECT_EQ(one.seq, ++last[one.incident_id]);
    }
    EXPECT_EQ(lost, 0u);
    EXPECT_EQ(twice, 0u);
    EXPECT_GT(deaths, 40'000u);
    EXPECT_GT(crits, 10'000u);
    RecordProperty("deaths", static_cast<int>(deaths));
    RecordProperty("pages", static_cast<int>(pages));
}
