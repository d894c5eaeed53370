#include "tristrata/technical/event_sink.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

using namespace tristrata;
using namespace tristrata::technical;

namespace {

class FlakySink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        ++asked;
        if (failure) return tl::unexpected(*failure);
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0};
    }
    core::Status flush() override { return {}; }
    std::optional<core::Error> failure;
    unsigned asked = 0;
};

class EventSinkTest : public ::testing::Test {
protected:
    bool append() {
        const sink::Record record{sink::RecordClass::event, "x"};
        return events.append({&record, 1}).has_value();
    }
    FlakySink behind;
    core::ManualClock clock{core::Timestamp{0}};
    std::vector<std::string> said;
    EventSink events{[this] { return core::Result<sink::Sink*>(&behind); }, clock,
                     [this](std::string_view sentence) { said.emplace_back(sentence); }};
};

}  // namespace

TEST_F(EventSinkTest, while_it_fails_nobody_waits_for_it_and_what_is_lost_is_counted_and_said_once) {
    behind.failure = core::Error{core::ErrorKind::unavailable, "no collector", {}};
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(append());
    EXPECT_EQ(behind.asked, 1u) << "one has tried, the others were told at once";
    EXPECT_EQ(events.not_taken(), 100u);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0], "events are not taken, and count as lost: no collector");
    clock.advance({1'000'000});
    EXPECT_FALSE(append());
    EXPECT_EQ(behind.asked, 2u);
    clock.advance({1'999'999});
    EXPECT_FALSE(append());
    EXPECT_EQ(behind.asked, 2u) << "the second wait is twice the first";
    clock.advance({1});
    behind.failure.reset();
    EXPECT_TRUE(append());
    EXPECT_EQ(events.not_taken(), 102u);
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(said[1], "events are taken again; 102 events were not");
}

TEST_F(EventSinkTest, a_wait_is_a_minute_at_most) {
    behind.failure = core::Error{core::ErrorKind::unavailable, "no collector", {}};
    for (int i = 0; i < 40; ++i) {
        EXPECT_FALSE(append());
        clock.advance({60'000'000});
    }
    EXPECT_EQ(behind.asked, 40u);
}

TEST_F(EventSinkTest, what_asks_to_be_left_alone_is_asked_no_sooner) {
    core::Duration asked_for{30'000'000};
    EventSink patient([this] { return core::Result<sink::Sink*>(&behind); }, clock,
                      [this](std::string_view sentence) { said.emplace_back(sentence); },
                      [&] { return asked_for; });
    const sink::Record record{sink::RecordClass::event, "x"};
    behind.failure = core::Error{core::ErrorKind::unavailable, "answers 503", {}};
    EXPECT_FALSE(patient.append({&record, 1}));
    clock.advance({29'999'999});
    EXPECT_FALSE(patient.append({&record, 1}));
    EXPECT_EQ(behind.asked, 1u);
    clock.advance({1});
    asked_for = {0};
    EXPECT_FALSE(patient.append({&record, 1}));
    EXPECT_EQ(behind.asked, 2u);
    clock.advance({2'000'000});
    EXPECT_FALSE(patient.append({&record, 1}));
    EXPECT_EQ(behind.asked, 3u) << "it asks for nothing any more";
}

TEST_F(EventSinkTest, what_cannot_be_opened_is_a_failure_like_another) {
    EventSink closed(
        [] { return core::Result<sink::Sink*>(core::fail(core::ErrorKind::storage, "no folder")); }, clock,
        {});
    const sink::Record record{sink::RecordClass::event, "x"};
    const auto answer = closed.append({&record, 1});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "no folder");
    EXPECT_EQ(closed.not_taken(), 1u);
}
