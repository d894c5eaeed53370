#include "responder.hpp"

#include "engaging.hpp"
#include "logged_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;

/// Two that evaluate the same store of incidents, beside a kill switch of their own.
class ResponderTest : public LoggedTest {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        settings.set("spool", {core::Secret((folder / "spool").string()), "TRISTRATA_SPOOL"});
        for (const char* name : {"drift", "response", "kill_switch"})
            settings.set(std::string(name) + "_url",
                         {core::Secret("sqlite:///" + (folder / name).string() + ".db"), name});
        session = std::make_shared<session::Session>(
            settings, clock, [](std::string_view) {}, session::Carry::later);
        ASSERT_TRUE(session->init_store(store::Layer::drift, "", true));
        ASSERT_TRUE(incident::init(settings, clock));
        ASSERT_TRUE(kill_switch::init(*kill_switch::place_of(settings), std::nullopt, "", clock));
        leading = opened(session);
        waiting = opened(session);
    }
    [[nodiscard]] std::shared_ptr<Responder> opened(const std::shared_ptr<session::Session>& of) {
        auto rules = ResponseRules::read(settings);
        EXPECT_TRUE(rules) << rules.error().message;
        auto responder = Responder::open(of, of->settings(),
                                         std::make_shared<const ResponseRules>(std::move(*rules)), {}, log);
        EXPECT_TRUE(responder) << responder.error().message;
        return std::move(*responder);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void move(const char* from, const char* to) {
        for (const char* name : {"response", "kill_switch"})
            std::filesystem::rename(folder / (std::string(name) + from), folder / (std::string(name) + to));
    }
    static core::Status evaluate(Responder& one) { return one.duties().front().run({}); }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("responder_test_" + std::to_string(::getpid()));
    std::shared_ptr<session::Session> session;
    std::shared_ptr<Responder> leading, waiting;
};

}  // namespace

TEST_F(ResponderTest, who_does_not_lead_says_nothing_of_the_switch_once_the_database_answers) {
    move(".db", ".away");
    clock.advance({Responder::lost_after.microseconds + 1});
    EXPECT_FALSE(evaluate(*waiting));
    ASSERT_TRUE(waiting->figures().switch_error) << "nobody could be asked";
    EXPECT_EQ(waiting->figures().switch_failures, 1U);
    move(".away", ".db");
    std::filesystem::rename(folder / "kill_switch.db", folder / "kill_switch.away");
    ASSERT_TRUE(evaluate(*leading));
    ASSERT_TRUE(evaluate(*waiting));
    ASSERT_TRUE(leading->figures().leads);
    ASSERT_FALSE(waiting->figures().leads);
    EXPECT_FALSE(waiting->figures().switch_error) << waiting->figures().switch_error->message;
    EXPECT_EQ(waiting->figures().switch_failures, 1U) << "what is counted stays";
    ASSERT_TRUE(leading->figures().switch_error) << "who leads finds the switch away, and says so";
    EXPECT_THAT(leading->figures().switch_error->message, HasSubstr("kill_switch.db"));
    std::filesystem::rename(folder / "kill_switch.away", folder / "kill_switch.db");
    ASSERT_TRUE(evaluate(*leading));
    EXPECT_FALSE(leading->figures().switch_error);
}

TEST_F(ResponderTest, settings_that_are_read_anew_engage_nothing_again_that_a_person_disengaged) {
    settings.set("kill_switch_engage", {core::Secret("crypto:BTC"), "TRISTRATA_KILL_SWITCH_ENGAGE"});
    session =
        std::make_shared<session::Session>(settings, clock, [](std::string_view) {}, session::Carry::later);
    // What is asked for goes by the spool.
    const auto evaluate_and_carry = [&](Responder& one) {
        ASSERT_TRUE(evaluate(one));
        const auto relay = session->open_relay(false, {Engaging::open(settings, clock, {})});
        ASSERT_TRUE(relay) << relay.error().message;
        EXPECT_FALSE((*relay)->pass({}).pending);
    };
    const auto before = opened(session);
    evaluate_and_carry(*before);
    auto kill_switch = kill_switch::KillSwitch::open(*kill_switch::place_of(settings),
                                                     *kill_switch::Policy::read(settings), clock);
    ASSERT_TRUE(kill_switch) << kill_switch.error().message;
    const auto engaged = [&] {
        const auto overview = (*kill_switch)->overview();
        EXPECT_TRUE(overview && overview->states.size() == 1);
        return overview && !overview->states.empty() && overview->states[0].engaged;
    };
    ASSERT_TRUE(engaged());
    kill_switch::DisengageRequest mended;
    mended.scope = *kill_switch::parse_scope("crypto:BTC");
    mended.who = mended.why = "eve";
    mended.ticket = "OPS-1";
    mended.override_text = "it was for a test";
    mended.asked_at = clock.now();
    const auto done = (*kill_switch)->disengage(mended, {});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(engaged());
    clock.advance({60'000'000});
    const auto after = opened(session);
    after->take_over(*before);
    evaluate_and_carry(*after);
    EXPECT_FALSE(engaged()) << "the process did not begin anew";
    clock.advance({60'000'000});
    evaluate_and_carry(*opened(session));
    EXPECT_TRUE(engaged()) << "one that begins engages what the setting names";
}

TEST_F(ResponderTest, who_leads_and_has_no_room_for_a_page_lets_another_lead_at_once) {
    config::Settings direct, other = settings;
    direct.set("drift_url", *settings.find("drift_url"));
    other.set("spool", {core::Secret((folder / "another").string()), "TRISTRATA_SPOOL"});
    const auto elsewhere =
        std::make_shared<session::Session>(other, clock, [](std::string_view) {}, session::Carry::later);
    const auto next = opened(elsewhere);
    ASSERT_TRUE(evaluate(*leading));
    ASSERT_TRUE(evaluate(*next));
    ASSERT_TRUE(leading->figures().leads);
    ASSERT_FALSE(next->figures().leads);
    drift::EventRequest crit;
    crit.drift_type = drift::DriftType::feature_drift;
    crit.module = "features";
    crit.metric = "psi_x";
    crit.reference_value = 0;
    crit.current_value = 1;
    crit.severity = drift::Severity::crit;
    ASSERT_TRUE(session::Session(direct, clock).push_drift_event(crit));
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    // Less than a segment of the spool, and more than the stores write.
    const rlimit small{1'000'000, limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const core::Status full = evaluate(*leading);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, ignored);
    ASSERT_FALSE(full) << "its spool takes nothing";
    EXPECT_EQ(leading->figures().alerts, 0U);
    EXPECT_FALSE(leading->figures().leads);
    ASSERT_TRUE(evaluate(*next));
    EXPECT_TRUE(next->figures().leads) << "without waiting for the lease's end";
    EXPECT_EQ(next->figures().alerts, 1U) << "the page goes out from its spool";
}

TEST_F(ResponderTest, who_waits_with_a_switch_knows_that_who_leads_has_none) {
    ASSERT_TRUE(evaluate(*leading));
    ASSERT_TRUE(evaluate(*waiting));
    EXPECT_FALSE(waiting->figures().is_unshown) << "both name it";
    leading.reset();
    config::Settings without;
    for (const char* name : {"spool", "drift_url", "response_url"}) without.set(name, *settings.find(name));
    auto rules = ResponseRules::read(without);
    ASSERT_TRUE(rules) << rules.error().message;
    auto alone =
        Responder::open(session, without, std::make_shared<const ResponseRules>(std::move(*rules)), {}, log);
    ASSERT_TRUE(alone) << alone.error().message;
    ASSERT_TRUE(evaluate(**alone));
    ASSERT_TRUE(evaluate(*waiting));
    ASSERT_TRUE((*alone)->figures().leads);
    EXPECT_TRUE(waiting->figures().is_unshown);
    EXPECT_FALSE((*alone)->figures().is_unshown) << "who names none is asked for nothing";
    alone->reset();
    ASSERT_TRUE(evaluate(*waiting));
    EXPECT_TRUE(waiting->figures().leads);
    EXPECT_FALSE(waiting->figures().is_unshown);
}

TEST_F(ResponderTest, what_is_asked_after_settings_were_read_anew_is_decided_by_the_new_policy) {
    std::vector<kill_switch::Decision> decided;
    const auto anew = [&](const std::string& text) {
        std::ofstream(folder / "tristrata.toml") << text;
        auto read = config::read_settings({}, folder / "tristrata.toml", {});
        EXPECT_TRUE(read) << read.error().message;
        return std::move(*read);
    };
    config::Settings first = anew("[kill_switch]\nevidence_rows = 5000\n");
    first.set("kill_switch_url", *settings.find("kill_switch_url"));
    const auto engaging = Engaging::open(
        first, clock, [&](const kill_switch::Outcome& outcome) { decided.push_back(outcome.decision); });
    ASSERT_TRUE(engaging);
    const auto deliver = [&](const std::string& incident) {
        kill_switch::EngageRequest request;
        request.scope = *kill_switch::parse_scope("crypto:BTC");
        request.incident = incident;
        request.source = kill_switch::Source::incident;
        request.who = request.why = "x";
        request.asked_at = clock.now();
        request.evidence = kill_switch::Evidence{};
        request.evidence->analyzer = request.evidence->analyzer_version = "a";
        request.evidence->verdict = drift::Verdict::drift;
        request.evidence->severity = drift::Severity::crit;
        request.evidence->fired = request.evidence->evaluations = 3;
        request.evidence->rows = 1'000;
        request.evidence->newest = clock.now();
        request.evidence->current_value = 1;
        spool::Batch batch;
        batch.record_class = sink::RecordClass::engage;
        batch.records.push_back(kill_switch::encode(request));
        const auto settled = engaging->deliver(batch);
        EXPECT_TRUE(settled) << settled.error().message;
    };
    using enum kill_switch::Decision;
    deliver("i1");
    EXPECT_FALSE(engaging->read_anew(anew("[kill_switch]\nevidence_rows = \"few\"\n"))) << "refused";
    deliver("i2");
    ASSERT_TRUE(engaging->read_anew(anew("kill_switch_url = \"sqlite:///elsewhere.db\"\n")));
    deliver("i3");
    EXPECT_EQ(decided, (std::vector{insufficient_evidence, insufficient_evidence, would_engage}));
}

}  // namespace tristrata::service
