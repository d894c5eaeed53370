#include "tristrata/relay/relay.hpp"

#include "memory_file_system.hpp"
#include "retry.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>

using namespace tristrata;
using namespace tristrata::relay;
using core::ErrorKind;
using faults::Fault;
using faults::MemoryFileSystem;
using sink::RecordClass;

namespace {

/// A database behind a network: commits a batch once, and answers as it is told.
class Database final : public Destination {
public:
    explicit Database(RecordClass record_class = RecordClass::kpi) : record_class_(record_class) {}
    RecordClass record_class() const noexcept override { return record_class_; }
    core::Result<spool::Settlement> deliver(const spool::Batch& batch) override {
        ++attempts;
        if (before) before();
        if (down) return core::fail(ErrorKind::unavailable, "the database is down");
        if (locked) return core::fail(ErrorKind::configuration, "the password is wrong");
        spool::Settlement settlement;
        for (const auto& record : batch.records) {
            if (record.bytes.starts_with("poison"))
                return core::fail(ErrorKind::invalid_input, "a poisonous record");
            settlement.stored += record.rows;
        }
        std::string content;
        for (const auto& record : batch.records) content += record.bytes + '\n';
        const auto [there, fresh] = batches_.try_emplace({batch.spool_id, batch.number}, content);
        EXPECT_EQ(there->second, content) << "a batch that comes again is the same records";
        if (fresh)
            for (const auto& record : batch.records) ++times[record.bytes], rows += record.rows;
        stored_ = rows;
        if (after_commit && after_commit()) return core::fail(ErrorKind::unavailable, "cut after COMMIT");
        return settlement;
    }
    std::atomic<bool> down = false, locked = false;
    std::function<void()> before;
    std::function<bool()> after_commit;
    std::map<std::string, int> times;
    std::uint64_t rows = 0;
    std::atomic<std::uint64_t> attempts = 0;
    /// By another thread than its own.
    [[nodiscard]] std::uint64_t rows_stored() const { return stored_; }

private:
    std::atomic<std::uint64_t> stored_ = 0;
    RecordClass record_class_;
    std::map<std::pair<core::Uuid, std::uint64_t>, std::string> batches_;
};

class RelayTest : public ::testing::Test {
protected:
    Options options() {
        Options some;
        some.root = "spool";
        some.batch_records = 16;
        some.notice = [this](std::string_view sentence) { said.emplace_back(sentence); };
        return some;
    }
    std::unique_ptr<spool::Spool> open() {
        spool::Options some;
        some.root = "spool";
        some.segment_bytes = 4096;
        some.bytes_max = 1U << 20U;
        some.level = level;
        auto opened = spool::Spool::open(files, clock, some);
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    static void put(spool::Spool& spool, const std::string& bytes,
                    RecordClass record_class = RecordClass::kpi) {
        const sink::Record record{record_class, bytes, 2};
        EXPECT_TRUE(spool.append({&record, 1}));
    }
    spool::ClassLedger books(const std::string& slot = "spool/slot_0000",
                             RecordClass record_class = RecordClass::kpi) {
        auto backlog = spool::Backlog::open(files, clock, slot);
        EXPECT_TRUE(backlog && *backlog);
        return (*backlog)->ledger().classes[spool::place(record_class)];
    }
    MemoryFileSystem files;
    core::ManualClock clock{core::Timestamp{1'700'000'000'000'000}};
    spool::Level level = spool::Level::group;
    std::vector<std::string> said;
    std::shared_ptr<Database> kpi = std::make_shared<Database>();
    std::shared_ptr<Database> drift = std::make_shared<Database>(RecordClass::drift);
};

}  // namespace

TEST(Retry, worked_example) {
    constexpr core::Duration first{500'000}, max{60'000'000};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        EXPECT_GE(wait_after(1, first, max, seed).microseconds, 250'000);
        EXPECT_LE(wait_after(1, first, max, seed).microseconds, 500'000);
        for (const unsigned failures : {8u, 9u, 100u, 1'000'000u}) {
            EXPECT_GE(wait_after(failures, first, max, seed).microseconds, 30'000'000);
            EXPECT_LE(wait_after(failures, first, max, seed).microseconds, 60'000'000);
        }
    }
    EXPECT_NE(wait_after(3, first, max, 1), wait_after(3, first, max, 2)) << "processes do not come together";
}

TEST_F(RelayTest, every_slot_is_carried_to_the_destination_of_its_class) {
    {
        auto one = open(), two = open();
        for (int i = 0; i < 40; ++i) {
            put(*one, "k" + std::to_string(i));
            put(*two, "d" + std::to_string(i), RecordClass::drift);
        }
    }
    Relay relay(files, clock, options(), {kpi, drift});
    const Delivered done = relay.pass({});
    EXPECT_EQ(done.stored, 160u);
    EXPECT_FALSE(done.pending);
    EXPECT_EQ(kpi->times.size(), 40u);
    EXPECT_EQ(drift->times.size(), 40u);
    EXPECT_EQ(relay.pass({}).batches, 0u) << "nothing comes twice";
}

TEST_F(RelayTest, a_class_without_a_destination_stays_pending) {
    auto spool = open();
    put(*spool, "k");
    put(*spool, "d", RecordClass::drift);
    {
        Relay relay(files, clock, options(), {kpi});
        EXPECT_EQ(relay.pass({}).stored, 2u);
    }
    EXPECT_EQ(books("spool/slot_0000", RecordClass::drift).settled(), 0u);
    Relay relay(files, clock, options(), {kpi, drift});
    EXPECT_EQ(relay.pass({}).stored, 2u);
}

TEST_F(RelayTest, a_slot_that_another_drains_is_named) {
    auto spool = open();
    put(*spool, "a");
    auto other = spool::Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(other && *other);
    Relay relay(files, clock, options(), {kpi, drift});
    EXPECT_EQ(relay.drain({1'000'000}, {}).elsewhere, std::vector<std::string>{"spool/slot_0000"});
    other->reset();
    const Delivered done = relay.drain({1'000'000}, {});
    EXPECT_EQ(done.stored, 2u);
    EXPECT_TRUE(done.elsewhere.empty());
}

TEST_F(RelayTest, a_destination_that_is_down_gets_one_try_after_each_wait_and_the_others_go_on) {
    auto spool = open();
    for (int i = 0; i < 100; ++i) {
        put(*spool, "k" + std::to_string(i));
        put(*spool, "d" + std::to_string(i), RecordClass::drift);
    }
    kpi->down = true;
    Relay relay(files, clock, options(), {kpi, drift});
    const Delivered first = relay.pass({});
    EXPECT_EQ(drift->times.size(), 100u);
    EXPECT_TRUE(first.pending);
    ASSERT_EQ(first.held.size(), 1u);
    EXPECT_NE(first.held[0].message.find("down"), std::string::npos);
    EXPECT_EQ(kpi->attempts, 1u);
    (void)relay.pass({});
    EXPECT_EQ(kpi->attempts, 1u) << "it waits";
    for (int wait = 0; wait < 10; ++wait) {
        clock.advance({60'000'000});
        (void)relay.pass({});
    }
    EXPECT_EQ(kpi->attempts, 11u);
    EXPECT_EQ(said.size(), 1u) << "the same failure is said once";
    kpi->down = false;
    clock.advance({60'000'000});
    EXPECT_FALSE(relay.pass({}).pending);
    EXPECT_EQ(kpi->times.size(), 100u);
    EXPECT_EQ(said.size(), 2u);
    EXPECT_EQ(said.back(), "kpi records are delivered again");
}

TEST_F(RelayTest, the_oldest_events_of_a_slot_that_runs_full_are_dropped_and_nothing_else_is) {
    auto spool = open();
    for (int i = 0; i < 20; ++i) put(*spool, "event " + std::string(1'200, 'x'), RecordClass::event);
    for (int i = 0; i < 20; ++i) put(*spool, "kpi " + std::to_string(i) + std::string(1'200, 'x'));
    Options some = options();
    some.event_bytes_max = 4 * 4096;
    (void)Relay(files, clock, some, {kpi}).pass({});
    const auto drained = spool::Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(drained && *drained);
    const auto& books = (*drained)->ledger().classes;
    EXPECT_GT(books[spool::place(RecordClass::event)].dropped, 0u);
    EXPECT_LE(books[spool::place(RecordClass::event)].dropped, 40u);
    EXPECT_EQ(books[spool::place(RecordClass::kpi)].dropped, 0u);
    EXPECT_EQ(kpi->rows, 40u);
    EXPECT_NE(std::ranges::find_if(
                  said, [](const std::string& one) { return one.find("dropped") != std::string::npos; }),
              said.end());
}

TEST_F(RelayTest, a_poisonous_record_is_a_dead_letter_and_its_batch_is_delivered_without_it) {
    auto spool = open();
    for (int i = 0; i < 50; ++i) put(*spool, i == 21 ? "poison" : "k" + std::to_string(i));
    {
        Relay relay(files, clock, options(), {kpi});
        const Delivered done = relay.pass({});
        EXPECT_EQ(done.stored, 98u);
        EXPECT_EQ(done.dead, 2u);
        EXPECT_FALSE(done.pending);
        EXPECT_LE(done.attempts, 20u) << "found by halves";
    }
    EXPECT_EQ(kpi->times.size(), 49u);
    EXPECT_EQ(books().dead, 2u);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find("a poisonous record"), std::string::npos);
    const auto kept = files.list("spool/slot_0000/dead");
    ASSERT_EQ(kept->size(), 2u);
    EXPECT_EQ(files.content("spool/slot_0000/dead/" + kept->at(0).name), "a poisonous record");
    EXPECT_EQ(files.content("spool/slot_0000/dead/" + kept->at(1).name), "poison");
}

TEST_F(RelayTest, a_drain_ends_with_its_budget_and_loses_nothing) {
    auto spool = open();
    for (int i = 0; i < 5; ++i) put(*spool, "k" + std::to_string(i));
    kpi->down = true;
    Relay relay(files, clock, options(), {kpi});
    const core::Timestamp began = clock.now();
    const Delivered done = relay.drain({3'000'000}, {});
    EXPECT_TRUE(done.pending);
    EXPECT_EQ((clock.now() - began).microseconds, 3'000'000);
    EXPECT_GE(kpi->attempts, 2u);
    kpi->down = false;
    clock.advance({60'000'000});
    EXPECT_EQ(relay.drain({3'000'000}, {}).stored, 10u);
}

TEST_F(RelayTest, what_a_newer_program_wrote_is_said_at_once_left_untouched_and_holds_nothing_else) {
    std::string newer(4096, 'n');
    newer.replace(0, 12, std::string("TRISSPOL\x02\0\0\0", 12));
    const std::string path = "spool/slot_0000/00000000000000000001.segment";
    files.replace(path, newer);
    ASSERT_TRUE(files.make_folder("spool"));
    auto spool = open();
    put(*spool, "k");
    Relay relay(files, clock, options(), {kpi});
    const core::Timestamp began = clock.now();
    const Delivered done = relay.drain({60'000'000}, {});
    EXPECT_EQ(done.stored, 2u);
    EXPECT_TRUE(done.pending);
    EXPECT_EQ((clock.now() - began).microseconds, 0) << "no wait makes it readable";
    ASSERT_EQ(done.held.size(), 1u);
    EXPECT_EQ(done.held[0].kind, ErrorKind::conflict);
    EXPECT_NE(done.held[0].message.find("of a newer version, format 2"), std::string::npos);
    EXPECT_EQ(files.content(path), newer);
    EXPECT_EQ(files.list("spool/slot_0000")->size(), 1u) << "not even a ledger was made";

    // It comes while this relay has the slot: its own must get it.
    const std::string mine = "spool/slot_0001/00000000000000000002.segment";
    files.replace(mine, newer);
    EXPECT_EQ(relay.drain({60'000'000}, {}).held.size(), 2u);
    EXPECT_TRUE(*files.lock("spool/slot_0001/drain.lock"));
}

TEST_F(RelayTest, a_drain_does_not_wait_for_what_only_another_setting_mends_and_nothing_is_lost) {
    auto spool = open();
    put(*spool, "k");
    kpi->locked = true;
    Relay relay(files, clock, options(), {kpi});
    const Delivered done = relay.drain({60'000'000}, {});
    EXPECT_TRUE(done.pending);
    EXPECT_EQ(done.held.at(0).message, "the password is wrong");
    EXPECT_EQ(clock.now(), core::Timestamp{1'700'000'000'000'000}) << "no wait mends it";
    kpi->locked = false;
    clock.sleep_for({60'000'000}, {});
    EXPECT_EQ(relay.drain({60'000'000}, {}).stored, 2u);
}

TEST_F(RelayTest, a_thread_delivers_what_is_appended_without_a_further_append) {
    Options some = options();
    some.poll = {2'000};
    Relay relay(files, core::system_clock(), some, {kpi});
    relay.start();
    auto spool = open();
    put(*spool, "last");
    for (int i = 0; i < 2000 && kpi->attempts == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(kpi->attempts, 1u);
    put(*spool, "at the end");
    const Delivered rest = relay.stop({1'000'000});
    EXPECT_FALSE(rest.pending);
    EXPECT_EQ(kpi->times.size(), 2u);
    EXPECT_EQ(relay.stop({1'000'000}).batches, 0u) << "twice is harmless";
}

TEST_F(RelayTest, a_delivery_that_hangs_does_not_hold_the_exit) {
    std::atomic<bool> hangs = true, left = false;
    kpi->before = [&] {
        while (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        left = true;
    };
    auto spool = open();
    put(*spool, "k");
    const auto began = std::chrono::steady_clock::now();
    {
        Relay relay(files, core::system_clock(), options(), {kpi});
        relay.start();
        while (kpi->attempts == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        EXPECT_TRUE(relay.stop({50'000}).pending);
    }
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), 10.0);
    hangs = false;
    while (!left || kpi.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

TEST_F(RelayTest, a_destination_that_hangs_holds_no_other) {
    auto object = std::make_shared<Database>(RecordClass::object);
    std::atomic<bool> hangs = true, left = false;
    object->before = [&] {
        while (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        left = true;
    };
    const auto seconds_since = [](std::chrono::steady_clock::time_point began) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    };
    const auto emit = [&](spool::Spool& spool, const std::string& name) {
        put(spool, "o" + name, RecordClass::object);
        put(spool, "k" + name);
        put(spool, "d" + name, RecordClass::drift);
    };
    Options some = options();
    some.poll = {2'000};
    {
        auto spool = open();
        emit(*spool, "1");
        Relay relay(files, core::system_clock(), some, {object, kpi, drift});
        relay.start();
        auto began = std::chrono::steady_clock::now();
        while ((kpi->rows_stored() + drift->rows_stored() < 4 || object->attempts == 0) &&
               seconds_since(began) < 20)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        EXPECT_EQ(kpi->rows_stored() + drift->rows_stored(), 4u) << "while the objects hang";
        EXPECT_EQ(object->attempts, 1u);
        emit(*spool, "2");
        began = std::chrono::steady_clock::now();
        const Delivered done = relay.stop({100'000});
        EXPECT_LT(seconds_since(began), 5.0) << "and the end has its budget";
        EXPECT_EQ(done.stored, 8u) << "of the whole time, not of its end alone";
        EXPECT_TRUE(done.pending);
        ASSERT_EQ(done.held.size(), 1u);
        EXPECT_EQ(done.held[0].message, "object records wait: a delivery did not end within the budget");
        EXPECT_EQ(said, std::vector<std::string>{done.held[0].message});
    }
    // A drain is the same: here nothing was left behind yet.
    auto other = std::make_shared<Database>(RecordClass::object);
    other->before = object->before;
    MemoryFileSystem disk;
    auto fresh = std::make_shared<Database>();
    {
        spool::Options small;
        small.root = "spool";
        small.segment_bytes = 4096;
        small.bytes_max = 1U << 20U;
        auto spool = spool::Spool::open(disk, clock, small);
        ASSERT_TRUE(spool);
        put(**spool, "o", RecordClass::object);
        put(**spool, "k");
        const auto began = std::chrono::steady_clock::now();
        const Delivered done = Relay(disk, core::system_clock(), some, {other, fresh}).drain({100'000}, {});
        EXPECT_LT(seconds_since(began), 5.0);
        EXPECT_EQ(done.stored, 2u);
        EXPECT_TRUE(done.pending);
        hangs = false;
        while (!left || object.use_count() > 1 || other.use_count() > 1)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

TEST_F(RelayTest, routes_that_share_a_slot_add_up_whatever_they_do_at_the_same_time) {
    auto object = std::make_shared<Database>(RecordClass::object);
    std::atomic<std::uint64_t> asked = 0;
    for (const auto& one : {kpi, drift, object})
        one->before = [&, to = one.get()] { to->down = ++asked % 7 == 3; };
    Options some = options();
    some.poll = some.retry_first = some.retry_max = {1'000};
    some.batch_records = 3;
    {
        Relay relay(files, core::system_clock(), some, {object, kpi, drift});
        relay.start();
        auto one = open(), two = open();
        for (int i = 0; i < 120; ++i)
            for (const auto record_class : {RecordClass::kpi, RecordClass::drift, RecordClass::object})
                put(i % 2 == 0 ? *one : *two, std::to_string(i), record_class);
        const Delivered done = relay.stop({60'000'000});
        EXPECT_FALSE(done.pending);
        EXPECT_EQ(done.stored, 720u);
    }
    for (const auto& to : {kpi, drift, object}) {
        EXPECT_EQ(to->times.size(), 120u);
        for (const auto& [bytes, times] : to->times) EXPECT_EQ(times, 1) << bytes;
        for (const char* slot : {"spool/slot_0000", "spool/slot_0001"})
            EXPECT_EQ(books(slot, to->record_class()).stored, 120u);
    }
}

TEST_F(RelayTest, what_a_destination_never_took_is_parked_and_sent_when_somebody_asks) {
    auto spool = open();
    put(*spool, "old");
    put(*spool, "drift", RecordClass::drift);
    kpi->down = true;
    Options some = options();
    some.max_age = {14'000'000'000};
    {
        Relay relay(files, clock, some, {kpi, drift});
        for (int i = 0; i < 40 && said.size() < 2; ++i) {
            (void)relay.pass({});
            clock.advance({500'000'000});
        }
        ASSERT_EQ(said.size(), 2u);
        EXPECT_NE(said[1].find("2 rows of class kpi in spool/slot_0000 are parked"), std::string::npos)
            << said[1];
        kpi->down = false;
        put(*spool, "new");
        clock.advance({60'000'000});
        EXPECT_EQ(relay.pass({}).stored, 2u);
        EXPECT_FALSE(relay.pass({}).pending);
    }
    EXPECT_EQ(books().parked, 2u);
    EXPECT_EQ(books("spool/slot_0000", RecordClass::drift).stored, 2u);
    some.parked = true;
    EXPECT_EQ(Relay(files, clock, some, {kpi, drift}).drain({60'000'000}, {}).stored, 2u);
    EXPECT_EQ(kpi->times, (std::map<std::string, int>{{"new", 1}, {"old", 1}}));
    EXPECT_EQ(books().parked, 0u);
}

TEST_F(RelayTest, nothing_is_lost_and_nothing_comes_twice_with_faults_on_the_disk_and_cuts_around_commit) {
    const std::uint64_t rounds = std::getenv("TRISTRATA_LONG") != nullptr ? 10'000 : 300;
    constexpr Fault kinds[]{Fault::fail, Fault::fail_midway, Fault::power_loss, Fault::process_kill};
    std::uint64_t cuts = 0;
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        MemoryFileSystem disk(seed);
        core::ManualClock time{core::Timestamp{1'700'000'000'000'000}};
        std::mt19937_64 draw(seed);
        auto database = std::make_shared<Database>();
        database->after_commit = [&] { return draw() % 6 == 0 && ++cuts != 0; };
        database->before = [&] { database->down = draw() % 6 == 0; };
        Options some = options();
        some.batch_records = 1 + draw() % 8;
        spool::Options small;
        small.root = "spool";
        small.segment_bytes = 4096;
        small.bytes_max = 1U << 20U;
        disk.fault_at(1 + draw() % 120, kinds[seed % 4]);
        std::vector<std::string> acknowledged;
        std::uint64_t poisonous = 0;
        for (int life = 0; life < 3; ++life) {
            auto spool = spool::Spool::open(disk, time, small);
            Relay relay(disk, time, some, {database});
            for (int i = 0; i < 12 && spool && !disk.stopped(); ++i) {
                std::string bytes =
                    std::to_string(life) + "." + std::to_string(i) + std::string(draw() % 400, 'x');
                const bool poison = draw() % 10 == 0;
                if (poison) bytes = "poison" + bytes;
                const sink::Record record{RecordClass::kpi, bytes, 1};
                if ((*spool)->append({&record, 1})) {
                    if (poison) ++poisonous;
                    else acknowledged.push_back(bytes);
                }
                if (draw() % 3 == 0) (void)relay.pass({});
                time.advance({60'000'000});
            }
            if (disk.stopped()) disk.restart();
        }
        EXPECT_FALSE(Relay(disk, time, some, {database}).drain({86'400'000'000}, {}).pending);
        for (const auto& bytes : acknowledged) EXPECT_EQ(database->times[bytes], 1);
        for (const auto& [bytes, times] : database->times) EXPECT_LE(times, 1);
        spool::ClassLedger sum;
        const auto slots = disk.list("spool");
        for (const auto& slot : *slots) {
            const auto backlog = spool::Backlog::open(disk, time, "spool/" + slot.name);
            ASSERT_TRUE(backlog);
            if (!*backlog) continue;
            sum.stored += (*backlog)->ledger().classes[0].stored;
            sum.dead += (*backlog)->ledger().classes[0].dead;
        }
        EXPECT_EQ(sum.stored, database->rows) << "the ledger is exact";
        EXPECT_GE(sum.dead, poisonous);
        EXPECT_LE(sum.dead, poisonous + 1) << "one may have been written when its append failed";
    }
    EXPECT_GT(cuts, rounds / 4);
}
