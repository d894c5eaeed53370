#include "store_backend.hpp"

#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store_sink.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <set>
#include <thread>

using namespace tristrata;
using namespace tristrata::store;

namespace {

std::string fresh_folder() {
    static int made = 0;
    const auto folder = std::filesystem::temp_directory_path() /
                        ("conformance_" + std::to_string(::getpid()) + "_" + std::to_string(made++));
    std::filesystem::create_directories(folder);
    return folder.string();
}

const StoreBackend sqlite{"sqlite",
                          [](Layer layer) {
                              const std::string path = fresh_folder() + "/store.db";
                              EXPECT_TRUE(init_sqlite(path, layer, core::system_clock()));
                              return path;
                          },
                          open_sqlite};

core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

servers::PostgresServer& server() {
    static servers::PostgresServer running({"--pooler"});
    return running;
}

/// The layer's database, initialised once and emptied for each test; returns its name.
std::string empty_database(Layer layer) {
    static std::set<std::string> initialised;
    const std::string name = layer == Layer::kpi ? "conformance_kpi" : "conformance_drift";
    if (initialised.insert(name).second) {
        database::PostgresOptions options;
        options.url = source_of(server().url());
        EXPECT_TRUE(database::Postgres(options).run("CREATE DATABASE " + name));
        const auto applied = init_postgres({source_of(server().url(name)), "", true}, layer);
        EXPECT_TRUE(applied) << applied.error().message;
    }
    database::PostgresOptions options;
    options.url = source_of(server().url(name));
    // As a replica, past the trigger that keeps references.
    const auto emptied = database::Postgres(options).run(
        layer == Layer::kpi ? "DELETE FROM kpi.events; DELETE FROM kpi.series; DELETE FROM kpi.batches"
                            : "SET session_replication_role = replica; DELETE FROM drift.events; DELETE FROM "
                              "drift.reports; DELETE FROM drift.\"references\"; DELETE FROM drift.profiles");
    EXPECT_TRUE(emptied) << emptied.error().message;
    return name;
}

core::Result<std::unique_ptr<Store>> open_url(const std::string& url, Layer layer, OpenMode mode) {
    return open_postgres(source_of(url), layer, mode);
}

const StoreBackend postgresql{"postgresql", [](Layer layer) { return server().url(empty_database(layer)); },
                              open_url};
const StoreBackend pooled{"postgresql_behind_a_pooler",
                          [](Layer layer) { return server().pooler_url(empty_database(layer)); }, open_url};

execution::KpiEmit emit_at(const char* time, std::string name, double value, std::string module = "m") {
    execution::KpiEmit emit;
    emit.emit_id = core::uuid_v5(core::tristrata_namespace(), std::string(time) + name + module);
    emit.time = *core::parse_timestamp(time);
    emit.module = std::move(module);
    emit.rows = {{core::uuid_v5(emit.emit_id, name), 0, name, value}};
    return emit;
}

drift::Event event_of(std::string metric, drift::Severity severity = drift::Severity::warn) {
    drift::Event event;
    event.event_id = core::uuid_v5(core::tristrata_namespace(), metric);
    event.module = "api";
    event.drift_type = drift::DriftType::latency_drift;
    event.metric = std::move(metric);
    event.severity = severity;
    event.payload = R"({"a":1})";
    event.detected_at = core::Timestamp{1'679'443'200'123'456};
    return event;
}

class Conformance : public ::testing::TestWithParam<StoreBackend> {
protected:
    std::unique_ptr<Store> open(Layer layer) {
        where_ = GetParam().make(layer);
        return again(layer);
    }
    std::unique_ptr<Store> again(Layer layer, OpenMode mode = OpenMode::write) {
        auto store = GetParam().open(where_, layer, mode);
        EXPECT_TRUE(store) << (store ? "" : store.error().message);
        return std::move(*store);
    }
    std::string where_;
};

}  // namespace

TEST_P(Conformance, a_replayed_emit_is_a_duplicate_and_changes_nothing) {
    auto store = open(Layer::kpi);
    const sink::Record record = execution::encode(emit_at("2023-03-22T00:00:00.123456Z", "m1", 0.1));
    const auto first = store->ingest({&record, 1}, std::nullopt),
               second = store->ingest({&record, 1}, std::nullopt);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->stored, 1u);
    EXPECT_EQ(second->stored, 0u);
    EXPECT_EQ(second->duplicate, 1u);
    const auto page = store->query(KpiQuery{});
    ASSERT_EQ(page->rows.size(), 1u);
    EXPECT_EQ(page->rows[0].time.microseconds, 1'679'443'200'123'456) << "to the microsecond";
    EXPECT_EQ(*page->rows[0].value, 0.1);
}

TEST_P(Conformance, a_resent_batch_is_stored_and_not_duplicate) {
    auto store = open(Layer::kpi);
    const sink::Record record = execution::encode(emit_at("2023-03-22", "m1", 1));
    const BatchOrigin origin{core::uuid_v5(core::tristrata_namespace(), "spool"), 7, 100};
    EXPECT_EQ(store->ingest({&record, 1}, origin)->stored, 1u);
    const auto resent = store->ingest({&record, 1}, origin);
    EXPECT_EQ(resent->stored, 1u);
    EXPECT_EQ(resent->duplicate, 0u);
    EXPECT_EQ(store->query(KpiQuery{})->rows.size(), 1u);
}

TEST_P(Conformance, a_spool_that_was_put_back_gives_a_number_out_again_and_loses_nothing) {
    auto store = open(Layer::kpi);
    const BatchOrigin origin{core::uuid_v5(core::tristrata_namespace(), "spool"), 7, 100};
    const std::vector<sink::Record> before{execution::encode(emit_at("2023-03-22", "m1", 1)),
                                           execution::encode(emit_at("2023-03-22", "m2", 1))};
    const std::vector<sink::Record> after{before[0], execution::encode(emit_at("2023-03-22", "m3", 1))};
    EXPECT_EQ(store->ingest(before, origin)->stored, 2u);
    EXPECT_EQ(store->ingest(after, origin)->stored, 2u);
    EXPECT_EQ(store->query(KpiQuery{})->rows.size(), 3u);
}

TEST_P(Conformance, a_report_pushed_twice_is_one_set_of_rows) {
    auto store = open(Layer::drift);
    drift::Push push{core::uuid_v5(core::tristrata_namespace(), "push"),
                     {event_of("a"), event_of("b", drift::Severity::crit)}};
    const sink::Record record = drift::encode(push);
    EXPECT_EQ(store->ingest({&record, 1}, std::nullopt)->stored, 2u);
    push.events[0].detected_at.microseconds += 5;  // Even where its rows look new.
    const sink::Record again = drift::encode(push);
    EXPECT_EQ(store->ingest({&again, 1}, std::nullopt)->duplicate, 2u);
    EXPECT_EQ(store->query(DriftQuery{})->rows.size(), 2u);
}

TEST_P(Conformance, a_record_that_can_never_be_stored_is_dead_and_the_others_are_stored) {
    auto store = open(Layer::kpi);
    const std::vector<sink::Record> records{
        execution::encode(emit_at("2023-03-22", "a", 1)),
        {sink::RecordClass::kpi, "no record", 1},
        execution::encode(emit_at("2023-03-22", "b", 1, "")),  // No module: the table refuses it.
        execution::encode(emit_at("2023-03-22", "c", 1))};
    const auto result = store->ingest(records, std::nullopt);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->stored, 2u);
    ASSERT_EQ(result->dead.size(), 2u);
    EXPECT_EQ(result->dead[0].first, 1u);
    EXPECT_EQ(result->dead[1].first, 2u);
}

TEST_P(Conformance, an_emit_is_whole_or_not_at_all) {
    auto store = open(Layer::kpi);
    auto emit = emit_at("2023-03-22", "good", 1);
    emit.rows.push_back({core::uuid_v5(emit.emit_id, "bad"), 1, "", 2.0});  // The second row is refused.
    const sink::Record record = execution::encode(emit);
    const auto result = store->ingest({&record, 1}, std::nullopt);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->stored, 0u);
    EXPECT_TRUE(store->query(KpiQuery{})->rows.empty());
}

TEST_P(Conformance, queries_filter_group_and_say_when_they_were_cut) {
    auto store = open(Layer::kpi);
    std::vector<sink::Record> records;
    for (const auto& [time, value] : std::vector<std::pair<const char*, double>>{{"2023-03-22T00:10:00Z", 1},
                                                                                 {"2023-03-22T00:50:00Z", 3},
                                                                                 {"2023-03-22T01:00:00Z", 5},
                                                                                 {"2023-03-23T00:00:00Z", 7}})
        records.push_back(execution::encode(emit_at(time, "m", value)));
    records.push_back(execution::encode(emit_at("2023-03-22T00:10:00Z", "other", 9)));
    ASSERT_TRUE(store->ingest(records, std::nullopt));
    KpiQuery query;
    query.metric = "m";
    query.by = KpiQuery::By::hour;
    const auto hours = store->query(query);
    ASSERT_EQ(hours->rows.size(), 3u);
    EXPECT_EQ(core::to_string(hours->rows[2].time), "2023-03-22T00:00:00Z");
    EXPECT_EQ(*hours->rows[2].value, 2.0);
    EXPECT_EQ(hours->rows[2].count, 2u);
    query.by = KpiQuery::By::day;
    EXPECT_EQ(store->query(query)->rows.size(), 2u);
    query.by = KpiQuery::By::row;
    query.range = *core::parse_time_range("2023-03-22T00:50:00Z..2023-03-23");
    EXPECT_EQ(store->query(query)->rows.size(), 2u) << "half open";
    query.limit = 1;
    EXPECT_TRUE(store->query(query)->truncated);
    query.limit = 2;
    EXPECT_FALSE(store->query(query)->truncated);
}

TEST_P(Conformance, drift_events_are_found_by_severity_run_and_id) {
    auto store = open(Layer::drift);
    drift::Push push{
        std::nullopt,
        {event_of("i", drift::Severity::info), event_of("w"), event_of("c", drift::Severity::crit)}};
    push.events[1].run_id = "r1";
    const sink::Record record = drift::encode(push);
    ASSERT_TRUE(store->ingest({&record, 1}, std::nullopt));
    DriftQuery query;
    query.severity_at_least = drift::Severity::warn;
    EXPECT_EQ(store->query(query)->rows.size(), 2u);
    query.run_id = "r1";
    EXPECT_EQ(store->query(query)->rows.size(), 1u);
    const auto found = store->find_event(push.events[2].event_id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at(0).payload, R"({"a":1})");
    EXPECT_EQ(store->find_event(core::Uuid{}).error().kind, core::ErrorKind::not_found);
}

TEST_P(Conformance, the_beginning_of_an_id_names_its_event_where_no_other_begins_so) {
    auto store = open(Layer::drift);
    drift::Push push{std::nullopt, {event_of("a"), event_of("b"), event_of("c")}};
    const char* ids[]{"2ed6657d-e927-568b-95e1-2665a8aea6a2", "2ed6657d-ffff-568b-95e1-2665a8aea6a2",
                      "ffd6657d-e927-568b-95e1-2665a8aea6a2"};
    for (std::size_t i = 0; i < 3; ++i) push.events[i].event_id = *core::parse_uuid(ids[i]);
    const sink::Record record = drift::encode(push);
    ASSERT_TRUE(store->ingest({&record, 1}, std::nullopt));
    EXPECT_EQ(store->find_event_id("2ed6657d-e").value(), push.events[0].event_id);
    EXPECT_EQ(store->find_event_id("FF").value(), push.events[2].event_id);
    const auto several = store->find_event_id("2ed6657d");
    EXPECT_EQ(several.error().kind, core::ErrorKind::usage);
    EXPECT_NE(several.error().message.find(ids[1]), std::string::npos) << several.error().message;
    EXPECT_EQ(store->find_event_id("abc").error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(store->find_event_id("%").error().kind, core::ErrorKind::not_found);
}

TEST_P(Conformance, names_and_numbers_come_back_as_they_went_in) {
    auto store = open(Layer::kpi);
    const std::string name = "a'b\"c\n<script>😀";
    std::vector<sink::Record> records;
    const std::vector<double> values{5e-324, 1.7976931348623157e308, -0.1, 1e16 + 2};
    for (std::size_t i = 0; i < values.size(); ++i)
        records.push_back(execution::encode(
            emit_at(("2023-03-22T00:00:0" + std::to_string(i)).c_str(), name, values[i], name)));
    ASSERT_TRUE(store->ingest(records, std::nullopt));
    const auto page = store->query(KpiQuery{});
    ASSERT_EQ(page->rows.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(page->rows[values.size() - 1 - i].value, values[i]);
        EXPECT_EQ(page->rows[i].module, name);
        EXPECT_EQ(page->rows[i].metric_name, name);
    }
}

TEST_P(Conformance, two_writers_at_once_lose_nothing) {
    auto first = open(Layer::kpi);
    constexpr int emits = 40;
    const auto write = [&](std::string module) {
        auto store = again(Layer::kpi);
        StoreSink sink(*store, sink::RecordClass::kpi);
        for (int i = 0; i < emits; ++i) {
            const sink::Record record =
                execution::encode(emit_at("2023-03-22", "m" + std::to_string(i), i, module));
            const auto done = sink.append({&record, 1});
            ASSERT_TRUE(done) << done.error().message;
            EXPECT_EQ(done->durability, sink::Durability::committed);
        }
    };
    std::jthread one(write, "one"), two(write, "two");
    one.join();
    two.join();
    EXPECT_EQ(first->query(KpiQuery{})->rows.size(), 2u * emits);
}

TEST_P(Conformance, status_counts_rows_and_names_the_span) {
    auto store = open(Layer::kpi);
    EXPECT_FALSE(store->status()->tables.at(0).first);
    const std::vector<sink::Record> records{execution::encode(emit_at("2023-03-22", "a", 1)),
                                            execution::encode(emit_at("2023-03-23", "b", 1))};
    ASSERT_TRUE(store->ingest(records, std::nullopt));
    const auto status = store->status();
    EXPECT_EQ(status->tables.at(0).rows, 2u);
    EXPECT_EQ(core::to_string(*status->tables.at(0).last), "2023-03-23T00:00:00Z");
    EXPECT_EQ(status->schema_version, status->newest_version);
    EXPECT_GT(status->tables.at(0).bytes, 0u);
}

TEST_P(Conformance, the_wrong_layer_is_refused) {
    auto store = open(Layer::kpi);
    EXPECT_FALSE(store->query(DriftQuery{}));
    EXPECT_FALSE(GetParam().open(where_, Layer::drift, OpenMode::read));
    StoreSink sink(*store, sink::RecordClass::kpi);
    const sink::Record record = drift::encode({std::nullopt, {event_of("x")}});
    EXPECT_EQ(sink.append({&record, 1}).error().kind, core::ErrorKind::refused);
}

TEST_P(Conformance, a_reference_is_promoted_replaced_and_rolled_back_by_new_rows) {
    auto store = open(Layer::drift);
    EXPECT_EQ(store->current_reference("m").error().kind, core::ErrorKind::not_found);
    std::string bytes("\0bytes\0", 7);
    Promotion promotion{"m", std::string(64, 'a'), bytes, "eve", "first", {1'000'000}, {}};
    const auto first = store->promote(promotion);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->version, 1);
    EXPECT_FALSE(first->replaces);
    promotion.profile_sha256 = std::string(64, 'b');
    promotion.bytes = "others";
    promotion.at = {2'000'000};
    promotion.expires_at = core::Timestamp{9'000'000};
    ASSERT_TRUE(store->promote(promotion));
    EXPECT_EQ(store->current_reference("m")->replaces, 1);
    EXPECT_EQ(store->current_reference("m")->expires_at->microseconds, 9'000'000);

    const auto back = store->roll_back({"m", {}, "ann", "too early", {3'000'000}, {}});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->version, 3);
    EXPECT_EQ(back->replaces, 2);
    EXPECT_EQ(back->profile_sha256, std::string(64, 'a'));
    EXPECT_FALSE(back->expires_at) << "that of the one returned to";
    EXPECT_EQ(*store->profile(store->current_reference("m")->profile_sha256), bytes);
    const auto page = store->query(ReferenceQuery{});
    ASSERT_EQ(page->rows.size(), 3u);
    EXPECT_EQ(page->rows[0].version, 3);
    EXPECT_EQ(page->rows[2].why, "first");
    EXPECT_TRUE(store->query(ReferenceQuery{{}, 2})->truncated);
    EXPECT_EQ(store->roll_back({"m", 2, "ann", "after all", {4'000'000}, {}})->profile_sha256,
              std::string(64, 'b'));
}

TEST_P(Conformance, a_second_rollback_goes_further_back_and_never_to_what_was_rolled_back_from) {
    auto store = open(Layer::drift);
    const auto promote = [&](char profile, std::int64_t at) {
        ASSERT_TRUE(
            store->promote({"m", std::string(64, profile), std::string(1, profile), "eve", "why", {at}, {}}));
    };
    const auto back = [&](std::int64_t at) { return store->roll_back({"m", {}, "ann", "bad", {at}, {}}); };
    promote('a', 1);
    promote('b', 2);
    promote('c', 3);
    EXPECT_EQ(back(4)->profile_sha256, std::string(64, 'b'));
    const auto second = back(5);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->profile_sha256, std::string(64, 'a')) << "not the one just judged bad";
    EXPECT_EQ(second->why, "back to 1: bad");
    const auto none = back(6);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, core::ErrorKind::not_found);
    EXPECT_NE(none.error().message.find("promoted first"), std::string::npos) << none.error().message;

    promote('d', 7);  // In place of the rollback to a: a is what stood before it.
    EXPECT_EQ(back(8)->profile_sha256, std::string(64, 'a'));
    EXPECT_FALSE(back(9));
    ASSERT_TRUE(store->roll_back({"m", 3, "ann", "c after all", {10}, {}}));
    EXPECT_EQ(back(11)->profile_sha256, std::string(64, 'b')) << "before c stood b";
}

TEST_P(Conformance, a_reason_that_only_reads_like_a_rollback_is_none) {
    auto store = open(Layer::drift);
    const auto promote = [&](char profile, std::string why, std::int64_t at) {
        ASSERT_TRUE(store->promote(
            {"m", std::string(64, profile), std::string(1, profile), "eve", std::move(why), {at}, {}}));
    };
    promote('a', "first", 1);
    promote('b', "second", 2);
    promote('c', "back to 1: or so", 3);
    EXPECT_EQ(store->roll_back({"m", {}, "ann", "bad", {4}, {}})->profile_sha256, std::string(64, 'b'));
}

TEST_P(Conformance, references_of_modules_are_apart_and_explain_themselves) {
    auto store = open(Layer::drift);
    Promotion promotion{"m", std::string(64, 'a'), "bytes", "eve", "why", {1}, {}};
    ASSERT_TRUE(store->promote(promotion));
    EXPECT_EQ(store->roll_back({"m", {}, "ann", "why", {2}, {}}).error().kind, core::ErrorKind::not_found)
        << "nothing to return to";
    EXPECT_EQ(store->roll_back({"m", 7, "ann", "why", {2}, {}}).error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(store->roll_back({"n", {}, "ann", "why", {2}, {}}).error().kind, core::ErrorKind::not_found);
    promotion.module = "n";
    EXPECT_EQ(store->promote(promotion)->version, 1) << "the same profile, once kept";
    EXPECT_EQ(store->query(ReferenceQuery{"n", 10})->rows.size(), 1u);
    promotion.why = "";
    EXPECT_EQ(store->promote(promotion).error().kind, core::ErrorKind::usage);
    EXPECT_EQ(store->profile(std::string(64, 'c')).error().kind, core::ErrorKind::not_found);
    auto kpi = open(Layer::kpi);
    EXPECT_EQ(kpi->promote(promotion).error().kind, core::ErrorKind::usage);
}

INSTANTIATE_TEST_SUITE_P(Backends, Conformance, ::testing::Values(sqlite, postgresql, pooled),
                         [](const auto& backend) { return backend.param.name; });
