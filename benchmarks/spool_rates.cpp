// What the spool costs: an emit, a shared sync, and the way into SQLite beside the plainest way there is. The
// answers are checked each time; the times say nothing on a busy machine. spool_rates [EMITS]
#include "memory_file_system.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"
#include "tristrata/store/store_destination.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

namespace {

using namespace tristrata;
using Seconds = std::chrono::duration<double>;
using std::chrono::steady_clock;

bool failed = false;

void expect(bool holds, std::string_view what) {
    if (holds) return;
    failed = true;
    fmt::print("wrong: {}\n", what);
}

/// Seconds that the body takes.
template <class Body>
double timed(const Body& body) {
    const auto began = steady_clock::now();
    body();
    return Seconds(steady_clock::now() - began).count();
}

std::unique_ptr<spool::Spool> opened(spool::FileSystem& files, const std::string& root, spool::Level level) {
    spool::Options options;
    options.root = root;
    options.level = level;
    options.bytes_max = 4ULL << 30U;
    options.budget = {60'000'000};
    auto spool = spool::Spool::open(files, core::system_clock(), options);
    if (!spool) {
        fmt::print("{}\n", spool.error().message);
        std::exit(2);
    }
    return std::move(*spool);
}

execution::KpiRequest request_of(std::size_t metrics) {
    execution::KpiRequest request;
    request.module = "hamilton.features";
    request.run_id = "run-2026-11-26";
    request.dag_node = "compute_features";
    request.duration_ms = 2340;
    request.success = true;
    request.tags = {{"crypto", "BTCUSDC"}, {"model", "ridge"}, {"variant", "a"}, {"fold_id", "3"}};
    for (std::size_t i = 0; i < metrics; ++i) request.metrics.emplace_back(fmt::format("metric_{}", i), 0.25);
    return request;
}

/// Emits of three metrics through a spool on the disk, and then what is spooled into SQLite.
void emit_and_drain(const std::filesystem::path& folder, std::size_t emits) {
    const std::string root = (folder / "spool").string(), path = (folder / "kpi.db").string();
    const auto tags = execution::TagPolicy::defaults();
    const auto request = request_of(3);
    auto& files = spool::posix_file_system();
    {
        auto spool = opened(files, root, spool::Level::async);
        std::vector<double> microseconds;
        for (std::size_t i = 0; i < emits; ++i)
            microseconds.push_back(
                1e6 * timed([&] {
                    expect(execution::emit_kpi_as({spool.get(), &core::system_clock(), &tags, ""}, request,
                                                  "bench.py")
                               .has_value(),
                           "an emit was refused");
                }));
        std::ranges::sort(microseconds);
        const auto encoded = timed([&] {
            class Nowhere final : public sink::Sink {
            public:
                core::Result<sink::Acknowledgement> append(std::span<const sink::Record>) override {
                    return sink::Acknowledgement{};
                }
                core::Status flush() override { return {}; }
            } nowhere;
            for (std::size_t i = 0; i < emits; ++i)
                expect(
                    execution::emit_kpi_as({&nowhere, &core::system_clock(), &tags, ""}, request, "bench.py")
                        .has_value(),
                    "an emit was refused");
        });
        fmt::print(
            "emit_kpi of three metrics, async, one thread: median {:.1f} us, p99 {:.1f} us; without a spool "
            "{:.1f} us"
            " (mark: 3)\n",
            microseconds[emits / 2], microseconds[emits * 99 / 100],
            1e6 * encoded / static_cast<double>(emits));
    }
    const auto rows = static_cast<double>(3 * emits);
    if (!store::init_sqlite(path, store::Layer::kpi, core::system_clock())) std::exit(2);
    relay::Options options;
    options.root = root;
    relay::Relay relay(files, core::system_clock(), options,
                       {std::make_shared<store::StoreDestination>(sink::RecordClass::kpi, [&] {
                           return store::open_sqlite(path, store::Layer::kpi, store::OpenMode::write);
                       })});
    const double drained = timed(
        [&] { expect(relay.drain({600'000'000}, {}).stored == 3 * emits, "not every row was stored"); });
    const std::string plain = (folder / "plain.db").string();
    if (!store::init_sqlite(plain, store::Layer::kpi, core::system_clock())) std::exit(2);
    auto database = database::Sqlite::open(plain, "kpi", database::Access::write, false);
    const double inserted = timed([&] {
        const auto done = database->transaction([&]() -> core::Status {
            auto insert = database->prepare(
                "INSERT INTO kpi.events (time, run_id, module, dag_node, metric_name, metric_value, tags, "
                "duration_ms, "
                "success, event_id, emit_id, emit_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                "?12)");
            if (!insert) return propagate(insert);
            for (std::size_t i = 0; i < emits; ++i) {
                // A transaction of as many rows as a batch of the relay.
                if (i > 0 && i % relay::Options().batch_records == 0)
                    for (const char* sql : {"COMMIT", "BEGIN IMMEDIATE"})
                        if (auto run = database->run(sql); !run) return run;
                const core::Uuid emit = core::uuid_v7(core::system_clock());
                const std::string emit_id = core::to_string(emit);
                for (std::int64_t seq = 0; seq < 3; ++seq) {
                    insert->reset();
                    insert->bind(1, std::string_view("2026-11-26T08:00:00.000000Z"));
                    insert->bind(2, std::string_view(*request.run_id));
                    insert->bind(3, std::string_view(request.module));
                    insert->bind(4, std::string_view(*request.dag_node));
                    insert->bind(5, std::string_view(request.metrics[static_cast<std::size_t>(seq)].first));
                    insert->bind(6, 0.25);
                    insert->bind(7,
                                 std::string_view(
                                     R"({"crypto":"BTCUSDC","fold_id":"3","model":"ridge","variant":"a"})"));
                    insert->bind(8, std::int64_t{2340});
                    insert->bind(9, std::int64_t{1});
                    const std::string event_id = core::to_string(
                        core::uuid_v5(emit, request.metrics[static_cast<std::size_t>(seq)].first));
                    insert->bind(10, std::string_view(event_id));
                    insert->bind(11, std::string_view(emit_id));
                    insert->bind(12, seq);
                    if (auto step = insert->step(); !step) return propagate(step);
                }
            }
            return {};
        });
        expect(done.has_value(), "the plain inserts failed");
    });
    fmt::print(
        "drain into SQLite: {:.0f} rows/s, one prepared INSERT a row in transactions as large {:.0f}: {:.2f} "
        "x "
        "(mark: 0.8)\n",
        rows / drained, rows / inserted, inserted / drained);
}

double peak_mb() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// A destination that never answers.
class DeadServer final : public relay::Destination {
public:
    [[nodiscard]] sink::RecordClass record_class() const noexcept override { return sink::RecordClass::kpi; }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch&) override {
        return core::fail(core::ErrorKind::unavailable, "the server is dead");
    }
};

/// What is emitted while a relay's server is dead grows on the disk and not in memory.
void emit_at_a_dead_server(const std::filesystem::path& folder, std::size_t emits) {
    const std::string root = (folder / "dead").string();
    const auto tags = execution::TagPolicy::defaults();
    const auto request = request_of(3);
    auto& files = spool::posix_file_system();
    auto spool = opened(files, root, spool::Level::async);
    relay::Options options;
    options.root = root;
    options.retry_first = {1'000};
    options.retry_max = {1'000};
    options.poll = {1'000};
    relay::Relay relay(files, core::system_clock(), options, {std::make_shared<DeadServer>()});
    relay.start();
    const execution::Emitter emitter{spool.get(), &core::system_clock(), &tags, ""};
    const auto emit = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            expect(execution::emit_kpi_as(emitter, request, "bench.py").has_value(), "an emit was refused");
    };
    // A batch as large as any has been tried before memory is looked at.
    emit(std::min(emits, relay::Options().batch_records * 4));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const double before = peak_mb();
    emit(emits);
    const double grew = peak_mb() - before;
    expect(relay.stop({1'000'000}).pending, "the dead server took something");
    fmt::print("{} emits at a dead server: the process grew by {:.1f} MB, its spool holds them all\n", emits,
               grew);
    expect(grew < 16.0, "memory grows with what is pending");
}

/// Callers of a disk whose sync takes 5 ms.
void share_syncs(std::size_t appends) {
    const auto rate = [&](spool::Level level, std::size_t threads, double& records_a_sync) {
        faults::MemoryFileSystem files;
        auto spool = opened(files, "spool", level);
        const sink::Record record{sink::RecordClass::kpi, std::string(600, 'x'), 3};
        expect(spool->append({&record, 1}).has_value(), "an append was refused");
        files.before_sync([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
        const std::uint64_t before = files.syncs();
        const double took = timed([&] {
            std::vector<std::thread> running;
            for (std::size_t t = 0; t < threads; ++t)
                running.emplace_back([&] {
                    for (std::size_t i = 0; i < appends; ++i)
                        expect(spool->append({&record, 1}).has_value(), "an append was refused");
                });
            for (auto& thread : running) thread.join();
        });
        const auto all = static_cast<double>(threads * appends);
        records_a_sync = all / static_cast<double>(files.syncs() - before);
        return all / took;
    };
    double alone = 0.0, together = 0.0;
    const double one = rate(spool::Level::sync, 1, alone), many = rate(spool::Level::group, 16, together);
    fmt::print(
        "group, 16 threads, syncs of 5 ms: {:.1f} x sync on one thread (mark: 6), {:.1f} records a sync "
        "(mark: 7)\n",
        many / one, together);
    faults::MemoryFileSystem files;
    files.kind(spool::FileSystemKind::memory);
    double fastest[2]{1e9, 1e9};
    for (int round = 0; round < 3; ++round)
        for (const auto level : {spool::Level::sync, spool::Level::group}) {
            auto spool = opened(files, "spool", level);
            const sink::Record record{sink::RecordClass::kpi, std::string(600, 'x'), 3};
            double& best = fastest[level == spool::Level::group];
            best = std::min(best, timed([&] {
                                for (std::size_t i = 0; i < 100 * appends; ++i)
                                    expect(spool->append({&record, 1}).has_value(), "an append was refused");
                            }));
        }
    fmt::print("on tmpfs: group {:.2f} x sync (mark: 1)\n", fastest[0] / fastest[1]);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t emits = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("tristrata_spool_rates_{}", ::getpid());
    std::filesystem::create_directories(folder);
    emit_and_drain(folder, emits);
    emit_at_a_dead_server(folder, 10 * emits);
    share_syncs(std::max<std::size_t>(emits / 500, 3));
    std::filesystem::remove_all(folder);
    return failed ? 1 : 0;
}
