#include "unconfirmed.hpp"

#include "logged_test.hpp"
#include "taking_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;

class UnconfirmedTest : public LoggedTest {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        settings.set("spool", {core::Secret((folder / "spool").string()), "TRISTRATA_SPOOL"});
        settings.set("drift_url",
                     {core::Secret("sqlite:///" + (folder / "drift.db").string()), "TRISTRATA_DRIFT_URL"});
        settings.set("alertmanager_url", {core::Secret(std::string(TakingPeer::away) + " " + peer.url()),
                                          "TRISTRATA_ALERTMANAGER_URL"});
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] std::shared_ptr<Unconfirmed> opened(const std::shared_ptr<session::Session>& session) {
        auto rules = ResponseRules::read(settings);
        EXPECT_TRUE(rules) << rules.error().message;
        auto sampled = [this] {
            auto slots = spool::status(spool::posix_file_system(), (folder / "spool").string());
            return slots ? std::move(*slots) : std::vector<spool::SlotStatus>();
        };
        return std::make_shared<Unconfirmed>(session,
                                             std::make_shared<const ResponseRules>(std::move(*rules)),
                                             std::move(sampled), nullptr, log);
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("unconfirmed_test_" + std::to_string(::getpid()));
    TakingPeer peer;
};

}  // namespace

TEST_F(UnconfirmedTest, which_peer_does_not_take_what_is_told_again_is_counted_and_said) {
    const auto session =
        std::make_shared<session::Session>(settings, clock, [](std::string_view) {}, session::Carry::later);
    drift::EventRequest crit;
    crit.drift_type = drift::DriftType::feature_drift;
    crit.module = "features";
    crit.metric = "psi_x";
    crit.reference_value = 0;
    crit.current_value = 1;
    crit.severity = drift::Severity::crit;
    const auto pushed = session->push_drift_event(crit);
    ASSERT_TRUE(pushed) << pushed.error().message;
    const auto unconfirmed = opened(session);
    auto duties = unconfirmed->duties();
    ASSERT_EQ(duties.size(), 2u);
    ASSERT_TRUE(duties[0].run({}));
    EXPECT_EQ(unconfirmed->figures().sent, 0u) << "the store has its time";
    clock.advance({Unconfirmed::after.microseconds + 15'000'000});
    const auto looked = duties[0].run({});
    ASSERT_TRUE(looked) << looked.error().message;
    ASSERT_EQ(unconfirmed->figures().lasting, 1u);
    lines.clear();
    ASSERT_TRUE(duties[1].run({}));
    ASSERT_TRUE(duties[1].run({}));
    ASSERT_EQ(peer.bodies().size(), 1u);
    EXPECT_THAT(peer.bodies()[0], HasSubstr("psi_x"));
    const RetellingFigures told = unconfirmed->figures().retelling;
    EXPECT_EQ(told.told, 1u);
    ASSERT_EQ(told.peers.size(), 1u);
    EXPECT_EQ(told.peers[0].peer, TakingPeer::away_shown);
    EXPECT_EQ(told.peers[0].failures, 1u);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], HasSubstr(TakingPeer::away_shown));
}

}  // namespace tristrata::service
