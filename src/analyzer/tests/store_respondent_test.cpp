#include "servers/postgres_server.hpp"
#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/store/store_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <filesystem>
#include <thread>

namespace tristrata::analyzer {
namespace {

using core::ErrorKind;
using ::testing::HasSubstr;

constexpr std::int64_t hour = 3'600'000'000;
/// The store keeps partitions about today.
const core::Timestamp last_hour{core::system_clock().now().microseconds / hour * hour};

core::SecretSource url_source(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

/// The same rows in a file and on a server, and both asked as an analyzer is.
class StoreRespondent : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        server_ = std::make_unique<servers::PostgresServer>();
        const auto made = store::init_postgres({url_source(server_->url()), "", true}, store::Layer::kpi);
        ASSERT_TRUE(made) << made.error().message;
        auto admin = connect();
        ASSERT_TRUE(admin.run("CREATE ROLE eve LOGIN PASSWORD 'word-of-eve' IN ROLE sql_analyzer"));
        folder_ = std::filesystem::temp_directory_path() / ("analyzer_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        ASSERT_TRUE(
            store::init_sqlite((folder_ / "kpi.db").string(), store::Layer::kpi, core::system_clock()));
        auto file =
            store::open_sqlite((folder_ / "kpi.db").string(), store::Layer::kpi, store::OpenMode::write);
        ASSERT_TRUE(file) << file.error().message;
        auto tables =
            store::open_postgres(url_source(server_->url()), store::Layer::kpi, store::OpenMode::write);
        ASSERT_TRUE(tables) << tables.error().message;
        std::vector<sink::Record> records;
        for (int i = 0; i < 30 * 12; ++i) {
            execution::KpiEmit emit;
            emit.emit_id = core::uuid_v5(core::tristrata_namespace(), "row" + std::to_string(i));
            emit.time = {last_hour.microseconds - 30 * hour + i * hour / 12};
            emit.module = "m";
            emit.rows = {{core::uuid_v5(emit.emit_id, "x"), 0, "x", 100.0 + i % 7}};
            emit.tags = {{"fold_id", std::to_string(i % 3)}};
            records.push_back(execution::encode(emit));
        }
        ASSERT_TRUE(store::StoreSink(**file, sink::RecordClass::kpi).append(records));
        ASSERT_TRUE(store::StoreSink(**tables, sink::RecordClass::kpi).append(records));
    }
    static void TearDownTestSuite() {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }

    static database::Postgres connect() {
        database::PostgresOptions options;
        options.url = url_source(server_->url());
        return database::Postgres(options);
    }
    static std::unique_ptr<Respondent> opened(bool on_server) {
        config::Settings settings;
        settings.set("analyzer_url",
                     {core::Secret(on_server ? server_->url_of("eve", "word-of-eve", "postgres")
                                             : "sqlite:///" + (folder_ / "kpi.db").string()),
                      "TRISTRATA_ANALYZER_URL"});
        auto respondent = open_store(definition("").place, settings);
        EXPECT_TRUE(respondent) << respondent.error().message;
        return std::move(*respondent);
    }
    static Definition definition(const std::string& query) {
        Definition one;
        one.name = one.metric = "x";
        one.place.store = "analyzer";
        one.query = query;
        one.window = one.every = {hour};
        one.reference_windows = 29;
        one.reference_min = 20;
        one.timeout = {2'000'000};
        one.rows_max = 1000;
        one.module = "m";
        one.drift_type = drift::DriftType::business_kpi_drift;
        return one;
    }
    static core::Result<Answer> ask(bool on_server, const Definition& one) {
        return opened(on_server)->ask(one, reference_of(one, last_hour).from, last_hour, {});
    }
    static core::Error refusal(bool on_server, const std::string& query) {
        const auto answer = ask(on_server, definition(query));
        EXPECT_FALSE(answer.has_value()) << query;
        return answer ? core::Error{} : answer.error();
    }

    static std::unique_ptr<servers::PostgresServer> server_;
    static std::filesystem::path folder_;
};
std::unique_ptr<servers::PostgresServer> StoreRespondent::server_;
std::filesystem::path StoreRespondent::folder_;

TEST_F(StoreRespondent, the_same_sql_gives_the_same_judgement_in_a_file_and_on_a_server) {
    Definition one = definition(
        "SELECT time, metric_value AS x FROM kpi.events WHERE module = 'm' AND metric_name = 'x' "
        "AND time >= :from AND time < :to ORDER BY time");
    const auto file = ask(false, one), server = ask(true, one);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    ASSERT_TRUE(server.has_value()) << server.error().message;
    EXPECT_EQ(file->times, server->times);
    ASSERT_EQ(file->numbers.size(), 1u);
    EXPECT_EQ(file->numbers.front().values, server->numbers.front().values);
    const auto said = judge(one, *server, last_hour, {});
    EXPECT_EQ(said.rows, 12u);
    EXPECT_EQ(said.reference_windows, 29u);
    EXPECT_EQ(said.reason, judge(one, *file, last_hour, {}).reason);
}

TEST_F(StoreRespondent, labels_come_from_tags_and_combinations_are_missed) {
    Definition one = definition(
        "SELECT time, metric_value AS x, tags ->> 'fold_id' AS fold_id FROM kpi.events WHERE metric_name = "
        "'x' "
        "AND time >= :from AND time < :to");
    for (const char* fold : {"0", "1", "2", "3"}) one.expects.push_back({{"fold_id", fold}});
    for (const bool on_server : {false, true}) {
        const auto answer = ask(on_server, one);
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        const auto said = judge(one, *answer, last_hour, {});
        ASSERT_FALSE(said.events.empty());
        EXPECT_EQ(said.events.front().metric, "absent_x[fold_id=3]");
    }
}

TEST_F(StoreRespondent, an_expression_of_nothing_but_null_is_a_column_without_a_number_and_no_rows_to_count) {
    const std::string rows = " FROM kpi.events WHERE metric_name = 'x' AND time >= :from AND time < :to";
    const auto said = [&](bool on_server, const Definition& one) {
        const auto answer = ask(on_server, one);
        EXPECT_TRUE(answer.has_value()) << answer.error().message;
        return answer ? judge(one, *answer, last_hour, {}) : Judgement{};
    };
    for (const bool on_server : {false, true}) {
        // For good: of the reference, too.
        Definition one = definition("SELECT time, CASE WHEN 1 = 0 THEN metric_value END * 100 AS v" + rows);
        auto absent = said(on_server, one);
        EXPECT_EQ(absent.verdict, drift::Verdict::drift);
        EXPECT_THAT(absent.reason, HasSubstr("no data: 12 rows without a number"));
        ASSERT_FALSE(absent.events.empty());
        EXPECT_EQ(absent.events.front().severity, drift::Severity::crit);
        one.has_bounds = true;
        one.bounds.minimum = 0;
        EXPECT_THAT(said(on_server, one).reason, HasSubstr("no data: 12 rows without a number"));
        one = definition("SELECT time, CASE WHEN 1 = 0 THEN metric_value END AS v, 1 AS w" + rows);
        one.expects.push_back({{"w", "1"}});
        EXPECT_THAT(said(on_server, one).reason, HasSubstr("none of the 1 expected combination reported"));
        // One of two: numbers came, and each is named as before.
        one = definition("SELECT time, CASE WHEN 1 = 0 THEN metric_value END AS v, metric_value AS x" + rows);
        EXPECT_EQ(ask(on_server, one)->numbers.size(), 2U);
        EXPECT_NE(said(on_server, one).verdict, drift::Verdict::drift);
        // Rows and texts are counted, of texts also where none came, and an answer without rows is that.
        for (const std::string columns :
             {"time", "time, 'a' AS v", "time, run_id AS v", "time, CAST(time AS TEXT) AS v"}) {
            one = definition("SELECT " + columns + rows);
            EXPECT_EQ(said(on_server, one).reason, "12 rows in the window, none missing") << columns;
            one.has_bounds = true;
            EXPECT_THAT(ask(on_server, one).error().message, HasSubstr("no column of numbers")) << columns;
        }
        one = definition("SELECT time, metric_value * 2 AS v" + rows + " AND run_id = 'none'");
        EXPECT_THAT(said(on_server, one).reason, HasSubstr("no data: no row in the window"));
    }
    const auto untyped = ask(false, definition("SELECT time, NULL AS v" + rows));
    ASSERT_EQ(untyped->numbers.size(), 1U);
    ASSERT_EQ(untyped->notes.size(), 1U);
    EXPECT_THAT(untyped->notes.front(), HasSubstr("\"v\" holds nothing but NULL"));
}

TEST_F(StoreRespondent, sql_that_does_more_than_read_is_refused_and_leaves_nothing) {
    const std::string read = "SELECT time, metric_value FROM kpi.events WHERE time >= :from AND time < :to";
    for (const std::string write :
         {"DELETE FROM kpi.events", "UPDATE kpi.events SET run_id = 'x'", "CREATE TABLE public.t (i int)"}) {
        EXPECT_EQ(refusal(true, write).kind, ErrorKind::usage) << write;
        EXPECT_EQ(refusal(false, write).kind, ErrorKind::usage) << write;
    }
    EXPECT_FALSE(ask(true, definition(read + "; COMMIT; DELETE FROM kpi.events")).has_value());
    EXPECT_FALSE(ask(false, definition(read + "; COMMIT; DELETE FROM kpi.events")).has_value());
    EXPECT_FALSE(ask(true, definition("COMMIT")).has_value());
    EXPECT_FALSE(ask(true, definition("LOCK TABLE kpi.events")).has_value());
    EXPECT_FALSE(ask(true, definition(read + " FOR UPDATE")).has_value());
    EXPECT_FALSE(ask(true, definition("WITH d AS (DELETE FROM kpi.events RETURNING time) SELECT * FROM d"))
                     .has_value());
    // What lint refuses by its name, and is asked all the same: the database keeps it from lasting.
    const std::string at = "SELECT '2020-01-01'::timestamptz AS time, ";
    (void)ask(true, definition(at + "lo_create(4711)::int AS x"));
    (void)ask(true, definition(at + "set_config('role', 'postgres', false) AS x"));
    EXPECT_FALSE(
        ask(true, definition(at + "set_config('transaction_read_only', 'off', true) AS x")).has_value());
    EXPECT_FALSE(ask(true, definition(at + "pg_read_file('PG_VERSION') AS x")).has_value());
    auto admin = connect();
    EXPECT_EQ(admin.query("SELECT count(*) FROM pg_largeobject_metadata")->integer(0, 0), 0);
    EXPECT_EQ(admin.query("SELECT count(*) FROM kpi.events")->integer(0, 0), 360);
    // A lock that is taken all the same goes with its connection.
    (void)ask(true, definition("SELECT '2020-01-01'::timestamptz AS time, pg_advisory_lock(7) IS NULL AS x"));
    // The server notices that its client is gone when it gets to it.
    const auto locks = [&] {
        return admin.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")->integer(0, 0);
    };
    for (int i = 0; i < 200 && locks() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(locks(), 0);
}

TEST_F(StoreRespondent, a_query_that_needs_ten_minutes_is_cut) {
    const auto server = refusal(true, "SELECT clock_timestamp() AS time, pg_sleep(600)::text AS x");
    EXPECT_EQ(server.kind, ErrorKind::cancelled) << server.message;
    EXPECT_THAT(server.message, HasSubstr("cut after 2 s"));
    const auto file = refusal(false,
                              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT max(i) AS x, '2020-01-01' AS time FROM n");
    EXPECT_EQ(file.kind, ErrorKind::cancelled) << file.message;
}

TEST_F(StoreRespondent, what_does_not_fit_is_said) {
    EXPECT_THAT(refusal(true, "SELECT 1 AS x").message, HasSubstr("each row's time once, as \"time\""));
    EXPECT_THAT(refusal(false, "SELECT nothing FROM kpi.events").message, HasSubstr("nothing"));
    EXPECT_EQ(refusal(true, "SELECT to_timestamp(i) AS time, i AS x FROM generate_series(1, 1001) i").kind,
              ErrorKind::limit_exceeded);
    Definition text = definition("SELECT '2020-01-01' AS time, 'a' AS x");
    text.columns = {"x"};
    EXPECT_THAT(ask(false, text).error().message, HasSubstr("holds text"));
    EXPECT_THAT(
        refusal(false, "SELECT '2020-01-01' AS time, 1 AS x UNION ALL SELECT '2020-01-02', 'a'").message,
        HasSubstr("holds text, and a number in row 1"));
    config::Settings none;
    EXPECT_THAT(open_store(definition("").place, none).error().message, HasSubstr("TRISTRATA_ANALYZER_URL"));
}

TEST_F(StoreRespondent, the_clocks_of_one_machine_agree) {
    const auto server = opened(true)->ahead({});
    ASSERT_TRUE(server.has_value()) << server.error().message;
    EXPECT_LT(std::abs(server->microseconds), 5'000'000);
    EXPECT_EQ(opened(false)->ahead({})->microseconds, 0);
}

TEST_F(StoreRespondent, a_store_that_is_gone_is_unavailable_and_names_no_password) {
    config::Settings settings;
    settings.set("analyzer_url",
                 {core::Secret("postgresql://eve:s3cret@127.0.0.1:1/postgres"), "TRISTRATA_ANALYZER_URL"});
    const Definition one = definition("SELECT time, 1 AS x FROM kpi.events");
    auto answer =
        (*open_store(one.place, settings))->ask(one, reference_of(one, last_hour).from, last_hour, {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable) << answer.error().message;
    EXPECT_THAT(answer.error().message, ::testing::Not(HasSubstr("s3cret")));
    for (const char* path : {"away.db", "not_mounted/kpi.db"}) {
        settings.set("analyzer_url",
                     {core::Secret("sqlite:///" + (folder_ / path).string()), "TRISTRATA_ANALYZER_URL"});
        const auto away =
            (*open_store(one.place, settings))->ask(one, reference_of(one, last_hour).from, last_hour, {});
        ASSERT_FALSE(away.has_value());
        EXPECT_EQ(away.error().kind, ErrorKind::unavailable) << "its windows are judged once it is there";
        EXPECT_THAT(away.error().message, HasSubstr(path));
    }
}

}  // namespace
}  // namespace tristrata::analyzer
