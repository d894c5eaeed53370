#pragma once

#include "tristrata/archive/manifest.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::archive {

/// How many days after its end a day or month stays in the store.
struct Kept {
    int kpi_days = 90;
    int drift_days = 365;  ///< warn and crit.
    int info_days = 31;
};

struct RetainOptions {
    Kept kept;
    /// In place of what is kept: everything that lies wholly within, and is over.
    std::optional<core::TimeRange> range;
    bool dry_run = false;  ///< Counts, and changes nothing.
    std::string scratch;   ///< A folder for one file at a time; empty: the system's.
    /// Somebody says so of a store on SQLite that nobody wrote for longer than idle_max.
    bool clock_is_right = false;
};

/// How far this machine's clock and that of PostgreSQL may lie apart where days leave by it.
inline constexpr core::Duration clocks_apart_max{3'600'000'000};
/// A store on SQLite has no clock beside this machine's. Where nobody wrote it for longer, that may be
/// because nobody did, or because the clock is wrong.
inline constexpr core::Duration idle_max{31 * 86'400'000'000};

/// What became of a leaf that was due.
struct LeafOutcome {
    store::Leaf leaf;
    std::uint64_t rows = 0;
    std::vector<store::ArchivePart> parts;
    bool dropped = false;
    std::optional<core::Error> error;  ///< The leaf is as it was, or detached; the next run goes on with it.
};

struct RetainOutcome {
    store::Retention::Cleared cleared;
    std::vector<LeafOutcome> leaves;
    std::uint64_t rows = 0;  ///< That left the store.
    std::uint64_t bytes = 0;
    /// Parquet files of a run that died, which no manifest names: removed.
    std::uint64_t leftovers = 0;
};

/// Archive, read back, drop: every leaf whose time is over becomes one Parquet file and manifest a day; each
/// is read back from the object store, and its hash, rows, times and the digest of its rows compared, before
/// the leaf is dropped. It may die anywhere and run again, also twice at once: nothing is lost, nothing is
/// there twice.
///
/// Errors    configuration: the clock of task is not the server's, or is far ahead of when a SQLite file with
///           something that is due was last written, and nobody said that it is right. Nothing was taken out.
/// Returns   What became of each leaf. One whose lock was not had, or whose rows were not those of its parts,
/// is
///           passed over with its error; any other error ends the run and stands in the last leaf.
/// Cost      A row group in memory, a day on the scratch disk.
[[nodiscard]] core::Result<RetainOutcome> retain(store::Retention& retention, store::Layer layer,
                                                 objects::ObjectStore& objects, const RetainOptions& options,
                                                 const core::Task& task);

/// Whether a leaf has to leave, by its end.
/// Example   2026-08-27 with 90 days is due from 2026-11-26T00:00:00Z on.
[[nodiscard]] bool is_due(const store::Leaf& leaf, store::Layer layer, const RetainOptions& options,
                          core::Timestamp now) noexcept;

}  // namespace tristrata::archive
