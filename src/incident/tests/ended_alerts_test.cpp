#include "desk.hpp"
#include "evaluations.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::incident;
using namespace tristrata::incident::desks;
using drift::DriftType;
using drift::Severity;

namespace {

/// As the intake makes it of an alert that began then; with an end it is resolved.
drift::Event told(std::string_view fingerprint, core::Timestamp began,
                  std::optional<core::Timestamp> ended = std::nullopt) {
    drift::Event event = event_at(ended.value_or(began), ended ? Severity::info : Severity::crit, "features",
                                  "NoRows", DriftType::volume_drift);
    event.event_id = core::uuid_v5(event.event_id, fingerprint);
    event.payload = fmt::format(R"({{"received":true,{}"fingerprint":"{}","starts_at":"{}"}})",
                                ended ? R"("ended":true,)" : "", fingerprint, core::to_string(began));
    return event;
}

}  // namespace

TEST(EndedAlert, a_resolved_one_cools_its_incident_at_once_and_what_is_bad_later_pages) {
    Desk desk;
    desk.step({told("a", at(0))}, at(0));
    ASSERT_EQ(desk.sent(Page::Kind::firing), 1u);
    desk.step({told("a", at(0), at(10))}, at(10));
    EXPECT_EQ(desk.last().phase, Phase::cooling) << "not closed: it may come again";
    EXPECT_EQ(desk.history.back().kind, "cooling");
    EXPECT_EQ(desk.history.back().why, "what told of it says that it is over");
    EXPECT_EQ(desk.sent(Page::Kind::resolved), 0u);
    desk.step({event_at(at(20), Severity::crit, "features", "psi_age", DriftType::prediction_drift)}, at(20));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "no rows are missing any more";
    desk.step({}, at(10) + desk.policy.fallback.cool_down);
    EXPECT_EQ(desk.state.incidents.front().phase, Phase::closed);
    EXPECT_EQ(desk.state.incidents.front().ending, Ending::recovered);
}

TEST(EndedAlert, of_several_with_one_name_the_end_of_one_is_not_the_end_of_the_others) {
    Desk desk;
    desk.step({told("a", at(0)), told("b", at(1))}, at(1));
    for (int i = 2; i < 8; ++i) desk.step({told("a", at(0), at(i))}, at(i));
    EXPECT_EQ(desk.last().phase, Phase::open) << "b fires, however often the end of a comes";
    desk.step({told("c", at(0), at(8))}, at(8));
    EXPECT_EQ(desk.last().phase, Phase::open) << "nobody told of c";
    desk.step({told("b", at(1), at(9))}, at(9));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
    desk.step({told("b", at(12))}, at(12));
    EXPECT_EQ(desk.last().phase, Phase::open) << "it fires anew";
    EXPECT_EQ(desk.state.incidents.size(), 1u);
    desk.step({told("b", at(1), at(9) + core::Duration{1})}, at(13));
    EXPECT_EQ(desk.last().phase, Phase::open) << "an end that comes late is of what was before";
}

TEST(EndedAlert, it_ends_what_it_told_under_the_bare_name_of_its_rule_too) {
    Desk desk;
    desk.step({told("a", at(0)), told("b", at(0))}, at(0));
    drift::Event over = told("a", at(0), at(10));
    over.metric = R"(NoRows{crypto="BTC"})";
    desk.step({over}, at(10));
    EXPECT_EQ(desk.last().phase, Phase::open) << "b fires";
    over = told("b", at(0), at(11));
    over.metric = R"(NoRows{crypto="ETH"})";
    desk.step({over}, at(11));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
}

TEST(EndedAlert, what_an_analyzer_found_in_the_same_incident_is_not_over_with_it) {
    Desk desk;
    desk.step(
        {told("a", at(0)), event_at(at(0), Severity::crit, "features", "rows", DriftType::volume_drift)},
        at(0));
    desk.step({told("a", at(0), at(1))}, at(1));
    EXPECT_EQ(desk.last().phase, Phase::open);
    for (int i = 2; i < 5; ++i)
        desk.step({event_at(at(i), Severity::info, "features", "rows", DriftType::volume_drift)}, at(i));
    EXPECT_EQ(desk.last().phase, Phase::cooling);
}

TEST(EndedAlert, one_alert_pages_whatever_number_of_evaluations_a_rule_asks_for) {
    Desk desk;
    desk.policy.fallback.open_crit = {2, 3};
    desk.policy.fallback.open_warn = {2, 3};
    desk.step({told("a", at(0))}, at(0));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "its tool says it once, and has weighed it";
}

TEST(EndedAlert, where_more_was_told_than_is_kept_no_end_is_known) {
    Desk desk;
    const int all = static_cast<int>(evaluations_kept) + 1;
    for (int i = 0; i < all; ++i) desk.step({told(fmt::format("f{}", i), at(i))}, at(i));
    for (int i = 1; i < all; ++i) desk.step({told(fmt::format("f{}", i), at(i), at(100))}, at(100));
    EXPECT_EQ(desk.last().phase, Phase::open) << "the first still fires";
}

TEST(EndedAlert, only_what_the_intake_wrote_is_one) {
    drift::Event event = told("a", at(0), at(1));
    ASSERT_TRUE(told_alert(event));
    EXPECT_TRUE(told_alert(event)->ended);
    EXPECT_EQ(told_alert(event)->alert, told_alert(told("a", at(0)))->alert);
    EXPECT_NE(told_alert(event)->alert, told_alert(told("b", at(0)))->alert);
    for (const char* payload : {"{}", "[\"received\"]", R"({"received":1,"ended":true})", "\"received\"",
                                R"({"received":true,"ended":true})"}) {
        event.payload = payload;
        EXPECT_FALSE(told_alert(event)) << payload;
    }
}
