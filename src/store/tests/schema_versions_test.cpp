// A program that is one version behind its store: what it may do after a migration that only added, and what
// it is told after one that did not.
#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <functional>

using namespace tristrata;
using namespace tristrata::store;

namespace {

/// A KPI store of today's version, and a way for its owner to change it.
struct Versioned {
    std::function<core::Result<std::unique_ptr<Store>>(OpenMode)> open;
    std::function<core::Status(const std::string&)> run;
    std::string now;  ///< The time of a migration, as this database has it.
};

void emit(Store& store, const std::string& name, std::uint64_t stored) {
    execution::KpiEmit emit;
    emit.emit_id = core::uuid_v5(core::tristrata_namespace(), name);
    emit.time = core::Timestamp{1'700'000'000'000'000};
    emit.module = "m";
    emit.rows = {{core::uuid_v5(emit.emit_id, "a"), 0, "a", 1.0}};
    const sink::Record record = execution::encode(emit);
    const auto taken = store.ingest({&record, 1}, std::nullopt);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->stored, stored);
    EXPECT_EQ(taken->duplicate, 1 - stored);
}

void one_version_behind(const Versioned& versioned) {
    auto before = versioned.open(OpenMode::write);
    ASSERT_TRUE(before) << before.error().message;
    emit(**before, "before", 1);
    const std::int64_t known = (*before)->status()->newest_version;
    const std::string next = std::to_string(known + 1);

    // The next version adds a column, as its program would.
    ASSERT_TRUE(versioned.run("ALTER TABLE kpi.events ADD COLUMN added TEXT"));
    ASSERT_TRUE(versioned.run("INSERT INTO kpi.schema_version (version, applied_at) VALUES (" + next + ", " +
                              versioned.now + ")"));
    emit(**before, "under way", 1);
    {
        auto behind = versioned.open(OpenMode::write);
        ASSERT_TRUE(behind) << behind.error().message;
        emit(**behind, "behind", 1);
        emit(**behind, "before", 0);
        auto reader = versioned.open(OpenMode::read);
        ASSERT_TRUE(reader) << reader.error().message;
        EXPECT_EQ((*reader)->query(KpiQuery{})->rows.size(), 3u);
        EXPECT_EQ((*reader)->status()->schema_version, known + 1);
    }

    // It says that older programs may not go on.
    ASSERT_TRUE(
        versioned.run("UPDATE kpi.schema_version SET min_writer = " + next + " WHERE version = " + next));
    for (const auto mode : {OpenMode::write, OpenMode::read}) {
        const auto refused = versioned.open(mode);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, core::ErrorKind::conflict);
        EXPECT_NE(refused.error().message.find("takes programs that know version " + next +
                                               " or newer; this one knows " + std::to_string(known)),
                  std::string::npos)
            << refused.error().message;
        EXPECT_NE(refused.error().message.find("install the newer program"), std::string::npos);
    }

    // A store that does not say takes no older program.
    ASSERT_TRUE(versioned.run("ALTER TABLE kpi.schema_version DROP COLUMN min_writer"));
    const auto silent = versioned.open(OpenMode::write);
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().kind, core::ErrorKind::conflict);
}

}  // namespace

TEST(SchemaVersions, a_writer_one_version_behind_goes_on_in_sqlite_until_it_is_told_otherwise) {
    const auto path =
        (std::filesystem::temp_directory_path() / ("versions_" + std::to_string(::getpid()) + ".db"))
            .string();
    std::filesystem::remove(path);
    ASSERT_TRUE(init_sqlite(path, Layer::kpi, core::system_clock()));
    one_version_behind({[&](OpenMode mode) { return open_sqlite(path, Layer::kpi, mode); },
                        [&](const std::string& sql) -> core::Status {
                            auto owner = database::Sqlite::open(path, "kpi", database::Access::write, false);
                            if (!owner) return core::propagate(owner);
                            return owner->run(sql);
                        },
                        "'2026-01-01T00:00:00Z'"});
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
}

TEST(SchemaVersions, a_writer_one_version_behind_goes_on_in_postgresql_until_it_is_told_otherwise) {
    servers::PostgresServer server;
    const core::SecretSource source{
        "TRISTRATA_TEST_URL", [url = server.url()] { return core::Result<core::Secret>(core::Secret(url)); }};
    ASSERT_TRUE(init_postgres({source, "", true}, Layer::kpi));
    one_version_behind({[&](OpenMode mode) { return open_postgres(source, Layer::kpi, mode); },
                        [&](const std::string& sql) {
                            database::PostgresOptions options;
                            options.url = source;
                            return database::Postgres(std::move(options)).run(sql);
                        },
                        "now()"});
}
