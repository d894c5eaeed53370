#include "tristrata/spool/inspection.hpp"

#include "memory_file_system.hpp"
#include "passing_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/pending.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::spool;
using faults::MemoryFileSystem;
using sink::RecordClass;

namespace {

class InspectionTest : public ::testing::Test {
protected:
    std::unique_ptr<Spool> open() {
        Options options;
        options.root = "spool";
        options.segment_bytes = 4096;
        options.bytes_max = 1U << 20U;
        auto spool = Spool::open(files, clock, options);
        EXPECT_TRUE(spool);
        return std::move(*spool);
    }
    /// Five rows of KPIs an append, four appends a segment, a segment an hour.
    void append(Spool& spool, int count) {
        for (int i = 0; i < count; ++i) {
            const sink::Record record{RecordClass::kpi, std::to_string(made++) + std::string(700, 'x'), 5};
            ASSERT_TRUE(spool.append({&record, 1}));
            clock.advance({900'000'000});
        }
    }
    void settle(std::size_t records) {
        auto backlog = Backlog::open(files, clock, "spool/slot_0000");
        auto batch = (*backlog)->next(RecordClass::kpi, records, 1U << 20U);
        Settlement settlement;
        for (const auto& record : batch->records) settlement.stored += record.rows;
        ASSERT_TRUE((*backlog)->settle(*batch, settlement));
    }
    std::vector<std::string> again(const char* since, std::size_t records_max = 100) {
        std::vector<std::string> found;
        const auto rows =
            settled_since(files, "spool/slot_0000", RecordClass::kpi, *core::parse_timestamp(since),
                          records_max, [&](std::span<const sink::Record> records) -> core::Status {
                              EXPECT_LE(records.size(), records_max);
                              for (const auto& record : records)
                                  found.push_back(record.bytes.substr(0, record.bytes.find('x')));
                              return {};
                          });
        EXPECT_TRUE(rows);
        EXPECT_EQ(rows.value_or(0), 5 * found.size());
        return found;
    }
    MemoryFileSystem files;
    core::ManualClock clock{*core::parse_timestamp("2026-01-01T00:00:00Z")};
    int made = 0;
};

}  // namespace

TEST_F(InspectionTest, the_books_add_up_while_somebody_writes) {
    auto spool = open();
    append(*spool, 9);
    settle(6);
    const auto found = status(files, "spool");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1u);
    const SlotStatus& slot = found->front();
    EXPECT_TRUE(slot.has_writer);
    EXPECT_FALSE(slot.has_drain);
    EXPECT_EQ(slot.segments, 3u);
    EXPECT_EQ(slot.bytes, 4u * 4096u) << "and a spare";
    const ClassStatus& kpi = slot.classes[0];
    EXPECT_EQ(kpi.emitted, 45u);
    EXPECT_EQ(kpi.ledger.stored, 30u);
    EXPECT_EQ(kpi.pending, 15u);
    EXPECT_EQ(core::to_string(*kpi.pending_since), "2026-01-01T01:30:00Z")
        << "the seventh append, in the second segment";
    EXPECT_EQ(slot.classes[1].emitted, 0u);
}

TEST_F(InspectionTest, what_was_just_emitted_is_young_in_whatever_old_segment) {
    auto spool = open();
    append(*spool, 1);
    settle(1);
    clock.advance({3LL * 86'400 * 1'000'000 + 7'000'000});
    const core::Timestamp emitted_at = clock.now();
    append(*spool, 2);
    const auto found = status(files, "spool");
    EXPECT_EQ(found->front().segments, 1u);
    const core::Timestamp since = *found->front().classes[0].pending_since;
    EXPECT_LE(since, emitted_at);
    EXPECT_EQ(core::to_string(since), "2026-01-04T00:15:00Z") << "at most ten seconds too early";
}

TEST_F(InspectionTest, a_segment_that_is_too_old_to_tell_the_time_is_followed_by_a_new_one) {
    auto spool = open();
    append(*spool, 1);
    settle(1);
    clock.advance({8LL * 86'400 * 1'000'000});
    const core::Timestamp emitted_at = clock.now();
    append(*spool, 1);
    const auto found = status(files, "spool");
    EXPECT_EQ(found->front().segments, 2u);
    EXPECT_EQ(*found->front().classes[0].pending_since, emitted_at);
    EXPECT_EQ(found->front().classes[0].pending, 5u);
    EXPECT_TRUE(check(files, "spool")->findings.empty());
}

TEST_F(InspectionTest, a_spool_that_is_not_there_is_not_found) {
    EXPECT_EQ(status(files, "spool").error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(check(files, "spool").error().kind, core::ErrorKind::not_found);
}

TEST_F(InspectionTest, a_folder_that_holds_other_things_and_no_slot_is_no_spool) {
    ASSERT_TRUE(files.make_folder("etc"));
    EXPECT_TRUE(status(files, "etc")) << "an empty folder is a spool that nobody emitted to";
    EXPECT_EQ(check(files, "etc")->notes,
              std::vector<std::string>{"etc has no slot: nothing was emitted to it yet"});
    files.replace("etc/passwd", "root");
    EXPECT_EQ(status(files, "etc").error().kind, core::ErrorKind::invalid_input);
    EXPECT_EQ(slots(files, "etc").error().kind, core::ErrorKind::invalid_input);
    const auto refused = check(files, "etc");
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().message,
        "etc is no spool: expected folders slot_0000 and on, or an empty folder, and found 1 other entry, "
        "\"passwd\" among them; name the folder that is emitted to");
    Options options;
    options.root = "etc";
    const auto emitted = Spool::open(files, clock, options);
    ASSERT_FALSE(emitted);
    EXPECT_EQ(emitted.error().message, refused.error().message);
    files.replace("etc/serve.lock", "1");
    EXPECT_TRUE(check(files, "etc")) << "serve looks after it";
}

TEST_F(InspectionTest, a_first_slot_made_while_one_looks_is_no_strange_thing) {
    /// Another process makes its slot as soon as this one has looked.
    class Shared final : public faults::PassingFileSystem {
    public:
        using PassingFileSystem::PassingFileSystem;
        core::Result<std::vector<FolderEntry>> list(const std::string& path) override {
            auto seen = PassingFileSystem::list(path);
            if (seen && seen->empty()) {
                EXPECT_TRUE(make_folder(path + "/slot_0000"));
            }
            return seen;
        }
    };
    ASSERT_TRUE(files.make_folder("spool"));
    Shared shared(files);
    EXPECT_TRUE(slots(shared, "spool")->empty());
    EXPECT_EQ(slots(shared, "spool")->size(), 1u);
}

TEST_F(InspectionTest, a_check_finds_what_is_damaged_and_changes_nothing) {
    auto spool = open();
    append(*spool, 9);
    spool.reset();
    const auto sound = check(files, "spool");
    EXPECT_EQ(sound->segments, 3u);
    EXPECT_EQ(sound->frames, 9u);
    EXPECT_EQ(sound->rows, 45u);
    EXPECT_TRUE(sound->findings.empty());

    const std::string first = "spool/slot_0000/00000000000000000001.segment";
    const std::string last = "spool/slot_0000/00000000000000000003.segment";
    std::string damaged = files.content(first), torn = files.content(last);
    damaged[1500] ^= 1;
    torn[3000] = 'x';
    files.replace(first, damaged);
    files.replace(last, torn);
    const std::uint64_t operations = files.operations();
    const auto found = check(files, "spool");
    ASSERT_EQ(found->findings.size(), 1u);
    EXPECT_NE(found->findings[0].find("no readable frame where 1 stood"), std::string::npos);
    EXPECT_EQ(found->notes.size(), 1u) << "a torn end is no damage";
    EXPECT_EQ(files.operations(), operations);
}

TEST_F(InspectionTest, what_a_newer_program_wrote_is_no_damage_and_is_said) {
    auto spool = open();
    append(*spool, 9);
    settle(9);
    spool.reset();
    std::string newer(4096, 'n');
    newer.replace(0, 12, std::string("TRISSPOL\x02\0\0\0", 12));
    files.replace("spool/slot_0000/00000000000000000004.segment", newer);
    const auto found = check(files, "spool");
    EXPECT_TRUE(found->findings.empty());
    ASSERT_EQ(found->newer.size(), 1u);
    EXPECT_EQ(found->newer[0],
              "spool/slot_0000/00000000000000000004.segment is of a newer version, format 2; this program "
              "reads format 1 and left it untouched: drain it with the tristrata that wrote it, or a newer "
              "one");
    EXPECT_EQ(found->frames, 9u);
    const auto replayed = settled_since(files, "spool/slot_0000", RecordClass::kpi, clock.now(), 100,
                                        [](std::span<const sink::Record>) -> core::Status { return {}; });
    EXPECT_EQ(replayed.error().kind, core::ErrorKind::conflict) << "what may be missing is no success";

    std::string ledger = files.content("spool/slot_0000/ledger");
    ledger[8] = ledger[4096 + 8] = 2;
    files.replace("spool/slot_0000/ledger", ledger);
    EXPECT_EQ(check(files, "spool")->newer.size(), 2u);
}

TEST_F(InspectionTest, what_a_newer_program_holds_is_not_missing) {
    auto spool = open();
    append(*spool, 1);
    spool.reset();
    (void)(*Backlog::open(files, clock, "spool/slot_0000"))->next(RecordClass::kpi, 10, 1U << 20U);
    const std::string segment = "spool/slot_0000/00000000000000000001.segment";
    std::string newer(4096, 'n');
    newer.replace(0, 12, std::string("TRISSPOL\x02\0\0\0", 12));
    files.replace(segment, newer);
    const auto found = check(files, "spool");
    EXPECT_TRUE(found->findings.empty()) << found->findings.front();
    EXPECT_EQ(found->newer.size(), 1u);
}

TEST_F(InspectionTest, what_was_settled_since_is_given_again_by_whole_segments) {
    auto spool = open();
    append(*spool, 12);
    settle(10);
    EXPECT_EQ(again("2026-01-01T00:00:00Z").size(), 10u) << "what is pending goes out by itself";
    EXPECT_EQ(again("2026-01-01T00:00:00Z", 3).size(), 10u);
    EXPECT_EQ(again("2026-01-01T01:30:00Z"), (std::vector<std::string>{"4", "5", "6", "7", "8", "9"}));
    EXPECT_EQ(again("2026-01-01T09:00:00Z"), (std::vector<std::string>{"8", "9"})) << "the newest segment";
}

TEST_F(InspectionTest, what_is_pending_is_given_once_it_is_old_enough_and_stays_pending) {
    auto spool = open();
    append(*spool, 9);  // The last at 02:00:00.
    settle(6);
    const auto ask = [&](std::uint64_t from_row, const char* before, std::size_t records_max = 100) {
        std::string told;
        auto found = pending_before(files, "spool/slot_0000", RecordClass::kpi, from_row,
                                    *core::parse_timestamp(before), records_max);
        EXPECT_TRUE(found);
        for (const auto& record : found->records) told += record.bytes[0];
        return std::pair(told, found->to_row);
    };
    EXPECT_EQ(ask(0, "2026-01-01T03:00:00Z"), std::pair(std::string("678"), std::uint64_t{45}));
    EXPECT_EQ(ask(0, "2026-01-01T03:00:00Z", 2), std::pair(std::string("67"), std::uint64_t{40}));
    EXPECT_EQ(ask(40, "2026-01-01T03:00:00Z"), std::pair(std::string("8"), std::uint64_t{45}));
    EXPECT_EQ(ask(45, "2026-01-01T03:00:00Z"), std::pair(std::string(), std::uint64_t{45}));
    EXPECT_EQ(ask(0, "2026-01-01T01:30:09Z").first, "") << "perhaps the seventh was appended later";
    EXPECT_EQ(ask(0, "2026-01-01T01:30:10Z").first, "6");
    EXPECT_EQ(pending_before(files, "spool/slot_0000", RecordClass::drift, 0, clock.now(), 9)->to_row, 0U);
    EXPECT_EQ(status(files, "spool")->front().classes[0].pending, 15U) << "looked at, and not taken";
    const auto all = appended_before(files, "spool/slot_0000", RecordClass::kpi, 20,
                                     *core::parse_timestamp("2026-01-01T03:00:00Z"), 9);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->records.size(), 5U) << "settled or not";
    EXPECT_EQ(all->records.front().bytes[0], '4');
    EXPECT_EQ(all->to_row, 45U);
    settle(9);
    EXPECT_EQ(ask(0, "2026-01-01T03:00:00Z"), std::pair(std::string(), std::uint64_t{45}));
}
