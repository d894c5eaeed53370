#include "tristrata/kill_switch/escalation.hpp"
#include "requests.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <memory>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {

CritIncident incident(const char* id, const char* module, core::Timestamp at) {
    return {id, 1, module, "psi of close is 0.9", whole_evidence(at), {}};
}

class EscalationTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("tristrata_escalation_" + core::to_string(core::uuid_v7(core::system_clock())));
        std::filesystem::create_directories(folder_);
        place_.path = (folder_ / "switch.db").string();
        ASSERT_TRUE(init(place_, std::nullopt, "", clock_));
        policy_.scopes.emplace("candles.btc", *parse_scope("crypto:BTCUSDT"));
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    Escalation::Opener opener() {
        return [this] {
            ++opened_;
            if (!reachable_)
                return core::Result<std::unique_ptr<KillSwitch>>(
                    core::fail(core::ErrorKind::unavailable, "the database does not answer"));
            return KillSwitch::open(place_, policy_, clock_);
        };
    }
    std::vector<Evaluation> evaluations() {
        return *(*KillSwitch::open(place_, policy_, clock_))->evaluations(100);
    }

    std::filesystem::path folder_;
    Place place_;
    Policy policy_;
    core::ManualClock clock_{noon};
    bool reachable_ = true;
    int opened_ = 0;
};

}  // namespace

TEST_F(EscalationTest, an_open_incident_is_asked_for_once_and_again_where_its_evidence_changed) {
    std::vector<Decision> told;
    Escalation escalation(opener(), policy_, clock_, nullptr,
                          [&](const Outcome& outcome) { told.push_back(outcome.decision); });
    std::vector open{incident("i1", "candles.btc", noon), incident("i2", "other", noon),
                     incident("i3", "kill_switch", noon)};
    auto step = escalation.step(open);
    ASSERT_TRUE(step) << step.error().message;
    EXPECT_EQ(step->asked, 1U);
    EXPECT_EQ(step->unmapped, 1U);
    EXPECT_EQ(told, (std::vector{Decision::would_engage, Decision::unmapped}))
        << "what the switch says of itself never moves it";
    EXPECT_EQ(escalation.step(open)->before, 2U);
    open[0].evidence.rows = 2000;
    EXPECT_EQ(escalation.step(open)->asked, 1U);
    EXPECT_EQ(evaluations().size(), 2U) << "the same decision is one row";
}

TEST_F(EscalationTest, what_is_missing_is_noted_anew_when_that_changes_and_not_with_each_evaluation) {
    Escalation escalation(opener(), policy_, clock_, nullptr);
    std::vector open{incident("i1", "candles.btc", noon)};
    open[0].evidence.rows = 10;
    std::uint64_t windows = 0;
    for (const std::uint64_t fired : {1U, 2U, 3U, 4U}) {
        open[0].evidence.fired = fired;
        open[0].evidence.evaluations = 4;
        open[0].evidence.rows = 10 + ++windows;
        clock_.advance({1'000'000});
        ASSERT_EQ(escalation.step(open)->asked, 1U);
    }
    const auto notes = evaluations();
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[0].reason, "it rests on 12 rows; 30 are needed: a person decides");
    EXPECT_EQ(notes[1].reason,
              "1 evaluation found it; 2 are needed; it rests on 11 rows; 30 are needed: a person decides");
    open[0].evidence.rows = 30;
    ASSERT_TRUE(escalation.step(open));
    EXPECT_EQ(evaluations().front().decision, Decision::would_engage);
}

TEST_F(EscalationTest, of_several_findings_the_first_that_suffices_decides) {
    Escalation escalation(opener(), policy_, clock_, nullptr);
    std::vector open{incident("i1", "candles.btc", noon)};
    open[0].evidence.rows = 10;
    open[0].further = {whole_evidence(noon), whole_evidence(noon), whole_evidence(noon)};
    open[0].further[0].fired = 1;
    open[0].further[1].rows = 777;
    ASSERT_EQ(escalation.step(open)->asked, 1U);
    const auto notes = evaluations();
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].decision, Decision::would_engage);
    EXPECT_EQ(notes[0].evidence_sha256, core::sha256(to_json(open[0].further[1])));
}

TEST_F(EscalationTest, an_evaluation_that_finds_nothing_is_a_row_a_day) {
    Escalation escalation(opener(), policy_, clock_, nullptr);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(escalation.step({}));
        clock_.advance({3'600'000'000 * 2});
    }
    EXPECT_EQ(evaluations().size(), 3U) << "40 hours over three days";
    EXPECT_EQ((*KillSwitch::open(place_, policy_, clock_))->overview()->shadow_days, 3);
}

TEST_F(EscalationTest, a_database_that_is_away_is_an_error_and_the_next_step_asks_again) {
    Escalation escalation(opener(), policy_, clock_, nullptr);
    reachable_ = false;
    const std::vector open{incident("i1", "candles.btc", noon)};
    EXPECT_FALSE(escalation.step(open));
    EXPECT_FALSE(escalation.lost("incidents cannot be read"));
    reachable_ = true;
    EXPECT_EQ(escalation.step(open)->asked, 1U);
    ASSERT_TRUE(escalation.lost("incidents cannot be read"));
    ASSERT_TRUE(escalation.lost("incidents cannot be read"));
    EXPECT_EQ(evaluations().size(), 2U);
    escalation.found();
    ASSERT_TRUE(escalation.lost("incidents cannot be read"));
    EXPECT_EQ(evaluations().size(), 4U) << "its end, and another loss, on the same day";
}

TEST_F(EscalationTest, a_second_loss_of_a_day_is_noted_also_where_it_began_anew_before_or_in_it) {
    const auto losses = [&] {
        std::vector<std::int64_t> all;
        for (const auto& one : evaluations())
            if (one.decision == Decision::held) all.push_back(one.episode);
        std::ranges::sort(all);
        return all;
    };
    const auto begun = [&] { return std::make_unique<Escalation>(opener(), policy_, clock_, nullptr); };
    const auto later = [&] { clock_.advance({120'000'000}); };
    auto escalation = begun();
    escalation->found();
    later();
    ASSERT_TRUE(escalation->lost("incidents cannot be read"));
    later();
    escalation = begun();
    ASSERT_TRUE(escalation->lost("incidents cannot be read"));
    EXPECT_EQ(losses(), (std::vector<std::int64_t>{1})) << "begun anew in the same loss";
    escalation->found();
    escalation = begun();
    later();
    ASSERT_TRUE(escalation->lost("incidents cannot be read"));
    EXPECT_EQ(losses(), (std::vector<std::int64_t>{1, 2})) << "in the second, behind an end that was noted";
    later();
    reachable_ = false;
    escalation = begun();
    escalation->found();
    reachable_ = true;
    later();
    ASSERT_TRUE(escalation->lost("incidents cannot be read"));
    EXPECT_EQ(losses(), (std::vector<std::int64_t>{1, 2, 3})) << "that end could not be noted; it was read";
    escalation->found();
    const int opened = opened_;
    escalation->found();
    EXPECT_EQ(opened_, opened);
}

TEST_F(EscalationTest, the_intent_is_in_the_spool_before_the_database_is_asked_and_the_relay_carries_it) {
    spool::Options options;
    options.root = (folder_ / "spool").string();
    options.any_file_system = true;
    auto spool = spool::Spool::open(spool::posix_file_system(), core::system_clock(), options);
    ASSERT_TRUE(spool) << spool.error().message;
    Escalation escalation(opener(), policy_, clock_, spool->get());
    reachable_ = false;
    const std::vector open{incident("i1", "candles.btc", noon)};
    const auto step = escalation.step(open);
    ASSERT_TRUE(step) << step.error().message;
    EXPECT_EQ(step->asked, 1U);
    EXPECT_EQ(opened_, 0) << "nothing but the spool was needed";
    relay::Options relayed;
    relayed.root = options.root;
    relayed.retry_first = {1000};
    const auto carry = [&](core::Duration budget) {
        relay::Relay relay(spool::posix_file_system(), core::system_clock(), relayed,
                           {std::make_shared<EngageDestination>(opener())});
        return relay.drain(budget, {});
    };
    EXPECT_TRUE(carry({200'000}).pending);
    EXPECT_TRUE(evaluations().empty());
    reachable_ = true;
    const auto done = carry({20'000'000});
    EXPECT_FALSE(done.pending);
    EXPECT_EQ(done.stored, 1U);
    ASSERT_EQ(evaluations().size(), 1U);
    EXPECT_EQ(evaluations().front().decision, Decision::would_engage);
    // A process that died remembers nothing: it spools the same again.
    Escalation after(opener(), policy_, clock_, spool->get());
    ASSERT_TRUE(after.step(open));
    EXPECT_EQ(carry({20'000'000}).duplicate, 1U);
    EXPECT_EQ(evaluations().size(), 1U);
}

TEST_F(EscalationTest, what_the_environment_names_is_engaged_when_the_process_begins) {
    config::Settings settings;
    settings.set("kill_switch_engage",
                 {core::Secret("crypto:BTCUSDT,global"), "TRISTRATA_KILL_SWITCH_ENGAGE"});
    const auto scopes = engaged_at_boot(settings);
    ASSERT_TRUE(scopes);
    ASSERT_EQ(scopes->size(), 2U);
    Escalation escalation(opener(), policy_, clock_, nullptr);
    ASSERT_TRUE(escalation.boot(*scopes, "host-1"));
    EXPECT_EQ((*KillSwitch::open(place_, policy_, clock_))->overview()->states.size(), 2U);
    settings.set("kill_switch_engage", {core::Secret("everything"), "TRISTRATA_KILL_SWITCH_ENGAGE"});
    const auto wrong = engaged_at_boot(settings);
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("TRISTRATA_KILL_SWITCH_ENGAGE"), std::string::npos);
}
