#include "desk.hpp"
#include "tristrata/incident/wording.hpp"

#include <gtest/gtest.h>
#include <string>

// What is crit and was told to nobody, in an incident of which somebody was told.

using namespace tristrata;
using namespace tristrata::incident;
using namespace tristrata::incident::desks;
using drift::Severity;

namespace {

drift::Event price(std::int64_t minutes, Severity severity = Severity::crit) {
    return event_at(at(minutes), severity, "features", "price");
}
drift::Event fee(std::int64_t minutes, Severity severity = Severity::crit) {
    return event_at(at(minutes), severity, "features", "fee");
}

}  // namespace

TEST(News, a_crit_of_another_metric_than_those_acknowledged_pages_once) {
    Desk desk;
    desk.step({fee(0)}, at(0));
    desk.acknowledge(at(1));
    desk.step({fee(2)}, at(2));
    EXPECT_EQ(desk.pages.size(), 1u) << "eve knows";
    desk.step({price(3)}, at(3));
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    ASSERT_EQ(desk.sent(Page::Kind::firing), 2u);
    EXPECT_FALSE(desk.last().acked_at) << "she did not speak of that";
    EXPECT_EQ(desk.history.back().why, "unowned; new since it was acknowledged by eve: price");
    const auto alert = alert_of(desk.last(), Page::Kind::firing, at(3));
    EXPECT_TRUE(alert.annotations.at("summary").starts_with("New since the last page: price 120 → 480; "))
        << alert.annotations.at("summary");
    EXPECT_EQ(alert.labels.at("page"), "2") << "another alert, or an Alertmanager tells nobody";
    EXPECT_FALSE(alert_before(desk.last()).labels.contains("page"));
    EXPECT_TRUE(alert_before(desk.last()).ends_at);
    // Neither again, nor each further one while nobody answers.
    desk.step({price(4), event_at(at(4), Severity::crit, "features", "volume")}, at(4));
    EXPECT_EQ(desk.pages.size(), 2u);
    desk.acknowledge(at(5));
    desk.step({price(6), event_at(at(6), Severity::crit, "features", "volume")}, at(6));
    EXPECT_EQ(desk.pages.size(), 2u) << "who acknowledged saw both";
    desk.step({event_at(at(7), Severity::warn, "features", "spread")}, at(7));
    EXPECT_EQ(desk.pages.size(), 2u) << "warn pages nobody";
}

TEST(News, what_was_warn_when_it_was_acknowledged_pages_when_it_is_crit) {
    Desk desk;
    desk.step({fee(0), price(0, Severity::warn)}, at(0));
    desk.acknowledge(at(1));
    desk.step({price(2)}, at(2));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, a_crit_of_another_metric_than_those_dismissed_opens_another) {
    Desk desk;
    desk.step({fee(0)}, at(0));
    desk.dismiss(at(1));
    desk.step({fee(2)}, at(2));
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    desk.step({price(3)}, at(3));
    ASSERT_EQ(desk.state.incidents.size(), 2u);
    EXPECT_EQ(desk.state.incidents.front().ending, Ending::false_alarm);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, a_crit_of_another_metric_in_the_cool_down_pages_once) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.step({fee(0)}, at(0));
    desk.step({fee(1, Severity::info)}, at(1));
    ASSERT_EQ(desk.last().phase, Phase::cooling);
    desk.step({price(2)}, at(2));
    EXPECT_EQ(desk.last().phase, Phase::open);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
    for (int i = 3; i < 60; ++i) {
        const auto severity = i % 2 == 0 ? Severity::crit : Severity::info;
        desk.step({price(i, severity), fee(i, severity)}, at(i));
    }
    EXPECT_EQ(desk.pages.size(), 2u) << "they flap, and both were told";
}

TEST(News, it_pages_by_the_rule_that_opens_and_by_the_budget) {
    Desk desk;
    desk.policy.fallback.open_crit = desk.policy.fallback.open_warn = {2, 2};
    desk.policy.fallback.pages_per_week = 2;
    desk.step({fee(0), fee(1)}, at(1));
    desk.acknowledge(at(2));
    desk.step({price(3)}, at(3));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "1 of 2";
    desk.step({price(4)}, at(4));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
    desk.acknowledge(at(5));
    for (int i = 6; i < 9; ++i) desk.step({event_at(at(i), Severity::crit, "features", "volume")}, at(i));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
    EXPECT_EQ(desk.sent(Page::Kind::budget), 1u);
    EXPECT_EQ(desk.count("withheld"), 1u);
    EXPECT_EQ(held_news_of(desk.last()), "volume");
    const auto later = at(9) + core::Duration{7 * day.microseconds};
    desk.last().heard_at = later;
    desk.step({event_at(later, Severity::crit, "features", "volume")}, later);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 3u) << "what is bad still when the week allows it";
    EXPECT_EQ(held_news_of(desk.last()), "");
}

TEST(News, what_a_maintenance_window_holds_back_pages_behind_it) {
    Desk desk;
    desk.policy.maintenance = {{"feat*", std::nullopt, at(10), at(60), "ops", "a new disk"}};
    desk.step({fee(0)}, at(0));
    desk.acknowledge(at(1));
    desk.step({price(20)}, at(20));
    EXPECT_EQ(desk.pages.size(), 1u);
    EXPECT_EQ(desk.last().hold, Hold::none) << "the incident itself is not held back";
    desk.step({}, at(60));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, a_late_crit_of_a_metric_that_the_closed_one_did_not_have_pages) {
    Desk desk;
    desk.policy.fallback.close = 1;
    desk.step({fee(0), fee(10)}, at(10));
    desk.step({fee(11, Severity::info)}, at(11));
    desk.step({}, at(11) + desk.policy.fallback.cool_down);
    ASSERT_EQ(desk.last().phase, Phase::closed);
    desk.step({price(5), fee(5)}, at(1000));
    ASSERT_EQ(desk.state.incidents.size(), 2u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, fifty_columns_behind_an_acknowledgement_are_one_page) {
    Desk desk;
    desk.step(report_at(at(0), {"fee"}, {}, Severity::crit), at(0));
    desk.acknowledge(at(1));
    std::vector<std::string> columns;
    for (int i = 0; i < 50; ++i) columns.push_back(fmt::format("c{}", i));
    desk.step(report_at(at(2), columns, {}, Severity::crit), at(2));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
    EXPECT_NE(alert_of(desk.last(), Page::Kind::firing, at(2)).annotations.at("summary").find("and 45 more"),
              std::string::npos);
}

TEST(News, a_crit_that_recovered_by_itself_and_returns_behind_the_cool_down_is_told_again) {
    const auto cool_down = Policy().fallback.cool_down.microseconds / minute.microseconds;
    for (const bool is_acked : {false, true})
        for (const bool is_behind : {false, true}) {
            Desk desk;
            desk.step({fee(0)}, at(0));
            if (is_acked) desk.acknowledge(at(1));
            for (std::int64_t i = 2; i < 5; ++i) desk.step({fee(i, Severity::info)}, at(i));
            // A mere warn of another metric keeps it open.
            const std::int64_t back = 4 + cool_down - (is_behind ? 0 : 1);
            for (std::int64_t i = 2; i < back; ++i) desk.step({price(i, Severity::warn)}, at(i));
            ASSERT_EQ(desk.last().phase, Phase::open);
            desk.step({fee(back)}, at(back));
            ASSERT_EQ(desk.state.incidents.size(), 1u);
            EXPECT_EQ(desk.sent(Page::Kind::firing), is_behind ? 2u : 1u) << is_acked;
            desk.step({fee(back + 1)}, at(back + 1));
            EXPECT_EQ(desk.sent(Page::Kind::firing), is_behind ? 2u : 1u) << "once";
            EXPECT_EQ(desk.last().acked_at.has_value(), is_acked && !is_behind);
            if (is_behind) {
                EXPECT_EQ(desk.history.back().why, is_acked
                                                       ? "unowned; new since it was acknowledged by eve: fee"
                                                       : "unowned; new since its page: fee");
            }
        }
}

TEST(News, what_flaps_beside_a_warn_that_lasts_is_told_once) {
    Desk desk;
    for (std::int64_t i = 0; i < 96; ++i)  // A day: crit once an hour.
        desk.step({fee(15 * i, i % 4 == 0 ? Severity::crit : Severity::info), price(15 * i, Severity::warn)},
                  at(15 * i));
    EXPECT_EQ(desk.pages.size(), 1u);
}

TEST(News, a_return_counts_by_the_rule_that_opens) {
    Desk desk;
    desk.policy.fallback.open_crit = {2, 2};
    desk.policy.fallback.close = 1;
    desk.step({fee(0), fee(1), fee(2, Severity::info), price(2, Severity::warn)}, at(2));
    ASSERT_EQ(desk.sent(Page::Kind::firing), 1u);
    desk.step({fee(1000), price(1000, Severity::warn)}, at(1000));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "1 of 2";
    desk.step({fee(1001)}, at(1001));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, a_dismissal_covers_what_was_crit_of_more_columns_than_are_kept) {
    std::vector<std::string> columns;
    for (int i = 0; i < 150; ++i) columns.push_back(fmt::format("c{}", i));
    Desk desk;
    desk.step(report_at(at(0), columns, {}, Severity::crit), at(0));
    EXPECT_EQ(crit_metrics_of(desk.last()).substr(crit_metrics_of(desk.last()).find(" and ")),
              " and more than 90 more");
    desk.dismiss(at(1));
    // As long as it lasts: more reports than evaluations are remembered.
    for (int i = 2; i < 60; ++i) desk.step(report_at(at(i), columns, {}, Severity::crit), at(i));
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    columns.emplace_back("another");
    desk.step(report_at(at(60), columns, {}, Severity::crit), at(60));
    EXPECT_EQ(desk.state.incidents.size(), 2u);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, a_dismissal_does_not_cover_what_was_a_warn_beyond_those_that_are_kept) {
    std::vector<std::string> columns;
    for (int i = 0; i < 100; ++i) columns.push_back(fmt::format("c{}", i));
    Desk desk;
    desk.step(report_at(at(0), columns, {}, Severity::crit), at(0));
    const auto other = [](std::int64_t minutes, Severity severity) {
        return event_at(at(minutes), severity, "features", "psi_other", drift::DriftType::data_drift);
    };
    desk.step({other(1, Severity::warn)}, at(1));
    desk.dismiss(at(2));
    desk.step({other(3, Severity::warn)}, at(3));
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    desk.step({other(4, Severity::crit)}, at(4));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(News, each_decision_of_the_kill_switch_pages_whoever_acknowledged_the_one_before) {
    Desk desk;
    desk.policy.fallback.open_crit = {2, 3};
    const auto engaged = [](std::int64_t minutes) {
        auto event = event_at(at(minutes), Severity::crit, "kill_switch", "engaged:global",
                              drift::DriftType::business_kpi_drift);
        event.payload = R"({"decision":"engaged","scope":"global"})";
        return event;
    };
    desk.step({engaged(0)}, at(0));
    ASSERT_EQ(desk.sent(Page::Kind::firing), 1u) << "it is said once, whatever the rule counts";
    desk.acknowledge(at(1));
    desk.step({engaged(0)}, at(2));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "the same";
    desk.step({engaged(30)}, at(30));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "everything stopped once more";
    for (int i = 31; i < 45; ++i) desk.step({engaged(i)}, at(i));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "nobody has answered, and that page stands for them";
    desk.step({engaged(95)}, at(95));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 3u) << "an hour later it is told again";
    EXPECT_FALSE(desk.last().acked_at);
    desk.dismiss(at(96));
    desk.step({engaged(97)}, at(97));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 4u);
    EXPECT_EQ(desk.state.incidents.size(), 2u);
}
