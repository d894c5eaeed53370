#include "ledger_page.hpp"
#include "memory_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <algorithm>

using namespace tristrata;
using namespace tristrata::spool;
using faults::MemoryFileSystem;
using sink::RecordClass;

namespace {

constexpr core::Duration hour{3'600'000'000}, day{24 * hour.microseconds}, max_age{14 * day.microseconds};

/// A wall that may stand anywhere, and time that passes.
class TwoClocks final : public core::Clock {
public:
    core::Timestamp now() noexcept override { return wall; }
    core::Timestamp steady_now() noexcept override { return steady; }
    bool sleep_for(core::Duration, std::stop_token) override { return true; }
    void pass(core::Duration time) {
        wall = wall + time;
        steady = steady + time;
    }
    core::Timestamp wall{1'767'225'600'000'000}, steady{5'000'000};
};

class ParkingTest : public ::testing::Test {
protected:
    void emit(const std::string& name, int count) {
        Options options;
        options.root = "spool";
        options.segment_bytes = 4096;
        options.bytes_max = 1U << 20U;
        auto spool = Spool::open(files, clock, options);
        ASSERT_TRUE(spool);
        for (int i = 0; i < count; ++i) {
            const sink::Record record{RecordClass::kpi, name + std::to_string(i), 2};
            ASSERT_TRUE((*spool)->append({&record, 1}));
        }
    }
    std::unique_ptr<Backlog> open() {
        auto backlog = Backlog::open(files, clock, "spool/slot_0000");
        EXPECT_TRUE(backlog && *backlog);
        return std::move(*backlog);
    }
    /// A relay's process: a delivery that fails, and again, hour by hour.
    std::uint64_t fail_for(Backlog& backlog, core::Duration time) {
        std::uint64_t parked = 0;
        for (core::Duration gone{0}; gone.microseconds < time.microseconds;
             gone.microseconds += hour.microseconds) {
            EXPECT_TRUE(backlog.next(RecordClass::kpi, 3, 1U << 20U));
            parked += *backlog.not_taken(RecordClass::kpi, max_age);
            clock.pass(hour);
        }
        return parked;
    }
    static std::vector<std::string> taken(Backlog& backlog, bool parked) {
        std::vector<std::string> found;
        while (true) {
            auto batch =
                parked ? backlog.next_parked(RecordClass::kpi) : backlog.next(RecordClass::kpi, 3, 1U << 20U);
            EXPECT_TRUE(batch);
            if (!batch || batch->empty()) return found;
            Settlement settlement;
            for (const auto& record : batch->records) {
                found.push_back(record.bytes);
                settlement.stored += record.rows;
            }
            EXPECT_TRUE(backlog.settle(*batch, settlement));
        }
    }
    ClassStatus books() { return status(files, "spool")->front().classes[0]; }
    MemoryFileSystem files;
    TwoClocks clock;
};

}  // namespace

TEST_F(ParkingTest, what_no_destination_took_for_max_age_is_parked_and_what_came_later_is_not) {
    emit("early", 5);
    auto backlog = open();
    EXPECT_EQ(fail_for(*backlog, {10 * day.microseconds}), 0u);
    emit("late", 5);
    EXPECT_EQ(fail_for(*backlog, {4 * day.microseconds}), 0u) << "not before it is fourteen days";
    EXPECT_EQ(fail_for(*backlog, {2 * day.microseconds}), 6u) << "a batch goes whole: three of the five";
    const auto notes = backlog->take_notes();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(
        notes[0],
        "6 rows of class kpi in spool/slot_0000 are parked: no destination took them for as long as they may "
        "wait; they are kept, and sent by: tristrata spool drain --parked");
    EXPECT_EQ(books().emitted, 20u);
    EXPECT_EQ(books().pending, 20u) << "what is parked is pending";
    EXPECT_EQ(books().ledger.parked, 6u);
    EXPECT_EQ(books().ledger.dead, 0u);
    EXPECT_EQ(taken(*backlog, false),
              (std::vector<std::string>{"early3", "early4", "late0", "late1", "late2", "late3", "late4"}));
    EXPECT_EQ(books().pending, 6u);
    EXPECT_EQ(taken(*backlog, true), (std::vector<std::string>{"early0", "early1", "early2"}));
    EXPECT_EQ(books().pending, 0u);
    EXPECT_EQ(books().ledger.stored, 20u);
    EXPECT_EQ(books().ledger.parked, 0u);
    EXPECT_TRUE(files.list("spool/slot_0000/parked")->empty());
}

TEST_F(ParkingTest, a_destination_that_takes_something_begins_anew) {
    emit("a", 9);
    auto backlog = open();
    EXPECT_EQ(fail_for(*backlog, {13 * day.microseconds}), 0u);
    auto batch = backlog->next(RecordClass::kpi, 3, 1U << 20U);
    ASSERT_TRUE(backlog->settle(*batch, {6, 0, {}, 0}));
    EXPECT_EQ(fail_for(*backlog, {13 * day.microseconds}), 0u);
    EXPECT_GT(fail_for(*backlog, {3 * day.microseconds}), 0u);
}

TEST_F(ParkingTest, a_clock_that_stands_in_2099_parks_nothing) {
    emit("a", 5);
    const core::Timestamp right = clock.wall, wrong{4'070'908'800'000'000};
    {
        auto backlog = open();
        EXPECT_EQ(fail_for(*backlog, {2 * day.microseconds}), 0u);
        for (int i = 0; i < 50; ++i) {
            clock.wall = i % 2 == 0 ? wrong : right;
            EXPECT_EQ(fail_for(*backlog, hour), 0u) << "it leaps to and fro under a process";
        }
    }
    clock.wall = wrong;
    EXPECT_EQ(fail_for(*open(), {5 * day.microseconds}), 0u) << "and between two";
    clock.wall = right;
    EXPECT_EQ(fail_for(*open(), {2 * day.microseconds}), 0u) << "a day is all that the leap counted";
    EXPECT_EQ(books().ledger.parked, 0u);
}

TEST_F(ParkingTest, short_processes_count_together) {
    emit("a", 3);
    std::uint64_t parked = 0;
    int runs = 0;
    for (; parked == 0 && runs < 100; ++runs) {
        auto backlog = open();
        ASSERT_TRUE(backlog->next(RecordClass::kpi, 3, 1U << 20U));
        parked = *backlog->not_taken(RecordClass::kpi, max_age);
        clock.pass({6 * hour.microseconds});
    }
    EXPECT_EQ(runs, 57) << "fourteen days of four a day, and the first";
}

TEST_F(ParkingTest, whatever_operation_fails_the_rows_are_there_once) {
    for (const auto kind : {faults::Fault::fail, faults::Fault::fail_midway, faults::Fault::power_loss,
                            faults::Fault::process_kill})
        for (std::uint64_t operation = 1; operation < 40; ++operation) {
            SCOPED_TRACE("operation " + std::to_string(operation));
            MemoryFileSystem disk(operation);
            Options options;
            options.root = "spool";
            options.segment_bytes = 4096;
            options.bytes_max = 1U << 20U;
            {
                auto spool = Spool::open(disk, clock, options);
                for (int i = 0; i < 7; ++i) {
                    const sink::Record record{RecordClass::kpi, std::to_string(i), 2};
                    ASSERT_TRUE((*spool)->append({&record, 1}));
                }
            }
            std::vector<std::string> found;
            const auto live = [&](bool sending) {
                auto opened = Backlog::open(disk, clock, "spool/slot_0000");
                if (!opened || !*opened) return;
                Backlog& backlog = **opened;
                for (int i = 0; i < 15 && !sending; ++i) {
                    (void)backlog.next(RecordClass::kpi, 3, 1U << 20U);
                    (void)backlog.not_taken(RecordClass::kpi, max_age);
                    clock.pass(day);
                }
                for (const bool parked : {true, false})
                    while (sending) {
                        auto batch = parked ? backlog.next_parked(RecordClass::kpi)
                                            : backlog.next(RecordClass::kpi, 3, 1U << 20U);
                        if (!batch || batch->empty()) break;
                        Settlement settlement;
                        for (const auto& record : batch->records) {
                            // The store recognises what it has.
                            if (std::ranges::find(found, record.bytes) == found.end())
                                found.push_back(record.bytes);
                            settlement.stored += record.rows;
                        }
                        if (!backlog.settle(*batch, settlement)) break;
                    }
            };
            disk.fault_at(disk.operations() + operation, kind);
            live(false);
            if (disk.stopped()) disk.restart();
            live(operation % 2 == 0);
            if (disk.stopped()) disk.restart();
            disk.no_more_faults();
            live(true);
            live(true);
            EXPECT_EQ(found.size(), 7u);
            const ClassStatus end = status(disk, "spool")->front().classes[0];
            EXPECT_EQ(end.ledger.stored, 14u);
            EXPECT_EQ(end.ledger.parked + end.ledger.dead + end.pending, 0u);
        }
}

TEST_F(ParkingTest, a_parked_file_that_is_damaged_or_gone_is_said_and_counted) {
    emit("a", 6);
    {
        auto backlog = open();
        EXPECT_EQ(fail_for(*backlog, {16 * day.microseconds}), 12u);
    }
    const auto kept = *files.list("spool/slot_0000/parked");
    ASSERT_EQ(kept.size(), 2u);
    std::string bytes = files.content("spool/slot_0000/parked/" + kept[0].name);
    bytes[1100] ^= 1;
    files.replace("spool/slot_0000/parked/" + kept[0].name, bytes);
    ASSERT_TRUE(files.remove("spool/slot_0000/parked/" + kept[1].name));
    auto backlog = open();
    EXPECT_TRUE(taken(*backlog, true).empty());
    EXPECT_EQ(backlog->take_notes().size(), 2u);
    EXPECT_EQ(books().ledger.dead, 12u);
    EXPECT_EQ(books().ledger.missing, 6u);
    EXPECT_EQ(books().pending, 0u);
}

TEST(ParkedLedger, a_program_of_before_reads_what_is_parked_as_dead) {
    Ledger ledger;
    ledger.classes[0].stored = 5;
    ledger.classes[0].dead = 1;
    ledger.classes[0].parked = 7;
    ledger.classes[0].refusal = {day, core::Timestamp{1'767'225'600'000'000}, {3, 9}};
    const std::string page = encode(ledger);
    EXPECT_EQ(page[48 + 16], 8) << "dead, where format 1 has it";
    EXPECT_EQ(*decode_ledger(page), ledger);
}
