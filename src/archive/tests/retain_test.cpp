#include "archive_fixture.hpp"

#include <gmock/gmock.h>
#include <fstream>
#include <thread>

using namespace tristrata;
using namespace tristrata::archive;
using store::Layer;
using testing::HasSubstr;

namespace {

class RetainTest : public ArchiveTest {};
INSTANTIATE_TEST_SUITE_P(Backends, RetainTest, testing::Values(Where::sqlite, Where::postgresql), name_of);

}  // namespace

TEST(IsDue, a_day_leaves_when_the_days_that_are_kept_after_its_end_are_over) {
    const store::Leaf day{"", "", at("2026-08-27"), at("2026-08-28"), store::Leaf::State::attached};
    EXPECT_TRUE(is_due(day, Layer::kpi, {}, at("2026-11-26T00:00:00Z")));
    EXPECT_FALSE(is_due(day, Layer::kpi, {}, at("2026-11-25T23:59:59.999999Z")));
    const store::Leaf info{"", "info", at("2026-08-01"), at("2026-09-01"), store::Leaf::State::attached};
    EXPECT_TRUE(is_due(info, Layer::drift, {}, at("2026-10-02T00:00:00Z")));
    EXPECT_FALSE(is_due(info, Layer::drift, {}, at("2026-10-01T23:59:59Z")));
    const store::Leaf alert{"", "alert", at("2026-08-01"), at("2026-09-01"), store::Leaf::State::attached};
    EXPECT_FALSE(is_due(alert, Layer::drift, {}, at("2027-08-31T23:59:59Z")));
    EXPECT_TRUE(is_due(alert, Layer::drift, {}, at("2027-09-01T00:00:00Z")));
    RetainOptions range;
    range.range = core::TimeRange{at("2026-08-27"), at("2026-08-28")};
    EXPECT_TRUE(is_due(day, Layer::kpi, range, at("2026-08-28")));
    EXPECT_FALSE(is_due(day, Layer::kpi, range, at("2026-08-27T23:59:59Z"))) << "it is not over";
    EXPECT_FALSE(is_due(info, Layer::drift, range, at("2026-11-26"))) << "it is not wholly within";
}

TEST_P(RetainTest, a_clock_that_stands_in_2099_takes_nothing_out) {
    make(Layer::kpi);
    const auto yesterday = core::to_string(clock.now() + core::Duration{-86'400'000'000}).substr(0, 10);
    emit(yesterday, 3);
    clock.advance(at("2099-01-01") - clock.now());
    for (const bool dry_run : {true, false}) {
        RetainOptions how;
        how.dry_run = dry_run;
        how.clock_is_right = GetParam() == Where::postgresql;  // There it can be known.
        const auto refused = run(how);
        ASSERT_FALSE(refused) << dry_run;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration);
        EXPECT_THAT(refused.error().message, HasSubstr("2099-01-01T00:00:00Z"));
        EXPECT_THAT(refused.error().message, HasSubstr("Nothing was taken out"));
        EXPECT_THAT(
            refused.error().message,
            HasSubstr(GetParam() == Where::postgresql ? "by the server's clock" : "--clock-is-right"));
    }
    EXPECT_EQ(stored_rows(), 6u);
    EXPECT_TRUE(archived().empty());
}

TEST_P(RetainTest, a_clock_a_little_ahead_or_behind_is_taken) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    clock.advance({clocks_apart_max.microseconds - 60'000'000});
    const auto ahead = run();
    ASSERT_TRUE(ahead) << ahead.error().message;
    EXPECT_EQ(ahead->rows, 6u);
    emit("2024-02-29", 3);
    clock.advance({-2 * clocks_apart_max.microseconds + 120'000'000});
    const auto behind = run();
    ASSERT_TRUE(behind) << behind.error().message;
    EXPECT_EQ(behind->rows, 6u);
}

TEST_P(RetainTest, a_store_that_nobody_wrote_for_a_year_is_retained_where_the_clock_is_said_to_be_right) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    if (GetParam() == Where::postgresql) return;  // Whose server's clock needs nobody to say so.
    const auto year_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 366);
    std::filesystem::last_write_time(url, year_ago);
    const auto asked = run();
    ASSERT_FALSE(asked);
    EXPECT_THAT(asked.error().message, HasSubstr("366 d ago"));
    RetainOptions sure;
    sure.clock_is_right = true;
    const auto done = run(sure);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rows, 6u);
    std::filesystem::last_write_time(url, year_ago);
    const auto nothing_due = run();
    ASSERT_TRUE(nothing_due) << "who has nothing to take out asks nothing: " << nothing_due.error().message;
}

TEST_P(RetainTest, an_archive_that_takes_nothing_leaves_the_store_untouched) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    std::filesystem::remove_all(base / "archive");
    std::ofstream(base / "archive") << "a file in its place";
    const auto refused = run();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("nothing was taken out of"));
    EXPECT_EQ(stored_rows(), 6u);
    const auto leaves = open_retention()->leaves();
    ASSERT_TRUE(leaves) << leaves.error().message;
    for (const auto& leaf : *leaves) EXPECT_EQ(leaf.state, store::Leaf::State::attached) << leaf.name;
    std::filesystem::remove(base / "archive");
    objects = std::move(*objects::open("file://" + (base / "archive").string()));
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rows, 6u);
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(RetainTest, old_days_leave_for_the_archive_and_come_back_as_they_were) {
    make(Layer::kpi);
    emit("2024-02-29T00:00:00Z", 40);
    emit("2024-02-29T23:59:00Z", 3);
    emit("2024-03-02", 7);
    const Rows old = expected;
    emit(core::to_string(clock.now()).substr(0, 10), 5);
    const auto before = stored_rows();
    RetainOptions dry;
    dry.dry_run = true;
    const auto seen = run(dry);
    ASSERT_TRUE(seen) << seen.error().message;
    ASSERT_EQ(seen->leaves.size(), 2u);
    EXPECT_EQ(seen->leaves[0].rows, 86u);
    EXPECT_EQ(stored_rows(), before) << "nothing has changed";
    EXPECT_TRUE(objects->list("")->empty());

    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->leaves.size(), 2u);
    for (const auto& leaf : done->leaves) {
        EXPECT_FALSE(leaf.error) << leaf.error->message;
        EXPECT_TRUE(leaf.dropped);
    }
    EXPECT_EQ(done->rows, 100u);
    EXPECT_EQ(stored_rows(), 10u);
    EXPECT_EQ(archived(), sorted(old));
    const auto parts = open_retention()->parts();
    ASSERT_TRUE(parts) << parts.error().message;
    ASSERT_EQ(parts->size(), 2u);
    EXPECT_EQ((*parts)[0].rows, 86u);
    EXPECT_EQ((*parts)[0].time_min, at("2024-02-29"));
    EXPECT_EQ((*parts)[0].manifest, "kpi/day=2024-02-29/_part-00001.json");

    const auto again = run();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->leaves.empty()) << "what has left is not looked at again";
}

TEST_P(RetainTest, late_rows_become_a_further_part_and_a_row_sent_again_comes_back_once) {
    make(Layer::kpi);
    emit("2024-02-29", 4);
    ASSERT_TRUE(run());
    emit("2024-02-29", 2, "late");
    const Rows all = sorted(expected);
    emit("2024-02-29", 4);  // The same as at first, sent again by a replay.
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->leaves.size(), 1u);
    EXPECT_FALSE(done->leaves[0].error) << done->leaves[0].error->message;
    EXPECT_EQ(done->leaves[0].rows, 12u);
    EXPECT_EQ(done->leaves[0].parts.at(0).part, 2);
    EXPECT_EQ(stored_rows(), 0u);
    KeptRows target(layer);
    core::Task task;
    const auto restored = restore(*objects, layer, {}, target, "", task);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->parts, 2u);
    EXPECT_EQ(restored->read, 20u);
    EXPECT_EQ(restored->restored, 12u);
    EXPECT_EQ(restored->duplicate, 8u);
    EXPECT_EQ(target.all(), all);
}

TEST_P(RetainTest, the_halves_of_drift_leave_apart_and_payloads_are_equal_to_the_byte) {
    make(Layer::drift);
    const std::string payload = R"({"reason":"ü \\ \" <","values":[1,2.5,0.0001,null]})";
    push("2024-05-03T10:00:00.000001Z", drift::Severity::info, payload);
    push("2024-05-03T11:00:00Z", drift::Severity::crit, payload);
    push("2024-05-30T11:00:00Z", drift::Severity::warn);
    const auto now = core::to_string(clock.now());
    push(now, drift::Severity::info);
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->leaves.size(), 2u);
    for (const auto& leaf : done->leaves) ASSERT_FALSE(leaf.error) << leaf.error->message;
    EXPECT_EQ(stored_rows(), 1u);
    expected.pop_back();
    EXPECT_EQ(archived(), sorted(expected));
    std::vector<std::string> manifests_there;
    const auto listed = objects->list("drift").value();
    for (const auto& object : listed)
        if (is_manifest(object.key)) manifests_there.push_back(object.key);
    EXPECT_THAT(manifests_there,
                testing::UnorderedElementsAre("drift/half=alert/day=2024-05-03/_part-00001.json",
                                              "drift/half=alert/day=2024-05-30/_part-00001.json",
                                              "drift/half=info/day=2024-05-03/_part-00001.json"));
}

TEST_P(RetainTest, a_range_leaves_before_its_time) {
    make(Layer::kpi);
    const auto day_ago = core::to_string(clock.now() + core::Duration{-3 * 86'400'000'000}).substr(0, 10);
    emit(day_ago, 2);
    ASSERT_EQ(run()->leaves.size(), 0u);
    RetainOptions options;
    options.range = core::TimeRange{at(day_ago), at(day_ago) + core::Duration{86'400'000'000}};
    const auto done = run(options);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rows, 4u);
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(RetainTest, a_byte_that_was_changed_in_the_archive_is_never_restored_and_its_rows_are_never_dropped) {
    make(Layer::kpi);
    emit("2024-02-29", 4);
    ASSERT_TRUE(run());
    const auto key = manifests(*objects, layer, {})->at(0).file;
    const auto path = base / "archive" / key;
    ASSERT_TRUE(std::filesystem::exists(path));
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    const auto bytes = std::filesystem::file_size(path);
    const auto flip = [&](std::uintmax_t where) {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(static_cast<std::streamoff>(where));
        const auto byte = static_cast<char>(file.get() ^ 0x55);
        file.seekp(static_cast<std::streamoff>(where));
        file.put(byte);
    };
    // Parquet itself reads some of them as other rows.
    for (std::uintmax_t where = 0; where < bytes; where += 97) {
        flip(where);
        KeptRows target(layer);
        core::Task task;
        const auto restored = restore(*objects, layer, {}, target, "", task);
        ASSERT_TRUE(restored) << restored.error().message;
        ASSERT_EQ(restored->damaged.size(), 1u) << where;
        EXPECT_EQ(restored->damaged[0].manifest.file, key);
        EXPECT_EQ(restored->damaged[0].damage, "its SHA-256 differs");
        EXPECT_EQ(restored->parts, 0u);
        EXPECT_TRUE(target.all().empty());
        flip(where);
    }
    ASSERT_EQ(archived(), sorted(expected)) << "put right again, it is read";
    flip(bytes / 2);
    // The same rows again would stand on that file: they stay where they are.
    emit("2024-02-29", 4);
    const auto again = run();
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE(again->leaves.at(0).error);
    EXPECT_FALSE(again->leaves[0].dropped);
    EXPECT_EQ(open_retention()->count(again->leaves[0].leaf).value(), 8u);
}

TEST_P(RetainTest, two_runs_at_once_are_as_one) {
    make(Layer::kpi);
    for (int i = 1; i <= 9; ++i) emit("2024-02-0" + std::to_string(i), 20);
    {
        std::vector<std::jthread> runs;
        for (int i = 0; i < 3; ++i)
            runs.emplace_back([this] {
                for (int attempt = 0; attempt < 5; ++attempt) (void)run();
            });
    }
    const auto last = run();
    ASSERT_TRUE(last) << last.error().message;
    for (const auto& leaf : last->leaves) EXPECT_FALSE(leaf.error) << leaf.error->message;
    EXPECT_EQ(stored_rows(), 0u);
    EXPECT_EQ(archived(), sorted(expected));
    std::uint64_t rows = 0;
    const auto there = manifests(*objects, layer, {}).value();
    for (const auto& one : there) rows += one.rows;
    EXPECT_EQ(rows, expected.size()) << "no part is there twice";
}

TEST_P(RetainTest, a_row_of_the_last_day_that_can_be_written_holds_nothing_up) {
    make(Layer::drift);
    push("9999-12-31T23:00:00Z", drift::Severity::info);
    push("2024-05-03T10:00:00Z", drift::Severity::info);
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rows, 1u);
    EXPECT_EQ(archived().size(), 1u);
}
