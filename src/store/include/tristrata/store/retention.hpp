#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/store/event_rows.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::store {

/// What leaves a store as one: the rows of a day (kpi), of a month and half (drift), or those that came after
/// it had left.
struct Leaf {
    enum class State : std::uint8_t {
        attached,  ///< Among the events.
        detached,  ///< Taken out; its rows are nowhere else until it is dropped.
    };
    std::string name;  ///< "events_20260827"; empty for one of SQLite that is not detached yet.
    std::string half;  ///< "info" or "alert" (drift), empty (kpi).
    core::Timestamp from;
    core::Timestamp to;
    State state = State::attached;
};

/// A day of a leaf in the archive, after it was read back from there.
struct ArchivePart {
    std::string leaf;
    std::string half;
    core::Timestamp day;
    std::int64_t part = 0;  ///< From 1, a number a day and half.
    std::uint64_t rows = 0;
    core::Timestamp time_min;
    core::Timestamp time_max;
    std::uint64_t bytes = 0;
    std::string sha256;       ///< Of the file.
    std::string rows_sha256;  ///< RowDigest of its rows.
    std::string manifest;     ///< Its key in the archive.
};

/// Which rows are erased: of a run, of a module, or of a run of a module. One of them is there.
struct Erasure {
    std::optional<std::string> run_id;
    std::optional<std::string> module;
};

/// A report's push, as any of its rows names it.
struct PushedReport {
    std::string report_id;
    std::string module;
    std::optional<std::string> run_id;
    auto operator<=>(const PushedReport&) const = default;
};

struct Erased {
    std::uint64_t rows = 0;  ///< Of the events.
    std::uint64_t parked = 0;
    std::vector<std::string> payloads;  ///< SHA-256 of the objects that they pointed to.
};

/// A store as retention sees it. What it does may be cut off anywhere and done again: a leaf that was
/// detached is found again, and a leaf is dropped only where its rows are those of its recorded parts.
///
/// Errors    As Store; unavailable too where the lock for a detach or drop was not had within two seconds,
/// since
///           a reader's transaction is open: the next run does it.
/// Threads   One caller at a time; several processes may run it at once.
class Retention {
public:
    virtual ~Retention() = default;

    /// A time that is no guess of this machine's clock.
    struct Witness {
        core::Timestamp time;
        bool is_server = false;  ///< PostgreSQL's now(); else when the SQLite file was last written.
    };
    [[nodiscard]] virtual core::Result<Witness> witness() = 0;

    struct Cleared {
        std::uint64_t home = 0;  ///< Parked rows that have a place among the events now.
        std::uint64_t late = 0;  ///< Parked rows whose day had left: a leaf of their own.
        ParkedRest rest = {};    ///< Those that stay parked.
    };
    /// Parked rows go where they belong.
    [[nodiscard]] virtual core::Result<Cleared> clear_parked() = 0;
    /// By time; those under way first.
    [[nodiscard]] virtual core::Result<std::vector<Leaf>> leaves() = 0;
    [[nodiscard]] virtual core::Result<std::uint64_t> count(const Leaf& leaf) = 0;
    /// Takes it out of the events; its day or month is never made again. The leaf is given its name.
    [[nodiscard]] virtual core::Status detach(Leaf& leaf) = 0;
    /// The rows of a detached leaf, by time, then event_id (kpi) or id (drift).
    [[nodiscard]] virtual core::Result<std::unique_ptr<EventRows>> rows(const Leaf& leaf) = 0;
    /// Parts that were read back; recording one again changes nothing.
    [[nodiscard]] virtual core::Status record(std::span<const ArchivePart> parts) = 0;
    /// Drops a leaf whose rows are those of its parts; conflict otherwise. Returns how many it had. A second
    /// call returns it again.
    [[nodiscard]] virtual core::Result<std::uint64_t> drop(const Leaf& leaf) = 0;
    /// Whether it was dropped, by another run too.
    [[nodiscard]] virtual core::Result<bool> dropped(const Leaf& leaf) = 0;
    /// Deletes rows, as who owns them; `dry_run` counts. A module's series goes with it, and what remembers
    /// that the reports of the rows were pushed.
    [[nodiscard]] virtual core::Result<Erased> erase(const Erasure& erasure, bool dry_run) = 0;
    /// Reports whose rows are erased elsewhere: the same push is a new one. Doing it again changes nothing.
    [[nodiscard]] virtual core::Status forget_pushes(std::span<const PushedReport> reports) = 0;
    /// Whether a row that is left points to an object.
    [[nodiscard]] virtual core::Result<bool> names_payload(std::string_view sha256) = 0;
    /// A part is void; another may stand in its place. Doing it again changes nothing.
    [[nodiscard]] virtual core::Status replace(const ArchivePart& part,
                                               const std::optional<ArchivePart>& successor) = 0;
    /// All that were recorded, by half, day and part.
    [[nodiscard]] virtual core::Result<std::vector<ArchivePart>> parts() = 0;
    [[nodiscard]] virtual const std::string& where() const = 0;
};

/// The push_id that a store remembers of one; none where somebody else wrote a report_id that is no UUID.
[[nodiscard]] std::optional<core::Uuid> push_id_of(const PushedReport& report);

/// As who owns the tables.
[[nodiscard]] core::Result<std::unique_ptr<Retention>> open_postgres_retention(const core::SecretSource& url,
                                                                               Layer layer);
[[nodiscard]] core::Result<std::unique_ptr<Retention>> open_sqlite_retention(const std::string& path,
                                                                             Layer layer, core::Clock& clock);

/// By arrival, or by time, event_id and severity (drift).
enum class EventOrder : std::uint8_t { arrival, time };
/// All events of a SQLite store.
[[nodiscard]] core::Result<std::unique_ptr<EventRows>> read_sqlite_events(
    const std::string& path, Layer layer, EventOrder order = EventOrder::arrival);

}  // namespace tristrata::store
