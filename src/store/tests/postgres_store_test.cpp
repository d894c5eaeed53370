#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <thread>

using namespace tristrata;
using namespace tristrata::store;
using core::ErrorKind;

namespace {

core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

class PostgresStoreTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<servers::PostgresServer>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static database::Postgres connect(const std::string& url) {
        database::PostgresOptions options;
        options.url = source_of(url);
        return database::Postgres(options);
    }
    /// A database of its own, empty.
    static std::string fresh() {
        static int made = 0;
        const std::string name = "store_" + std::to_string(made++);
        auto admin = connect(server_->url());
        EXPECT_TRUE(admin.run("CREATE DATABASE " + name));
        return name;
    }
    static void init(const std::string& name, Layer layer, const std::string& prefix = "") {
        const auto applied = init_postgres({source_of(server_->url(name)), prefix, true}, layer);
        ASSERT_TRUE(applied) << applied.error().message;
    }
    /// A user who may log in and has the role.
    static std::string user(const std::string& name, const std::string& role) {
        auto admin = connect(server_->url());
        EXPECT_TRUE(
            admin.run("CREATE ROLE " + name + " LOGIN PASSWORD 'word-of-" + name + "' IN ROLE " + role));
        return server_->url_of(name, "word-of-" + name, "");
    }
    static std::unique_ptr<Store> open(const std::string& url, Layer layer, OpenMode mode = OpenMode::write) {
        auto store = open_postgres(source_of(url), layer, mode);
        EXPECT_TRUE(store) << (store ? "" : store.error().message);
        return std::move(*store);
    }
    static sink::Record emit(const char* time, int number, std::string module = "m") {
        execution::KpiEmit emit;
        emit.emit_id = core::uuid_v5(core::tristrata_namespace(), time + std::to_string(number) + module);
        emit.time = *core::parse_timestamp(time);
        emit.module = std::move(module);
        emit.rows = {{core::uuid_v5(emit.emit_id, "x"), 0, "x", 1.0 * number},
                     {core::uuid_v5(emit.emit_id, "y"), 1, "y", 2.0 * number}};
        return execution::encode(emit);
    }
    static std::vector<sink::Record> emits(const char* time, int count) {
        std::vector<sink::Record> records;
        for (int i = 0; i < count; ++i) records.push_back(emit(time, i));
        return records;
    }
    static sink::Record event(core::Timestamp at, drift::Severity severity, std::string payload = "{}") {
        drift::Event one;
        one.event_id = core::uuid_v5(core::tristrata_namespace(), std::to_string(at.microseconds));
        one.module = "m";
        one.metric = "x";
        one.severity = severity;
        one.payload = std::move(payload);
        one.detected_at = at;
        return drift::encode({std::nullopt, {one}});
    }
    static std::unique_ptr<servers::PostgresServer> server_;
};
std::unique_ptr<servers::PostgresServer> PostgresStoreTest::server_;

}  // namespace

TEST_F(PostgresStoreTest,
       plain_partitions_are_taken_knowingly_and_a_store_that_was_never_made_names_the_command) {
    const std::string name = fresh();
    const auto store = open_postgres(source_of(server_->url(name)), Layer::kpi, OpenMode::write);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, ErrorKind::configuration);
    EXPECT_NE(store.error().message.find("tristrata store init --accept plain"), std::string::npos);
    const auto refused = init_postgres({source_of(server_->url(name)), "", false}, Layer::kpi);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("--accept plain"), std::string::npos) << refused.error().message;
    init(name, Layer::kpi);
    EXPECT_EQ(*init_postgres({source_of(server_->url(name)), "", false}, Layer::kpi), 0) << "it is there";
}

TEST_F(PostgresStoreTest, init_twice_and_at_once_is_harmless_for_both_layers_in_one_database) {
    const std::string name = fresh();
    const auto run = [&](Layer layer) {
        const auto applied = init_postgres({source_of(server_->url(name)), "once_", true}, layer);
        EXPECT_TRUE(applied) << applied.error().message;
    };
    {
        std::jthread one(run, Layer::kpi), two(run, Layer::kpi), three(run, Layer::drift),
            four(run, Layer::drift);
    }
    auto kpi = open(server_->url(name), Layer::kpi), drift = open(server_->url(name), Layer::drift);
    const auto status = kpi->status();
    ASSERT_TRUE(status) << status.error().message;
    const auto ahead = status->horizon.value() - core::system_clock().now();
    EXPECT_GT(ahead.microseconds, 30 * 86'400'000'000) << "thirty days ahead, at least";
    EXPECT_GT((drift->status()->horizon.value() - core::system_clock().now()).microseconds,
              30 * 86'400'000'000);
}

TEST(PostgresSchema, a_prefix_that_init_refuses_is_not_printed_either) {
    for (const std::string& prefix :
         {std::string("Cvn"), std::string("a'b"), std::string("1a"), std::string(41, 'a')}) {
        const auto schema = postgres_schema(Layer::kpi, prefix);
        ASSERT_FALSE(schema) << prefix;
        EXPECT_EQ(schema.error().kind, ErrorKind::usage);
        EXPECT_NE(schema.error().message.find("lower-case letters"), std::string::npos);
    }
    EXPECT_TRUE(postgres_schema(Layer::kpi, std::string(40, 'a')));
}

TEST_F(PostgresStoreTest, what_is_printed_for_a_dba_makes_the_same_tables) {
    const std::string ours = fresh(), theirs = fresh();
    init(ours, Layer::kpi, "print_");
    init(ours, Layer::drift, "print_");
    auto dba = connect(server_->url(theirs));
    for (const char* time : {"first", "again"})
        for (const Layer layer : {Layer::kpi, Layer::drift}) {
            const auto schema = postgres_schema(layer, "print_");
            ASSERT_TRUE(schema) << schema.error().message;
            const auto status = dba.run(*schema);
            ASSERT_TRUE(status) << time << ": " << status.error().message;
        }
    EXPECT_EQ(dba.query("SELECT count(*) FROM kpi.schema_version")->integer(0, 0), 3) << "each version once";
    const auto described = [](database::Postgres database) {
        auto rows = database.query(
            "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (SELECT format('%s.%s %s %s %s', "
            "table_schema, "
            "table_name, column_name, data_type, is_nullable) AS line FROM information_schema.columns WHERE "
            "table_schema IN ('kpi', 'drift') UNION ALL SELECT format('%s %s %s', table_name, grantee, "
            "privilege_type) FROM information_schema.table_privileges WHERE table_schema IN ('kpi', 'drift') "
            "UNION "
            "ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('kpi', 'drift')) AS all_lines");
        EXPECT_TRUE(rows) << rows.error().message;
        return rows->text(0, 0);
    };
    const std::string expected = described(connect(server_->url(ours)));
    EXPECT_GT(expected.size(), 10'000u);
    EXPECT_EQ(described(connect(server_->url(theirs))), expected);
    EXPECT_TRUE(open(server_->url(theirs), Layer::kpi));
}

TEST_F(PostgresStoreTest, a_prefix_stands_before_every_role_and_is_kept) {
    const std::string name = fresh();
    init(name, Layer::kpi, "cvntrade_");
    auto admin = connect(server_->url(name));
    EXPECT_EQ(admin
                  .query("SELECT count(*) FROM pg_roles WHERE rolname IN ('cvntrade_kpi_writer', "
                         "'cvntrade_maintenance', 'cvntrade_grafana_reader', 'cvntrade_sql_analyzer')")
                  ->integer(0, 0),
              4);
    const auto other = init_postgres({source_of(server_->url(name)), "other_", true}, Layer::kpi);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::configuration);
    EXPECT_TRUE(init_postgres({source_of(server_->url(name)), "", true}, Layer::kpi))
        << "what is there counts";
    for (const char* odd : {"a-b", "a\"; DROP", "1a", "A"})
        EXPECT_EQ(init_postgres({source_of(server_->url(name)), odd, true}, Layer::kpi).error().kind,
                  ErrorKind::usage);
}

TEST_F(PostgresStoreTest, a_user_without_superuser_rights_makes_the_tables) {
    const std::string name = fresh();
    auto admin = connect(server_->url());
    ASSERT_TRUE(
        admin.run("CREATE ROLE dba LOGIN CREATEROLE PASSWORD 'word-of-dba'; GRANT CREATE ON DATABASE " +
                  name + " TO dba"));
    const std::string url = server_->url_of("dba", "word-of-dba", name);
    for (const Layer layer : {Layer::kpi, Layer::drift}) {
        const auto applied = init_postgres({source_of(url), "dba_", true}, layer);
        ASSERT_TRUE(applied) << applied.error().message;
    }
    auto weak = admin.run("CREATE ROLE nobody_much LOGIN PASSWORD 'word'");
    const auto refused =
        init_postgres({source_of(server_->url_of("nobody_much", "word", fresh())), "", true}, Layer::kpi);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::configuration) << refused.error().message;
}

TEST_F(PostgresStoreTest, a_writer_may_insert_and_nothing_else_and_a_reader_may_only_read) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    init(name, Layer::drift);
    const std::string writer = user("writer", "kpi_writer") + name,
                      reader = user("reader", "grafana_reader") + name,
                      drifter = user("drifter", "drift_writer") + name;
    auto store = open(writer, Layer::kpi);
    for (const int count : {1, 300}) {  // As arrays, and staged.
        const auto stored = store->ingest(emits("2023-03-22", count), std::nullopt);
        ASSERT_TRUE(stored) << stored.error().message;
        EXPECT_EQ(stored->stored + stored->duplicate, 2u * static_cast<unsigned>(count));
    }
    EXPECT_EQ(store->query(KpiQuery{}).error().kind, ErrorKind::configuration);
    auto raw = connect(writer);
    for (const char* sql : {"SELECT * FROM kpi.events", "UPDATE kpi.events SET module = 'x'",
                            "DELETE FROM kpi.events", "TRUNCATE kpi.events", "DROP TABLE kpi.events",
                            "INSERT INTO kpi.archived_days VALUES "
                            "(current_date)",
                            "CREATE TABLE kpi.x (x integer)"})
        EXPECT_EQ(raw.query(sql).error().foreign_code, "42501") << sql;
    auto reads = open(reader, Layer::kpi, OpenMode::read);
    EXPECT_EQ(reads->query(KpiQuery{})->rows.size(), 600u);
    EXPECT_TRUE(reads->status());
    EXPECT_EQ(reads->ingest(emits("2023-03-22", 1), std::nullopt).error().kind, ErrorKind::configuration);
    auto events = open(drifter, Layer::drift);
    const sink::Record one = event({1'679'443'200'000'000}, drift::Severity::crit);
    EXPECT_EQ(events->ingest({&one, 1}, std::nullopt)->stored, 1u);
    EXPECT_EQ(events->promote({"m", std::string(64, 'a'), "bytes", "eve", "why", {}, {}}).error().kind,
              ErrorKind::configuration)
        << "references are for maintenance";
}

TEST_F(PostgresStoreTest, many_rows_are_stored_as_few_are_and_twice_is_once) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    auto store = open(server_->url(name), Layer::kpi);
    const auto records = emits("2023-03-22T00:00:00.123456Z", 2000);
    EXPECT_EQ(store->ingest(records, std::nullopt)->stored, 4000u);
    const auto again = store->ingest(records, std::nullopt);
    EXPECT_EQ(again->stored, 0u);
    EXPECT_EQ(again->duplicate, 4000u);
    // Half of it new, the duplicates first.
    std::vector<sink::Record> mixed(records.begin(), records.begin() + 200);
    for (int i = 5000; i < 5200; ++i) mixed.push_back(emit("2023-03-22", i));
    EXPECT_EQ(store->ingest(mixed, std::nullopt)->stored, 400u);
    auto database = connect(server_->url(name));
    EXPECT_EQ(database.query("SELECT count(*) FROM kpi.series")->integer(0, 0), 2);
    EXPECT_EQ(database.query("SELECT count(*) FROM kpi.events WHERE time = '2023-03-22 00:00:00.123456+00'")
                  ->integer(0, 0),
              4000);
}

TEST_F(PostgresStoreTest, one_record_that_is_refused_among_thousands_is_dead_alone) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    auto store = open(server_->url(name), Layer::kpi);
    auto records = emits("2023-03-22", 500);
    records.insert(records.begin() + 77, emit("2023-03-22", 1, ""));
    records.insert(records.begin() + 401, emit("2023-03-22", 1, std::string("a\0b", 3)));
    const auto result =
        store->ingest(records, BatchOrigin{core::uuid_v5(core::tristrata_namespace(), "s"), 1, 502});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->stored, 1000u);
    ASSERT_EQ(result->dead.size(), 2u);
    EXPECT_EQ(result->dead[0].first, 77u);
    EXPECT_EQ(result->dead[1].first, 401u);
    EXPECT_TRUE(result->dead[1].second.message.starts_with("module holds the character U+0000"))
        << result->dead[1].second.message;
    auto drift_store = [&] {
        init(name, Layer::drift);
        return open(server_->url(name), Layer::drift);
    }();
    const std::vector<sink::Record> events{
        event({1'679'443'200'000'001}, drift::Severity::info, R"({"a":NaN})"),
        event({1'679'443'200'000'002}, drift::Severity::info),
        event({1'679'443'200'000'003}, drift::Severity::info, R"({"a":{"b":["x","\u0000"]}})")};
    const auto half = drift_store->ingest(events, std::nullopt);
    ASSERT_TRUE(half) << half.error().message;
    EXPECT_EQ(half->stored, 1u);
    ASSERT_EQ(half->dead.size(), 2u);
    EXPECT_TRUE(half->dead[1].second.message.starts_with("payload at /a/b/1 holds the character U+0000"))
        << half->dead[1].second.message;
}

TEST_F(PostgresStoreTest, a_row_without_a_place_is_parked_and_the_others_are_stored) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    auto database = connect(server_->url(name));
    ASSERT_TRUE(database.run("INSERT INTO kpi.archived_days (day) VALUES ('2023-03-20')"));
    auto store = open(server_->url(name), Layer::kpi);
    std::vector<sink::Record> records;
    for (const char* time : {"2023-03-20", "2099-01-01", "1970-01-01", "2023-03-22"})
        records.push_back(emit(time, 1));
    const auto result = store->ingest(records, std::nullopt);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->stored, 8u);
    EXPECT_EQ(result->parked, 6u);
    EXPECT_EQ(store->query(KpiQuery{})->rows.size(), 2u);
    EXPECT_EQ(store->ingest(records, std::nullopt)->duplicate, 8u) << "parked once";
    const auto status = store->status();
    ASSERT_EQ(status->tables.size(), 2u);
    EXPECT_EQ(status->tables[1].name, "kpi.events_parked");
    EXPECT_EQ(status->tables[1].rows, 6u);
    EXPECT_EQ(status->parked_rest.ahead, 2u);
    EXPECT_EQ(status->parked_rest.before, 2u);
    EXPECT_GT(status->tables[0].bytes, status->tables[1].bytes);
    EXPECT_GT(status->tables[1].bytes, 0u);
    // A partition that leaves under the writer's feet: its rows are parked, not refused.
    ASSERT_TRUE(database.run("ALTER TABLE kpi.events DETACH PARTITION kpi.events_20230322"));
    const sink::Record late = emit("2023-03-22", 2);
    const auto parked = store->ingest({&late, 1}, std::nullopt);
    ASSERT_TRUE(parked) << parked.error().message;
    EXPECT_EQ(parked->parked, 2u);
    EXPECT_TRUE(parked->dead.empty());

    init(name, Layer::drift);
    auto events = open(server_->url(name), Layer::drift);
    const std::vector<sink::Record> two{event({4'070'908'800'000'000}, drift::Severity::crit),
                                        event({1'679'443'200'000'000}, drift::Severity::info)};
    const auto drifted = events->ingest(two, std::nullopt);
    ASSERT_TRUE(drifted) << drifted.error().message;
    EXPECT_EQ(drifted->stored, 2u);
    EXPECT_EQ(drifted->parked, 1u);
    EXPECT_EQ(events->status()->parked_rest.ahead, 1u);
    EXPECT_EQ(events->status()->parked_rest.before, 0u);
}

TEST_F(PostgresStoreTest, where_temporary_tables_are_not_granted_rows_go_as_arrays) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    auto admin = connect(server_->url(name));
    ASSERT_TRUE(admin.run("REVOKE TEMP ON DATABASE " + name + " FROM PUBLIC"));
    auto store = open(user("without_temp", "kpi_writer") + name, Layer::kpi);
    EXPECT_EQ(store->ingest(emits("2023-03-22", 500), std::nullopt)->stored, 1000u);
}

TEST_F(PostgresStoreTest, a_server_that_dies_and_comes_back_loses_nothing_that_was_committed) {
    servers::PostgresServer own;
    ASSERT_TRUE(init_postgres({source_of(own.url()), "", true}, Layer::kpi));
    auto store = open(own.url(), Layer::kpi);
    EXPECT_EQ(store->ingest(emits("2023-03-22", 10), std::nullopt)->stored, 20u);
    own.stop();
    const sink::Record one = emit("2023-03-22", 10);
    const auto down = store->ingest({&one, 1}, std::nullopt);
    ASSERT_FALSE(down);
    EXPECT_TRUE(core::traits(down.error().kind).retry) << down.error().message;
    own.start();
    EXPECT_EQ(store->ingest({&one, 1}, std::nullopt)->stored, 2u) << "the same store connects anew";
    EXPECT_EQ(store->query(KpiQuery{})->rows.size(), 22u);
}

TEST_F(PostgresStoreTest, a_reference_is_neither_changed_nor_deleted_behind_the_programs_back) {
    const std::string name = fresh();
    init(name, Layer::drift);
    auto store = open(server_->url(name), Layer::drift, OpenMode::maintain);
    ASSERT_TRUE(store->promote({"m", std::string(64, 'a'), "bytes", "eve", "why", {}, {}}));
    auto database = connect(server_->url(name));
    for (const char* sql : {"UPDATE drift.\"references\" SET who = 'mallory'",
                            "DELETE FROM drift.\"references\"", "TRUNCATE drift.\"references\""})
        EXPECT_FALSE(database.query(sql)) << sql;
    EXPECT_EQ(store->current_reference("m")->who, "eve");
}

TEST_F(PostgresStoreTest, a_resent_batch_is_stored_also_where_some_of_it_never_can_be) {
    const std::string name = fresh();
    init(name, Layer::kpi);
    auto store = open(server_->url(name), Layer::kpi);
    const std::vector<sink::Record> records{emit("2023-03-22", 1),
                                            {sink::RecordClass::kpi, "no record", 1},
                                            emit("2023-03-22", 1, "")};  // No module: the table refuses it.
    const BatchOrigin origin{core::uuid_v5(core::tristrata_namespace(), "spool"), 7, 100};
    for (int i = 0; i < 2; ++i) {
        const auto result = store->ingest(records, origin);
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->stored, 2u);
        EXPECT_EQ(result->dead.size(), 2u) << "what was dead is dead again";
    }
    EXPECT_EQ(store->query(KpiQuery{})->rows.size(), 2u);
}
