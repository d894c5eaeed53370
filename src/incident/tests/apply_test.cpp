#include "tristrata/incident/apply.hpp"

#include "desk.hpp"
#include "tristrata/incident/wording.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>
#include <random>

using namespace tristrata;
using namespace tristrata::incident;
using namespace tristrata::incident::desks;
using drift::Severity;

TEST(FatigueControl, hysteresis_opens_at_m_of_n_and_closes_after_k_good_ones) {
    Desk desk;
    desk.policy.fallback.open_crit = desk.policy.fallback.open_warn = {2, 3};
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.step({event_at(at(1), Severity::info)}, at(1));
    desk.step({event_at(at(2), Severity::info)}, at(2));
    desk.step({event_at(at(3), Severity::crit)}, at(3));
    EXPECT_TRUE(desk.state.incidents.empty()) << "1 of the last 3, twice";
    desk.step({event_at(at(4), Severity::info)}, at(4));
    desk.step({event_at(at(5), Severity::crit)}, at(5));
    ASSERT_EQ(desk.count("opened"), 1u) << "bad, good, bad";
    EXPECT_EQ(desk.last().severity, Severity::crit);
    desk.step({event_at(at(6), Severity::info)}, at(6));
    desk.step({event_at(at(7), Severity::info)}, at(7));
    EXPECT_EQ(desk.last().phase, Phase::open) << "2 good ones are not 3";
    desk.step({event_at(at(8), Severity::info)}, at(8));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
    desk.step({}, at(8) + desk.policy.fallback.cool_down);
    EXPECT_EQ(desk.last().phase, Phase::closed);
    EXPECT_EQ(desk.last().ending, Ending::recovered);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    EXPECT_EQ(desk.sent(Page::Kind::resolved), 1u);
}

TEST(Apply, a_value_that_is_no_number_is_said_alike_by_the_page_and_by_whoever_asks_later) {
    Desk desk;
    auto event = event_at(at(0), Severity::crit);
    event.reference_value = std::numeric_limits<double>::infinity();
    desk.step({event}, at(0));
    const std::string summary = alert_of(desk.last(), Page::Kind::firing, at(0)).annotations.at("summary");
    EXPECT_NE(summary.find("latency_p99 - → 480"), std::string::npos) << summary;
    EXPECT_FALSE(desk.last().findings.front().reference_value) << "as JSON has it";
}

TEST(FatigueControl, a_single_column_pages_nobody_where_the_policy_asks_for_a_share_of_them) {
    const auto report = [](std::int64_t minutes, std::size_t drifted) {
        std::vector<std::string> bad, good;
        for (std::size_t i = 0; i < 50; ++i) (i < drifted ? bad : good).push_back(fmt::format("c{}", i));
        auto rows = report_at(at(minutes), bad, good, Severity::crit);
        rows.back().current_value = static_cast<double>(drifted) / 50;
        return rows;
    };
    Desk desk;
    desk.policy.fallback.page_share = 0.1;
    desk.step(report(0, 4), at(0));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.last().severity, Severity::warn) << "4 of 50";
    EXPECT_EQ(desk.last().findings.size(), 4u);
    EXPECT_TRUE(desk.pages.empty());
    EXPECT_TRUE(desk.history.front().why.ends_with(
        "; crit by itself, and 0.08 of its report's columns drifted, below the page_share of 0.1"))
        << desk.history.front().why;
    desk.step(report(1, 5), at(1));
    EXPECT_EQ(desk.last().severity, Severity::crit) << "5 of 50 are on the edge, and count";
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "once for all of them";
    EXPECT_EQ(desk.state.incidents.size(), 1u);

    // What is no column of a report, a signal of one, and a report whose whole row is missing stand as they
    // are.
    for (int kind = 0; kind < 3; ++kind) {
        Desk other;
        other.policy.fallback.page_share = 0.1;
        auto rows = report(0, 1);
        if (kind == 0) rows.front().report_id.reset();
        if (kind == 1) rows.front().metric = "missing_share_c0";
        if (kind == 2) rows.pop_back();
        other.step(rows, at(0));
        EXPECT_EQ(other.sent(Page::Kind::firing), 1u) << kind;
    }
    Desk usual;
    usual.step(report(0, 1), at(0));
    EXPECT_EQ(usual.sent(Page::Kind::firing), 1u) << "without it a column pages by itself";
}

TEST(FatigueControl, one_row_stands_for_all_events_of_a_key_and_counts_them) {
    Desk desk;
    for (int i = 0; i < 40; ++i) desk.step({event_at(at(i), Severity::crit)}, at(i));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.last().occurrences, 40u);
    EXPECT_EQ(desk.last().first_seen, at(0));
    EXPECT_EQ(desk.last().last_seen, at(39));
    ASSERT_EQ(desk.last().findings.size(), 1u);
    EXPECT_EQ(desk.last().findings[0].occurrences, 40u);
    EXPECT_EQ(desk.last().findings[0].reference_version, "v3");
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    EXPECT_LE(desk.state.signals[0].recent.size(), evaluations_kept);
}

TEST(FatigueControl, a_return_within_the_cool_down_is_the_same_incident_and_tells_nobody) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.step({event_at(at(1), Severity::info)}, at(1));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
    desk.step({event_at(at(300), Severity::crit)}, at(300));
    EXPECT_EQ(desk.last().phase, Phase::open);
    EXPECT_EQ(desk.last().reopened, 1u);
    EXPECT_EQ(desk.pages.size(), 1u);
    desk.step({event_at(at(301), Severity::info)}, at(301));
    desk.step({event_at(at(301 + 361), Severity::crit)}, at(301 + 361));
    EXPECT_EQ(desk.state.incidents.size(), 1u) << "its return and the end of the cool-down are seen together";
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "and told";
    desk.step({event_at(at(663), Severity::info)}, at(663));
    desk.step({}, at(663 + 360));
    desk.step({event_at(at(663 + 361), Severity::crit)}, at(663 + 361));
    EXPECT_EQ(desk.state.incidents.size(), 2u) << "behind it, it is another";
    EXPECT_EQ(desk.sent(Page::Kind::firing), 3u);
}

TEST(FatigueControl, fifty_columns_that_drift_are_one_incident_and_one_page) {
    Desk desk;
    std::vector<std::string> columns;
    for (int i = 0; i < 50; ++i) columns.push_back(fmt::format("c{}", i));
    desk.step(report_at(at(0), columns, {}, Severity::crit), at(0));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.last().findings.size(), 50u);
    EXPECT_EQ(desk.pages.size(), 1u);
    // It is over when the last of them is.
    for (int i = 1; i <= 3; ++i) desk.step(report_at(at(i), {"c7"}, columns, Severity::crit), at(i));
    EXPECT_EQ(desk.last().phase, Phase::open);
    for (int i = 4; i <= 6; ++i) desk.step(report_at(at(i), {}, columns, Severity::crit), at(i));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
    EXPECT_EQ(desk.pages.size(), 1u);
}

TEST(FatigueControl, info_never_pages_warn_goes_to_the_digest_and_crit_pages) {
    Desk desk;
    desk.step({event_at(at(0), Severity::info)}, at(0));
    EXPECT_TRUE(desk.state.incidents.empty());
    desk.step({event_at(at(1), Severity::warn)}, at(1));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_TRUE(desk.pages.empty());
    desk.step({event_at(at(2), Severity::crit)}, at(2));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.count("escalated"), 1u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    EXPECT_EQ(desk.last().starts_at, at(2)) << "the alert begins with what is crit";
    desk.step({event_at(at(3), Severity::warn)}, at(3));
    EXPECT_EQ(desk.pages.size(), 1u);
}

TEST(FatigueControl, no_data_is_no_recovery) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.step(report_at(at(0), {"age"}, {}, Severity::crit), at(0));
    for (int i = 1; i < 10; ++i) desk.step(report_at(at(i), {}, {"other"}, Severity::crit, {"age"}), at(i));
    EXPECT_EQ(desk.last().phase, Phase::open) << "too little data of age, which is not good";
    desk.step({}, at(9) + day);
    EXPECT_EQ(desk.last().phase, Phase::open) << "silence is not good";
    desk.step({}, at(0) + desk.policy.fallback.quiet);
    EXPECT_EQ(desk.last().phase, Phase::closed);
    EXPECT_EQ(desk.last().ending, Ending::quiet) << "at last, and it says why";
}

TEST(FatigueControl, a_module_pages_no_more_often_a_week_than_its_budget_and_says_so_once) {
    Desk desk;
    desk.policy.fallback.pages_per_week = 2;
    constexpr std::array types{drift::DriftType::latency_drift, drift::DriftType::error_rate_drift,
                               drift::DriftType::business_kpi_drift, drift::DriftType::data_quality};
    for (std::size_t i = 0; i < types.size(); ++i) {
        const auto now = at(static_cast<std::int64_t>(i));
        desk.step({event_at(now, Severity::crit, "features", "m", types.at(i))}, now);
    }
    desk.step({event_at(at(9), Severity::crit, "another")}, at(9));
    EXPECT_EQ(desk.state.incidents.size(), 5u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 3u) << "two of features and one of another";
    EXPECT_EQ(desk.sent(Page::Kind::budget), 1u);
    EXPECT_EQ(desk.count("withheld"), 2u);
    EXPECT_EQ(desk.state.incidents[3].hold, Hold::budget);
    Desk lasting = desk;
    // A week later it pages again.
    desk.step({event_at(at(9) + core::Duration{8 * day.microseconds}, Severity::crit, "features", "m",
                        drift::DriftType::target_drift)},
              at(9) + core::Duration{8 * day.microseconds});
    EXPECT_EQ(desk.sent(Page::Kind::firing), 4u);
    // Those that last so long are told then.
    for (std::int64_t i = 1; i <= 7; ++i) {
        const auto now = at(2) + core::Duration{i * day.microseconds};
        lasting.step({event_at(now, Severity::crit, "features", "m", types[2])}, now);
        EXPECT_EQ(lasting.sent(Page::Kind::firing), i < 7 ? 3u : 5u) << i;
    }
    EXPECT_TRUE(lasting.state.incidents[2].paged_at && lasting.state.incidents[3].paged_at);
}

TEST(FatigueControl, a_rehearsal_tells_the_pages_a_week_before_a_threshold_is_switched_on) {
    std::vector<drift::Event> events;
    for (int i = 0; i < 13; ++i)
        for (int good = 0; good < 20; ++good) {
            const auto when = monday + core::Duration{i * 7 * day.microseconds + good * hour.microseconds};
            events.push_back(event_at(when, good == 0 ? Severity::crit : Severity::info));
        }
    const auto told = rehearse({}, {}, events, hour);
    EXPECT_EQ(told.incidents, 13u);
    EXPECT_EQ(told.pages, 13u);
    EXPECT_NEAR(told.pages_per_week, 13.0 / told.weeks, 1e-12);
    Policy strict;
    strict.fallback.open_crit = strict.fallback.open_warn = {2, 3};
    EXPECT_EQ(rehearse(strict, {}, events, hour).pages, 0u);
}

TEST(FatigueControl, missing_upstream_data_silences_what_follows_from_it_until_it_is_back) {
    Desk desk;
    desk.policy.inhibition.upstream["train"] = {"features"};
    desk.policy.fallback.close = 1;
    const auto rows = [](core::Timestamp when, Severity severity) {
        return event_at(when, severity, "features", "rows", drift::DriftType::volume_drift);
    };
    desk.step({rows(at(0), Severity::crit), event_at(at(0), Severity::crit, "features"),
               rows(at(1), Severity::crit), event_at(at(1), Severity::crit, "train")},
              at(1));
    EXPECT_EQ(desk.state.incidents.size(), 3u);
    ASSERT_EQ(desk.pages.size(), 1u);
    EXPECT_EQ(desk.pages[0].incident_id, desk.state.incidents[0].incident_id);
    EXPECT_EQ(desk.state.incidents[1].hold, Hold::inhibited);
    EXPECT_EQ(desk.state.incidents[2].inhibited_by, desk.state.incidents[0].incident_id);
    // What recovers with it was never worth a page.
    desk.step({rows(at(10), Severity::info), event_at(at(10), Severity::info, "features")}, at(10));
    EXPECT_EQ(desk.pages.size(), 1u);
    // What does not is told.
    desk.step({event_at(at(20), Severity::crit, "train")}, at(20));
    ASSERT_EQ(desk.pages.size(), 2u);
    EXPECT_EQ(desk.pages[1].incident_id, desk.state.incidents[2].incident_id);
}

TEST(Apply, of_more_metrics_than_are_kept_those_that_are_crit_are) {
    Desk desk;
    std::vector<drift::Event> events;
    for (int i = 0; i < 150; ++i)
        events.push_back(event_at(at(0), Severity::warn, "features", fmt::format("m{}", i)));
    desk.step(events, at(0));
    desk.step({event_at(at(1), Severity::crit, "features", "fill_price")}, at(1));
    EXPECT_EQ(std::ranges::count(desk.last().findings, "fill_price", &Finding::metric), 1);
}

TEST(FatigueControl, a_maintenance_window_holds_pages_back_and_what_lasts_beyond_it_pages) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.policy.maintenance = {{"feat*", std::nullopt, at(0), at(60), "ops", "a new disk"}};
    desk.step({event_at(at(5), Severity::crit),
               event_at(at(5), Severity::crit, "features", "e", drift::DriftType::error_rate_drift)},
              at(5));
    EXPECT_TRUE(desk.pages.empty());
    EXPECT_EQ(desk.count("withheld"), 2u);
    EXPECT_EQ(desk.last().hold, Hold::maintenance);
    desk.step({event_at(at(30), Severity::info)}, at(30));
    desk.step({}, at(60));
    ASSERT_EQ(desk.pages.size(), 1u) << "the one that is still open";
    const auto open =
        std::ranges::find(desk.state.incidents, drift::DriftType::error_rate_drift, &Incident::drift_type);
    EXPECT_EQ(desk.pages[0].incident_id, open->incident_id);
}

TEST(FatigueControl, what_was_taken_in_a_maintenance_window_is_held_back_no_longer_than_that) {
    Desk desk;
    desk.policy.maintenance = {{"feat*", std::nullopt, at(0), at(60), "ops", "a new disk"}};
    desk.step({event_at(at(5), Severity::crit)}, at(5));
    desk.acknowledge(at(10));
    desk.step({}, at(59));
    EXPECT_EQ(desk.last().hold, Hold::maintenance);
    desk.step({}, at(60));
    EXPECT_EQ(desk.last().hold, Hold::none) << "the kill switch looks at it again";
    EXPECT_TRUE(desk.pages.empty()) << "eve knows";
}

TEST(FatigueControl, what_is_acknowledged_is_quiet_until_it_is_worse) {
    Desk desk;
    desk.step({event_at(at(0), Severity::warn)}, at(0));
    desk.last().acked_by = "eve";
    desk.last().acked_at = at(1);
    desk.step({event_at(at(2), Severity::warn)}, at(2));
    EXPECT_TRUE(desk.pages.empty());
    desk.step({event_at(at(3), Severity::crit)}, at(3));
    EXPECT_EQ(desk.pages.size(), 1u);
    EXPECT_TRUE(desk.last().acked_by.empty());
}

TEST(FatigueControl, a_false_alarm_stays_silent_while_it_lasts_and_not_for_ever) {
    Desk desk;
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.last().dismissed_at = at(1);
    desk.last().hold = Hold::dismissed;
    for (int i = 2; i < 100; ++i) desk.step({event_at(at(i), Severity::crit)}, at(i));
    EXPECT_EQ(desk.pages.size(), 1u);
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    const auto later = at(1) + desk.policy.fallback.dismissed;
    desk.step({}, later);
    EXPECT_EQ(desk.last().ending, Ending::false_alarm);
    desk.step({event_at(later + minute, Severity::crit)}, later + minute);
    EXPECT_EQ(desk.state.incidents.size(), 2u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(Apply, a_value_that_flaps_for_a_day_is_one_incident_and_at_most_two_notifications) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        Desk desk;
        core::Timestamp now = monday;
        for (int i = 0; i < 96; ++i, now = now + core::Duration{15 * minute.microseconds})
            desk.step({event_at(now, i == 0 || random() % 2 == 0 ? Severity::crit : Severity::info)}, now);
        for (int i = 0; i < 3; ++i, now = now + minute) desk.step({event_at(now, Severity::info)}, now);
        desk.step({}, now + desk.policy.fallback.cool_down);
        EXPECT_EQ(desk.state.incidents.size(), 1u);
        EXPECT_LE(desk.pages.size(), 2u);
        EXPECT_EQ(desk.last().phase, Phase::closed);
    }
}

TEST(Apply, the_order_in_which_events_come_changes_neither_what_opens_nor_what_is_paged) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        std::vector<drift::Event> events;
        for (int i = 0; i < 30; ++i)
            events.push_back(event_at(at(i), static_cast<Severity>(random() % 3),
                                      "m" + std::to_string(random() % 2),
                                      "x" + std::to_string(random() % 3)));
        Desk straight, shuffled;
        straight.step(events, at(60));
        std::ranges::shuffle(events, random);
        shuffled.step(events, at(60));
        EXPECT_EQ(straight.history, shuffled.history);
        EXPECT_EQ(straight.pages, shuffled.pages);
    }
}

TEST(Apply, a_crit_that_comes_late_is_told_and_one_within_what_was_told_is_counted_there) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.step({event_at(at(100), Severity::info)}, at(100));
    desk.step({event_at(at(10), Severity::crit)}, at(101));
    ASSERT_EQ(desk.sent(Page::Kind::firing), 1u) << "though a later evaluation was good";
    desk.step({event_at(at(102), Severity::crit)}, at(102));
    desk.step({event_at(at(103), Severity::info)}, at(103));
    desk.step({}, at(103) + desk.policy.fallback.cool_down);
    ASSERT_EQ(desk.last().phase, Phase::closed);
    desk.step({event_at(at(50), Severity::crit)}, at(1000));
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.count("late"), 1u);
    EXPECT_EQ(desk.last().occurrences, 3u);
}

TEST(Apply, a_clock_that_is_ahead_sees_nothing_before_it_happens) {
    Desk desk;
    desk.policy.fallback.close = 2;
    desk.step({event_at(at(24 * 60), Severity::crit)}, at(0));
    EXPECT_EQ(desk.last().last_seen, at(0));
    EXPECT_EQ(desk.last().starts_at, at(0));
    desk.step({event_at(at(1), Severity::info)}, at(1));
    desk.step({event_at(at(2), Severity::info)}, at(2));
    EXPECT_EQ(desk.last().phase, Phase::cooling) << "its recovery is seen today";
}

TEST(Apply, what_a_clock_that_is_ahead_saw_keeps_its_order) {
    // Ids are hashes: whatever their order, the newest is bad.
    for (unsigned char first = 0; first < 4; ++first) {
        Desk desk;
        desk.policy.fallback.cool_down = hour;
        desk.step({event_at(at(0), Severity::crit)}, at(0));
        std::vector<drift::Event> events;
        for (int i = 0; i < 4; ++i) {
            events.push_back(event_at(at(600 + i), i == 3 ? Severity::crit : Severity::info));
            events.back().event_id = {};
            events.back().event_id.bytes[0] = static_cast<unsigned char>((first + i) % 4);
        }
        desk.step(events, at(1));
        EXPECT_EQ(desk.last().phase, Phase::open) << int{first};
        EXPECT_GE(desk.last().last_seen, at(1));
        EXPECT_LT(desk.last().last_seen, at(2));
        EXPECT_EQ(desk.state.signals.front().recent.back().level, Severity::crit);
    }
}

TEST(Apply, an_evaluation_keeps_whether_it_found_that_rows_were_missing) {
    const auto found_missing = [](std::string payload, double reference = 120, double current = 90) {
        Desk desk;
        auto event = event_at(at(0), Severity::crit);
        event.payload = std::move(payload);
        event.reference_value = reference;
        event.current_value = current;
        desk.step({event}, at(0));
        return desk.state.signals.front().recent.front().found_missing;
    };
    for (const char* what : {"row_count", "freshness", "combination", "duplicate_times", "rows",
                             "vanished_category", "column_removed"})
        EXPECT_TRUE(found_missing(fmt::format(R"({{"finding":"{}"}})", what))) << what;
    EXPECT_TRUE(found_missing(R"({"signal":"gap"})", 0.0, 0.06)) << "of a report";
    EXPECT_FALSE(found_missing(R"({"finding":"gap"})", 0.0, 0.02)) << "a row of fifty moves nothing";
    EXPECT_FALSE(found_missing(R"({"finding":"rows"})", 90, 120)) << "more than before";
    for (const char* what : {"distribution", "range", "missing_share", "new_category", "source"})
        EXPECT_FALSE(found_missing(fmt::format(R"({{"finding":"{}"}})", what))) << what;
    EXPECT_FALSE(found_missing("[1]"));
}

TEST(Apply, an_evaluation_is_part_of_the_incident_that_it_opened_or_kept_open) {
    Desk desk;
    desk.policy.fallback.open_crit = desk.policy.fallback.open_warn = {2, 3};
    const auto parts = [&] {
        std::size_t count = 0;
        for (const auto& one : desk.state.signals.front().recent)
            count += one.incident_id == std::optional(desk.last().incident_id) ? 1 : 0;
        return count;
    };
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.step({event_at(at(1), Severity::crit)}, at(1));
    ASSERT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(parts(), 2u) << "both opened it";
    desk.step({event_at(at(2), Severity::crit)}, at(2));
    EXPECT_EQ(parts(), 3u);
    for (int i = 3; i < 6; ++i) desk.step({event_at(at(i), Severity::info)}, at(i));
    const auto later = at(6) + desk.policy.fallback.cool_down;
    desk.step({}, later);
    ASSERT_EQ(desk.last().phase, Phase::closed);
    desk.step({event_at(later, Severity::crit)}, later);
    EXPECT_EQ(desk.state.incidents.size(), 1u) << "one bad of three";
    desk.step({event_at(later + minute, Severity::crit)}, later + minute);
    ASSERT_EQ(desk.state.incidents.size(), 2u);
    EXPECT_EQ(parts(), 2u) << "nothing of the one before";
}

TEST(Apply, which_layer_saw_it_first_is_kept) {
    Desk desk;
    auto kpi = event_at(at(1), Severity::crit, "m", "x", drift::DriftType::business_kpi_drift);
    desk.step({kpi}, at(1));
    EXPECT_EQ(desk.last().first_layer, "execution");
    auto drift = event_at(at(1), Severity::crit, "m", "x", drift::DriftType::prediction_drift);
    desk.step({drift}, at(2));
    EXPECT_EQ(desk.last().first_layer, "drift");
    auto earlier = event_at(at(0), Severity::crit, "m", "y", drift::DriftType::prediction_drift);
    earlier.payload = R"({"layer":"technical"})";
    desk.step({earlier}, at(3));
    EXPECT_EQ(desk.last().first_layer, "technical");
}

// The definition, evaluated naively: each evaluation alone in its step, windows counted anew each time.
TEST(Apply, hysteresis_and_cool_down_are_those_of_the_definition) {
    for (unsigned seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const std::size_t of = 1 + random() % 5, m = 1 + random() % of, k = 1 + random() % 4;
        const core::Duration cool{static_cast<std::int64_t>(1 + random() % 8) * minute.microseconds};
        Desk desk;
        desk.policy.fallback.open_crit = desk.policy.fallback.open_warn = {m, of};
        desk.policy.fallback.close = k;
        desk.policy.fallback.cool_down = cool;
        desk.policy.fallback.pages_per_week = 10'000;
        std::vector<bool> bads;
        bool any_bad = false;
        char phase = 'n';
        core::Timestamp cooling{};
        std::size_t opened = 0, reopened = 0, closed = 0;
        for (int i = 0; i < 40; ++i) {
            const bool bad = random() % 3 == 0;
            const auto now = at(i);
            desk.step({event_at(now, bad ? Severity::crit : Severity::info)}, now);
            any_bad = any_bad || bad;
            // What was good before anything was bad is not remembered: there was nothing to watch.
            if (any_bad) bads.push_back(bad);
            const std::size_t looked = std::min(of, bads.size());
            const auto in_window =
                std::count(bads.end() - static_cast<std::ptrdiff_t>(looked), bads.end(), true);
            if (bad && phase == 'c') {
                phase = 'o';
                ++reopened;
            } else if (bad && phase == 'n' && in_window >= static_cast<std::ptrdiff_t>(m)) {
                phase = 'o';
                ++opened;
            }
            const bool good = bads.size() >= k &&
                              std::count(bads.end() - static_cast<std::ptrdiff_t>(k), bads.end(), true) == 0;
            if (phase == 'o' && good) {
                phase = 'c';
                cooling = now;
            }
            if (phase == 'c' && now - cooling >= cool) {
                phase = 'n';
                ++closed;
            }
        }
        EXPECT_EQ(desk.count("opened"), opened);
        EXPECT_EQ(desk.count("closed"), closed);
        std::size_t counted = desk.count("reopened");
        EXPECT_EQ(counted, reopened);
    }
}
