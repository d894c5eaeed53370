// How fast batches drain into kpi.events on PostgreSQL, beside a bare binary COPY of the same rows into the
// same table, and how many bytes a million rows take: tristrata_postgres_ingest [ROWS [RATIO_MIN]]. Both
// sides take turns, also at who comes first, each round with rows of its own on a day of its own; what is
// stored is counted afterwards.
#include "servers/postgres_server.hpp"
#include "tristrata/database/copy_rows.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/store/store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>
#include <stdexcept>

using namespace tristrata;

namespace {

constexpr int batch_rows = 5'000, rounds = 5;

template <class Value>
Value must(core::Result<Value> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}
void must(const core::Status& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

double seconds_of(const std::function<void()>& body) {
    const auto begin = core::system_clock().steady_now();
    body();
    return static_cast<double>((core::system_clock().steady_now() - begin).microseconds) / 1e6;
}

/// One metric, four tags; twenty modules, forty metrics, one run in a thousand rows.
execution::KpiEmit emit_of(int day, int row) {
    execution::KpiEmit emit;
    emit.emit_id = core::uuid_v7(core::system_clock());
    emit.time = {1'679'443'200'000'000 + day * 86'400'000'000 + row * 400'000LL};
    emit.module = fmt::format("module_{}", row % 20);
    emit.run_id = fmt::format("run_{}_{}", day, row / 1000);
    emit.dag_node = "features";
    emit.duration_ms = row % 700;
    emit.success = row % 50 != 0;
    emit.tags = {{"crypto", row % 2 == 0 ? "BTC" : "ETH"},
                 {"environment", "production"},
                 {"fold_id", fmt::format("{}", row % 5)},
                 {"model", "ridge"}};
    const std::string metric = fmt::format("metric_{}", row % 40);
    emit.rows = {{core::uuid_v5(emit.emit_id, metric), 0, metric, 0.001 * row}};
    return emit;
}

std::string copy_of(const std::vector<execution::KpiEmit>& emits) {
    database::CopyRows rows;
    for (const auto& emit : emits) {
        rows.row(12);
        rows.time(emit.time);
        rows.maybe_text(emit.run_id);
        rows.text(emit.module);
        rows.maybe_text(emit.dag_node);
        rows.text(emit.rows[0].metric_name);
        rows.maybe_real(emit.rows[0].metric_value);
        rows.json(
            fmt::format(R"({{"crypto":"{}","environment":"production","fold_id":"{}","model":"ridge"}})",
                        emit.tags.at("crypto"), emit.tags.at("fold_id")));
        rows.maybe_integer(emit.duration_ms);
        rows.maybe_boolean(emit.success);
        rows.uuid(emit.rows[0].event_id);
        rows.uuid(emit.emit_id);
        rows.small(0);
    }
    return rows.finish();
}

int measure(int rows, double ratio_min) {
    servers::PostgresServer server({"--set", "fsync=on", "--set", "full_page_writes=on"});
    const core::SecretSource url{"the benchmark",
                                 [&] { return core::Result<core::Secret>(core::Secret(server.url())); }};
    must(store::init_postgres({url, "", true}, store::Layer::kpi));
    auto store = must(store::open_postgres(url, store::Layer::kpi, store::OpenMode::write));
    database::PostgresOptions options;
    options.url = url;
    database::Postgres bare(options);
    const core::Uuid spool_id = core::uuid_v7(core::system_clock());
    const int rows_a_round = std::max(batch_rows, rows / rounds / batch_rows * batch_rows);
    double copied_s = 0, drained_s = 0;
    std::uint64_t stored = 0, batch_seq = 0;
    for (int round = 0; round < rounds; ++round) {
        for (const int day : {2 * round, 2 * round + 1})
            must(bare.query("SELECT kpi.ensure_day(date '2023-03-22' + $1::integer)", {std::to_string(day)}));
        for (int first = 0; first < rows_a_round; first += batch_rows) {
            std::vector<execution::KpiEmit> copied;
            std::vector<sink::Record> records;
            for (int row = first; row < first + batch_rows; ++row) {
                copied.push_back(emit_of(2 * round, row));
                records.push_back(execution::encode(emit_of(2 * round + 1, row)));
            }
            const std::string bytes = copy_of(copied);
            const auto copy = [&] {
                must(bare.copy_in("COPY kpi.events FROM STDIN (FORMAT binary)", bytes));
            };
            const auto drain = [&] {
                const store::BatchOrigin origin{spool_id, ++batch_seq, batch_seq * batch_rows};
                stored += must(store->ingest(records, origin)).stored;
            };
            // Who comes second finds the server still writing what the first left: they take turns at it.
            const bool copy_first = first / batch_rows % 2 == 0;
            if (copy_first) copied_s += seconds_of(copy);
            drained_s += seconds_of(drain);
            if (!copy_first) copied_s += seconds_of(copy);
        }
    }
    const auto expected = static_cast<std::uint64_t>(rows_a_round) * rounds;
    const auto counted = must(bare.query("SELECT count(*) FROM kpi.events")).integer(0, 0);
    if (stored != expected || static_cast<std::uint64_t>(counted) != 2 * expected)
        throw std::runtime_error(
            fmt::format("{} rows stored, {} counted, expected {} and twice that", stored, counted, expected));
    must(bare.run("VACUUM kpi.events"));
    const auto sizes =
        must(bare.query("SELECT sum(pg_total_relation_size(relid))::bigint, "
                        "sum(pg_relation_size(relid))::bigint FROM pg_partition_tree('kpi.events')"));
    const double ratio = copied_s / drained_s;
    fmt::print("{:<28}{:>10.0f} rows/s\n{:<28}{:>10.0f} rows/s\n{:<28}{:>10.2f}\n", "bare binary COPY",
               static_cast<double>(expected) / copied_s, "drained in batches of 5,000",
               static_cast<double>(expected) / drained_s, "ratio", ratio);
    fmt::print("{:<28}{:>10.0f} MB, of which indexes {:.0f} MB\n", "a million rows take",
               static_cast<double>(sizes.integer(0, 0)) / static_cast<double>(counted),
               static_cast<double>(sizes.integer(0, 0) - sizes.integer(0, 1)) / static_cast<double>(counted));
    if (ratio < ratio_min) fmt::print("below {:.2f}\n", ratio_min);
    return ratio < ratio_min ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return measure(count > 1 ? std::atoi(arguments[1]) : 400'000,
                       count > 2 ? std::atof(arguments[2]) : 0.7);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}
