#pragma once

#include "tristrata/core/result.hpp"
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
};

struct StoreStatus {
    std::string backend;  ///< "sqlite 3.40.1".
    std::string where;    ///< The path, or the URL without its password.
    std::int64_t schema_version = 0;
    std::int64_t newest_version = 0;  ///< Known to this program.
    std::uint64_t bytes = 0;
    std::vector<TableStatus> tables;
};

/// Which of the two stores; each has a file or database of its own.
enum class Layer : std::uint8_t { kpi, drift };

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
    [[nodiscard]] virtual core::Result<IngestResult> ingest(std::span<const sink::Record> records,
                                                            const std::optional<BatchOrigin>& origin) = 0;
    [[nodiscard]] virtual core::Result<Page<KpiResultRow>> query(const KpiQuery& query) = 0;
    [[nodiscard]] virtual core::Result<Page<drift::Event>> query(const DriftQuery& query) = 0;
    /// not_found where there is none; more than one row only for the same id at another time or severity.
    [[nodiscard]] virtual core::Result<std::vector<drift::Event>> find_event(const core::Uuid& event_id) = 0;
    /// The one id that begins so, in either case; not_found where none does, usage where several do.
    [[nodiscard]] virtual core::Result<core::Uuid> find_event_id(std::string_view beginning) = 0;
};

/// How a store is opened: a writer and a reader need tables; init makes or migrates them.
enum class OpenMode : std::uint8_t { read, write };

/// Creates or migrates forward; safe to run twice and at once. Returns the statements' count applied.
[[nodiscard]] core::Result<std::int64_t> init_sqlite(const std::string& path, Layer layer,
                                                     core::Clock& clock);
/// The DDL that init would run, for a DBA.
[[nodiscard]] std::string sqlite_schema(Layer layer);
[[nodiscard]] core::Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Layer layer,
                                                               OpenMode mode);

}  // namespace tristrata::store
