#pragma once

#include "servers/postgres_server.hpp"
#include "tristrata/archive/restore.hpp"
#include "tristrata/archive/retain.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace tristrata::archive {

enum class Where : std::uint8_t { sqlite, postgresql };

inline core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

inline servers::PostgresServer& server() {
    static servers::PostgresServer running;
    return running;
}

inline core::Timestamp at(const std::string& text) { return *core::parse_timestamp(text); }

/// Rows as a test knows them, whatever any store made of them.
using Rows = std::vector<store::EventRow>;

inline Rows sorted(Rows rows) {
    std::ranges::sort(rows);
    return rows;
}

/// Takes rows as a table with the unique key of a layer would.
class KeptRows final : public store::EventTarget {
public:
    explicit KeptRows(store::Layer layer) : layer_(layer) {}
    core::Result<std::uint64_t> insert(std::span<const store::EventRow> rows) override {
        std::uint64_t fresh = 0;
        for (auto row : rows) {
            const auto key = std::pair(std::get<std::string>(row[store::id_column(layer_)]),
                                       std::get<std::int64_t>(row[store::time_column(layer_)]));
            if (layer_ == store::Layer::drift) row[0] = std::int64_t{0};  // The order of arrival.
            fresh += rows_.emplace(key, std::move(row)).second ? 1 : 0;
        }
        return fresh;
    }
    [[nodiscard]] core::Status holds(const store::EventRow& /*row*/) const override { return {}; }
    [[nodiscard]] const std::string& where() const override { return where_; }
    [[nodiscard]] Rows all() const {
        Rows rows;
        for (const auto& [key, row] : rows_) rows.push_back(row);
        return sorted(std::move(rows));
    }

private:
    store::Layer layer_;
    std::map<std::pair<std::string, std::int64_t>, store::EventRow> rows_;
    std::string where_ = "a test";
};

/// A store of a layer on one of the backends, and a folder for the archive, both empty and the test's own.
class ArchiveTest : public ::testing::TestWithParam<Where> {
protected:
    ArchiveTest() {
        // Where a sync costs nothing: what a sync is for is shown elsewhere.
        const std::filesystem::path memory = "/dev/shm";
        std::string pattern =
            (std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()) /
            "archive-XXXXXX";
        base = ::mkdtemp(pattern.data());
        objects = std::move(*objects::open("file://" + (base / "archive").string()));
    }
    ~ArchiveTest() override { std::filesystem::remove_all(base); }

    void make(store::Layer wanted) {
        layer = wanted;
        if (GetParam() == Where::sqlite) {
            url = (base / "store.db").string();
            ASSERT_TRUE(store::init_sqlite(url, layer, clock));
            return;
        }
        static int made = 0;
        const std::string name = "archive_" + std::to_string(made++);
        ASSERT_TRUE(connect(server().url()).run("CREATE DATABASE " + name));
        url = server().url(name);
        const auto applied = store::init_postgres({source_of(url), "", true}, layer);
        ASSERT_TRUE(applied) << applied.error().message;
    }
    /// A second store of the layer, in place of the first.
    void make_another() {
        if (GetParam() == Where::postgresql) return make(layer);
        url = (base / "another.db").string();
        ASSERT_TRUE(store::init_sqlite(url, layer, clock));
    }
    static database::Postgres connect(const std::string& to) {
        database::PostgresOptions options;
        options.url = source_of(to);
        return database::Postgres(options);
    }
    std::unique_ptr<store::Store> open_store(store::OpenMode mode = store::OpenMode::write) {
        auto opened = GetParam() == Where::sqlite ? store::open_sqlite(url, layer, mode)
                                                  : store::open_postgres(source_of(url), layer, mode);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
        return std::move(*opened);
    }
    std::unique_ptr<store::Retention> open_retention() {
        auto opened = GetParam() == Where::sqlite ? store::open_sqlite_retention(url, layer, clock)
                                                  : store::open_postgres_retention(source_of(url), layer);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
        return std::move(*opened);
    }
    /// Emits of two rows each on a day, through the store as a writer does; adds them to what is expected.
    void emit(const std::string& day, int count, const std::string& name = "e") {
        std::vector<sink::Record> records;
        for (int i = 0; i < count; ++i) {
            execution::KpiEmit one;
            one.time = at(day) + core::Duration{i * 1'234'567};
            one.emit_id = core::uuid_v5(core::tristrata_namespace(), day + name + std::to_string(i));
            one.module = i % 2 == 0 ? "even" : "odd";
            if (i % 3 == 0) one.run_id = "run-" + std::to_string(i % 2);
            if (i % 3 == 1) one.dag_node = "node";
            if (i % 2 == 0) one.duration_ms = i;
            if (i % 4 == 0) one.success = i % 8 == 0;
            if (i % 2 == 1) one.tags = {{"fold_id", "ü " + std::to_string(i)}};
            one.rows = {{core::uuid_v5(one.emit_id, "x"), 0, "x", 0.1 * i},
                        {core::uuid_v5(one.emit_id, "y"), 1, "y", -1e300 * i}};
            records.push_back(execution::encode(one));
            for (const auto& row : one.rows) expected.push_back(row_of(one, row));
        }
        const auto stored = open_store()->ingest(records, std::nullopt);
        ASSERT_TRUE(stored) << stored.error().message;
        ASSERT_TRUE(stored->dead.empty());
    }
    static store::EventRow row_of(const execution::KpiEmit& one, const execution::KpiRow& row) {
        const auto maybe = [](const auto& value) {
            return value ? store::EventValue(*value) : store::EventValue();
        };
        std::string tags = "{";
        for (const auto& [key, value] : one.tags) tags += '"' + key + "\":\"" + value + '"';
        return {one.time.microseconds,
                maybe(one.run_id),
                one.module,
                maybe(one.dag_node),
                row.metric_name,
                row.metric_value,
                tags + '}',
                maybe(one.duration_ms),
                one.success ? store::EventValue(std::int64_t{*one.success ? 1 : 0}) : store::EventValue(),
                core::to_string(row.event_id),
                core::to_string(one.emit_id),
                std::int64_t{row.emit_seq}};
    }
    void push(const std::string& time, drift::Severity severity, const std::string& payload = "{}",
              const std::string& module = "m", const std::string& run_id = "r") {
        drift::Event event;
        event.event_id = core::uuid_v5(core::tristrata_namespace(), time + payload + module);
        event.module = module;
        event.run_id = run_id;
        event.metric = "psi_x";
        event.reference_value = 1.5;
        event.significance = 0.04;
        event.severity = severity;
        event.payload = payload;
        event.detected_at = at(time);
        const auto stored =
            open_store()->ingest(std::vector{drift::encode({std::nullopt, {event}})}, std::nullopt);
        ASSERT_TRUE(stored) << stored.error().message;
        expected.push_back({std::int64_t{0}, core::to_string(event.event_id), store::EventValue(), run_id,
                            module, std::string(drift::name(event.drift_type)), "psi_x", 1.5,
                            store::EventValue(), 0.04, std::string(drift::name(severity)), payload,
                            event.detected_at.microseconds});
    }
    core::Result<RetainOutcome> run(RetainOptions options = {}) {
        core::Task task;
        task.clock = &clock;
        auto retention = open_retention();
        return retain(*retention, layer, *objects, options, task);
    }
    /// What the archive gives back.
    Rows archived() {
        KeptRows target(layer);
        core::Task task;
        const auto done = restore(*objects, layer, {}, target, "", task);
        EXPECT_TRUE(done || done.error().kind == core::ErrorKind::not_found) << done.error().message;
        EXPECT_TRUE(!done || done->damaged.empty()) << "a part is damaged";
        return target.all();
    }
    std::uint64_t stored_rows() { return open_store(store::OpenMode::read)->status()->tables.front().rows; }

    // A day that PostgreSQL's own clock has behind it too.
    core::ManualClock clock{core::Timestamp{core::system_clock().now()}};
    store::Layer layer = store::Layer::kpi;
    std::string url;
    std::filesystem::path base;
    std::unique_ptr<objects::ObjectStore> objects;
    Rows expected;
};

inline std::string name_of(const ::testing::TestParamInfo<Where>& info) {
    return info.param == Where::sqlite ? "sqlite" : "postgresql";
}

}  // namespace tristrata::archive
