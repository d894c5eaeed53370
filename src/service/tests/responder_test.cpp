#include "responder.hpp"

#include "engaging.hpp"
#include "logged_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
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
        auto rules = ResponseRules::read(settings);
        ASSERT_TRUE(rules) << rules.error().message;
        for (auto* one : {&leading, &waiting}) {
            auto opened = Responder::open(session, settings,
                                          std::make_shared<const ResponseRules>(std::move(*rules)), {}, log);
            ASSERT_TRUE(opened) << opened.error().message;
            *one = std::move(*opened);
            rules = ResponseRules::read(settings);
        }
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
