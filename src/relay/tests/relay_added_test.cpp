#include "memory_file_system.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>

using namespace tristrata;
using namespace tristrata::relay;
using sink::RecordClass;

namespace {

class TakingDestination final : public Destination {
public:
    explicit TakingDestination(RecordClass record_class) : record_class_(record_class) {}
    RecordClass record_class() const noexcept override { return record_class_; }
    core::Result<spool::Settlement> deliver(const spool::Batch& batch) override {
        taken += batch.records.size();
        spool::Settlement settlement;
        settlement.stored = batch.records.size();
        return settlement;
    }
    std::atomic<std::size_t> taken = 0;

private:
    RecordClass record_class_;
};

}  // namespace

TEST(RelayAdded, what_waits_for_a_destination_that_is_added_goes_there_while_the_others_are_carried_to) {
    faults::MemoryFileSystem files;
    spool::Options spooling;
    spooling.root = "spool";
    auto spool = spool::Spool::open(files, core::system_clock(), spooling);
    ASSERT_TRUE(spool) << spool.error().message;
    const auto put = [&](RecordClass record_class) {
        const sink::Record record{record_class, "x"};
        ASSERT_TRUE((*spool)->append({&record, 1}));
    };
    const auto eventually = [](const auto& condition) {
        for (int i = 0; i < 3'000 && !condition(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return condition();
    };
    Options options;
    options.root = "spool";
    options.poll = {1'000};
    const auto kpi = std::make_shared<TakingDestination>(RecordClass::kpi);
    const auto alerts = std::make_shared<TakingDestination>(RecordClass::alert);
    Relay relay(files, core::system_clock(), options, {kpi});
    relay.start();
    put(RecordClass::alert);
    put(RecordClass::kpi);
    ASSERT_TRUE(eventually([&] { return kpi->taken == 1; }));
    EXPECT_EQ(relay.status().size(), 1u);
    relay.add(alerts);
    EXPECT_TRUE(eventually([&] { return alerts->taken == 1; })) << "what waited since before";
    put(RecordClass::kpi);
    put(RecordClass::alert);
    EXPECT_TRUE(eventually([&] { return alerts->taken == 2 && kpi->taken == 2; }));
    const Delivered done = relay.stop({30'000'000});
    EXPECT_EQ(done.stored, 4u);
    EXPECT_FALSE(done.pending);
    ASSERT_EQ(relay.status().size(), 2u);
    EXPECT_EQ(relay.status()[1].record_class, RecordClass::alert);
}
