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
    [[nodiscard]] std::shared_ptr<Unconfirmed> opened(const std::shared_ptr<session::Session>& session,
                                                      std::shared_ptr<Responder> responder = nullptr) {
        auto rules = ResponseRules::read(settings);
        EXPECT_TRUE(rules) << rules.error().message;
        auto sampled = [this] {
            auto slots = spool::status(spool::posix_file_system(), (folder / "spool").string());
            return slots ? std::move(*slots) : std::vector<spool::SlotStatus>();
        };
        return std::make_shared<Unconfirmed>(session,
                                             std::make_shared<const ResponseRules>(std::move(*rules)),
                                             std::move(sampled), std::move(responder), log);
    }
    [[nodiscard]] std::shared_ptr<Responder> evaluating(const std::shared_ptr<session::Session>& session) {
        auto rules = ResponseRules::read(settings);
        EXPECT_TRUE(rules) << rules.error().message;
        auto made = Responder::open(session, settings,
                                    std::make_shared<const ResponseRules>(std::move(*rules)), {}, log);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    [[nodiscard]] static drift::EventRequest crit() {
        drift::EventRequest made;
        made.drift_type = drift::DriftType::feature_drift;
        made.module = "features";
        made.metric = "psi_x";
        made.reference_value = 0;
        made.current_value = 1;
        made.severity = drift::Severity::crit;
        return made;
    }
    template <class Watching>
    static core::Status turn(Watching& watching) {
        return watching.duties().front().run({});
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("unconfirmed_test_" + std::to_string(::getpid()));
    TakingPeer peer;
};

}  // namespace

TEST_F(UnconfirmedTest, which_peer_does_not_take_what_is_told_again_is_counted_and_said) {
    const auto session =
        std::make_shared<session::Session>(settings, clock, [](std::string_view) {}, session::Carry::later);
    const auto pushed = session->push_drift_event(crit());
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

TEST_F(UnconfirmedTest, settings_that_are_read_anew_while_incidents_cannot_be_read_forget_no_crit) {
    // The relay's clock is the system's, by which drained segments stay for a day.
    clock.advance(core::system_clock().now() - clock.now());
    settings.set("response_url",
                 {core::Secret("sqlite:///" + (folder / "response.db").string()), "TRISTRATA_RESPONSE_URL"});
    const auto session =
        std::make_shared<session::Session>(settings, clock, [](std::string_view) {}, session::Carry::later);
    ASSERT_TRUE(session->init_store(store::Layer::drift, "", true));
    ASSERT_TRUE(incident::init(settings, clock));
    ASSERT_TRUE(session->open_spool());
    const auto evaluated = evaluating(session);
    const auto before = opened(session, evaluated);
    ASSERT_TRUE(turn(*before));
    clock.advance(Unconfirmed::evaluated_after);
    ASSERT_TRUE(turn(*evaluated));
    ASSERT_TRUE(turn(*before));
    // The drift store has it, and nobody can make an incident of it.
    std::filesystem::rename(folder / "response.db", folder / "response.away");
    ASSERT_TRUE(session->push_drift_event(crit()));
    const auto relay = session->open_relay();
    ASSERT_TRUE(relay) << relay.error().message;
    ASSERT_EQ((*relay)->pass({}).stored, 1u);
    clock.advance({Unconfirmed::after.microseconds - 2'000'000});
    ASSERT_TRUE(turn(*before));
    const auto anew = evaluating(session);
    anew->take_over(*evaluated);
    const auto after = opened(session, anew);
    after->take_over(*before);
    ASSERT_TRUE(turn(*after));
    EXPECT_EQ(after->figures().sent, 0u) << "the incidents have their time";
    // From the last answer, not from when the settings were read anew; an append's time is known to 10 s.
    clock.advance({13'000'000});
    EXPECT_FALSE(turn(*anew)) << "they are away";
    ASSERT_TRUE(turn(*after));
    EXPECT_EQ(after->figures().sent, 1u);
}

}  // namespace tristrata::service
