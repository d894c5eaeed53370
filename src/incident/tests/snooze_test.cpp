#include "desk.hpp"
#include "tristrata/incident/wording.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <string>
#include <vector>

using namespace tristrata;
using namespace tristrata::incident;
using namespace tristrata::incident::desks;
using drift::Severity;

namespace {

/// Snoozes the last incident for its first hour, in which it stays bad, and steps to where that ends.
void expect_a_page_behind_a_snooze(Desk& desk) {
    desk.last().snoozed_until = at(60);
    desk.last().hold = Hold::snoozed;
    desk.step({event_at(at(30), Severity::crit)}, at(30));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    desk.step({}, at(60));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(FatigueControl, what_is_no_crit_any_more_and_what_is_more_than_before_silences_nothing) {
    const auto rows = [](core::Timestamp when, Severity severity, std::string metric = "rows") {
        return event_at(when, severity, "features", std::move(metric), drift::DriftType::volume_drift);
    };
    Desk desk;
    desk.step({rows(at(0), Severity::crit)}, at(0));
    for (int i = 1; i <= 3; ++i) desk.step({rows(at(i), Severity::info)}, at(i));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
    desk.step({rows(at(4), Severity::warn, "n_output")}, at(4));
    EXPECT_EQ(desk.last().phase, Phase::open);
    EXPECT_EQ(desk.last().severity, Severity::crit) << "as it was at its worst";
    desk.step({event_at(at(5), Severity::crit, "features")}, at(5));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "every row is there";

    Desk more;
    auto tenfold = rows(at(0), Severity::crit);
    tenfold.current_value = 1'200;
    more.step({tenfold, event_at(at(1), Severity::crit, "features")}, at(1));
    EXPECT_EQ(more.sent(Page::Kind::firing), 2u) << "nothing is missing";
}

TEST(FatigueControl, of_what_nobody_is_told_nothing_follows) {
    for (const bool budget : {true, false}) {
        Desk desk;
        desk.policy.inhibition.upstream["train"] = {"features"};
        if (budget) desk.policy.fallback.pages_per_week = 0;
        else desk.policy.maintenance = {{"features", std::nullopt, at(0), at(60), "ops", "a new disk"}};
        Rule train;
        train.module = "train";
        desk.policy.rules.push_back(train);
        desk.step({event_at(at(0), Severity::crit, "features", "rows", drift::DriftType::volume_drift)},
                  at(0));
        EXPECT_EQ(desk.sent(Page::Kind::firing), 0u);
        desk.step({event_at(at(1), Severity::crit, "train")}, at(1));
        EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << budget;
    }
}

}  // namespace

TEST(FatigueControl, a_snooze_of_a_warn_gives_way_to_a_crit) {
    Desk desk;
    desk.step({event_at(at(0), Severity::warn)}, at(0));
    desk.last().snoozed_until = at(60 * 24 * 30);
    desk.step({event_at(at(2), Severity::warn)}, at(2));
    EXPECT_TRUE(desk.last().snoozed_until) << "no worse";
    desk.step({event_at(at(3), Severity::crit)}, at(3));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    EXPECT_FALSE(desk.last().snoozed_until);
    EXPECT_EQ(desk.last().hold, Hold::none);
    const auto said = std::ranges::find(desk.history, "snooze_ended", &Transition::kind);
    ASSERT_NE(said, desk.history.end());
    EXPECT_EQ(said->why, "it was snoozed until 2026-12-02T00:00:00Z as warn, and is crit");
    // What was crit when it was snoozed is no worse by another crit.
    desk.last().snoozed_until = at(60);
    desk.last().hold = Hold::snoozed;
    desk.step({event_at(at(4), Severity::crit)}, at(4));
    EXPECT_TRUE(desk.last().snoozed_until);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
}

TEST(FatigueControl, of_missing_data_that_somebody_snoozed_nothing_follows) {
    Desk desk;
    desk.step({event_at(at(0), Severity::crit, "features", "rows", drift::DriftType::volume_drift)}, at(0));
    desk.step({event_at(at(1), Severity::crit)}, at(1));
    EXPECT_EQ(desk.last().hold, Hold::inhibited);
    desk.state.incidents.front().snoozed_until = at(60);
    desk.state.incidents.front().hold = Hold::snoozed;
    desk.step({}, at(2));
    EXPECT_EQ(desk.last().hold, Hold::none);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "that of the cause, and what it held back";
}

TEST(FatigueControl, of_modules_that_are_upstream_of_each_other_one_pages) {
    for (const std::size_t modules : {2u, 3u}) {
        Desk desk;
        const std::vector<std::string> names{"a", "b", "c"};
        for (std::size_t i = 0; i < modules; ++i)
            desk.policy.inhibition.upstream[names[i]] = {names[(i + 1) % modules]};
        std::vector<drift::Event> events;
        for (std::size_t i = 0; i < modules; ++i)
            events.push_back(
                event_at(at(0), Severity::crit, names[i], "rows", drift::DriftType::volume_drift));
        events.push_back(event_at(at(0), Severity::crit, "a"));
        desk.step(std::move(events), at(0));
        EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
        for (int later = 1; later < 4; ++later) desk.step({}, at(later));
        EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "and the same one";
        EXPECT_EQ(std::ranges::count(desk.state.incidents, Hold::inhibited, &Incident::hold),
                  static_cast<std::ptrdiff_t>(modules));
        // As a store may hold them: each held back for the next.
        for (std::size_t i = 0; i < modules; ++i) {
            auto& one = desk.state.incidents[i];
            one.paged_at.reset();
            one.hold = Hold::inhibited;
            one.inhibited_by = desk.state.incidents[(i + 1) % modules].incident_id;
        }
        desk.step({}, at(5));
        EXPECT_EQ(std::ranges::count_if(desk.state.incidents,
                                        [](const Incident& one) { return one.paged_at.has_value(); }),
                  1);
    }
}

TEST(FatigueControl, a_snooze_ends_and_what_is_still_open_pages_anew) {
    Desk desk;
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    expect_a_page_behind_a_snooze(desk);
    EXPECT_EQ(desk.last().starts_at, at(0)) << "the same alert";
}

TEST(FatigueControl, a_snooze_of_what_was_acknowledged_ends_likewise) {
    Desk desk;
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.last().acked_by = "eve";
    desk.last().acked_at = at(1);
    expect_a_page_behind_a_snooze(desk);
    EXPECT_TRUE(desk.last().acked_by.empty()) << "who is paged anew answers anew";
}

TEST(FatigueControl, who_acknowledged_during_a_snooze_is_not_paged_when_it_ends) {
    Desk desk;
    desk.step({event_at(at(0), Severity::crit)}, at(0));
    desk.last().snoozed_until = at(60);
    desk.last().hold = Hold::none;  // As acknowledge() leaves it.
    desk.last().acked_by = "eve";
    desk.last().acked_at = at(1);
    desk.step({event_at(at(30), Severity::crit)}, at(30));
    desk.step({}, at(60));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u);
    EXPECT_EQ(desk.last().acked_by, "eve");
    EXPECT_EQ(desk.history.back().kind, "snooze_ended");
    EXPECT_EQ(desk.history.back().why, "still open; it pages nobody, as eve acknowledged it");
}

TEST(FatigueControl, behind_a_snooze_the_page_names_as_new_what_is_new_and_nothing_else) {
    const auto crit = [](std::int64_t minutes, std::string metric) {
        return event_at(at(minutes), Severity::crit, "features", std::move(metric));
    };
    const auto said = [](Desk& desk, std::int64_t minutes) {
        return alert_of(desk.last(), Page::Kind::firing, at(minutes)).annotations.at("summary");
    };
    for (const bool is_told_twice : {true, false})
        for (const bool is_more : {true, false}) {
            Desk desk;
            desk.step({crit(0, "a")}, at(0));
            if (is_told_twice) {
                desk.acknowledge(at(1));
                desk.step({crit(2, "c")}, at(2));
                EXPECT_TRUE(said(desk, 2).starts_with("New since the last page: c 120"));
            }
            const auto before = alert_of(desk.last(), Page::Kind::firing, at(2)).labels;
            desk.last().snoozed_until = at(60);
            desk.last().hold = Hold::snoozed;
            if (is_more) desk.step({crit(10, "d")}, at(10));
            desk.step({}, at(60));
            EXPECT_EQ(desk.sent(Page::Kind::firing), is_told_twice ? 3u : 2u);
            if (is_more)
                EXPECT_TRUE(said(desk, 60).starts_with("New since the last page: d 120 → 480; "))
                    << said(desk, 60);
            else EXPECT_EQ(said(desk, 60).find("New since"), std::string::npos) << said(desk, 60);
            EXPECT_EQ(desk.history.back().why, is_more ? "unowned; new since its page: d" : "unowned");
            EXPECT_EQ(alert_of(desk.last(), Page::Kind::firing, at(60)).labels == before, !is_more)
                << "the same alert, unless it says something new";
        }
}
