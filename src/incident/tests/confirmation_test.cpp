#include "incident_backends.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;

namespace {

class ConfirmationTest : public IncidentStoreTest {};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Backends, ConfirmationTest, ::testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return one.param; });

TEST_P(ConfirmationTest, what_another_spool_was_handed_and_nobody_confirms_is_handed_over_again) {
    const auto stepping = [&](const std::string& holder, const std::string& spool) {
        StepOptions given = options(holder);
        given.spool = spool;
        auto done = store_->step(given, receiver_);
        EXPECT_TRUE(done) << done.error().message;
        return done.value_or(Stepped{});
    };
    push({event_at(start_, Severity::crit)});
    EXPECT_EQ(stepping("a", "/there/is/none").appended, 1u);
    EXPECT_TRUE(store_->resign("a"));
    clock_.advance(core::Duration{30'000'000});
    EXPECT_EQ(stepping("b", "/nor/here").appended, 0u) << "whoever has it may tell it yet";
    clock_.advance(minute);
    EXPECT_EQ(stepping("b", "/nor/here").appended, 1u);
    ASSERT_EQ(receiver_.alerts.size(), 2u);
    EXPECT_EQ(notification::message_id(receiver_.alerts[0]), notification::message_id(receiver_.alerts[1]));
    // Nothing waits in a spool that is empty: it was told.
    clock_.advance(minute);
    EXPECT_EQ(stepping("b", "/nor/here").appended, 0u);
    EXPECT_TRUE(store_->resign("b"));
    clock_.advance(hour);
    EXPECT_EQ(stepping("a", "/there/is/none").appended, 0u);
}

TEST_P(ConfirmationTest, what_somebody_answered_meanwhile_is_handed_over_to_nobody_again) {
    const auto stepping = [&](const std::string& holder) {
        StepOptions given = options(holder);
        given.spool = "/there/is/none/" + holder;
        auto done = store_->step(given, receiver_);
        EXPECT_TRUE(done) << done.error().message;
        return done.value_or(Stepped{});
    };
    for (const char* module : {"acked", "dismissed", "open", "snoozed"})
        push({event_at(start_, Severity::crit, module)});
    EXPECT_EQ(stepping("a").appended, 4u);
    const auto incidents = store_->list({}).value();
    for (const Incident& one : incidents) {
        const std::string id = core::to_string(one.incident_id);
        const bool is_done =
            one.module == "acked"       ? store_->acknowledge(id, "eve", "I look", clock_.now()).has_value()
            : one.module == "dismissed" ? store_->dismiss(id, "eve", "a test", clock_.now()).has_value()
            : one.module == "snoozed"
                ? store_->snooze(id, clock_.now() + hour, "eve", "a deploy", clock_.now()).has_value()
                : true;
        EXPECT_TRUE(is_done);
    }
    EXPECT_EQ(stepping("a").appended, 2u) << "their ends";
    EXPECT_TRUE(store_->resign("a"));
    clock_.advance(core::Duration{2 * minute.microseconds});
    const auto done = stepping("b");
    ASSERT_EQ(done.appended, 1u);
    EXPECT_EQ(receiver_.alerts.back().label("module"), "open");
    EXPECT_FALSE(receiver_.alerts.back().ends_at);
    EXPECT_EQ(done.notices.size(), 2u);
    clock_.advance(minute);
    EXPECT_EQ(stepping("b").appended, 0u) << "nor asked for any more";
    clock_.advance(hour);
    (void)stepping("b");
    EXPECT_EQ(receiver_.alerts.back().label("module"), "snoozed") << "whose snooze is over";
}
