#include "retelling.hpp"

#include "logged_test.hpp"
#include "taking_peer.hpp"
#include "tristrata/notification/receivers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;

class RetellingTest : public LoggedTest {
protected:
    Retelling retelling_to(const std::string& urls) {
        settings.set("alertmanager_url", {core::Secret(urls), "TRISTRATA_ALERTMANAGER_URL"});
        return {[this] { return notification::receivers(settings); }, clock, log};
    }
    [[nodiscard]] std::vector<notification::Alert> one_alert() {
        return {{{{"alertname", "Drift"},
                  {"module", "features"},
                  {"drift_type", "feature_drift"},
                  {"severity", "crit"}},
                 {},
                 clock.now()}};
    }
    void next_turn() { clock.advance({15'000'000}); }
};

}  // namespace

TEST_F(RetellingTest, each_peer_that_does_not_take_it_is_counted_and_named_once_and_the_others_are_told) {
    TakingPeer peer;
    auto retelling = retelling_to(std::string(TakingPeer::away) + " " + peer.url() + " http://127.0.0.1:2");
    EXPECT_TRUE(retelling.turn(one_alert()));
    next_turn();
    EXPECT_TRUE(retelling.turn(one_alert()));
    EXPECT_TRUE(retelling.turn(one_alert())) << "before it is due nothing happens";
    EXPECT_EQ(peer.bodies().size(), 2u);
    const RetellingFigures figures = retelling.figures();
    EXPECT_EQ(figures.told, 2u);
    ASSERT_EQ(figures.peers.size(), 2u);
    EXPECT_EQ(figures.peers[0].peer, TakingPeer::away_shown);
    EXPECT_EQ(figures.peers[0].failures, 2u);
    ASSERT_TRUE(figures.peers[0].error);
    EXPECT_THAT(figures.peers[0].error->message, HasSubstr(TakingPeer::away_shown));
    ASSERT_EQ(lines.size(), 2u) << "a line each, not one a turn";
    EXPECT_THAT(lines[0], HasSubstr("event=alerts"));
    EXPECT_THAT(lines[0], HasSubstr(TakingPeer::away_shown));
    EXPECT_THAT(lines[1], HasSubstr("http://127.0.0.1:2/api/v2/alerts"));
}

TEST_F(RetellingTest, a_peer_that_takes_it_again_has_no_error_and_keeps_its_count) {
    auto retelling = retelling_to(TakingPeer::away);
    EXPECT_TRUE(retelling.turn(one_alert()));
    next_turn();
    // What is over has nothing to say.
    EXPECT_TRUE(retelling.turn({}));
    ASSERT_EQ(retelling.figures().peers.size(), 1u);
    EXPECT_EQ(retelling.figures().peers[0].failures, 1u);
    EXPECT_FALSE(retelling.figures().peers[0].error);
    next_turn();
    EXPECT_TRUE(retelling.turn(one_alert()));
    EXPECT_EQ(lines.size(), 2u) << "said again when it is news again";
}

TEST_F(RetellingTest, receivers_that_cannot_be_used_are_an_error_that_is_said_once) {
    auto retelling = retelling_to("no_url");
    EXPECT_FALSE(retelling.turn(one_alert()));
    next_turn();
    EXPECT_FALSE(retelling.turn(one_alert()));
    EXPECT_TRUE(retelling.figures().error);
    EXPECT_EQ(retelling.figures().told, 0u);
    EXPECT_EQ(lines.size(), 1u);
}

TEST_F(RetellingTest, the_end_of_what_began_anew_is_not_told_beside_it) {
    auto before = one_alert(), other = one_alert();
    before[0].ends_at = clock.now();
    other[0].labels["module"] = "targets";
    other[0].ends_at = clock.now();
    const std::vector<notification::Alert> all{before[0], other[0]};
    EXPECT_EQ(without_begun_anew(all, {}), all);
    const auto left = without_begun_anew(all, one_alert());
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0], other[0]);
    EXPECT_EQ(without_begun_anew(one_alert(), one_alert()).size(), 1u) << "that it lasts is";
}

}  // namespace tristrata::service
