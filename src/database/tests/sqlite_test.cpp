#include "tristrata/database/sqlite.hpp"
#include "tristrata/database/migration.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace tristrata;
using database::Access;
using database::Sqlite;

namespace {

class SqliteTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("sqlite_test_" + std::to_string(::getpid()) +
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string path(const char* name = "x.db") const { return (folder_ / name).string(); }
    std::filesystem::path folder_;
};

const database::Migration steps[]{{1,
                                   "CREATE TABLE s.schema_version (version INTEGER PRIMARY KEY, applied_at "
                                   "TEXT) STRICT; CREATE TABLE s.t (x REAL) STRICT;"},
                                  {2, "CREATE INDEX s.t_x ON t (x);"}};

}  // namespace

TEST_F(SqliteTest, a_folder_a_missing_folder_and_a_missing_file_are_errors_of_their_own) {
    EXPECT_NE(Sqlite::open(folder_.string(), "s", Access::write, true).error().message.find("is a folder"),
              std::string::npos);
    EXPECT_NE(Sqlite::open(path("none/x.db"), "s", Access::write, true).error().message.find("make it first"),
              std::string::npos);
    const auto missing = Sqlite::open(path(), "s", Access::read, false);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("there is no SQLite file"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path())) << "looking makes nothing";
}

TEST_F(SqliteTest, migrating_twice_and_at_once_is_harmless) {
    auto run = [&] {
        auto database = Sqlite::open(path(), "s", Access::write, true);
        ASSERT_TRUE(database) << database.error().message;
        const auto applied = database::migrate(*database, "s", steps, core::system_clock());
        ASSERT_TRUE(applied) << applied.error().message;
    };
    {
        auto first = Sqlite::open(path(), "s", Access::write, true);
    }
    std::jthread one(run), two(run);
    one.join();
    two.join();
    auto database = Sqlite::open(path(), "s", Access::write, true);
    EXPECT_EQ(*database::schema_version(*database, "s"), 2);
    EXPECT_EQ(*database::migrate(*database, "s", steps, core::system_clock()), 0);
}

TEST_F(SqliteTest, a_newer_schema_is_a_conflict) {
    auto database = Sqlite::open(path(), "s", Access::write, true);
    ASSERT_TRUE(database::migrate(*database, "s", steps, core::system_clock()));
    const auto older = database::migrate(*database, "s", std::span(steps).first(1), core::system_clock());
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().kind, core::ErrorKind::conflict);
}

TEST_F(SqliteTest, a_lock_held_by_another_is_unavailable_and_says_so) {
    auto holder = Sqlite::open(path(), "s", Access::write, true);
    ASSERT_TRUE(database::migrate(*holder, "s", steps, core::system_clock()));
    ASSERT_TRUE(holder->run("BEGIN IMMEDIATE; INSERT INTO s.t VALUES (1.0);"));
    auto other = Sqlite::open(path(), "s", Access::write, true, {50'000});
    ASSERT_TRUE(other) << other.error().message;
    const auto status = other->run("INSERT INTO s.t VALUES (2.0)");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, core::ErrorKind::unavailable);
    EXPECT_NE(status.error().message.find("locked by another process"), std::string::npos);
}

TEST_F(SqliteTest, a_failed_body_leaves_nothing) {
    auto database = Sqlite::open(path(), "s", Access::write, true);
    ASSERT_TRUE(database::migrate(*database, "s", steps, core::system_clock()));
    EXPECT_FALSE(database->transaction([&]() -> core::Status {
        if (auto status = database->run("INSERT INTO s.t VALUES (1.0)"); !status) return status;
        return core::fail(core::ErrorKind::internal, "stop");
    }));
    auto count = database->prepare("SELECT count(*) FROM s.t");
    ASSERT_TRUE(*count->step());
    EXPECT_EQ(count->integer(0), 0);
}

TEST_F(SqliteTest, what_is_no_database_is_said_to_be_damaged) {
    std::ofstream(path()) << "this is no database, and long enough that SQLite looks at its header "
                             "............................";
    const auto database = Sqlite::open(path(), "s", Access::write, true);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().kind, core::ErrorKind::storage);
}

TEST_F(SqliteTest, a_limit_on_the_size_of_files_is_said_to_be_one_and_nothing_of_the_write_is_kept) {
    {
        auto made = Sqlite::open(path(), "s", Access::write, true);
        ASSERT_TRUE(made->run("CREATE TABLE s.t (x BLOB); INSERT INTO s.t VALUES (1)"));
    }
    const rlimit before = [] {
        rlimit now{};
        ::getrlimit(RLIMIT_FSIZE, &now);
        return now;
    }();
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    // Of the log's index (32 KiB), of the log, and within one write.
    for (const rlim_t limit : {20'000u, 100'000u, 1'000'001u}) {
        const rlimit small{limit, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        core::Status status;
        if (auto opened = Sqlite::open(path(), "s", Access::write, false); !opened)
            status = propagate(opened);
        else status = opened->run("INSERT INTO s.t VALUES (zeroblob(2000000))");
        ::setrlimit(RLIMIT_FSIZE, &before);
        ASSERT_FALSE(status) << limit;
        EXPECT_EQ(status.error().kind, core::ErrorKind::storage);
        EXPECT_NE(status.error().message.find("ulimit -f"), std::string::npos) << status.error().message;
        auto again = Sqlite::open(path(), "s", Access::write, false);
        ASSERT_TRUE(again) << again.error().message;
        auto count = again->prepare("SELECT count(*) FROM s.t");
        ASSERT_TRUE(count->step());
        EXPECT_EQ(count->integer(0), 1);
    }
    ::signal(SIGXFSZ, ignored);
}

TEST_F(SqliteTest, a_reader_cannot_write) {
    {
        auto writer = Sqlite::open(path(), "s", Access::write, true);
        ASSERT_TRUE(database::migrate(*writer, "s", steps, core::system_clock()));
    }
    auto reader = Sqlite::open(path(), "s", Access::read, false);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->run("INSERT INTO s.t VALUES (1.0)").error().kind, core::ErrorKind::storage);
}

TEST_F(SqliteTest, a_writer_waits_for_the_disk_at_every_commit) {
    auto writer = Sqlite::open(path(), "s", Access::write, true);
    ASSERT_TRUE(writer) << writer.error().message;
    for (const auto& [pragma, expected] :
         {std::pair{"PRAGMA s.synchronous", "2"}, std::pair{"PRAGMA s.journal_mode", "wal"}}) {
        auto asked = writer->prepare(pragma);
        ASSERT_TRUE(*asked->step());
        EXPECT_EQ(asked->text(0), expected) << pragma;  // 2 is FULL
    }
}
