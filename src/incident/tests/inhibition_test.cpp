#include "desk.hpp"

#include <gtest/gtest.h>
#include <string>

// What follows from missing data, and what does not: what is bad of data that were there.

using namespace tristrata;
using namespace tristrata::incident;
using namespace tristrata::incident::desks;
using drift::Severity;

namespace {

drift::Event rows(std::int64_t minutes, Severity severity, const std::string& module = "features",
                  std::string metric = "rows") {
    return event_at(at(minutes), severity, module, std::move(metric), drift::DriftType::volume_drift);
}
drift::Event score(std::int64_t minutes, Severity severity = Severity::crit, std::string metric = "score") {
    return event_at(at(minutes), severity, "train", std::move(metric), drift::DriftType::prediction_drift);
}
/// An analyzer's, of the window of so many minutes that ends then.
drift::Event looking_back(drift::Event event, std::int64_t minutes) {
    const core::Timestamp from{event.detected_at.microseconds - minutes * minute.microseconds};
    event.payload = fmt::format(R"({{"analyzer":"a","window":{{"from":"{}","to":"{}"}}}})",
                                core::to_string(from), core::to_string(event.detected_at));
    return event;
}

struct MissingData : testing::Test {
    void SetUp() override { desk.policy.inhibition.upstream["train"] = {"features"}; }
    Desk desk;
};

}  // namespace

TEST_F(MissingData, what_is_bad_once_the_rows_are_whole_again_is_told_at_once) {
    desk.step({rows(0, Severity::crit)}, at(0));
    desk.step({rows(10, Severity::info)}, at(10));
    EXPECT_EQ(desk.last().phase, Phase::open) << "1 of 3 good ones";
    desk.step({score(11)}, at(11));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST(Upstream, is_named_by_patterns_as_every_other_module_is) {
    for (const auto& [module, from] : {std::pair{"train.*", "features.*"}, std::pair{"train.lstm", "*"},
                                       std::pair{"*", "features.base"}}) {
        Desk desk;
        desk.policy.inhibition.upstream["train.gru"] = {"elsewhere"};
        desk.policy.inhibition.upstream[module] = {"another", from};
        const auto crit = [](const char* of) {
            return event_at(at(0), Severity::crit, of, "score", drift::DriftType::prediction_drift);
        };
        desk.step({rows(0, Severity::crit, "features.base"), crit("train.lstm")}, at(0));
        EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << module << ' ' << from;
        EXPECT_EQ(std::ranges::count(desk.state.incidents, Hold::inhibited, &Incident::hold), 1)
            << module << ' ' << from;
    }
    Desk desk;
    desk.policy.inhibition.upstream["train.*"] = {"features.*"};
    desk.step({rows(0, Severity::crit, "features.base"),
               event_at(at(0), Severity::crit, "train", "score", drift::DriftType::prediction_drift)},
              at(0));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "train.* is not train";
}

TEST_F(MissingData, what_began_while_they_were_missing_is_told_when_it_is_bad_of_whole_ones) {
    desk.step({rows(0, Severity::crit), score(0)}, at(0));
    desk.step({score(5)}, at(5));
    EXPECT_EQ(desk.last().hold, Hold::inhibited);
    desk.step({rows(10, Severity::info)}, at(10));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "it may recover with them";
    desk.step({score(11, Severity::warn)}, at(11));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 1u) << "nothing is crit since";
    desk.step({score(12)}, at(12));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST_F(MissingData, what_is_still_missing_holds_back_whatever_began_since) {
    desk.step({rows(0, Severity::crit), rows(0, Severity::crit, "features", "orders")}, at(0));
    desk.step({score(5)}, at(5));
    desk.step({rows(10, Severity::info)}, at(10));
    desk.step({score(15)}, at(15));
    EXPECT_EQ(desk.last().hold, Hold::inhibited) << "the orders are not there yet";
    desk.step({rows(20, Severity::info, "features", "orders")}, at(20));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u) << "it began behind the last of them that were missing";
}

TEST_F(MissingData, a_window_counts_from_its_beginning) {
    for (const bool is_behind : {true, false}) {
        Desk one = desk;
        one.step({rows(60, Severity::crit)}, at(60));
        // Of the hour behind the missing one, or of two, the first of which is missing.
        one.step({looking_back(score(120), is_behind ? 60 : 120)}, at(121));
        EXPECT_EQ(one.last().hold, Hold::inhibited);
        one.step({rows(180, Severity::info)}, at(180));
        EXPECT_EQ(one.sent(Page::Kind::firing), is_behind ? 2u : 1u);
    }
}

TEST_F(MissingData, rows_that_are_missing_on_each_third_night_hide_nothing_of_the_other_two) {
    constexpr std::int64_t night = 24 * 60;
    for (std::int64_t i = 0; i < 15; ++i) {
        const auto severity = i % 3 == 0 ? Severity::crit : Severity::info;
        desk.step({rows(i * night, severity)}, at(i * night));
        if (i == 0) desk.acknowledge(at(1));
        if (i % 3 != 0) desk.step({score(i * night + 1)}, at(i * night + 1));
        EXPECT_EQ(desk.sent(Page::Kind::firing), i == 0 ? 1u : 2u) << i;
    }
}

TEST_F(MissingData, what_was_bad_of_whole_rows_is_told_though_they_are_missing_again_by_then) {
    // All that came while nothing stepped.
    desk.step({rows(0, Severity::crit), rows(10, Severity::info), score(11), rows(20, Severity::crit)},
              at(30));
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}

TEST_F(MissingData, what_began_behind_the_missing_data_is_told_while_the_cause_cools) {
    desk.step({rows(0, Severity::crit)}, at(0));
    desk.step({rows(10, Severity::info), rows(20, Severity::info), rows(30, Severity::info), score(15)},
              at(40));
    ASSERT_EQ(desk.state.incidents.front().phase, Phase::cooling);
    EXPECT_EQ(desk.sent(Page::Kind::firing), 2u);
}
