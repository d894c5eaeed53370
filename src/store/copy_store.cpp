#include "tristrata/store/copy_store.hpp"

#include "event_arrays.hpp"
#include "partitions.hpp"
#include "schema_text.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/retention.hpp"
#include "zero_character.hpp"

#include <fmt/format.h>
#include <tuple>

namespace tristrata::store {
namespace {

using core::ErrorKind;
using database::Postgres;
using database::Sqlite;

/// What a transaction takes, whichever is reached first.
constexpr std::size_t batch_rows = 5000, batch_bytes = 16u << 20u;

std::size_t bytes_of(const EventRow& row) {
    std::size_t bytes = 0;
    for (const auto& value : row)
        if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

/// Why a row is refused, as who made it can act on it.
core::Error reason(Layer layer, const EventRow& row, core::Error error) {
    std::vector<RefusedText> texts;
    const auto columns = event_columns(layer);
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const auto* text = std::get_if<std::string>(&row[i]))
            texts.push_back({columns[i].name, *text, columns[i].type == ColumnType::json});
    return with_place_of_zero(std::move(error), texts);
}

class Copy {
public:
    Copy(Sqlite source, Postgres target, Layer layer, const core::Task& task)
        : source_(std::move(source)),
          target_(std::move(target)),
          layer_(layer),
          partitions_(layer),
          task_(task) {}
    core::Result<CopyOutcome> run(EventRows& rows);

private:
    core::Status insert(std::span<const EventRow> rows);
    core::Status take(std::span<const EventRow> rows);
    core::Status copy_events(EventRows& rows);
    /// Every row of one query of the source, as the parameters of one statement of the target.
    core::Result<std::uint64_t> carry(const char* from, const char* into);

    Sqlite source_;
    Postgres target_;
    Layer layer_;
    Partitions partitions_;
    const core::Task& task_;
    CopyOutcome outcome_;
};

core::Status Copy::insert(std::span<const EventRow> rows) {
    constexpr std::size_t severity_column = 10;
    std::vector<EventRow> home, parked;
    for (const EventRow& row : rows) {
        auto severity = drift::Severity::info;
        if (layer_ == Layer::drift && std::get<std::string>(row[severity_column]) != "info")
            severity = drift::Severity::warn;
        auto there = partitions_.ensure(
            target_, core::Timestamp{std::get<std::int64_t>(row[time_column(layer_)])}, severity);
        if (!there) return propagate(there);
        (*there ? home : parked).push_back(row);
    }
    // `id` is given by the target.
    const std::size_t first = layer_ == Layer::kpi ? 0 : 1;
    std::uint64_t fresh = 0, aside = 0;
    auto status = target_.transaction([&]() -> core::Status {
        for (const auto& [part, ending, count] :
             {std::tuple{&home, "", &fresh}, std::tuple{&parked, "_parked", &aside}}) {
            if (part->empty()) continue;
            const EventArrays arrays(layer_, *part, first);
            auto done =
                target_.query(arrays.insert_into(fmt::format("{}.events{}", schema_name(layer_), ending)),
                              arrays.parameters());
            if (!done) return propagate(done);
            *count = done->affected();
        }
        return {};
    });
    if (!status) return status;
    outcome_.copied += fresh + aside;
    outcome_.parked += aside;
    outcome_.there_already += rows.size() - fresh - aside;
    return {};
}

core::Status Copy::take(std::span<const EventRow> rows) {
    if (auto go_on = task_.check(); !go_on) return go_on;
    outcome_.rows += rows.size();
    if (task_.progress != nullptr) task_.progress->advanced("rows", outcome_.rows, 0);
    auto status = insert(rows);
    if (status || status.error().kind != ErrorKind::invalid_input) return status;
    // A row that PostgreSQL cannot keep, or a partition that has left: each by itself.
    partitions_.forget();
    for (const EventRow& row : rows) {
        auto one = insert(std::span(&row, 1));
        if (one) continue;
        if (one.error().kind != ErrorKind::invalid_input) return one;
        ++outcome_.refused;
        if (!outcome_.first_refusal) outcome_.first_refusal = reason(layer_, row, one.error());
    }
    return {};
}

core::Status Copy::copy_events(EventRows& rows) {
    std::vector<EventRow> batch;
    std::size_t bytes = 0;
    EventRow row;
    while (true) {
        auto more = rows.next(row);
        if (!more) return propagate(more);
        if (!*more) return batch.empty() ? core::Status() : take(batch);
        bytes += bytes_of(row);
        batch.push_back(std::move(row));
        if (batch.size() < batch_rows && bytes < batch_bytes) continue;
        if (auto taken = take(batch); !taken) return taken;
        batch.clear();
        bytes = 0;
    }
}

core::Result<std::uint64_t> Copy::carry(const char* from, const char* into) {
    auto rows = source_.prepare(from);
    if (!rows) return propagate(rows);
    std::uint64_t fresh = 0;
    while (true) {
        auto more = rows->step();
        if (!more) return propagate(more);
        if (!*more) return fresh;
        std::vector<database::PostgresValue> values;
        for (int i = 0; i < rows->columns(); ++i) values.push_back(rows->maybe_text(i));
        auto done = target_.query(into, values);
        if (!done) return propagate(done);
        fresh += done->affected();
    }
}

core::Result<CopyOutcome> Copy::run(EventRows& rows) {
    if (auto copied = copy_events(rows); !copied) return propagate(copied);
    if (layer_ == Layer::kpi) {
        auto series =
            carry("SELECT module, metric_name FROM kpi.series",
                  "INSERT INTO kpi.series (module, metric_name) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        if (!series) return propagate(series);
        return outcome_;
    }
    auto reports =
        carry("SELECT push_id, created_at FROM drift.reports",
              "INSERT INTO drift.reports (push_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    if (!reports) return propagate(reports);
    auto profiles =
        carry("SELECT profile_sha256, hex(bytes) FROM drift.profiles",
              "INSERT INTO drift.profiles (profile_sha256, bytes) VALUES ($1, decode($2, 'hex')) ON "
              "CONFLICT DO NOTHING");
    if (!profiles) return propagate(profiles);
    auto references = carry(
        "SELECT module, version, profile_sha256, who, why, promoted_at, expires_at, replaces FROM "
        "drift.\"references\" ORDER BY module, version",
        "INSERT INTO drift.\"references\" (module, version, profile_sha256, who, why, promoted_at, "
        "expires_at, "
        "replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING");
    if (!references) return propagate(references);
    outcome_.references = *references;
    return outcome_;
}

}  // namespace

core::Result<CopyOutcome> copy_to_postgres(const std::string& path, Layer layer,
                                           const core::SecretSource& admin, const core::Task& task) {
    // Both open as stores do, and say what is wrong as stores do.
    if (auto source = open_sqlite(path, layer, OpenMode::read); !source) return propagate(source);
    if (auto target = open_postgres(admin, layer, OpenMode::maintain); !target) return propagate(target);
    auto rows = read_sqlite_events(path, layer);
    if (!rows) return propagate(rows);
    auto source = Sqlite::open(path, schema_name(layer), database::Access::read, false);
    if (!source) return propagate(source);
    database::PostgresOptions options;
    options.url = admin;
    options.application = "tristrata store copy";
    return Copy(std::move(*source), Postgres(std::move(options)), layer, task).run(**rows);
}

}  // namespace tristrata::store
