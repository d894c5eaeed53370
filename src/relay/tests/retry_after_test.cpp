#include "dead_letters.hpp"
#include "memory_file_system.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::relay;
using core::ErrorKind;
using sink::RecordClass;

namespace {

/// Is busy, and says for how long.
class BusyDestination final : public Destination {
public:
    RecordClass record_class() const noexcept override { return RecordClass::event; }
    core::Result<spool::Settlement> deliver(const spool::Batch& batch) override {
        ++attempts;
        if (busy) return core::fail(ErrorKind::unavailable, "busy");
        spool::Settlement settlement;
        settlement.stored = batch.records.size();
        return settlement;
    }
    core::Duration wait_at_least() const noexcept override { return {90'000'000}; }
    bool busy = true;
    unsigned attempts = 0;
};

}  // namespace

TEST(RetryAfter, nothing_is_sent_before_the_time_that_a_destination_has_asked_for) {
    faults::MemoryFileSystem files;
    core::ManualClock clock{core::Timestamp{1'700'000'000'000'000}};
    spool::Options spooling;
    spooling.root = "spool";
    auto spool = spool::Spool::open(files, clock, spooling);
    ASSERT_TRUE(spool) << spool.error().message;
    const sink::Record record{RecordClass::event, "x"};
    ASSERT_TRUE((*spool)->append({&record, 1}));
    Options options;
    options.root = "spool";
    const auto busy = std::make_shared<BusyDestination>();
    Relay relay(files, clock, options, {busy});
    EXPECT_TRUE(relay.pass({}).pending);
    EXPECT_EQ(busy->attempts, 1u);
    clock.advance({89'000'000});
    EXPECT_TRUE(relay.pass({}).pending);
    EXPECT_EQ(busy->attempts, 1u) << "the relay's own first wait is half a second";
    clock.advance({1'000'001});
    busy->busy = false;
    EXPECT_EQ(relay.pass({}).stored, 1u);
}

TEST(DeadLetters, neighbours_that_died_of_the_same_are_said_together) {
    const core::Error a{ErrorKind::refused, "answers 401", "401"},
        b{ErrorKind::invalid_input, "no record", ""};
    const auto said = sentences_of(RecordClass::event, {{0, a}, {1, a}, {2, b}, {3, a}});
    ASSERT_EQ(said.size(), 3u);
    EXPECT_EQ(said[0], "2 event records can never be stored and are kept as dead letters: answers 401");
    EXPECT_EQ(said[1], "an event record can never be stored and is kept as a dead letter: no record");
    EXPECT_TRUE(sentences_of(RecordClass::kpi, {}).empty());
}
