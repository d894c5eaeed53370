// What is given up where a slot runs full, and what never is.
#include "memory_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::spool;
using sink::Record;
using sink::RecordClass;

namespace {

constexpr std::size_t event_place = place(RecordClass::event);
constexpr std::uint64_t segment_bytes = 4096;

/// A slot of at most ten segments, in memory; three records fill a segment.
class DropTest : public ::testing::Test {
protected:
    void SetUp() override {
        Options options;
        options.root = "spool";
        options.segment_bytes = segment_bytes;
        options.bytes_max = 10 * segment_bytes;
        options.budget = {100'000};
        auto opened = Spool::open(files_, clock_, options);
        ASSERT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
    }
    core::Status put(RecordClass record_class) {
        const Record record{record_class, std::string(900, 'x'), 2, false};
        auto taken = spool_->append({&record, 1});
        if (!taken) return core::propagate(taken);
        return {};
    }
    void fill(RecordClass record_class, int segments) {
        for (int i = 0; i < 3 * segments; ++i) ASSERT_TRUE(put(record_class));
    }
    [[nodiscard]] std::unique_ptr<Backlog> backlog() {
        auto opened = Backlog::open(files_, clock_, "spool/slot_0000");
        EXPECT_TRUE(opened && *opened);
        return std::move(*opened);
    }
    [[nodiscard]] ClassStatus books(RecordClass record_class) {
        return status(files_, "spool")->front().classes[place(record_class)];
    }

    faults::MemoryFileSystem files_;
    core::ManualClock clock_{core::Timestamp{1'767'225'600'000'000}};
    std::unique_ptr<Spool> spool_;
};

}  // namespace

TEST_F(DropTest, the_oldest_events_go_as_far_as_they_must_and_are_counted_and_said) {
    fill(RecordClass::event, 6);
    const auto drain = backlog();
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, 100 * segment_bytes), 0u) << "there is room";
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, 4 * segment_bytes), 12u) << "two segments of six rows";
    const auto notes = drain->take_notes();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find("12 rows of class event were dropped"), std::string::npos) << notes[0];
    EXPECT_EQ(drain->ledger().classes[event_place].dropped, 12u);
    const ClassStatus now = books(RecordClass::event);
    EXPECT_EQ(now.emitted, 36u);
    EXPECT_EQ(now.pending, 24u) << "emitted = dropped + pending";
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, 4 * segment_bytes), 0u) << "once is enough";
    EXPECT_EQ(drain->next(RecordClass::event, 1, 1)->from_row, 12u) << "the next is the oldest that is left";
}

TEST_F(DropTest, rows_of_another_class_are_never_given_up_and_hold_what_is_behind_them) {
    ASSERT_TRUE(put(RecordClass::kpi));
    fill(RecordClass::event, 6);
    const auto drain = backlog();
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, segment_bytes), 0u) << "it would free nothing";
    auto batch = drain->next(RecordClass::kpi, 10, 1U << 20U);
    ASSERT_TRUE(batch);
    ASSERT_TRUE(drain->settle(*batch, {2, 0, {}}));
    EXPECT_GT(*drain->drop_oldest(RecordClass::event, segment_bytes), 0u) << "when they are stored it does";
    EXPECT_EQ(books(RecordClass::kpi).ledger.stored, 2u);
    EXPECT_EQ(books(RecordClass::kpi).ledger.dropped, 0u);
}

TEST_F(DropTest, a_batch_that_was_sent_goes_as_a_whole_or_stays) {
    fill(RecordClass::event, 6);
    const auto drain = backlog();
    auto batch = drain->next(RecordClass::event, 4, 1U << 20U);
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->to_row, 8u) << "it reaches into the second segment";
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, 5 * segment_bytes), 12u)
        << "the first segment would be enough, and would split it";
    const auto next = drain->next(RecordClass::event, 1, 1);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->from_row, 12u);
    EXPECT_FALSE(next->resent);
    EXPECT_GT(next->number, batch->number) << "a number is never used for other records";
    EXPECT_EQ(books(RecordClass::event).pending, 24u);
}

TEST_F(DropTest, a_batch_that_reaches_behind_what_can_be_freed_holds_everything) {
    fill(RecordClass::event, 1);
    ASSERT_TRUE(put(RecordClass::event));
    ASSERT_TRUE(put(RecordClass::kpi));
    fill(RecordClass::event, 4);
    const auto drain = backlog();
    auto batch = drain->next(RecordClass::event, 4, 1U << 20U);
    ASSERT_TRUE(batch);
    EXPECT_EQ(*drain->drop_oldest(RecordClass::event, segment_bytes), 0u);
    const auto again = drain->next(RecordClass::event, 4, 1U << 20U);
    EXPECT_TRUE(again->resent);
    EXPECT_EQ(again->number, batch->number);
    EXPECT_EQ(again->records.size(), batch->records.size()) << "it is the same records";
}

TEST_F(DropTest, a_slot_full_of_events_takes_kpis_again) {
    while (put(RecordClass::event)) {
    }
    EXPECT_FALSE(put(RecordClass::kpi)) << "it is full";
    EXPECT_GT(*backlog()->drop_oldest(RecordClass::event, 5 * segment_bytes), 0u);
    EXPECT_TRUE(put(RecordClass::kpi));
    EXPECT_EQ(books(RecordClass::kpi).pending, 2u);
}
