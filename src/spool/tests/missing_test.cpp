#include "memory_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace tristrata;
using namespace tristrata::spool;
using faults::MemoryFileSystem;
using sink::RecordClass;

namespace {

/// Twelve appends of two rows in three segments, of which somebody removes some.
class MissingTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto spool = open();
        for (int i = 0; i < 12; ++i) append(*spool, std::to_string(i));
    }
    std::unique_ptr<Spool> open(Level level = Level::group) {
        Options options;
        options.level = level;
        options.root = "spool";
        options.segment_bytes = 4096;
        options.bytes_max = 1U << 20U;
        options.notice = [this](std::string_view sentence) { said.emplace_back(sentence); };
        auto spool = Spool::open(files, clock, options);
        EXPECT_TRUE(spool) << spool.error().message;
        return std::move(*spool);
    }
    static void append(Spool& spool, const std::string& name) {
        const sink::Record record{RecordClass::kpi, name + std::string(700, 'x'), 2};
        ASSERT_TRUE(spool.append({&record, 1}));
    }
    static std::string segment(int number) {
        return "spool/slot_0000/0000000000000000000" + std::to_string(number) + ".segment";
    }
    void remove(int number) { ASSERT_TRUE(files.remove(segment(number))); }
    /// Everything that is pending, settled as stored; at most so many records.
    std::size_t drain(std::size_t records_max = 100) {
        auto backlog = Backlog::open(files, clock, "spool/slot_0000");
        EXPECT_TRUE(backlog && *backlog);
        std::size_t records = 0;
        while (records < records_max) {
            auto batch = (*backlog)->next(RecordClass::kpi, std::min<std::size_t>(3, records_max - records),
                                          1U << 20U);
            EXPECT_TRUE(batch);
            if (!batch || batch->empty()) break;
            Settlement settlement;
            for (const auto& record : batch->records) settlement.stored += record.rows;
            records += batch->records.size();
            EXPECT_TRUE((*backlog)->settle(*batch, settlement));
        }
        books = (*backlog)->ledger().classes[0];
        notes = (*backlog)->take_notes();
        return records;
    }
    MemoryFileSystem files;
    core::ManualClock clock{*core::parse_timestamp("2026-01-01T00:00:00Z")};
    std::vector<std::string> said, notes;
    ClassLedger books;
};

class DamagedHeadTest : public MissingTest, public ::testing::WithParamInterface<int> {};

}  // namespace

TEST_F(MissingTest, the_oldest_segment) {
    remove(1);
    ASSERT_EQ(check(files, "spool")->findings.size(), 1u);
    EXPECT_EQ(
        check(files, "spool")->findings[0],
        "spool/slot_0000 misses 8 rows of class kpi (before append 5; from row 0 on): no segment holds them "
        "any more; a drain counts them as dead");
    EXPECT_EQ(drain(), 8u);
    EXPECT_EQ(books.stored, 16u);
    EXPECT_EQ(books.dead, 8u);
    EXPECT_EQ(books.missing, 8u);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(
        notes[0],
        "spool/slot_0000 misses 8 rows of class kpi (before append 5; from row 0 on): no segment holds them "
        "any more; they count as dead");
    const auto after = check(files, "spool");
    EXPECT_TRUE(after->findings.empty()) << "it was said, and counted";
    ASSERT_EQ(after->notes.size(), 1u);
    EXPECT_EQ(status(files, "spool")->front().classes[0].emitted, 24u) << "the books add up";
}

TEST_F(MissingTest, one_in_the_middle_is_no_damage_of_its_neighbour) {
    remove(2);
    const auto found = check(files, "spool");
    ASSERT_EQ(found->findings.size(), 1u);
    EXPECT_NE(found->findings[0].find("misses 8 rows of class kpi (appends 5 to 8; from row 8 on)"),
              std::string::npos)
        << found->findings[0];
    EXPECT_EQ(drain(), 8u);
    EXPECT_EQ(books.dead, 8u);
    EXPECT_EQ(books.missing, 8u);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find("appends 5 to 8"), std::string::npos) << notes[0];
    EXPECT_EQ(status(files, "spool")->front().damaged, 0u);
}

TEST_F(MissingTest, the_segment_that_is_appended_to_has_a_successor_at_the_next_sync) {
    auto spool = open();
    append(*spool, "before");
    remove(4);
    append(*spool, "behind");
    EXPECT_FALSE(files.content(segment(5)).empty());
    EXPECT_EQ(drain(), 13u);
    EXPECT_EQ(books.stored, 26u);
    EXPECT_EQ(books.missing, 2u) << "what was durable went with it";
    EXPECT_EQ(status(files, "spool")->front().classes[0].emitted, 28u) << "the books add up";
}

TEST_F(MissingTest, what_was_not_synced_goes_from_a_removed_segment_into_its_successor) {
    auto spool = open(Level::async);
    append(*spool, "before");
    remove(4);
    append(*spool, "between");
    // The next look at the segment is due, or the flush finds that it is gone.
    ASSERT_TRUE(spool->flush());
    append(*spool, "behind");
    EXPECT_EQ(drain(), 15u);
    EXPECT_EQ(books.stored, 30u);
    EXPECT_EQ(books.missing, 0u);
}

TEST_F(MissingTest, a_process_that_syncs_seldom_looks_for_its_segment) {
    auto spool = open(Level::async);
    append(*spool, "before");
    remove(4);
    std::size_t appends = 1;
    for (; files.content(segment(5)).empty(); ++appends) {
        ASSERT_LT(appends, 10'000u) << "nobody looked";
        append(*spool, "");
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
    }
    EXPECT_EQ(drain(), 12u + appends);
    EXPECT_EQ(books.missing, 0u);
}

TEST(RemovedFolder, an_emit_says_that_its_slot_is_gone) {
    const std::string root =
        std::filesystem::temp_directory_path() / ("removed_folder_test_" + std::to_string(::getpid()));
    core::ManualClock clock{*core::parse_timestamp("2026-01-01T00:00:00Z")};
    Options options;
    options.root = root;
    options.any_file_system = true;
    auto spool = Spool::open(posix_file_system(), clock, options);
    ASSERT_TRUE(spool) << spool.error().message;
    const sink::Record record{RecordClass::kpi, "x", 1};
    ASSERT_TRUE((*spool)->append({&record, 1}));
    std::filesystem::remove_all(root);
    core::Status last;
    for (int i = 0; last && i < 10'000; ++i) {
        const auto appended = (*spool)->append({&record, 1});
        if (!appended) last = propagate(appended);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_FALSE(last);
    EXPECT_NE(last.error().message.find("slot_0000 was removed while this process spools to it"),
              std::string::npos)
        << last.error().message;
}

TEST_F(MissingTest, the_newest_segment_as_far_as_a_drain_had_seen_it) {
    EXPECT_EQ(drain(10), 10u);
    EXPECT_EQ(books.seen, 24u);
    remove(3);
    const auto found = check(files, "spool");
    ASSERT_EQ(found->findings.size(), 1u);
    EXPECT_NE(found->findings[0].find("misses 4 rows of class kpi (append 9 and later; from row 20 on)"),
              std::string::npos)
        << found->findings[0];
    {
        auto spool = open();
        append(*spool, "after");
    }
    EXPECT_EQ(drain(), 1u);
    EXPECT_EQ(books.stored, 22u);
    EXPECT_EQ(books.missing, 4u) << "no number of a row is given twice";
    EXPECT_EQ(books.dead, 4u);
    EXPECT_EQ(notes.size(), 1u);
}

TEST_F(MissingTest, wide_records_make_batches_of_fewer) {
    const sink::Record record{RecordClass::event, "wide", 15'000};
    auto spool = open();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool->append({&record, 1}));
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    EXPECT_EQ((*backlog)->next(RecordClass::event, 100, 1U << 20U)->records.size(), 2u);
    EXPECT_EQ((*backlog)->next(RecordClass::kpi, 1, 1U << 20U)->records.size(), 1u) << "one at least";
}

TEST_F(MissingTest, rows_at_a_damaged_end_die_with_a_reason_and_a_copy) {
    EXPECT_EQ(drain(10), 10u);
    std::string bytes = files.content(segment(3));
    for (const std::size_t frame : {std::size_t{2}, std::size_t{3}}) bytes[1024 + frame * 760 + 100] ^= 1;
    files.replace(segment(3), bytes);
    const std::string said_of_it =
        segment(3) +
        " is damaged at its end: 1518 bytes at 2544 are no record where 4 rows of class kpi stood "
        "(from row 20 on)";
    for (const bool emitted_since : {false, true}) {
        if (emitted_since) append(*open(), "after");
        const auto found = check(files, "spool");
        ASSERT_EQ(found->findings.size(), 1u);
        EXPECT_EQ(found->findings[0], said_of_it + "; a drain keeps a copy and counts them as dead");
        EXPECT_EQ(found->torn, 1u);
    }
    EXPECT_EQ(drain(), 1u);
    EXPECT_EQ(books.stored, 22u);
    EXPECT_EQ(books.dead, 4u);
    EXPECT_EQ(books.missing, 0u) << "what is kept is not missing";
    EXPECT_EQ(notes, std::vector<std::string>{said_of_it + "; a copy is kept, and they count as dead"});
    EXPECT_EQ(status(files, "spool")->front().damaged, 1u);
}

TEST_F(MissingTest, rows_at_the_end_of_the_newest_segment_that_a_drain_had_begun) {
    EXPECT_EQ(drain(9), 9u);
    (void)(*Backlog::open(files, clock, "spool/slot_0000"))->next(RecordClass::kpi, 10, 1U << 20U);
    std::string bytes = files.content(segment(3));
    bytes[1024 + 100] ^= 1;
    bytes.resize(1024 + 700);
    files.replace(segment(3), bytes);
    (void)drain();
    EXPECT_EQ(books.stored, 18u);
    EXPECT_EQ(books.dead, 6u) << "of those of which a batch was out";
    ASSERT_FALSE(notes.empty());
    EXPECT_NE(notes[0].find("is damaged at its end: 700 bytes at 1024 are no record"), std::string::npos)
        << notes[0];
}

TEST_F(MissingTest, a_torn_end_that_no_drain_had_seen_may_be_damage) {
    std::string bytes = files.content(segment(3));
    for (const std::size_t frame : {std::size_t{2}, std::size_t{3}}) bytes[1024 + frame * 760 + 100] ^= 1;
    files.replace(segment(3), bytes);
    const auto found = check(files, "spool");
    EXPECT_TRUE(found->findings.empty());
    EXPECT_EQ(found->torn, 1u);
    ASSERT_EQ(found->notes.size(), 1u);
    EXPECT_NE(found->notes[0].find("a write that was cut off, or damage to what was emitted last"),
              std::string::npos);
    (void)open();
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0], found->notes[0] + "; they are left out");
}

TEST_F(MissingTest, all_of_them) {
    EXPECT_EQ(drain(2), 2u);
    for (const int number : {1, 2, 3}) remove(number);
    ASSERT_EQ(check(files, "spool")->findings.size(), 1u);
    {
        auto spool = open();
        append(*spool, "after");
    }
    EXPECT_EQ(drain(), 1u);
    EXPECT_EQ(books.stored, 6u);
    EXPECT_GT(books.missing, 0u);
    EXPECT_EQ(books.missing, books.dead);
}

TEST_F(MissingTest, what_was_drained_and_then_removed_is_no_loss) {
    EXPECT_EQ(drain(10), 10u);
    for (const int number : {1, 2}) remove(number);
    EXPECT_TRUE(check(files, "spool")->findings.empty());
    EXPECT_EQ(drain(), 2u);
    EXPECT_EQ(books.dead, 0u);
    EXPECT_TRUE(notes.empty());
}

TEST_P(DamagedHeadTest, a_segment_without_a_readable_head_is_moved_aside_by_a_drain_and_is_damage) {
    const int number = GetParam();
    std::string bytes = files.content(segment(number));
    std::fill_n(bytes.begin(), 1024, '!');
    files.replace(segment(number), bytes);
    const auto found = check(files, "spool");
    ASSERT_FALSE(found->findings.empty());
    EXPECT_NE(found->findings[0].find("has no readable head"), std::string::npos);
    EXPECT_EQ(drain(), 8u);
    EXPECT_EQ(books.missing, 0u) << "what is kept is not missing";
    EXPECT_EQ(books.dead, number == 3 ? 0u : 8u) << "of the newest nobody knows how many they were";
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find(".damaged has no readable head; it is kept there"), std::string::npos)
        << notes[0];
    EXPECT_EQ(status(files, "spool")->front().damaged, 1u);
    EXPECT_EQ(drain(), 0u);
    EXPECT_TRUE(notes.empty()) << "it is said once";
}

INSTANTIATE_TEST_SUITE_P(, DamagedHeadTest, ::testing::Values(1, 2, 3));

TEST_F(MissingTest, a_segment_that_a_process_appends_to_is_not_moved_away_from_it) {
    auto spool = open();
    append(*spool, "in the third or a fourth");
    const auto there = *status(files, "spool");
    const int newest = static_cast<int>(there.front().segments);
    std::string bytes = files.content(segment(newest));
    std::fill_n(bytes.begin(), 1024, '!');
    files.replace(segment(newest), bytes);
    (void)drain();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find("a process appends to it"), std::string::npos) << notes[0];
    EXPECT_EQ(files.content(segment(newest)), bytes);
    spool.reset();
    (void)drain();
    ASSERT_FALSE(notes.empty());
    EXPECT_NE(notes[0].find(".damaged has no readable head"), std::string::npos) << notes[0];
}

TEST_F(MissingTest, a_folder_with_the_name_of_a_segment_is_passed_over_and_said) {
    for (const char* name : {"00000000000000000004.segment", "00000000000000000005.spare"})
        ASSERT_TRUE(files.make_folder(std::string("spool/slot_0000/") + name));
    {
        auto spool = open();
        ASSERT_EQ(said.size(), 2u);
        EXPECT_EQ(
            said[0],
            "spool/slot_0000/00000000000000000004.segment has the name of a spool's file and is none: it is "
            "passed over; remove it");
        EXPECT_EQ(*spool->folder(), "spool/slot_0000");
        for (int i = 0; i < 8; ++i) append(*spool, "after");
    }
    EXPECT_EQ(check(files, "spool")->findings.size(), 2u);
    EXPECT_EQ(drain(), 20u);
    EXPECT_EQ(books.dead, 0u);
    EXPECT_EQ(notes.size(), 2u);
}

TEST(MissingOnDisk, a_folder_in_a_slot_and_a_file_beside_it_fail_no_emit) {
    const auto root =
        std::filesystem::path(::testing::TempDir()) / fmt::format("strange_names_{}", ::getpid());
    std::filesystem::remove_all(root);
    Options options;
    options.root = root.string();
    options.segment_bytes = 4096;
    options.bytes_max = 1U << 20U;
    options.any_file_system = true;
    core::ManualClock clock{core::Timestamp{1'767'225'600'000'000}};
    const sink::Record record{RecordClass::kpi, std::string(700, 'x'), 1};
    for (int life = 0; life < 2; ++life) {
        auto spool = Spool::open(posix_file_system(), clock, options);
        ASSERT_TRUE(spool) << spool.error().message;
        for (int i = 0; i < 9; ++i) ASSERT_TRUE((*spool)->append({&record, 1}));
        spool->reset();
        std::filesystem::create_directory(root / "slot_0000" / "00000000000000000007.segment");
        std::ofstream(root / "slot_0001") << "no folder";
    }
    EXPECT_EQ(check(posix_file_system(), root.string())->findings.size(), 1u);
    EXPECT_EQ(check(posix_file_system(), root.string())->frames, 18u);
    std::filesystem::remove_all(root);
}
