// What happens between a spool and its store: the network, the server and its disk fail, on real ones. Rows
// are never lost and never twice, and the ledger is exact each time.
#include "memory_file_system.hpp"
#include "servers/postgres_server.hpp"
#include "servers/tcp_proxy.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"
#include "tristrata/store/store_destination.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

using namespace tristrata;
using namespace tristrata::store;
using database::Postgres;
using sink::RecordClass;

namespace {

bool is_long() { return std::getenv("TRISTRATA_LONG") != nullptr; }

core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

/// A spool in memory and a relay that hurries, from it to a store.
class Carrying {
public:
    explicit Carrying(StoreDestination::Opener opener, std::size_t batch_records = 3) {
        spool::Options options;
        options.root = "spool";
        options.segment_bytes = 1U << 16U;
        options.bytes_max = 1U << 26U;
        spool_ = std::move(*spool::Spool::open(disk, core::system_clock(), options));
        relay::Options carrying;
        carrying.root = "spool";
        carrying.batch_records = batch_records;
        carrying.poll = {1'000};
        carrying.retry_first = {1'000};
        carrying.retry_max = {20'000};
        relay = std::make_unique<relay::Relay>(
            disk, core::system_clock(), carrying,
            std::vector<std::shared_ptr<relay::Destination>>{
                std::make_shared<StoreDestination>(RecordClass::kpi, std::move(opener))});
        relay->start();
    }
    /// So many emits of two rows, each acknowledged; every so-manieth is one that no table takes.
    void emit(int count, int poison_every = 0) {
        for (int i = 0; i < count; ++i) {
            execution::KpiEmit emit;
            emit.emit_id = core::uuid_v5(core::tristrata_namespace(), std::to_string(emitted++));
            emit.time = core::Timestamp{1'700'000'000'000'000};
            const bool is_poison = poison_every > 0 && emitted % poison_every == 0;
            emit.module = is_poison ? "" : "m";
            if (is_poison) ++poison_;
            emit.rows = {{core::uuid_v5(emit.emit_id, "a"), 0, "a", 1.0},
                         {core::uuid_v5(emit.emit_id, "b"), 1, "b", 2.0}};
            const sink::Record record = execution::encode(emit);
            ASSERT_TRUE(spool_->append({&record, 1}));
        }
    }
    /// Those that a table takes.
    [[nodiscard]] std::uint64_t rows() const { return 2 * static_cast<std::uint64_t>(emitted - poison_); }
    [[nodiscard]] std::uint64_t pending() { return spool::status(disk, "spool")->front().classes[0].pending; }
    /// Everything is delivered, and the ledger says so.
    void finish() {
        const relay::Delivered rest = relay->stop({120'000'000});
        ASSERT_FALSE(rest.pending) << (rest.held.empty() ? "" : rest.held.front().message);
        const auto slots = spool::status(disk, "spool");
        const spool::ClassStatus& books = slots->front().classes[0];
        const auto poison = 2 * static_cast<std::uint64_t>(poison_);
        EXPECT_EQ(books.emitted, rows() + poison);
        EXPECT_EQ(books.ledger.dead, poison);
        EXPECT_EQ(books.pending, 0u);
        EXPECT_EQ(books.ledger.stored, rows()) << "a batch that comes again is stored, not duplicate";
    }
    [[nodiscard]] std::optional<core::Error> wait_until_held(const std::string& words) {
        for (int i = 0; i < 20'000; ++i) {
            const auto held = relay->status().front().held;
            if (held && held->message.find(words) != std::string::npos) return held;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return std::nullopt;
    }
    [[nodiscard]] bool wait_until_stored() {
        for (int i = 0; i < 20'000; ++i) {
            if (pending() == 0) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    faults::MemoryFileSystem disk;
    std::unique_ptr<relay::Relay> relay;
    int emitted = 0;

private:
    int poison_ = 0;
    std::unique_ptr<spool::Spool> spool_;
};

StoreDestination::Opener postgres_at(const std::string& url) {
    return [source = source_of(url)] { return open_postgres(source, Layer::kpi, OpenMode::write); };
}

/// As an administrator, whatever the server takes at the moment.
core::Result<database::PostgresRows> ask(const servers::PostgresServer& server, const std::string& sql) {
    database::PostgresOptions options;
    options.url = source_of(server.url());
    options.any_server = true;
    return Postgres(std::move(options)).query(sql);
}

void expect_every_row_once(const servers::PostgresServer& server, std::uint64_t rows) {
    const auto counted = ask(server, "SELECT count(*), count(DISTINCT (event_id, time)) FROM kpi.events");
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(counted->integer(0, 0), static_cast<std::int64_t>(rows)) << "lost or twice";
    EXPECT_EQ(counted->integer(0, 1), static_cast<std::int64_t>(rows)) << "twice";
}

}  // namespace

TEST(StoreFaults, the_network_is_cut_before_and_after_commit_and_midway_and_every_row_is_there_once) {
    servers::PostgresServer server;
    ASSERT_TRUE(init_postgres({source_of(server.url()), "", true}, Layer::kpi));
    servers::TcpProxy network(server.port(), {0.25, 0.25, 0.2}, 20240607);
    Carrying carrying(postgres_at("postgresql://postgres:" + server.encoded_password() + "@127.0.0.1:" +
                                  std::to_string(network.port()) + "/postgres?sslmode=disable"));
    const std::uint64_t cuts_wanted = is_long() ? 5'000 : 150, pending_max = 1'000;
    const auto cuts = [&] { return network.cut_before() + network.cut_after() + network.cut_midway(); };
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(30);
    while (cuts() < cuts_wanted && std::chrono::steady_clock::now() < end) {
        // Where the drain is slower than this loop, what waits would grow beyond what finish() has time for.
        if (carrying.pending() < pending_max) carrying.emit(10, 37);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    network.heal();
    carrying.finish();
    expect_every_row_once(server, carrying.rows());
    EXPECT_GE(cuts(), cuts_wanted);
    EXPECT_GT(network.cut_before(), cuts_wanted / 8);
    EXPECT_GT(network.cut_after(), cuts_wanted / 8);
    std::cout << network.cut_before() << " cuts before COMMIT, " << network.cut_after() << " after it, "
              << network.cut_midway() << " midway; " << carrying.rows() << " rows\n";
}

TEST(StoreFaults, a_server_that_is_restarted_under_a_drain_has_every_row_once) {
    servers::PostgresServer server;
    ASSERT_TRUE(init_postgres({source_of(server.url()), "", true}, Layer::kpi));
    Carrying carrying(postgres_at(server.url()));
    for (int round = 0; round < (is_long() ? 30 : 3); ++round) {
        carrying.emit(100);
        server.restart();
        carrying.emit(20);
    }
    carrying.finish();
    expect_every_row_once(server, carrying.rows());
}

TEST(StoreFaults, commits_that_a_failover_took_back_are_there_again_after_a_replay) {
    servers::PostgresServer server;
    ASSERT_TRUE(init_postgres({source_of(server.url()), "", true}, Layer::kpi));
    Carrying carrying(postgres_at(server.url()));
    carrying.emit(50);
    ASSERT_TRUE(carrying.wait_until_stored());
    server.snapshot();
    carrying.emit(150);
    ASSERT_TRUE(carrying.wait_until_stored());
    carrying.emit(20);  // Some of these are under way.
    server.go_back();
    carrying.emit(30);
    carrying.finish();
    const auto left = ask(server, "SELECT count(*) FROM kpi.events");
    EXPECT_LT(left->integer(0, 0), static_cast<std::int64_t>(carrying.rows())) << "commits were taken back";
    auto store = open_postgres(source_of(server.url()), Layer::kpi, OpenMode::write);
    ASSERT_TRUE(store) << store.error().message;
    std::uint64_t back = 0;
    const auto sent = spool::settled_since(carrying.disk, "spool/slot_0000", RecordClass::kpi, {0}, 5000,
                                           [&](std::span<const sink::Record> records) -> core::Status {
                                               auto taken = (*store)->ingest(records, std::nullopt);
                                               if (!taken) return propagate(taken);
                                               back += taken->stored;
                                               return {};
                                           });
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(*sent, carrying.rows());
    EXPECT_EQ(back, carrying.rows() - static_cast<std::uint64_t>(left->integer(0, 0)));
    expect_every_row_once(server, carrying.rows());
    std::cout << back << " rows taken back, and there again\n";
}

TEST(StoreFaults, a_server_that_takes_no_writes_is_waited_for) {
    servers::PostgresServer server;
    ASSERT_TRUE(init_postgres({source_of(server.url()), "", true}, Layer::kpi));
    Carrying carrying(postgres_at(server.url()));
    carrying.emit(20);
    ASSERT_TRUE(carrying.wait_until_stored());
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(ask(server, "ALTER SYSTEM SET default_transaction_read_only = on"));
        ASSERT_TRUE(ask(server, "SELECT pg_reload_conf()"));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        carrying.emit(20);
        const auto held = carrying.wait_until_held("read-only");
        ASSERT_TRUE(held) << "it says why it waits";
        EXPECT_EQ(held->kind, core::ErrorKind::unavailable);
        ASSERT_TRUE(ask(server, "ALTER SYSTEM RESET default_transaction_read_only"));
        ASSERT_TRUE(ask(server, "SELECT pg_reload_conf()"));
        ASSERT_TRUE(carrying.wait_until_stored());
    }
    carrying.finish();
    expect_every_row_once(server, carrying.rows());
}

TEST(StoreFaults, a_server_whose_disk_is_full_is_waited_for) {
    servers::PostgresServer server(servers::PostgresServer::full_disk());
    ASSERT_TRUE(init_postgres({source_of(server.url()), "", true}, Layer::kpi));
    Carrying carrying(postgres_at(server.url()), 200);
    carrying.emit(20);
    ASSERT_TRUE(carrying.wait_until_stored());
    server.fill();
    carrying.emit(2'000);
    const auto held = carrying.wait_until_held("disk is full");
    ASSERT_TRUE(held) << "it says why it waits";
    EXPECT_EQ(held->kind, core::ErrorKind::unavailable);
    server.make_room();
    carrying.finish();
    expect_every_row_once(server, carrying.rows());
}

namespace {

/// A SQLite store in a folder of its own.
class SqliteFile {
public:
    SqliteFile()
        : folder_(std::filesystem::temp_directory_path() / ("store_faults_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        EXPECT_TRUE(init_sqlite(path(), Layer::kpi, core::system_clock()));
    }
    ~SqliteFile() { std::filesystem::remove_all(folder_); }
    SqliteFile(const SqliteFile&) = delete;
    SqliteFile& operator=(const SqliteFile&) = delete;
    [[nodiscard]] std::string path() const { return (folder_ / "kpi.db").string(); }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] StoreDestination::Opener opener() const {
        return [path = path()] { return open_sqlite(path, Layer::kpi, OpenMode::write); };
    }
    void expect_every_row_once(std::uint64_t rows) const {
        auto store = open_sqlite(path(), Layer::kpi, OpenMode::read);
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ((*store)->status()->tables.at(0).rows, rows);
    }

private:
    std::filesystem::path folder_;
};

constexpr uid_t nobody = 65534;

/// Root may write everything: for a while somebody else is asked.
class Unprivileged {
public:
    Unprivileged() : root_(::geteuid() == 0) { EXPECT_TRUE(!root_ || ::seteuid(nobody) == 0); }
    ~Unprivileged() { EXPECT_TRUE(!root_ || ::seteuid(0) == 0); }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

private:
    bool root_;
};

}  // namespace

TEST(StoreFaults, a_sqlite_file_that_may_only_be_read_is_waited_for) {
    namespace fs = std::filesystem;
    const SqliteFile file;
    constexpr auto readable = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
    constexpr auto entered = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    fs::permissions(file.path(), readable);
    fs::permissions(file.folder(), readable | entered);
    // Its own, so that its rights change without a moment of root's, in which everything would be stored.
    const int given = ::geteuid() == 0 ? ::chown(file.folder().c_str(), nobody, static_cast<gid_t>(-1)) : 0;
    ASSERT_EQ(given, 0);
    std::unique_ptr<Carrying> carrying;
    {
        const Unprivileged somebody;
        carrying = std::make_unique<Carrying>(file.opener());
        carrying->emit(20);
        const auto held = carrying->wait_until_held(file.path());
        ASSERT_TRUE(held) << "it names the file";
        EXPECT_EQ(held->kind, core::ErrorKind::storage) << held->message;
        fs::permissions(file.folder(), fs::perms::none);
        EXPECT_TRUE(carrying->wait_until_held("right to enter its folder"))
            << "a folder that may not be entered is not a store that is not there";
    }
    fs::permissions(file.folder(), fs::perms::all);
    fs::permissions(file.path(), fs::perms::all);
    carrying->finish();
    file.expect_every_row_once(carrying->rows());
}

TEST(StoreFaults, a_disk_that_is_full_under_sqlite_is_waited_for) {
    const SqliteFile file;
    Carrying carrying(file.opener(), 50);
    carrying.emit(20);
    ASSERT_TRUE(carrying.wait_until_stored());
    // No file of this process grows beyond what the store's have now.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit full{100'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    carrying.emit(2'000);
    const auto held = carrying.wait_until_held(file.path());
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_TRUE(held) << "it names the file";
    EXPECT_EQ(held->kind, core::ErrorKind::storage) << held->message;
    carrying.finish();
    file.expect_every_row_once(carrying.rows());
}
