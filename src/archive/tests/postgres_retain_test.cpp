#include "archive_fixture.hpp"

#include <gmock/gmock.h>

using namespace tristrata;
using namespace tristrata::archive;
using store::Layer;
using testing::HasSubstr;

namespace {

class PostgresRetainTest : public ArchiveTest {
protected:
    database::Postgres admin() { return connect(url); }
};
INSTANTIATE_TEST_SUITE_P(Backends, PostgresRetainTest, testing::Values(Where::postgresql), name_of);

}  // namespace

TEST_P(PostgresRetainTest, a_leaf_behind_a_reader_s_open_transaction_is_left_for_the_next_run) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    auto reader = admin();
    ASSERT_TRUE(reader.run("BEGIN"));
    ASSERT_TRUE(reader.query("SELECT count(*) FROM kpi.events"));
    const auto waited = run();
    ASSERT_TRUE(waited) << waited.error().message;
    ASSERT_EQ(waited->leaves.size(), 1u);
    ASSERT_TRUE(waited->leaves[0].error);
    EXPECT_EQ(waited->leaves[0].error->kind, core::ErrorKind::unavailable);
    EXPECT_EQ(waited->leaves[0].error->foreign_code, "55P03");
    EXPECT_THAT(waited->leaves[0].error->message, HasSubstr("left for the next run"));
    EXPECT_EQ(stored_rows(), 6u);
    ASSERT_TRUE(reader.run("COMMIT"));
    const auto done = run();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->rows, 6u);
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(PostgresRetainTest, a_detach_that_somebody_began_and_cancelled_is_finished) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    auto reader = admin(), somebody = admin();
    ASSERT_TRUE(reader.run("BEGIN"));
    ASSERT_TRUE(reader.query("SELECT count(*) FROM kpi.events"));
    ASSERT_TRUE(somebody.run("SET statement_timeout = '300ms'"));
    ASSERT_FALSE(somebody.run("ALTER TABLE kpi.events DETACH PARTITION kpi.events_20240228 CONCURRENTLY"));
    ASSERT_TRUE(reader.run("COMMIT"));
    const auto pending = somebody.query("SELECT count(*) FROM pg_inherits WHERE inhdetachpending");
    ASSERT_TRUE(pending);
    ASSERT_EQ(pending->integer(0, 0), 1) << "the leaf stands between";
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(done->leaves.at(0).error) << done->leaves[0].error->message;
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(PostgresRetainTest, a_table_that_was_detached_by_hand_leaves_when_its_time_is_over) {
    make(Layer::kpi);
    emit("2024-02-28", 3);
    ASSERT_TRUE(admin().run("ALTER TABLE kpi.events DETACH PARTITION kpi.events_20240228"));
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->rows, 6u);
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(PostgresRetainTest, a_day_that_left_is_never_made_again_and_parked_rows_that_have_a_place_go_there) {
    make(Layer::kpi);
    emit("2024-02-28", 1);
    ASSERT_TRUE(run());
    auto database = admin();
    EXPECT_FALSE(database.query("SELECT kpi.ensure_day('2024-02-28')")->boolean(0, 0));
    // Parked when its day was too far ahead, or by a clock that is right again.
    ASSERT_TRUE(database.run(
        "INSERT INTO kpi.events_parked (time, module, metric_name, event_id, emit_id, emit_seq) VALUES "
        "(now(), 'm', 'x', gen_random_uuid(), gen_random_uuid(), 0), "
        "('2099-01-01', 'm', 'x', gen_random_uuid(), gen_random_uuid(), 0)"));
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->cleared.home, 1u);
    EXPECT_EQ(stored_rows(), 1u);
    EXPECT_EQ(database.query("SELECT count(*) FROM kpi.events_parked")->integer(0, 0), 1) << "2099 has none";
}

TEST_P(PostgresRetainTest, nobody_but_the_owner_detaches_or_drops) {
    make(Layer::kpi);
    auto database = admin();
    for (const char* call :
         {"kpi.detach_leaf('2024-02-28')", "kpi.drop_leaf('events_20240228')", "kpi.clear_parked()"})
        for (const char* role : {"kpi_writer", "grafana_reader", "sql_analyzer"}) {
            const auto done = database.run(std::string("BEGIN; SET LOCAL ROLE ") + role + "; SELECT " + call);
            ASSERT_FALSE(done) << role << " may " << call;
            EXPECT_EQ(done.error().foreign_code, "42501") << role << " " << call;
            ASSERT_TRUE(database.run("ROLLBACK"));
        }
    // A day that is not over never leaves, whoever asks.
    EXPECT_FALSE(database.query("SELECT kpi.detach_leaf(current_date)"));
    EXPECT_FALSE(database.query("SELECT kpi.drop_leaf('events')"));
}

TEST_P(PostgresRetainTest, a_nan_comes_back_into_postgresql_and_is_counted_where_sqlite_cannot_hold_it) {
    make(Layer::kpi);
    emit("2024-02-28", 1);
    ASSERT_TRUE(admin().run("UPDATE kpi.events SET metric_value = 'NaN' WHERE metric_name = 'x'"));
    ASSERT_TRUE(run());
    core::Task task;
    auto file = store::restore_into_sqlite((base / "kpi.db").string(), layer, clock);
    ASSERT_TRUE(file) << file.error().message;
    const auto done = restore(*objects, layer, {}, **file, "", task);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->read, 2u);
    EXPECT_EQ(done->restored, 1u);
    EXPECT_EQ(done->refused, 1u);
    ASSERT_TRUE(done->first_refusal);
    EXPECT_THAT(done->first_refusal->message, HasSubstr("metric_value is NaN (event_id "));
    EXPECT_THAT(done->first_refusal->message, HasSubstr("2024-02-28T00:00:00"));
    auto schema = store::restore_into_postgres(source_of(url), layer, "nan");
    ASSERT_TRUE(schema) << schema.error().message;
    const auto whole = restore(*objects, layer, {}, **schema, "", task);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->restored, 2u);
    EXPECT_EQ(whole->refused, 0u);
    const auto kept = admin().query("SELECT count(*) FROM restore_nan.kpi_events WHERE metric_value = 'NaN'");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->integer(0, 0), 1);
}

TEST_P(PostgresRetainTest, a_restore_is_a_schema_of_its_own_that_a_reader_of_the_store_may_read) {
    make(Layer::drift);
    push("2024-05-03T10:00:00.000001Z", drift::Severity::info, R"({"reason":"ü"})");
    push("2024-05-03T11:00:00Z", drift::Severity::crit);
    ASSERT_TRUE(run());
    core::Task task;
    for (int again = 0; again < 2; ++again) {
        auto target = store::restore_into_postgres(source_of(url), layer, "may_2024");
        ASSERT_TRUE(target) << target.error().message;
        const auto done = restore(*objects, layer, {at("2024-05-01"), at("2024-06-01")}, **target, "", task);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->restored, again == 0 ? 2u : 0u);
        EXPECT_THAT((*target)->where(), HasSubstr("restore_may_2024.drift_events"));
    }
    auto reader = admin();
    ASSERT_TRUE(reader.run("SET ROLE grafana_reader"));
    const auto rows = reader.query(
        "SELECT severity, payload ->> 'reason', detected_at = '2024-05-03T10:00:00.000001Z' FROM "
        "restore_may_2024.drift_events ORDER BY detected_at");
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->count(), 2);
    EXPECT_EQ(rows->text(0, 0), "info");
    EXPECT_EQ(rows->text(0, 1), "ü");
    EXPECT_TRUE(rows->boolean(0, 2));
    EXPECT_EQ(stored_rows(), 0u) << "nothing comes back among the events";
    for (const char* wrong : {"", "Upper", "a;b", "a-b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
        const auto refused = store::restore_into_postgres(source_of(url), layer, wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::usage);
    }
}
