#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::store {

/// A batch of the relay: its number in its spool makes a resend recognisable. Absent for a direct write.
struct BatchOrigin {
    core::Uuid spool_id;
    std::uint64_t batch_seq = 0;
    std::uint64_t emitted_total = 0;
};

struct IngestResult {
    std::uint64_t stored = 0;
    std::uint64_t duplicate = 0;
    /// Of those stored: rows whose day or month has no partition and gets none, kept in `events_parked`.
    std::uint64_t parked = 0;
    /// Records that can never be stored, by index, with the reason; the others of the batch were.
    std::vector<std::pair<std::size_t, core::Error>> dead;
};

struct KpiQuery {
    std::optional<std::string> module;
    std::optional<std::string> metric;
    std::optional<std::string> run_id;
    core::TimeRange range;
    enum class By : std::uint8_t { row, hour, day } by = By::row;
    std::uint64_t limit = 1000;
};

struct KpiResultRow {
    core::Timestamp time;  ///< Start of the bucket when grouped.
    std::string module;
    std::string metric_name;
    std::optional<double> value;  ///< Mean of the bucket when grouped.
    std::uint64_t count = 1;
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::optional<std::string> run_id;  ///< Rows only, from here on.
    std::optional<std::string> dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<bool> success;
    std::string tags;  ///< JSON object.
    std::optional<core::Uuid> event_id;
    std::optional<core::Uuid> emit_id;
};

struct DriftQuery {
    std::optional<std::string> module;
    std::optional<std::string> run_id;
    std::optional<drift::DriftType> drift_type;
    std::optional<drift::Severity> severity_at_least;
    core::TimeRange range;
    std::uint64_t limit = 100;
};

/// Which profile a module's data is compared with, from when, by whom and why: drift.references.
struct Reference {
    std::string module;
    std::int64_t version = 0;    ///< From 1, a number a module; the newest is in force.
    std::string profile_sha256;  ///< The profile's own version.
    std::string who;
    std::string why;
    core::Timestamp promoted_at;
    std::optional<core::Timestamp> expires_at;
    std::optional<std::int64_t> replaces;  ///< The version in force before.

    bool operator==(const Reference&) const = default;
};

struct Promotion {
    std::string module;
    std::string profile_sha256;
    std::string bytes;  ///< The profile's file.
    std::string who;
    std::string why;
    core::Timestamp at;
    std::optional<core::Timestamp> expires_at;
};

struct Rollback {
    std::string module;
    std::optional<std::int64_t> to;  ///< Absent: in force before the profile now in force was promoted.
    std::string who;
    std::string why;
    core::Timestamp at;
    std::optional<core::Timestamp> expires_at;  ///< Absent: that of the one returned to.
};

struct ReferenceQuery {
    std::optional<std::string> module;
    std::uint64_t limit = 100;
};

/// A result that may be longer than was asked for.
template <class Row>
struct Page {
    std::vector<Row> rows;
    bool truncated = false;
};

struct TableStatus {
    std::string name;  ///< "kpi.events".
    std::uint64_t rows = 0;
    std::optional<core::Timestamp> first;
    std::optional<core::Timestamp> last;
    std::uint64_t bytes = 0;  ///< With its indexes; of SQLite the whole file with its -wal.
};

/// PostgreSQL: parked rows that no run of retention takes home today.
struct ParkedRest {
    std::uint64_t ahead = 0;   ///< So far ahead that no partition may be made yet: they wait for their day.
    std::uint64_t before = 0;  ///< Before 2000: no partition is ever made.
};

/// What left a store for the archive.
struct ArchivedRange {
    std::string half;      ///< "info" or "alert" (drift), empty (kpi).
    core::Timestamp from;  ///< The first day.
    core::Timestamp to;    ///< The end of the last.
    std::uint64_t days = 0;
    std::uint64_t parts = 0;
    std::uint64_t rows = 0;
};

struct StoreStatus {
    std::string backend;  ///< "sqlite 3.40.1".
    std::string where;    ///< The path, or the URL without its password.
    std::int64_t schema_version = 0;
    std::int64_t newest_version = 0;  ///< Known to this program.
    std::vector<TableStatus> tables;
    /// PostgreSQL: where the partitions end; rows from there on are parked.
    std::optional<core::Timestamp> horizon = std::nullopt;
    std::vector<ArchivedRange> archived = {};  ///< By half.
    std::uint64_t under_way = 0;               ///< Days or months that were taken out and are not dropped.
    std::uint64_t rows_of_week = 0;            ///< Of the seven days before now.
    ParkedRest parked_rest = {};
};

/// Which of the two stores; each has a file or database of its own.
enum class Layer : std::uint8_t { kpi, drift };

/// "kpi" or "drift": the schema's name in SQL, and what its keys in an archive begin with.
[[nodiscard]] constexpr std::string_view schema_name(Layer layer) noexcept {
    return layer == Layer::kpi ? "kpi" : "drift";
}

/// The class of the records that a layer takes.
[[nodiscard]] constexpr sink::RecordClass class_of(Layer layer) noexcept {
    return layer == Layer::kpi ? sink::RecordClass::kpi : sink::RecordClass::drift;
}

/// One store behind one face; every backend passes the same conformance suite.
///
/// Semantics  Identity is (event_id, time) [drift: and severity]: storing the same row again counts as
///            duplicate and changes nothing. A pushed report with a push_id already known is all duplicates.
///            A batch is one transaction; a record is never split.
/// Errors     unavailable (locked, unreachable: retry), storage (full, read-only, damaged), conflict (schema
/// of
///            another version), configuration (a folder where a file should be, not initialised: says
///            `tristrata store init`).
/// Threads    One caller at a time a Store; open another for another thread.
class Store {
public:
    virtual ~Store() = default;
    [[nodiscard]] virtual core::Result<StoreStatus> status() = 0;
    /// PostgreSQL: partitions for the days ahead are there, made where one is missing; where they end. Absent
    /// where tables have none. A writer may.
    [[nodiscard]] virtual core::Result<std::optional<core::Timestamp>> keep_ahead() = 0;
    [[nodiscard]] virtual core::Result<IngestResult> ingest(std::span<const sink::Record> records,
                                                            const std::optional<BatchOrigin>& origin) = 0;
    [[nodiscard]] virtual core::Result<Page<KpiResultRow>> query(const KpiQuery& query) = 0;
    [[nodiscard]] virtual core::Result<Page<drift::Event>> query(const DriftQuery& query) = 0;
    /// not_found where there is none; more than one row only for the same id at another time or severity.
    [[nodiscard]] virtual core::Result<std::vector<drift::Event>> find_event(const core::Uuid& event_id) = 0;
    /// The one id that begins so, in either case; not_found where none does, usage where several do.
    [[nodiscard]] virtual core::Result<core::Uuid> find_event_id(std::string_view beginning) = 0;

    /// Keeps the profile and makes it the module's reference: a new row, never a changed one.
    [[nodiscard]] virtual core::Result<Reference> promote(const Promotion& promotion) = 0;
    /// A new row with an earlier one's profile. not_found where there is no such earlier one.
    [[nodiscard]] virtual core::Result<Reference> roll_back(const Rollback& rollback) = 0;
    /// Newest first.
    [[nodiscard]] virtual core::Result<Page<Reference>> query(const ReferenceQuery& query) = 0;
    /// The one in force; not_found where nothing was promoted for the module.
    [[nodiscard]] virtual core::Result<Reference> current_reference(std::string_view module) = 0;
    /// The bytes of a profile that was promoted.
    [[nodiscard]] virtual core::Result<std::string> profile(std::string_view profile_sha256) = 0;
};

/// How a store is opened: a writer and a reader need tables; init makes or migrates them. Who promotes a
/// reference maintains.
enum class OpenMode : std::uint8_t { read, write, maintain };

/// Creates or migrates forward; safe to run twice and at once. Returns the statements' count applied.
[[nodiscard]] core::Result<std::int64_t> init_sqlite(const std::string& path, Layer layer,
                                                     core::Clock& clock);
/// What init leaves behind, as SQL for a DBA: one transaction, which may be run again, and which ends with an
/// error at a store of an older version.
[[nodiscard]] core::Result<std::string> sqlite_schema(Layer layer);
[[nodiscard]] core::Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Layer layer,
                                                               OpenMode mode);

/// Who makes the tables, and how.
struct PostgresInit {
    core::SecretSource url;   ///< Of a user who may create schemas and roles.
    std::string role_prefix;  ///< Before each role's name: "cvntrade_". Letters, digits and _.
    /// The tables are plain partitions, whatever the server could do beside: said by whoever makes them.
    bool accept_plain = false;
};

/// Creates or migrates forward: schema, tables, functions, roles, and partitions for a month ahead. Safe to
/// run twice and at once. Returns how many migrations were applied; configuration: `accept_plain` is not set
/// and tables are to be made, or the roles there have another prefix.
[[nodiscard]] core::Result<std::int64_t> init_postgres(const PostgresInit& init, Layer layer);
/// The DDL that init would run, for a DBA; usage: a prefix that init refuses.
[[nodiscard]] core::Result<std::string> postgres_schema(Layer layer, std::string_view role_prefix);
[[nodiscard]] core::Result<std::unique_ptr<Store>> open_postgres(const core::SecretSource& url, Layer layer,
                                                                 OpenMode mode);

}  // namespace tristrata::store
