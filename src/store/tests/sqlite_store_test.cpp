#include "schema_text.hpp"
#include "tristrata/database/migration.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::store;

namespace {

class SqliteStoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("sqlite_store_" + std::to_string(::getpid()) +
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
        path_ = (folder_ / "kpi.db").string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    static sink::Record record(int number) {
        execution::KpiEmit emit;
        emit.emit_id = core::uuid_v5(core::tristrata_namespace(), std::to_string(number));
        emit.time = core::Timestamp{number};
        emit.module = "m";
        for (int i = 0; i < 20; ++i) {
            const std::string name = "metric_" + std::to_string(i);
            emit.rows.push_back(
                {core::uuid_v5(emit.emit_id, name), static_cast<std::uint16_t>(i), name, 1.0 * i});
        }
        return execution::encode(emit);
    }
    std::filesystem::path folder_;
    std::string path_;
};

}  // namespace

TEST_F(SqliteStoreTest, a_store_that_was_never_made_names_the_command) {
    const auto store = open_sqlite(path_, Layer::kpi, OpenMode::write);
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("tristrata store init --kpi-url sqlite:///" + path_),
              std::string::npos)
        << store.error().message;
    const auto odd = open_sqlite((folder_ / "it's.db").string(), Layer::drift, OpenMode::read);
    EXPECT_NE(odd.error().message.find("--drift-url 'sqlite:///" + folder_.string() + "/it'\\''s.db'"),
              std::string::npos)
        << odd.error().message;
}

TEST_F(SqliteStoreTest, a_file_is_not_made_the_store_of_both_layers) {
    ASSERT_TRUE(init_sqlite(path_, Layer::kpi, core::system_clock()));
    ASSERT_TRUE(init_sqlite(path_, Layer::kpi, core::system_clock())) << "twice is harmless";
    const auto second = init_sqlite(path_, Layer::drift, core::system_clock());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, core::ErrorKind::configuration);
    EXPECT_NE(second.error().message.find("is the KPI store; the drift store needs a file of its own"),
              std::string::npos)
        << second.error().message;
}

TEST_F(SqliteStoreTest, somebody_else_s_file_is_not_made_a_store) {
    {
        auto other = database::Sqlite::open(path_, "main_of_another", database::Access::write, true);
        ASSERT_TRUE(other);
        ASSERT_TRUE(other->run("CREATE TABLE main_of_another.orders (id INTEGER)"));
    }
    const auto made = init_sqlite(path_, Layer::kpi, core::system_clock());
    const auto opened = open_sqlite(path_, Layer::kpi, OpenMode::read);
    for (const auto& error : {made.error(), opened.error()}) {
        EXPECT_EQ(error.kind, core::ErrorKind::configuration);
        EXPECT_NE(error.message.find("is no store: it holds something else, the table \"orders\" among it"),
                  std::string::npos)
            << error.message;
    }
}

TEST_F(SqliteStoreTest, a_full_disk_is_said_and_the_store_stays_whole) {
    ASSERT_TRUE(init_sqlite(path_, Layer::kpi, core::system_clock()));
    // A limit of the process stands in for the disk: writes beyond it fail as on a full one.
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{400'000, 400'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto store = open_sqlite(path_, Layer::kpi, OpenMode::write);
        if (!store) ::_exit(3);
        for (int i = 0; i < 400; ++i) {
            const sink::Record one = record(i);
            if (const auto done = (*store)->ingest({&one, 1}, std::nullopt); !done)
                ::_exit(done.error().kind == core::ErrorKind::storage ? 42 : 4);
        }
        ::_exit(5);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
    auto store = open_sqlite(path_, Layer::kpi, OpenMode::write);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->status()->tables.at(0).rows % 20, 0u) << "no emit is stored in part";
}

TEST_F(SqliteStoreTest, an_init_without_room_leaves_nothing_and_one_with_room_then_works) {
    for (const rlim_t bytes : {rlim_t{0}, rlim_t{4096}, rlim_t{8192}, rlim_t{40'000}}) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{bytes, bytes};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            const auto done = init_sqlite(path_, Layer::kpi, core::system_clock());
            ::_exit(done ? 5 : done.error().kind == core::ErrorKind::storage ? 42 : 4);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 42) << bytes << " bytes";
        for (const char* ending : {"", "-wal", "-shm", "-journal"})
            EXPECT_FALSE(std::filesystem::exists(path_ + ending)) << ending << " with " << bytes << " bytes";
    }
    EXPECT_EQ(init_sqlite(path_, Layer::kpi, core::system_clock()).value_or(0), 3);
    EXPECT_EQ(init_sqlite(path_, Layer::kpi, core::system_clock()).value_or(9), 0);
}

TEST_F(SqliteStoreTest, a_file_that_was_there_stays_where_no_store_could_be_made_of_it) {
    std::ofstream(path_) << "a note";
    EXPECT_FALSE(init_sqlite(path_, Layer::kpi, core::system_clock()));
    EXPECT_EQ(std::filesystem::file_size(path_), 6u);
}

TEST_F(SqliteStoreTest, a_writer_killed_anywhere_leaves_whole_emits) {
    ASSERT_TRUE(init_sqlite(path_, Layer::kpi, core::system_clock()));
    for (int round = 0; round < 5; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto store = open_sqlite(path_, Layer::kpi, OpenMode::write);
            if (!store) ::_exit(3);
            for (int i = 0;; ++i) {
                const sink::Record one = record(round * 1'000'000 + i);
                if (!(*store)->ingest({&one, 1}, std::nullopt)) ::_exit(4);
            }
        }
        ::usleep(static_cast<useconds_t>(15'000 + 7'000 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it was still writing";
        auto store = open_sqlite(path_, Layer::kpi, OpenMode::write);
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ((*store)->status()->tables.at(0).rows % 20, 0u);
    }
}

TEST_F(SqliteStoreTest, init_twice_is_harmless) {
    EXPECT_EQ(*init_sqlite(path_, Layer::drift, core::system_clock()), 4);
    EXPECT_EQ(*init_sqlite(path_, Layer::drift, core::system_clock()), 0);
}

TEST_F(SqliteStoreTest, what_is_printed_makes_what_init_makes_and_may_be_run_again) {
    for (const Layer layer : {Layer::kpi, Layer::drift}) {
        const std::string name(schema_name(layer)), printed = path_ + name, made = printed + "-made";
        const auto things = [&](const std::string& path) {
            auto database = database::Sqlite::open(path, name, database::Access::read, false);
            auto rows = database->prepare(
                "SELECT type || ' ' || name || ' ' || replace(sql, 'IF NOT EXISTS ', "
                "'') FROM " +
                name + ".sqlite_schema ORDER BY 1");
            std::vector<std::string> all;
            while (*rows->step()) all.push_back(rows->text(0));
            return all;
        };
        const auto sql = sqlite_schema(layer);
        ASSERT_TRUE(sql) << sql.error().message;
        const auto applied = init_sqlite(made, layer, core::system_clock());
        ASSERT_TRUE(applied) << applied.error().message;
        for (int run = 0; run < 2; ++run) {
            auto database = database::Sqlite::open(printed, name, database::Access::write, true);
            const auto done = database->run(*sql);
            ASSERT_TRUE(done) << done.error().message;
            EXPECT_EQ(*database::schema_version(*database, name), *applied);
        }
        EXPECT_EQ(things(printed), things(made));
        EXPECT_EQ(*init_sqlite(printed, layer, core::system_clock()), 0);
        EXPECT_TRUE(open_sqlite(printed, layer, OpenMode::write));
        const std::string old = path_ + name + "-old";
        auto database = database::Sqlite::open(old, name, database::Access::write, true);
        ASSERT_TRUE(
            database::migrate(*database, name, sqlite_migrations(layer).first(1), core::system_clock()));
        const auto before = things(old);
        const auto refused = database->run(*sql);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message.find("tristrata store init"), std::string::npos)
            << refused.error().message;
        ASSERT_TRUE(database->run("ROLLBACK"));
        EXPECT_EQ(things(old), before);
    }
}

TEST_F(SqliteStoreTest, a_store_of_the_version_before_keeps_its_rows_and_takes_references_after_init) {
    {
        auto database = database::Sqlite::open(path_, "drift", database::Access::write, true);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database::migrate(*database, "drift", sqlite_migrations(Layer::drift).first(1),
                                      core::system_clock()));
        ASSERT_TRUE(database->run(
            "INSERT INTO drift.reports (push_id, created_at) VALUES ('p', '2023-03-22T00:00:00.000000Z')"));
    }
    const auto old = open_sqlite(path_, Layer::drift, OpenMode::write);
    ASSERT_FALSE(old);
    EXPECT_NE(old.error().message.find("tristrata store init"), std::string::npos) << old.error().message;
    EXPECT_EQ(*init_sqlite(path_, Layer::drift, core::system_clock()), 3);
    auto store = open_sqlite(path_, Layer::drift, OpenMode::write);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE((*store)->promote({"m", std::string(64, 'a'), "bytes", "eve", "why", {}, {}}));
    auto database = database::Sqlite::open(path_, "drift", database::Access::read, false);
    auto kept = database->prepare("SELECT count(*) FROM drift.reports");
    ASSERT_TRUE(kept && *kept->step());
    EXPECT_EQ(kept->integer(0), 1);
}

TEST_F(SqliteStoreTest, a_reference_is_neither_changed_nor_deleted_behind_the_programs_back) {
    ASSERT_TRUE(init_sqlite(path_, Layer::drift, core::system_clock()));
    auto store = open_sqlite(path_, Layer::drift, OpenMode::write);
    ASSERT_TRUE((*store)->promote({"m", std::string(64, 'a'), "bytes", "eve", "why", {}, {}}));
    auto database = database::Sqlite::open(path_, "drift", database::Access::write, false);
    EXPECT_FALSE(database->run("UPDATE drift.\"references\" SET who = 'mallory'"));
    EXPECT_FALSE(database->run("DELETE FROM drift.\"references\""));
    EXPECT_EQ((*store)->current_reference("m")->who, "eve");
}

TEST_F(SqliteStoreTest, the_tables_themselves_refuse_words_outside_the_vocabulary) {
    ASSERT_TRUE(init_sqlite(path_, Layer::drift, core::system_clock()));
    auto database = database::Sqlite::open(path_, "drift", database::Access::write, false);
    ASSERT_TRUE(database) << database.error().message;
    const auto insert = [&](std::string_view type, std::string_view severity) {
        auto statement = database->prepare(
            "INSERT INTO drift.events (event_id, module, drift_type, metric, severity, detected_at) VALUES "
            "('2ed6657d-e927-568b-95e1-2665a8aea6a2', 'm', ?, 'x', ?, '2023-03-22T00:00:00.000000Z')");
        statement->bind(1, type);
        statement->bind(2, severity);
        return statement->step().has_value();
    };
    EXPECT_FALSE(insert("data_drift", "loud"));
    EXPECT_FALSE(insert("mood_drift", "info"));
    EXPECT_TRUE(insert("data_drift", "info"));
}
