#include "tristrata/archive/erase.hpp"
#include "archive_fixture.hpp"
#include "mortal.hpp"

#include <gmock/gmock.h>
#include <cstdlib>
#include <utility>

using namespace tristrata;
using namespace tristrata::archive;
using store::Layer;
using testing::HasSubstr;

namespace {

std::string payload_key(const std::string& sha256) {
    return "payload/sha256/" + sha256.substr(0, 2) + "/" + sha256;
}
std::string pointing(const std::string& sha256) { return R"({"payload_sha256":")" + sha256 + "\"}"; }

class EraseTest : public ArchiveTest {
protected:
    /// Store and archive with nothing in them, for the next moment of a test that tries many.
    void start_anew() {
        std::filesystem::remove_all(base);
        std::filesystem::create_directories(base);
        objects = std::move(*objects::open("file://" + (base / "archive").string()));
        expected.clear();
        make(layer);
    }
    /// With a life that ends, or with another's beside it.
    core::Result<EraseOutcome> erase_in(Life& life, const store::Erasure& erasure) {
        core::Task task;
        task.clock = &clock;
        auto real = open_retention();
        MortalObjects mortal_objects(*objects, life);
        MortalRetention mortal(*real, life);
        return erase(mortal, layer, mortal_objects, erasure, {}, task);
    }
    core::Result<EraseOutcome> erase_rows(const store::Erasure& erasure, bool dry_run = false,
                                          bool without_lost_parts = false) {
        core::Task task;
        task.clock = &clock;
        auto retention = open_retention();
        return erase(*retention, layer, *objects, erasure, {dry_run, without_lost_parts, false, ""}, task);
    }
    /// Whether a text stands anywhere in what the archive keeps. Pages are compressed: rows are read.
    std::size_t rows_with(const std::string& text) {
        std::size_t count = 0;
        const Rows rows = archived();
        for (const auto& row : rows)
            count += static_cast<std::size_t>(std::ranges::count(row, store::EventValue(text)));
        return count;
    }
    std::size_t files() {
        const auto listed = objects->list("").value();
        return static_cast<std::size_t>(std::ranges::count_if(
            listed, [](const auto& object) { return object.key.ends_with(".parquet"); }));
    }
};
INSTANTIATE_TEST_SUITE_P(Backends, EraseTest, testing::Values(Where::sqlite, Where::postgresql), name_of);

}  // namespace

TEST_P(EraseTest, the_rows_of_a_run_go_from_store_and_archive_and_the_others_stay) {
    make(Layer::kpi);
    emit("2024-02-29", 12);
    emit("2024-03-02", 2);
    ASSERT_TRUE(run());
    emit(core::to_string(clock.now()).substr(0, 10), 12);
    const auto stored = stored_rows();
    const auto counted = erase_rows({"run-0", {}}, true);
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(counted->archived_rows, 6u);  // Emits 0 and 6 of one day, 0 of the other; two rows each.
    EXPECT_EQ(counted->stored_rows, 4u);
    EXPECT_EQ(rows_with("run-0"), 6u) << "a dry run changes nothing";
    const auto done = erase_rows({"run-0", {}});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->archived_rows, 6u);
    EXPECT_EQ(done->stored_rows, 4u);
    EXPECT_EQ(done->parts, 2u);
    EXPECT_EQ(done->files_removed, 2u);
    EXPECT_EQ(stored_rows(), stored - 4);
    EXPECT_EQ(rows_with("run-0"), 0u);
    Rows left;
    for (const auto& row : expected)
        if (row[1] != store::EventValue("run-0") &&
            std::get<std::int64_t>(row[0]) < at("2024-12-01").microseconds)
            left.push_back(row);
    EXPECT_EQ(archived(), sorted(left));
    EXPECT_EQ(files(), 2u) << "no file that holds them is left";
    const auto status = open_store(store::OpenMode::read)->status();
    ASSERT_EQ(status->archived.size(), 1u);
    EXPECT_EQ(status->archived[0].rows, left.size());
    const auto again = erase_rows({"run-0", {}});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->archived_rows + again->stored_rows + again->files_removed, 0u);
}

TEST_P(EraseTest, a_part_of_which_nothing_is_left_is_void_and_the_day_goes_on) {
    make(Layer::kpi);
    emit("2024-02-29", 1);  // Of the module "even" alone.
    ASSERT_TRUE(run());
    ASSERT_TRUE(erase_rows({{}, "even"}));
    EXPECT_EQ(files(), 0u);
    EXPECT_TRUE(archived().empty());
    expected.clear();
    emit("2024-02-29", 2, "again");
    const auto late = run();
    ASSERT_TRUE(late) << late.error().message;
    ASSERT_FALSE(late->leaves.at(0).error) << late->leaves[0].error->message;
    EXPECT_EQ(late->leaves[0].parts.at(0).part, 3) << "1 was erased, 2 says so";
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(EraseTest, a_payload_s_object_goes_with_its_last_row) {
    make(Layer::drift);
    const std::string alone(64, 'a'), shared(64, 'b');
    for (const auto& sha256 : {alone, shared}) ASSERT_TRUE(objects->put_new(payload_key(sha256), "x"));
    push("2024-05-03T10:00:00Z", drift::Severity::info, pointing(alone), "gone", "r1");
    push("2024-05-03T10:00:01Z", drift::Severity::info, pointing(shared), "gone", "r1");
    ASSERT_TRUE(run());
    push(core::to_string(clock.now()), drift::Severity::info, pointing(shared), "stays", "r2");
    const auto done = erase_rows({{}, "gone"});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->payloads_removed, 1u);
    EXPECT_FALSE(*objects->stat(payload_key(alone)));
    EXPECT_TRUE(objects->stat(payload_key(shared))->has_value()) << "another row points to it";
    EXPECT_EQ(stored_rows(), 1u);
}

TEST_P(EraseTest, nothing_is_erased_without_a_word_or_while_a_leaf_is_under_way) {
    make(Layer::kpi);
    emit("2024-02-29", 2);
    const auto all = erase_rows({});
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().kind, core::ErrorKind::usage);
    {
        auto retention = open_retention();
        auto leaves = retention->leaves().value();
        auto leaf = *std::ranges::find_if(
            leaves, [](const store::Leaf& one) { return one.from == at("2024-02-29"); });
        ASSERT_TRUE(retention->detach(leaf));
    }
    const auto refused = erase_rows({{}, "even"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("store retain"));
}

TEST_P(EraseTest, a_sweep_spares_what_a_row_of_store_or_archive_points_to_and_what_a_spool_may_hold) {
    make(Layer::drift);
    const std::string archived_one(64, 'a'), stored_one(64, 'b'), orphan(64, 'c'), parked_one(64, 'd');
    for (const auto& sha256 : {archived_one, stored_one, orphan, parked_one})
        ASSERT_TRUE(objects->put_new(payload_key(sha256), "x"));
    push("2024-05-03T10:00:00Z", drift::Severity::info, pointing(archived_one));
    ASSERT_TRUE(run());
    push(core::to_string(clock.now()), drift::Severity::info, pointing(stored_one));
    push("2024-05-03T11:00:00Z", drift::Severity::info, pointing(parked_one));  // Late: parked on PostgreSQL.
    core::Task task;
    task.clock = &clock;
    const core::Duration month{30 * 86'400'000'000};
    auto retention = open_retention();
    const auto young = sweep(*retention, *objects, month, false, "", task);
    ASSERT_TRUE(young) << young.error().message;
    EXPECT_EQ(young->removed, 0u);
    EXPECT_EQ(young->young, 1u);
    clock.advance({month.microseconds + 86'400'000'000});
    const auto counted = sweep(*retention, *objects, month, true, "", task);
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(counted->removed, 1u);
    EXPECT_TRUE(objects->stat(payload_key(orphan))->has_value()) << "a dry run";
    const auto swept = sweep(*retention, *objects, month, false, "", task);
    ASSERT_TRUE(swept);
    EXPECT_EQ(swept->objects, 4u);
    EXPECT_EQ(swept->named, 3u);
    EXPECT_EQ(swept->removed, 1u);
    EXPECT_EQ(swept->bytes, 1u);
    EXPECT_FALSE(objects->stat(payload_key(orphan))->has_value());
    for (const auto& kept : {archived_one, stored_one, parked_one})
        EXPECT_TRUE(objects->stat(payload_key(kept))->has_value());
}

TEST_P(EraseTest, an_archive_that_is_not_the_store_s_is_refused_and_nothing_is_changed) {
    make(Layer::drift);
    push("2024-05-03T10:00:00Z", drift::Severity::info, "{}", "m", "r1");
    ASSERT_TRUE(run());
    push(core::to_string(clock.now()), drift::Severity::info, "{}", "m", "r1");
    const auto own = std::exchange(objects, std::move(*objects::open("file://" + (base / "other").string())));
    const auto refused = erase_rows({"r1", {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("1 of the 1 parts"));
    EXPECT_EQ(stored_rows(), 1u);
    core::Task task;
    task.clock = &clock;
    const core::Duration month{30 * 86'400'000'000};
    EXPECT_FALSE(sweep(*open_retention(), *objects, month, true, "", task));
    // Another store, with nothing in an archive of its own, at this one's.
    make_another();
    const auto foreign = sweep(*open_retention(), *own, month, true, "", task);
    ASSERT_FALSE(foreign);
    EXPECT_THAT(foreign.error().message, HasSubstr("were not recorded by"));
}

TEST_P(EraseTest, one_who_says_so_erases_where_the_archive_lost_a_part_and_hears_of_it) {
    make(Layer::drift);
    const std::string payload(64, 'a');
    ASSERT_TRUE(objects->put_new(payload_key(payload), "x"));
    push("2024-05-03T10:00:00Z", drift::Severity::info, pointing(payload), "m", "r1");
    push("2024-05-03T10:00:01Z", drift::Severity::info, "{}", "m", "r2");
    push("2024-05-04T10:00:00Z", drift::Severity::info, "{}", "m", "r1");
    ASSERT_TRUE(run());
    push(core::to_string(clock.now()), drift::Severity::info, "{}", "m", "r1");
    const auto lost = objects->list("drift/half=info/day=2024-05-04").value();
    for (const auto& object : lost) ASSERT_TRUE(objects->remove(object.key));
    const auto refused = erase_rows({"r1", {}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("--without-lost-parts"));
    EXPECT_EQ(stored_rows(), 1u);
    for (const bool dry_run : {true, false}) {
        const auto done = erase_rows({"r1", {}}, dry_run, true);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->stored_rows, 1u);
        EXPECT_EQ(done->archived_rows, 1u);
        ASSERT_EQ(done->not_there.size(), 1u);
        EXPECT_EQ(done->not_there[0].day, at("2024-05-04"));
        EXPECT_EQ(done->not_there[0].rows, 1u);
    }
    EXPECT_EQ(stored_rows(), 0u);
    EXPECT_EQ(rows_with("r1"), 0u);
    EXPECT_EQ(rows_with("r2"), 1u) << "the other run's row stays";
    EXPECT_FALSE(*objects->stat(payload_key(payload)));
    const auto still = open_retention()->parts().value();
    EXPECT_TRUE(std::ranges::any_of(still, [](const auto& part) { return part.day == at("2024-05-04"); }))
        << "the record of what was lost stays";
}

TEST_P(EraseTest, a_file_of_a_run_that_died_before_its_manifest_goes_too) {
    make(Layer::kpi);
    emit("2024-02-29", 12);
    ASSERT_TRUE(run());
    const auto listed = objects->list("kpi").value();
    const auto file =
        std::ranges::find_if(listed, [](const auto& one) { return one.key.ends_with(".parquet"); });
    const std::string left = file->key.substr(0, file->key.rfind('/')) + "/part-0009-of-nobody.parquet";
    ASSERT_TRUE(objects->put_new(left, *objects->get(file->key)));
    const auto done = erase_rows({"run-0", {}});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->files_removed, 2u);
    EXPECT_FALSE(*objects->stat(left));
    EXPECT_EQ(files(), 1u);
}

TEST_P(EraseTest, a_run_that_dies_at_any_call_is_finished_by_the_next_and_nothing_of_the_erased_is_left) {
    layer = Layer::drift;
    // A store of its own for each moment, which costs much: all moments with TRISTRATA_LONG.
    const int thinned = GetParam() == Where::sqlite ? 3 : 13;
    const int stride = std::getenv("TRISTRATA_LONG") != nullptr ? 1 : thinned;
    const auto key = [](char digit) { return payload_key(std::string(64, digit)); };
    const auto pointing_to = [](char digit) { return pointing(std::string(64, digit)); };
    int deaths = 0;
    for (int moment = 0;; moment += stride) {
        SCOPED_TRACE(moment);
        ASSERT_NO_FATAL_FAILURE(start_anew());
        for (const char digit : {'a', 'b', 'c', 'd', 'e'}) ASSERT_TRUE(objects->put_new(key(digit), "x"));
        push("2024-05-03T10:00:00Z", drift::Severity::info, pointing_to('a'), "gone");
        push("2024-05-03T10:00:01Z", drift::Severity::info, pointing_to('b'), "gone");
        expected.clear();
        push("2024-05-03T10:00:02Z", drift::Severity::info, pointing_to('d'), "stays");
        const Rows stay = expected;
        push("2024-05-04T10:00:00Z", drift::Severity::info, pointing_to('e'), "gone");
        ASSERT_TRUE(run());
        push(core::to_string(clock.now()), drift::Severity::info, pointing_to('c'), "gone");
        push(core::to_string(clock.now()), drift::Severity::info, pointing_to('b'), "stays");
        Life life(moment);
        const bool is_done = erase_in(life, {{}, "gone"}).has_value();
        EXPECT_EQ(is_done, !life.dead());
        const auto done = erase_rows({{}, "gone"});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(archived(), stay);
        EXPECT_EQ(stored_rows(), 1u);
        EXPECT_EQ(files(), 1u) << "no file that holds them is left";
        std::string left;
        const auto listed = objects->list("").value();
        for (const auto& object : listed)
            if (!object.key.ends_with(".json") && !object.key.ends_with(".parquet")) left += object.key + " ";
        EXPECT_EQ(left, key('b') + " " + key('d') + " ")
            << "payloads that a row still names, and nothing else";
        const auto status = open_store(store::OpenMode::read)->status();
        ASSERT_EQ(status->archived.size(), 1u);
        EXPECT_EQ(status->archived[0].rows, 1u) << "the store's record is what the archive has";
        if (HasFailure() || !life.dead()) break;
        ++deaths;
    }
    EXPECT_GT(deaths * stride, 50) << "each call has a moment before and one behind";
}

TEST_P(EraseTest, a_retain_that_moves_days_at_any_moment_of_an_erase_hides_no_row_from_it) {
    layer = Layer::drift;
    const int thinned = GetParam() == Where::sqlite ? 3 : 9;
    const int stride = std::getenv("TRISTRATA_LONG") != nullptr ? 1 : thinned;
    int moments = 0;
    for (int moment = 0;; moment += stride) {
        SCOPED_TRACE(moment);
        ASSERT_NO_FATAL_FAILURE(start_anew());
        const std::string sha256(64, 'a');
        ASSERT_TRUE(objects->put_new(payload_key(sha256), "x"));
        push("2024-05-03T10:00:00Z", drift::Severity::info, pointing(sha256), "gone");
        expected.clear();
        push("2024-05-03T10:00:01Z", drift::Severity::info, "{}", "stays");
        ASSERT_TRUE(run());
        // Of a month that leaves while the erase runs.
        push("2024-07-03T10:00:01Z", drift::Severity::info, pointing(sha256), "stays");
        const Rows stay = sorted(expected);
        push("2024-07-03T10:00:00Z", drift::Severity::info, pointing(sha256), "gone");
        auto life = Life::beside(moment, [&] {
            const auto moved = run();
            ASSERT_TRUE(moved) << moved.error().message;
            for (const auto& leaf : moved->leaves) ASSERT_FALSE(leaf.error) << leaf.error->message;
        });
        const auto done = erase_in(life, {{}, "gone"});
        if (!done) {
            EXPECT_EQ(done.error().kind, core::ErrorKind::conflict) << done.error().message;
            EXPECT_THAT(done.error().message, HasSubstr("again"));
            ASSERT_TRUE(erase_rows({{}, "gone"}));
        }
        ASSERT_TRUE(run());
        EXPECT_EQ(rows_with("gone"), 0u);
        EXPECT_EQ(archived(), stay);
        EXPECT_EQ(stored_rows(), 0u);
        EXPECT_TRUE(*objects->stat(payload_key(sha256))) << "a row still points to it";
        if (HasFailure() || !life.other_ran()) break;
        ++moments;
    }
    EXPECT_GT(moments * stride, 30);
}

TEST_P(EraseTest, a_leaf_that_goes_on_its_way_while_an_erase_runs_is_said) {
    make(Layer::kpi);
    emit("2024-02-29", 12);
    auto life = Life::beside(3, [&] {
        auto other = open_retention();
        auto leaves = other->leaves();
        ASSERT_TRUE(leaves);
        ASSERT_TRUE(other->detach(leaves->front()));
    });
    core::Task task;
    task.clock = &clock;
    auto real = open_retention();
    MortalRetention beside(*real, life);
    const auto done = erase(beside, layer, *objects, {"run-0", {}}, {}, task);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, core::ErrorKind::conflict);
    EXPECT_THAT(done.error().message, HasSubstr("events_20240229 is on its way to the archive"));
    ASSERT_TRUE(run()) << "what the leaf holds is whole";
    ASSERT_TRUE(erase_rows({"run-0", {}}));
    EXPECT_EQ(rows_with("run-0"), 0u);
}

TEST_P(EraseTest, a_report_that_was_erased_and_is_pushed_again_is_stored) {
    make(Layer::drift);
    const auto report_id = core::uuid_v5(core::tristrata_namespace(), "a report");
    const auto pushed = [&](const std::string& time, const std::optional<std::string>& run_id) {
        drift::Event event;
        event.event_id = core::uuid_v5(report_id, time + run_id.value_or(""));
        event.report_id = report_id;
        event.run_id = run_id;
        event.module = "m";
        event.metric = "psi_x";
        event.payload = "{}";
        event.detected_at = at(time);
        const auto push_id = drift::push_identity(report_id, "m", run_id);
        const auto stored =
            open_store()->ingest(std::vector{drift::encode({push_id, {event}})}, std::nullopt);
        EXPECT_TRUE(stored) << stored.error().message;
        return stored->stored;
    };
    const std::string now = core::to_string(clock.now());
    ASSERT_EQ(pushed("2024-05-03T10:00:00Z", "archived"), 1u);
    ASSERT_TRUE(run());
    ASSERT_EQ(pushed(now, "erased"), 1u);
    ASSERT_EQ(pushed(now, "kept"), 1u);
    ASSERT_EQ(pushed(now, std::nullopt), 1u);
    ASSERT_TRUE(erase_rows({"archived", {}}, true));
    ASSERT_TRUE(erase_rows({"erased", {}}, true));
    EXPECT_EQ(pushed("2024-05-03T10:00:00Z", "archived"), 0u) << "a dry run changes nothing";
    EXPECT_EQ(pushed(now, "erased"), 0u);
    for (const char* run_id : {"archived", "erased"}) {
        const auto done = erase_rows({run_id, {}});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->stored_rows + done->archived_rows, 1u);
    }
    EXPECT_EQ(pushed(now, "kept"), 0u) << "the same push of a run that stays is there";
    EXPECT_EQ(pushed(now, std::nullopt), 0u);
    EXPECT_EQ(pushed(now, "erased"), 1u);
    EXPECT_EQ(pushed("2024-05-03T10:00:00Z", "archived"), 1u);
    ASSERT_TRUE(erase_rows({{}, "m"}));
    EXPECT_EQ(pushed(now, std::nullopt), 1u);
}
