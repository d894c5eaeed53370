// How long a dashboard's SELECTs take over kpi.events on PostgreSQL while rows come in:
// tristrata_dashboard [DAYS [ROWS_A_DAY [TURNS [P99_MS_MAX]]]]. Each turn asks every question once over a
// connection that is there and once over a new one, whose making counts. Answers are compared with what was
// stored; the indexes that the plans use are printed.
#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/store/store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <thread>

using namespace tristrata;

namespace {

constexpr int modules = 20, metrics = 40, rows_an_emit = 4, runs_a_day = 6;
constexpr int rows_a_second = 500, batches_a_second = 5;
constexpr std::int64_t day_us = 86'400'000'000;

template <class Value>
Value must(core::Result<Value> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}
void must(const core::Status& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

std::string text_of(core::Timestamp time) { return core::to_string(time); }

struct Question {
    std::string title, sql;
    int rows;  ///< That the answer has to have; 0: some.
};

/// As Grafana sends them: with the bounds of its time picker.
std::vector<Question> questions_of(core::Timestamp now, int days) {
    const auto before = [&](std::int64_t span) {
        return fmt::format("time >= '{}' AND time < '{}'", text_of({now.microseconds - span}), text_of(now));
    };
    // A run in the middle of what is kept.
    const std::int64_t run_day = now.microseconds / day_us - std::min(days / 2, 45);
    return {
        {"success by module, 24 hours",
         "SELECT module, avg(success::int) AS success, count(*) AS emits FROM kpi.events WHERE emit_seq = 0 "
         "AND " +
             before(day_us) + " GROUP BY module ORDER BY module",
         modules},
        {"one metric of one module by hour, 7 days",
         "SELECT date_trunc('hour', time) AS hour, avg(metric_value), min(metric_value), max(metric_value) "
         "FROM "
         "kpi.events WHERE module = 'module_7' AND metric_name = 'metric_11' AND " +
             before(std::min(days, 7) * day_us) + " GROUP BY 1 ORDER BY 1",
         0},
        {"one run, its day",
         fmt::format("SELECT module, metric_name, count(*), avg(metric_value) FROM kpi.events WHERE run_id = "
                     "'run_{}_3' AND time >= '{}' AND time < '{}' GROUP BY 1, 2",
                     run_day, text_of({run_day * day_us}), text_of({(run_day + 1) * day_us})),
         0},
        {"latest value of each series, 24 hours",
         "SELECT s.module, s.metric_name, e.time, e.metric_value FROM kpi.series s CROSS JOIN LATERAL "
         "(SELECT time, "
         "metric_value FROM kpi.events WHERE module = s.module AND metric_name = s.metric_name AND " +
             before(day_us) + " ORDER BY time DESC LIMIT 1) e",
         modules * metrics},
    };
}

/// A day's rows, made by the server: every module and metric equally often, runs one after another.
void fill(database::Postgres& database, std::int64_t day, int rows) {
    must(database.query("SELECT kpi.ensure_day($1::date)", {text_of({day * day_us})}));
    must(database.query(fmt::format(
        "INSERT INTO kpi.events (time, run_id, module, dag_node, metric_name, metric_value, tags, "
        "duration_ms, success, event_id, emit_id, emit_seq) SELECT timestamptz '{}' + i * interval "
        "'86400 seconds' / {}, 'run_{}_' || i::bigint * {} / {}, 'module_' || i / {} % {}, 'features', "
        "'metric_' || (i % {} + {} * (i / {} % {})), random(), "
        "'{{\"crypto\":\"BTC\",\"environment\":\"production\",\"fold_id\":\"3\",\"model\":\"ridge\"}}', "
        "i % 700, i % 200 <> 0, gen_random_uuid(), md5('{}' || i / {})::uuid, i % {} FROM "
        "generate_series(0, {}) AS i",
        text_of({day * day_us}), rows, day, runs_a_day, rows, rows_an_emit, modules, rows_an_emit,
        rows_an_emit, rows_an_emit * modules, metrics / rows_an_emit, day, rows_an_emit, rows_an_emit,
        rows - 1)));
}

/// Emits of four metrics, by the store's own way in, until told to stop.
void write(store::Store& store, const std::atomic<bool>& stopped, std::uint64_t& stored) {
    for (std::uint64_t batch = 0; !stopped; ++batch) {
        const auto next =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(1000 / batches_a_second);
        std::vector<sink::Record> records;
        for (int i = 0; i < rows_a_second / batches_a_second / rows_an_emit; ++i) {
            execution::KpiEmit emit;
            emit.emit_id = core::uuid_v7(core::system_clock());
            emit.time = core::system_clock().now();
            emit.module = fmt::format("module_{}", i % modules);
            emit.run_id = "run_now";
            emit.success = true;
            emit.tags = {
                {"crypto", "ETH"}, {"environment", "production"}, {"fold_id", "1"}, {"model", "ridge"}};
            for (std::uint16_t seq = 0; seq < rows_an_emit; ++seq) {
                const std::string metric = fmt::format("metric_{}", (batch * rows_an_emit + seq) % metrics);
                emit.rows.push_back({core::uuid_v5(emit.emit_id, metric), seq, metric, 0.5});
            }
            records.push_back(execution::encode(emit));
        }
        stored += must(store.ingest(records, std::nullopt)).stored;
        std::this_thread::sleep_until(next);
    }
}

/// The smallest time that a share of them does not exceed.
double at_share(std::vector<double>& times, double share) {
    std::ranges::sort(times);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(times.size())));
    return times[std::max<std::size_t>(rank, 1) - 1];
}

/// The indexes and scans that a plan names, once each.
std::string plan_of(database::Postgres& database, const std::string& sql) {
    const auto lines = must(database.query("EXPLAIN (COSTS off) " + sql));
    std::set<std::string> seen;
    for (int i = 0; i < lines.count(); ++i) {
        std::string line = lines.text(i, 0);
        line.erase(0, line.find_first_not_of(" ->"));
        const auto scan = line.find("Scan");
        if (scan == std::string::npos) continue;
        const auto on = line.find(" on ");
        std::string name = line.substr(0, on);
        // Index names of the partitions begin alike:
        // events_20261126_module_metric_name_time_metric_value_idx.
        if (const auto digits = name.find("events_20"); digits != std::string::npos)
            name.replace(digits, 16, "…");
        seen.insert(name +
                    (line.find("on events") != std::string::npos && name.find("Index") == std::string::npos
                         ? " on a day"
                         : ""));
    }
    std::string all;
    for (const auto& one : seen) all += (all.empty() ? "" : "; ") + one;
    return all;
}

int measure(int days, int rows_a_day, int turns, double p99_max) {
    servers::PostgresServer server(
        {"--set", "fsync=on", "--set", "shared_buffers=512MB", "--set", "max_wal_size=4GB"});
    const core::SecretSource url{"the benchmark",
                                 [&] { return core::Result<core::Secret>(core::Secret(server.url())); }};
    must(store::init_postgres({url, "", true}, store::Layer::kpi));
    database::PostgresOptions options;
    options.url = url;
    options.answer_timeout = {3'600'000'000};
    database::Postgres admin(options);
    const std::int64_t today = core::system_clock().now().microseconds / day_us;
    const auto begun = std::chrono::steady_clock::now();
    for (int back = days; back > 0; --back) fill(admin, today - back, rows_a_day);
    must(admin.run(
        "INSERT INTO kpi.series SELECT 'module_' || m, 'metric_' || n FROM generate_series(0, 19) m, "
        "generate_series(0, 39) n ON CONFLICT DO NOTHING"));
    must(admin.run("CREATE ROLE dashboard LOGIN PASSWORD 'dashboard' IN ROLE grafana_reader"));
    must(admin.run("ALTER ROLE dashboard SET jit = off"));
    must(admin.run("VACUUM ANALYZE kpi.events"));
    must(admin.run("CHECKPOINT"));
    fmt::print("{} days of {} rows, loaded in {:.0f} s\n", days, rows_a_day,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    std::fflush(stdout);

    database::PostgresOptions reader = options;
    reader.url = {"the benchmark", [&] {
                      return core::Result<core::Secret>(
                          core::Secret(server.url_of("dashboard", "dashboard", "postgres")));
                  }};
    auto store = must(store::open_postgres(url, store::Layer::kpi, store::OpenMode::write));
    std::atomic<bool> stopped = false;
    std::uint64_t stored = 0;
    std::thread writer([&] { write(*store, stopped, stored); });
    const auto questions = questions_of({today * day_us}, days);
    std::vector<std::array<std::vector<double>, 2>> times(questions.size());
    bool right = true;
    database::Postgres kept(reader);
    must(kept.connect());
    const auto wrote_from = std::chrono::steady_clock::now();
    for (int turn = 0; turn < turns; ++turn)
        for (std::size_t q = 0; q < questions.size(); ++q)
            for (const bool cold : {false, true}) {
                const auto from = std::chrono::steady_clock::now();
                database::Postgres fresh(reader);
                auto& connection = cold ? fresh : kept;
                const int rows = must(connection.query(questions[q].sql)).count();
                times[q][cold ? 1 : 0].push_back(
                    std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from)
                        .count());
                right = right && rows > 0 && (questions[q].rows == 0 || rows == questions[q].rows);
            }
    stopped = true;
    writer.join();
    const double wrote_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - wrote_from).count();
    const auto counted = must(admin.query("SELECT count(*) FROM kpi.events")).integer(0, 0);
    right = right && static_cast<std::uint64_t>(counted) ==
                         stored + static_cast<std::uint64_t>(days) * static_cast<std::uint64_t>(rows_a_day);
    fmt::print(
        "{} rows, {:.0f} more a second meanwhile\n\n| question | p50 ms | p99 ms | new connection, p50 | p99 "
        "| scans |\n|---|---|---|---|---|---|\n",
        counted, static_cast<double>(stored) / wrote_s);
    double worst = 0;
    for (std::size_t q = 0; q < questions.size(); ++q) {
        auto& [warm, cold] = times[q];
        fmt::print("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} |\n", questions[q].title,
                   at_share(warm, 0.5), at_share(warm, 0.99), at_share(cold, 0.5), at_share(cold, 0.99),
                   plan_of(admin, questions[q].sql));
        worst = std::max({worst, at_share(warm, 0.99), at_share(cold, 0.99)});
    }
    fmt::print("\nthe slowest p99 is {:.1f} ms{}\n", worst, right ? "" : "; an answer was wrong");
    return right && (p99_max <= 0 || worst <= p99_max) ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    const auto number = [&](int place, double otherwise) {
        return count > place ? std::atof(arguments[place]) : otherwise;
    };
    try {
        return measure(static_cast<int>(number(1, 90)), static_cast<int>(number(2, 100'000)),
                       static_cast<int>(number(3, 500)), number(4, 50));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}
