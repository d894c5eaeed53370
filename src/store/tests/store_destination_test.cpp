#include "tristrata/store/store_destination.hpp"

#include "memory_file_system.hpp"
#include "servers/postgres_server.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace tristrata;
using namespace tristrata::store;
using sink::RecordClass;

namespace {

class StoreDestinationTest : public ::testing::Test {
protected:
    void SetUp() override {
        static int made = 0;
        folder_ = std::filesystem::temp_directory_path() /
                  ("store_destination_" + std::to_string(::getpid()) + "_" + std::to_string(made++));
        std::filesystem::create_directories(folder_);
        path_ = (folder_ / "kpi.db").string();
        ASSERT_TRUE(init_sqlite(path_, Layer::kpi, core::system_clock()));
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] StoreDestination destination() const {
        return {RecordClass::kpi, [path = path_] { return open_sqlite(path, Layer::kpi, OpenMode::write); }};
    }
    static sink::Record record(const std::string& name) {
        execution::KpiEmit emit;
        emit.emit_id = core::uuid_v5(core::tristrata_namespace(), name);
        emit.time = core::Timestamp{1'700'000'000'000'000};
        emit.module = "m";
        emit.rows = {{core::uuid_v5(emit.emit_id, "a"), 0, "a", 1.0},
                     {core::uuid_v5(emit.emit_id, "b"), 1, "b", 2.0}};
        return execution::encode(emit);
    }
    static spool::Batch batch(std::vector<sink::Record> records, std::uint64_t number) {
        spool::Batch one;
        one.spool_id = core::uuid_v5(core::tristrata_namespace(), "spool");
        one.number = number;
        for (const auto& each : records) one.to_row += each.rows;
        one.records = std::move(records);
        return one;
    }
    [[nodiscard]] std::size_t rows() const {
        auto store = open_sqlite(path_, Layer::kpi, OpenMode::read);
        return (*store)->query(KpiQuery{})->rows.size();
    }
    std::filesystem::path folder_;
    std::string path_;
};

}  // namespace

TEST_F(StoreDestinationTest, a_batch_is_stored_once_and_answered_alike_when_it_comes_again) {
    auto to = destination();
    const auto sent = batch({record("one"), {RecordClass::kpi, "no record", 1}, record("two")}, 1);
    for (int time = 0; time < 2; ++time) {
        const auto settlement = to.deliver(sent);
        ASSERT_TRUE(settlement) << settlement.error().message;
        EXPECT_EQ(settlement->stored, 4u) << "time " << time;
        EXPECT_EQ(settlement->duplicate, 0u);
        ASSERT_EQ(settlement->dead.size(), 1u) << "what was dead is dead again";
        EXPECT_EQ(settlement->dead[0].first, 1u);
    }
    EXPECT_EQ(rows(), 4u);
    const auto other = to.deliver(batch({record("two"), record("three")}, 2));
    EXPECT_EQ(other->stored, 2u);
    EXPECT_EQ(other->duplicate, 2u);
}

TEST_F(StoreDestinationTest, a_store_that_is_not_there_names_no_record_and_is_opened_again) {
    StoreDestination to = destination();
    std::filesystem::rename(path_, path_ + ".away");
    const auto missing = to.deliver(batch({record("one")}, 1));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, core::ErrorKind::not_found);
    std::filesystem::rename(path_ + ".away", path_);
    EXPECT_EQ(to.deliver(batch({record("one")}, 1))->stored, 2u);

    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(path_);
    EXPECT_FALSE(destination().deliver(batch({record("one")}, 1)));
}

TEST_F(StoreDestinationTest,
       what_is_emitted_through_a_spool_is_in_the_store_once_whatever_the_spools_disk_does) {
    using faults::Fault;
    constexpr Fault kinds[]{Fault::fail, Fault::fail_midway, Fault::power_loss, Fault::process_kill};
    faults::MemoryFileSystem disk(7);
    core::ManualClock clock{core::Timestamp{1'700'000'000'000'000}};
    spool::Options options;
    options.root = "spool";
    options.segment_bytes = 4096;
    options.bytes_max = 1U << 20U;
    relay::Options carrying;
    carrying.root = "spool";
    carrying.batch_records = 3;
    std::size_t acknowledged = 0, tried = 0;
    for (std::uint64_t life = 0; life < 24; ++life) {
        const auto to = std::make_shared<StoreDestination>(destination());
        auto spool = spool::Spool::open(disk, clock, options);
        relay::Relay relay(disk, clock, carrying, {to});
        disk.fault_at(disk.operations() + 1 + life % 12, kinds[life % 4]);
        for (int i = 0; i < 5 && spool && !disk.stopped(); ++i) {
            const sink::Record one = record(std::to_string(tried++));
            acknowledged += (*spool)->append({&one, 1}).has_value();
            (void)relay.pass({});
        }
        if (disk.stopped()) disk.restart();
    }
    const auto to = std::make_shared<StoreDestination>(destination());
    const relay::Delivered rest = relay::Relay(disk, clock, carrying, {to}).drain({86'400'000'000}, {});
    EXPECT_FALSE(rest.pending) << rest.held.front().message;
    EXPECT_GE(rows(), 2 * acknowledged);
    EXPECT_LE(rows(), 2 * tried);
    auto backlog = spool::Backlog::open(disk, clock, "spool/slot_0000");
    const auto& books = (*backlog)->ledger().classes[0];
    EXPECT_EQ(books.stored, rows()) << "the ledger is exact";
    EXPECT_EQ(books.settled(), books.stored);
}

TEST_F(StoreDestinationTest, a_postgresql_server_that_is_killed_again_and_again_has_every_row_once) {
    servers::PostgresServer server;
    const core::SecretSource source{
        "TRISTRATA_TEST_URL", [url = server.url()] { return core::Result<core::Secret>(core::Secret(url)); }};
    ASSERT_TRUE(init_postgres({source, "", true}, Layer::kpi));
    faults::MemoryFileSystem disk;
    spool::Options options;
    options.root = "spool";
    options.segment_bytes = 1U << 16U;
    options.bytes_max = 1U << 24U;
    auto spool = spool::Spool::open(disk, core::system_clock(), options);
    ASSERT_TRUE(spool);
    relay::Options carrying;
    carrying.root = "spool";
    carrying.batch_records = 7;
    carrying.poll = {1'000};
    carrying.retry_first = {5'000};
    carrying.retry_max = {50'000};
    relay::Relay relay(disk, core::system_clock(), carrying,
                       {std::make_shared<StoreDestination>(RecordClass::kpi, [&] {
                           return open_postgres(source, Layer::kpi, OpenMode::write);
                       })});
    relay.start();
    int emitted = 0;
    const auto emit = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const sink::Record one = record(std::to_string(emitted++));
            ASSERT_TRUE((*spool)->append({&one, 1}));
        }
    };
    for (int round = 0; round < 4; ++round) {
        emit(150);
        std::this_thread::sleep_for(std::chrono::milliseconds(10 + 17 * round));
        server.stop();
        emit(20);
        server.start();
    }
    EXPECT_FALSE(relay.stop({60'000'000}).pending);
    auto store = open_postgres(source, Layer::kpi, OpenMode::read);
    KpiQuery all;
    all.limit = 10'000;
    EXPECT_EQ((*store)->query(all)->rows.size(), 2u * static_cast<std::size_t>(emitted));
    auto backlog = spool::Backlog::open(disk, core::system_clock(), "spool/slot_0000");
    ASSERT_FALSE(*backlog) << "the relay holds it until it is gone";
    const auto slots = spool::status(disk, "spool");
    const auto& books = slots->front().classes[0];
    EXPECT_EQ(books.emitted, 2u * static_cast<std::uint64_t>(emitted));
    EXPECT_EQ(books.ledger.stored, books.emitted) << "a resent batch is stored, not duplicate";
}
