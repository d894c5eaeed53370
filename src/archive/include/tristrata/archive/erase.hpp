#pragma once

#include "tristrata/archive/manifest.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"

#include <string>
#include <vector>

namespace tristrata::archive {

struct EraseOutcome {
    std::uint64_t stored_rows = 0;
    std::uint64_t parked_rows = 0;
    std::uint64_t archived_rows = 0;
    std::uint64_t parts = 0;          ///< Of the archive that held some of them.
    std::uint64_t files_removed = 0;  ///< Parquet files that held them.
    std::uint64_t payloads_removed = 0;
    // Not reached, where EraseHow says to go round them; each may hold some of the rows.
    std::vector<store::ArchivePart> not_there;  ///< Lost parts.
    std::vector<DamagedPart> damaged;           ///< Their files stay as they are.
    std::vector<Manifest> foreign;              ///< Parts that the store did not record.
};

/// What an erase does.
struct EraseHow {
    bool dry_run = false;
    /// Parts that the store recorded and the archive lost, damaged ones, and those that the store did not
    /// record are passed over; else they are a conflict.
    bool without_lost_parts = false;
    /// Parts that the store did not record are taken for its own.
    bool with_foreign_parts = false;
    std::string scratch;  ///< A folder for one file at a time; empty: the system's.
};

/// Erases the rows of a run or a module from a store and from the archive. A part that holds some is replaced
/// by one without them, which is read back, and only then its file is removed; its manifest stays, and says
/// nothing of any row. A payload's object goes where no row that is left points to it. It may die anywhere
/// and run again. What a retain moves meanwhile is looked at too, until nothing came.
///
/// Returns   How many rows went, or, in a dry run, would go.
/// Errors    conflict: a leaf is on its way to the archive, or went while this ran; `store retain` finishes
///           that. Rows of it may be left, which the next run erases. Also: a part was lost, is damaged, or
///           was not recorded; what is seen without reading the files, before anything is changed.
[[nodiscard]] core::Result<EraseOutcome> erase(store::Retention& retention, store::Layer layer,
                                               objects::ObjectStore& objects, const store::Erasure& erasure,
                                               const EraseHow& how, const core::Task& task);

struct SweepOutcome {
    std::uint64_t objects = 0;  ///< Payloads that there are.
    std::uint64_t named = 0;    ///< To which a row points: of the store, parked, or of the archive.
    std::uint64_t young = 0;    ///< To which none does, yet: a spool may hold it.
    std::uint64_t removed = 0;  ///< In a dry run: that would be.
    std::uint64_t bytes = 0;    ///< Of those.
};

/// Removes payload objects to which no row points and that are older than any spool keeps a record. The
/// objects are listed before the rows are read: one that comes meanwhile is not looked at.
///
/// Errors    As erase(); and whatever keeps a part of the archive from being read: nothing is removed then.
[[nodiscard]] core::Result<SweepOutcome> sweep(store::Retention& drift, objects::ObjectStore& objects,
                                               core::Duration older_than, bool dry_run,
                                               const std::string& scratch, const core::Task& task);

}  // namespace tristrata::archive
