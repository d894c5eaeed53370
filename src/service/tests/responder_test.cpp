#include "responder.hpp"

#include "logged_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

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

}  // namespace tristrata::service
