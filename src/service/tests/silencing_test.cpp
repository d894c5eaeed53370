#include "silencing.hpp"

#include "taking_peer.hpp"
#include "tristrata/notification/receivers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;

class SilencingTest : public ::testing::Test {
protected:
    Silencing silencing_at(const std::string& urls) {
        settings.set("alertmanager_url", {core::Secret(urls), "TRISTRATA_ALERTMANAGER_URL"});
        return {[this] { return notification::receivers(settings); }, clock, log};
    }
    [[nodiscard]] std::vector<notification::Answered> one(bool over = false) {
        notification::Answered answered;
        answered.alert.labels = {{"alertname", "drift_latency_drift"}, {"module", "features"}};
        answered.alert.starts_at = clock.now();
        if (over) answered.alert.ends_at = clock.now();
        return {answered};
    }

    config::Settings settings;
    core::ManualClock clock{core::Timestamp{1'700'000'000'000'000}};
    std::vector<std::string> lines;
    std::shared_ptr<Log> log = std::make_shared<Log>(
        LogFormat::text, clock, [this](std::string_view line) { lines.emplace_back(line); });
};

}  // namespace

TEST_F(SilencingTest, a_peer_that_does_not_take_it_is_counted_named_once_and_asked_again) {
    TakingPeer peer;
    auto silencing = silencing_at(std::string(TakingPeer::away) + " " + peer.url());
    EXPECT_TRUE(silencing.is_due(one()));
    EXPECT_TRUE(silencing.turn(one()));
    EXPECT_TRUE(silencing.is_due(one())) << "one of them has not taken it";
    EXPECT_TRUE(silencing.turn(one()));
    const SilencingFigures figures = silencing.figures();
    ASSERT_EQ(figures.peers.size(), 1u);
    EXPECT_EQ(figures.peers[0].peer, TakingPeer::away_shown);
    EXPECT_EQ(figures.peers[0].failures, 2u);
    ASSERT_EQ(lines.size(), 1u) << "a line, not one a turn";
    EXPECT_THAT(lines[0], HasSubstr("event=silences"));
    EXPECT_THAT(peer.bodies().at(0), HasSubstr("\"createdBy\":\"tristrata\""));
}

TEST_F(SilencingTest, what_lasts_is_asked_for_again_and_what_is_over_once) {
    TakingPeer peer;
    auto silencing = silencing_at(peer.url());
    EXPECT_FALSE(silencing.is_due({})) << "nothing, at the beginning";
    EXPECT_TRUE(silencing.turn({}));
    EXPECT_EQ(peer.read(), 0u);
    EXPECT_TRUE(silencing.turn(one()));
    EXPECT_FALSE(silencing.is_due(one()));
    EXPECT_TRUE(silencing.turn(one()));
    EXPECT_EQ(peer.read(), 2u);
    EXPECT_EQ(silencing.figures().begun, 2u) << "it had forgotten";
    EXPECT_TRUE(silencing.is_due(one(true)));
    EXPECT_TRUE(silencing.turn(one(true)));
    EXPECT_EQ(peer.read(), 3u);
    clock.advance({15'000'000});
    EXPECT_FALSE(silencing.is_due(one(true))) << "another time of its end is no news";
    EXPECT_TRUE(silencing.turn(one(true)));
    EXPECT_EQ(peer.read(), 3u);
}

TEST_F(SilencingTest, receivers_that_cannot_be_used_are_an_error_that_is_said_once) {
    auto silencing = silencing_at("no_url");
    EXPECT_FALSE(silencing.turn(one()));
    EXPECT_FALSE(silencing.turn(one()));
    EXPECT_TRUE(silencing.figures().error);
    EXPECT_EQ(lines.size(), 1u);
}

}  // namespace tristrata::service
