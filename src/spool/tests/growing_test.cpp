#include "memory_file_system.hpp"
#include "passing_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <functional>
#include <utility>

using namespace tristrata;
using namespace tristrata::spool;
using sink::RecordClass;

namespace {

/// Hands reads out a page at a time, as a kernel does: what `between` writes while a read stands between two
/// pages is in the second one only, or, where the read overtakes the write, in the first one.
class PagedFileSystem final : public faults::PassingFileSystem {
public:
    using PassingFileSystem::PassingFileSystem;
    std::function<void()> between;
    bool overtakes = false;

    core::Result<std::unique_ptr<spool::File>> open(const std::string& path, Open how) override {
        auto file = PassingFileSystem::open(path, how);
        if (!file || !path.ends_with(".segment")) return file;
        return std::unique_ptr<spool::File>(std::make_unique<PagedFile>(std::move(*file), *this));
    }

private:
    static constexpr std::uint64_t page = 4096;

    class PagedFile final : public spool::File {
    public:
        PagedFile(std::unique_ptr<spool::File> below, PagedFileSystem& all)
            : below_(std::move(below)), all_(all) {}
        core::Result<std::string> read(std::uint64_t offset, std::uint64_t bytes_max) override {
            if (offset >= page || offset + bytes_max <= page || !all_.between)
                return below_->read(offset, bytes_max);
            const auto read_first = [&] { return below_->read(offset, page - offset); };
            const auto read_rest = [&] { return below_->read(page, bytes_max - (page - offset)); };
            auto earlier = all_.overtakes ? read_rest() : read_first();
            std::exchange(all_.between, nullptr)();
            auto later = all_.overtakes ? read_first() : read_rest();
            if (!earlier || !later) return earlier ? later : earlier;
            return all_.overtakes ? *later + *earlier : *earlier + *later;
        }
        core::Status write(std::uint64_t offset, std::string_view bytes) override {
            return below_->write(offset, bytes);
        }
        core::Status sync() override { return below_->sync(); }
        core::Status preallocate(std::uint64_t bytes) override { return below_->preallocate(bytes); }
        bool has_name() override { return below_->has_name(); }

    private:
        std::unique_ptr<spool::File> below_;
        PagedFileSystem& all_;
    };
};

class GrowingTest : public ::testing::Test {
protected:
    void SetUp() override {
        Options options;
        options.root = "spool";
        options.segment_bytes = 1U << 16U;
        options.bytes_max = 1U << 20U;
        auto opened = Spool::open(files, clock, options);
        ASSERT_TRUE(opened) << opened.error().message;
        spool = std::move(*opened);
        append(3);
        files.between = [this] { append(5); };
    }
    void append(int records) {
        for (int i = 0; i < records; ++i) {
            const sink::Record record{RecordClass::kpi, std::string(700, 'x'), 2};
            ASSERT_TRUE(spool->append({&record, 1}));
        }
    }
    faults::MemoryFileSystem disk;
    PagedFileSystem files{disk};
    core::ManualClock clock{*core::parse_timestamp("2026-01-01T00:00:00Z")};
    std::unique_ptr<Spool> spool;
};

}  // namespace

TEST_F(GrowingTest, a_drain_that_reads_while_appends_go_on_takes_no_old_page_for_damage) {
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    std::size_t records = 0;
    for (auto batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U); batch && !batch->empty();
         batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U)) {
        records += batch->records.size();
        Settlement settlement;
        for (const auto& record : batch->records) settlement.stored += record.rows;
        ASSERT_TRUE((*backlog)->settle(*batch, settlement));
    }
    EXPECT_FALSE(files.between) << "no read stood between two pages";
    EXPECT_EQ(records, 8u);
    EXPECT_EQ((*backlog)->ledger().classes[0].dead, 0u);
    EXPECT_TRUE((*backlog)->take_notes().empty());
}

// The fifth frame begins in the first page and ends in the second one.
TEST_F(GrowingTest, a_frame_that_was_read_while_it_was_half_written_is_read_again_when_it_is_whole) {
    append(1);
    files.between = [this] { append(1); };
    files.overtakes = true;
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    std::size_t records = 0;
    const auto drain = [&] {
        for (auto batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U); batch && !batch->empty();
             batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U)) {
            records += batch->records.size();
            ASSERT_TRUE((*backlog)->settle(*batch, {2 * batch->records.size(), 0, {}, 0}));
        }
    };
    drain();
    EXPECT_FALSE(files.between) << "no read overtook the write";
    drain();
    EXPECT_EQ(records, 5u);
    append(2);
    drain();
    EXPECT_EQ(records, 7u);
    EXPECT_EQ((*backlog)->ledger().classes[0].dead, 0u);
}

TEST_F(GrowingTest, a_batch_that_is_sent_again_has_seen_what_was_appended_since) {
    files.between = nullptr;
    for (const std::uint64_t rows : {6u, 10u}) {
        auto backlog = Backlog::open(files, clock, "spool/slot_0000");
        ASSERT_TRUE(backlog && *backlog);
        ASSERT_EQ((*backlog)->next(RecordClass::kpi, 1, 1U << 20U)->records.size(), 1u);
        EXPECT_EQ((*backlog)->ledger().classes[0].seen, rows);
        append(2);
    }
    const std::string segment = "spool/slot_0000/00000000000000000001.segment";
    std::string bytes = disk.content(segment);
    for (const std::size_t frame : {4U, 5U, 6U}) bytes[1024 + frame * 760 + 100] ^= 1;
    disk.replace(segment, bytes);
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    for (auto batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U); batch && !batch->empty();
         batch = (*backlog)->next(RecordClass::kpi, 100, 1U << 20U))
        ASSERT_TRUE((*backlog)->settle(*batch, {2 * batch->records.size(), 0, {}, 0}));
    EXPECT_EQ((*backlog)->ledger().classes[0].stored, 8u);
    EXPECT_EQ((*backlog)->ledger().classes[0].dead, 2u) << "as far as a drain had seen";
}

TEST_F(GrowingTest, nor_does_a_check) {
    const auto checked = check(files, "spool");
    ASSERT_TRUE(checked);
    EXPECT_FALSE(files.between) << "no read stood between two pages";
    EXPECT_TRUE(checked->findings.empty()) << checked->findings.front();
    EXPECT_EQ(checked->rows, 16u);
}
