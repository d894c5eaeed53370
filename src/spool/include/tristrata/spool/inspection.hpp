#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/ledger.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::spool {

/// A class's books in one slot, in rows.
struct ClassStatus {
    std::uint64_t emitted = 0;
    std::uint64_t pending = 0;  ///< Emitted, and its end not known; what is parked is among them.
    ClassLedger ledger;
    /// When the first pending row which is not parked was appended, by the clock of who emitted it, rounded
    /// down to ten seconds of its segment; of a row of an older program when its segment was begun. None of
    /// those rows is older.
    std::optional<core::Timestamp> pending_since;
};

struct SlotStatus {
    std::string folder;
    std::optional<core::Uuid> spool_id;
    bool has_writer = false;  ///< A process holds it.
    bool has_drain = false;
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;         ///< Of segments and spares.
    std::uint64_t damaged = 0;       ///< Files kept as they were found damaged.
    std::uint64_t dead_letters = 0;  ///< Records kept in dead/.
    std::array<ClassStatus, class_count> classes{};
    std::optional<core::Error> unreadable;  ///< Another format, or the disk: the figures are not known.
};

/// Where a spool is, or is to be.
struct Place {
    FileSystemKind kind = FileSystemKind::local;
    std::uint64_t bytes_free = 0;
};

/// Looks at the folder and makes nothing.
///
/// Errors    not_found: the folder is not there; configuration: its file system is one whose locks and syncs
///           cannot be trusted; storage: this user may not write there.
[[nodiscard]] core::Result<Place> examine_place(FileSystem& files, const std::string& root);

/// Every slot of a spool, beside its writers and drains. Errors as of slots().
[[nodiscard]] core::Result<std::vector<SlotStatus>> status(FileSystem& files, const std::string& root);

/// What a reading of every byte found.
struct CheckResult {
    std::uint64_t slots = 0;
    std::uint64_t segments = 0;
    std::uint64_t frames = 0;
    std::uint64_t rows = 0;
    std::uint64_t torn = 0;  ///< Segments whose end is no record: a write that was cut off, or damage.
    std::vector<std::string> findings;  ///< Damage and what else is not as it should be, a sentence each.
    std::vector<std::string> newer;     ///< What a newer program wrote: it was not read, a sentence each.
    std::vector<std::string> notes;     ///< What is no damage, or need not be: torn ends.
};
/// Reads the whole spool and changes nothing. Errors as of slots().
[[nodiscard]] core::Result<CheckResult> check(FileSystem& files, const std::string& root);

/// Records that were settled and are still there, from the segment on in which something was appended at
/// `since` or later: at most so many at a time, in order.
/// Returns   How many rows were given to `take`; its error ends the reading. conflict: a newer program has
///           written there, and nothing of the slot was read.
[[nodiscard]] core::Result<std::uint64_t> settled_since(
    FileSystem& files, const std::string& folder, sink::RecordClass record_class, core::Timestamp since,
    std::size_t records_max, const std::function<core::Status(std::span<const sink::Record>)>& take);
/// The slots of a spool, by name; none where nobody emitted to it yet. not_found: there is no spool;
/// invalid_input: the folder holds other things, and no slot.
[[nodiscard]] core::Result<std::vector<std::string>> slots(FileSystem& files, const std::string& root);
/// What is said of a spool without slots.
[[nodiscard]] std::string of_no_slots(const std::string& root);

}  // namespace tristrata::spool
