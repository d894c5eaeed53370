#include "tristrata/store/copy_store.hpp"

#include "servers/postgres_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::store;

namespace {

class CopyStoreTest : public ::testing::Test {
protected:
    CopyStoreTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "copy-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    ~CopyStoreTest() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] core::SecretSource admin() const {
        return {"TRISTRATA_TEST_URL",
                [url = server_.url()] { return core::Result<core::Secret>(core::Secret(url)); }};
    }
    std::unique_ptr<Store> make(Layer layer) {
        path_ = (folder_ / "store.db").string();
        EXPECT_TRUE(init_sqlite(path_, layer, core::system_clock()));
        const auto applied = init_postgres({admin(), "", true}, layer);
        EXPECT_TRUE(applied) << (applied ? "" : applied.error().message);
        return std::move(*open_sqlite(path_, layer, OpenMode::write));
    }
    CopyOutcome copy(Layer layer) {
        auto done = copy_to_postgres(path_, layer, admin(), {});
        EXPECT_TRUE(done) << (done ? "" : done.error().message);
        return done.value_or(CopyOutcome{});
    }
    servers::PostgresServer server_;
    std::filesystem::path folder_;
    std::string path_;
};

}  // namespace

TEST_F(CopyStoreTest, kpis_go_over_as_they_are_and_a_second_copy_adds_what_came_since) {
    auto source = make(Layer::kpi);
    const auto emit = [&](const char* time, const std::string& tag) {
        execution::KpiEmit one;
        one.time = *core::parse_timestamp(time);
        one.emit_id = core::uuid_v5(core::tristrata_namespace(), time + tag);
        one.module = "m";
        one.run_id = "r";
        one.success = true;
        one.tags = {{"fold_id", tag}};
        one.rows = {{core::uuid_v5(one.emit_id, "x"), 0, "x", 0.1},
                    {core::uuid_v5(one.emit_id, "y"), 1, "y", 0.2}};
        ASSERT_TRUE(source->ingest(std::vector{execution::encode(one)}, std::nullopt));
    };
    emit("2024-02-29T10:00:00.000001Z", "ü");
    emit("1999-12-31T10:00:00Z", "before there are partitions");
    const auto first = copy(Layer::kpi);
    EXPECT_EQ(first.rows, 4u);
    EXPECT_EQ(first.copied, 4u);
    EXPECT_EQ(first.parked, 2u);
    emit("2024-02-29T11:00:00Z", "later");
    const auto second = copy(Layer::kpi);
    EXPECT_EQ(second.rows, 6u);
    EXPECT_EQ(second.copied, 2u);
    EXPECT_EQ(second.there_already, 4u);
    KpiQuery query;
    query.range.from = *core::parse_timestamp("2000-01-01");
    auto target = std::move(*open_postgres(admin(), Layer::kpi, OpenMode::maintain));
    const auto here = source->query(query), there = target->query(query);
    ASSERT_TRUE(here && there);
    ASSERT_EQ(here->rows.size(), 4u);
    ASSERT_EQ(there->rows.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(here->rows[i].time, there->rows[i].time);
        EXPECT_EQ(here->rows[i].event_id, there->rows[i].event_id);
        EXPECT_EQ(here->rows[i].value, there->rows[i].value);
        EXPECT_EQ(here->rows[i].tags, there->rows[i].tags);
        EXPECT_EQ(here->rows[i].success, there->rows[i].success);
    }
}

TEST_F(CopyStoreTest, drift_goes_over_with_reports_and_references_and_what_postgresql_refuses_is_counted) {
    auto source = make(Layer::drift);
    const auto push = [&](const std::string& metric, const std::string& payload) {
        drift::Event event;
        event.event_id = core::uuid_v5(core::tristrata_namespace(), metric);
        event.module = "m";
        event.metric = metric;
        event.severity = drift::Severity::crit;
        event.payload = payload;
        event.detected_at = *core::parse_timestamp("2024-05-03T10:00:00Z");
        ASSERT_TRUE(source->ingest(std::vector{drift::encode({event.event_id, {event}})}, std::nullopt));
    };
    push("good", R"({"a":"ü"})");
    push("zero", R"({"a":"\u0000"})");
    const std::string bytes("a\0b\xff", 4);
    ASSERT_TRUE(source->promote({"m", std::string(64, 'a'), bytes, "eve", "first", {1}, {}}));
    ASSERT_TRUE(
        source->promote({"m", std::string(64, 'b'), "two", "eve", "second", {2}, core::Timestamp{9}}));
    const auto done = copy(Layer::drift);
    EXPECT_EQ(done.rows, 2u);
    EXPECT_EQ(done.copied, 1u);
    EXPECT_EQ(done.refused, 1u);
    EXPECT_TRUE(done.first_refusal);
    EXPECT_EQ(done.references, 2u);
    auto target = std::move(*open_postgres(admin(), Layer::drift, OpenMode::maintain));
    const auto good = target->find_event(core::uuid_v5(core::tristrata_namespace(), "good"));
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->at(0).payload, R"({"a":"ü"})");
    EXPECT_EQ(target->profile(std::string(64, 'a')).value(), bytes);
    const auto current = target->current_reference("m");
    ASSERT_TRUE(current) << current.error().message;
    EXPECT_EQ(current->version, 2);
    EXPECT_EQ(current->why, "second");
    EXPECT_EQ(current->expires_at, core::Timestamp{9});
    EXPECT_EQ(copy(Layer::drift).references, 0u) << "again: nothing new";
}
