#include "archive_fixture.hpp"
#include "tristrata/archive/erase.hpp"

#include <gmock/gmock.h>
#include <fstream>
#include <utility>

using namespace tristrata;
using namespace tristrata::archive;
using store::Layer;
using testing::HasSubstr;

namespace {

/// An archive that is not, or no longer, what the store recorded.
class ComparisonTest : public ArchiveTest {
protected:
    core::Result<EraseOutcome> erase_rows(const store::Erasure& erasure, const EraseHow& how) {
        core::Task task;
        task.clock = &clock;
        auto retention = open_retention();
        return erase(*retention, layer, *objects, erasure, how, task);
    }
    RangeParts compared() {
        const auto found = range_parts(*objects, layer, {}, [this] {
            return core::Result<std::optional<std::vector<store::ArchivePart>>>(
                open_retention()->parts().value());
        });
        EXPECT_TRUE(found) << found.error().message;
        return *found;
    }
    void lose(const std::string& prefix) {
        const auto there = objects->list(prefix).value();
        ASSERT_FALSE(there.empty());
        for (const auto& object : there) ASSERT_TRUE(objects->remove(object.key));
    }
    std::string file_of(const std::string& day) {
        const auto there = manifests(*objects, layer, {at(day), at(day) + core::Duration{86'400'000'000}});
        return there.value().at(0).file;
    }
    /// The rows of a run in what the archive gives, whoever recorded them.
    std::size_t rows_of(const std::string& run_id) {
        KeptRows target(layer);
        core::Task task;
        EXPECT_TRUE(restore(*objects, layer, {}, target, "", task));
        const Rows rows = target.all();
        return static_cast<std::size_t>(std::ranges::count_if(
            rows, [&](const auto& row) { return row[1] == store::EventValue(run_id); }));
    }
};
INSTANTIATE_TEST_SUITE_P(Backends, ComparisonTest, testing::Values(Where::sqlite, Where::postgresql),
                         name_of);

}  // namespace

TEST_P(ComparisonTest, a_number_that_the_store_recorded_is_never_given_again_and_what_was_lost_stays_known) {
    make(Layer::kpi);
    emit("2024-02-28", 4);
    emit("2024-02-29", 4);
    ASSERT_TRUE(run());
    lose("kpi/day=2024-02-29");
    emit("2024-02-29", 1, "late");
    const auto late = run();
    ASSERT_TRUE(late) << late.error().message;
    ASSERT_FALSE(late->leaves.at(0).error) << late->leaves[0].error->message;
    EXPECT_EQ(late->leaves[0].parts.at(0).part, 2) << "1 was lost";
    const auto there = compared();
    ASSERT_EQ(there.missing.size(), 1u);
    EXPECT_EQ(there.missing[0].manifest, "kpi/day=2024-02-29/_part-00001.json");
    EXPECT_EQ(there.parts.size(), 2u);
    EXPECT_TRUE(there.foreign.empty());
    const auto refused = erase_rows({"run-0", {}}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("1 of the 3 parts"));
    // An erase gives numbers, too: what it writes anew, and what says that nothing is left.
    const auto erased = erase_rows({"run-0", {}}, {false, true, false, ""});
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->not_there.size(), 1u);
    EXPECT_EQ(compared().missing.size(), 1u);
    lose("kpi");
    const auto all = compared().missing;
    ASSERT_EQ(all.size(), 2u) << "each once, and the day without late rows, too";
    EXPECT_EQ(all[0].day, at("2024-02-28"));
}

TEST_P(ComparisonTest, a_part_of_another_hash_under_the_recorded_name_is_both_lost_and_foreign) {
    make(Layer::kpi);
    emit("2024-02-29", 4);
    ASSERT_TRUE(run());
    emit("2024-02-29", 4);  // The same again: two leaves, one part.
    ASSERT_TRUE(run());
    auto recorded = open_retention()->parts().value();
    // As versions before recorded it, that gave the number of a lost part again.
    store::ArchivePart masked = recorded.at(0);
    masked.sha256 = std::string(64, 'a');
    recorded.insert(recorded.end(), {masked, masked});
    const auto read = [&] { return core::Result<std::optional<std::vector<store::ArchivePart>>>(recorded); };
    const auto found = range_parts(*objects, layer, {}, read);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->missing.size(), 1u) << "and once";
    EXPECT_EQ(found->missing[0].sha256, masked.sha256);
    EXPECT_TRUE(found->foreign.empty());
    std::erase_if(recorded, [&](const store::ArchivePart& part) { return part.sha256 != masked.sha256; });
    const auto other = range_parts(*objects, layer, {}, read);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->missing.size(), 1u);
    EXPECT_EQ(other->foreign.size(), 1u);
    EXPECT_TRUE(other->parts.empty());
    recorded.clear();
    EXPECT_EQ(range_parts(*objects, layer, {}, read)->foreign.size(), 1u) << "a store that recorded nothing";
}

TEST_P(ComparisonTest, another_store_s_archive_of_the_same_days_is_neither_restored_nor_erased_silently) {
    make(Layer::kpi);
    emit("2024-02-29", 4, "theirs");
    ASSERT_TRUE(run());
    ASSERT_EQ(rows_of("run-0"), 2u);
    make_another();
    auto theirs = std::exchange(objects, std::move(*objects::open("file://" + (base / "own").string())));
    emit("2024-02-29", 7, "own");
    ASSERT_TRUE(run());
    emit(core::to_string(clock.now()).substr(0, 10), 1);
    const auto stored = stored_rows();
    const auto own = std::exchange(objects, std::move(theirs));
    const auto there = compared();
    EXPECT_TRUE(there.parts.empty()) << "another store's rows come back";
    EXPECT_EQ(there.missing.size(), 1u);
    ASSERT_EQ(there.foreign.size(), 1u);
    const auto refused = erase_rows({"run-0", {}}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::conflict);
    for (const char* words : {"1 of the 1 parts", "were not recorded by", "Nothing was changed"})
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    EXPECT_EQ(stored_rows(), stored);
    const auto round = erase_rows({"run-0", {}}, {false, true, false, ""});
    ASSERT_TRUE(round) << round.error().message;
    EXPECT_EQ(round->foreign.size(), 1u);
    EXPECT_EQ(round->archived_rows, 0u);
    EXPECT_EQ(round->stored_rows, 2u);
    EXPECT_EQ(rows_of("run-0"), 2u) << "theirs stay";
    const auto in_them = erase_rows({"run-0", {}}, {false, true, true, ""});
    ASSERT_TRUE(in_them) << in_them.error().message;
    EXPECT_EQ(in_them->archived_rows, 2u);
    EXPECT_EQ(rows_of("run-0"), 0u) << "who says so erases there";
    EXPECT_EQ(open_retention()->parts().value().at(0).part, 1) << "the own record is as it was";
}

TEST_P(ComparisonTest, a_damaged_part_is_named_and_gone_round_and_every_other_day_is_reached) {
    make(Layer::kpi);
    for (const char* day : {"2024-02-27", "2024-02-28", "2024-02-29"}) emit(day, 4);
    ASSERT_TRUE(run());
    const auto path = base / "archive" / file_of("2024-02-28");
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    std::fstream(path, std::ios::binary | std::ios::in | std::ios::out).put('x');
    KeptRows target(layer);
    core::Task task;
    const auto restored = restore(*objects, layer, {}, target, "", task);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->parts, 2u) << "the day behind it, too";
    ASSERT_EQ(restored->damaged.size(), 1u);
    const auto refused = erase_rows({"run-0", {}}, {});
    ASSERT_FALSE(refused);
    for (const char* words : {"kpi/day=2024-02-28/part-00001-", "its SHA-256 differs", "--without-lost-parts",
                              "Before that, 1 part of the archive had been written anew"})
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    const auto done = erase_rows({"run-0", {}}, {false, true, false, ""});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->parts, 1u) << "the other was written anew before";
    EXPECT_EQ(done->files_removed, 2u);
    ASSERT_EQ(done->damaged.size(), 1u);
    EXPECT_EQ(done->damaged[0].manifest.day, at("2024-02-28"));
    EXPECT_EQ(rows_of("run-0"), 0u);
    EXPECT_TRUE(std::filesystem::exists(path)) << "what is left of it stays";
}

TEST_P(ComparisonTest, a_file_that_is_gone_beside_its_manifest_is_seen_before_anything_is_changed) {
    make(Layer::kpi);
    for (const char* day : {"2024-02-28", "2024-02-29"}) emit(day, 4);
    ASSERT_TRUE(run());
    ASSERT_TRUE(objects->remove(file_of("2024-02-29")));
    for (const bool dry_run : {true, false}) {
        const auto refused = erase_rows({"run-0", {}}, {dry_run, false, false, ""});
        ASSERT_FALSE(refused);
        for (const char* words : {"it is missing", "Nothing was changed", "--without-lost-parts"})
            EXPECT_THAT(refused.error().message, HasSubstr(words));
    }
    EXPECT_EQ(rows_of("run-0"), 2u);
    const auto done = erase_rows({"run-0", {}}, {false, true, false, ""});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->damaged.size(), 1u);
    EXPECT_EQ(rows_of("run-0"), 0u);
}
