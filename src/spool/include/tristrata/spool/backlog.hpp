#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/ledger.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::spool {

/// Records of one class, in the order in which they were appended, under a number that is theirs for ever:
/// sent again, it is the same records.
struct Batch {
    sink::RecordClass record_class = sink::RecordClass::kpi;
    core::Uuid spool_id;
    std::uint64_t number = 0;
    std::uint64_t from_row = 0;
    std::uint64_t to_row = 0;   ///< Half open; also how many rows of the class were emitted up to its end.
    bool resent = false;        ///< It was sent before, and nobody knows how that ended.
    bool parked = false;        ///< It was parked, and is sent because somebody asked for it.
    std::uint64_t missing = 0;  ///< Of its rows those that nothing on the disk holds any more.
    std::vector<sink::Record> records;

    [[nodiscard]] bool empty() const noexcept { return to_row == from_row; }
};

/// What became of a batch's records. Every row is in one of the three.
struct Settlement {
    std::uint64_t stored = 0;
    std::uint64_t duplicate = 0;
    /// Records that can never be stored, by index, with the reason: kept as dead letters.
    std::vector<std::pair<std::size_t, core::Error>> dead;
    /// Of those stored: kept beside their table, which has no place for them.
    std::uint64_t parked = 0;
};

/// Which process drains a slot, or did last: its number where it runs, for who reads it; the lock alone
/// decides. Empty where that is not known.
[[nodiscard]] std::string drain_process(FileSystem& files, const std::string& folder);

/// The other end of one slot: what was appended and not yet settled. Beside the slot's writer, in any
/// process; one at a time drains a slot.
///
/// Errors    storage; conflict: written by a newer program, and left untouched.
/// Threads   One caller at a time.
class Backlog {
public:
    /// No backlog where another drains the slot, or nothing was ever appended there.
    [[nodiscard]] static core::Result<std::unique_ptr<Backlog>> open(FileSystem& files, core::Clock& clock,
                                                                     const std::string& folder);
    ~Backlog();

    /// The batch that was sent last and not settled, or the next one: at most so many records and about so
    /// many bytes of them, one at least. It is durable, and so is its number, before it is returned. Empty
    /// where nothing is pending; no records but rows where all of it was damaged on the disk, or is missing.
    [[nodiscard]] core::Result<Batch> next(sink::RecordClass record_class, std::size_t records_max,
                                           std::uint64_t bytes_max);
    /// In place of a batch that its destination refused as a whole, and of which nothing was stored: its
    /// first half, under a new number. Of two records or more.
    [[nodiscard]] core::Result<Batch> halve(const Batch& batch);
    /// Once for each batch of next(). Rows that were damaged on the disk count as dead, and so do those that
    /// are missing there; what is missing in the settlement is an error of kind internal, and nothing is
    /// settled.
    [[nodiscard]] core::Status settle(const Batch& batch, const Settlement& settlement);

    /// A delivery of the class has just failed. What its destination has not taken for max_age is parked:
    /// kept in files of its own, pending for that reason, and sent again when it is asked for. Time counts
    /// while deliveries are tried: in one process by the steady clock, and between two processes at most a
    /// fourteenth of max_age, so that no clock that stands wrong parks anything.
    /// Returns   How many rows were parked now.
    [[nodiscard]] core::Result<std::uint64_t> not_taken(sink::RecordClass record_class,
                                                        core::Duration max_age);
    /// The oldest batch of a class that is parked, under the number that it had; empty where none is. It is
    /// settled like one of next(), and not halved.
    [[nodiscard]] core::Result<Batch> next_parked(sink::RecordClass record_class);

    /// Gives up pending rows of a class that may lose some, the oldest first and a segment at a time, while
    /// what is not drained takes more than so many bytes and giving up frees a segment: rows of other classes
    /// are never given up, and hold what is behind them. A batch that was sent and not settled goes as a
    /// whole: its rows count as dropped, and perhaps they arrived. Returns   How many rows; they count as
    /// dropped.
    [[nodiscard]] core::Result<std::uint64_t> drop_oldest(sink::RecordClass record_class,
                                                          std::uint64_t bytes_max);

    /// Removes segments that were drained this long ago.
    [[nodiscard]] core::Result<std::uint64_t> remove_drained(core::Duration replay_window);
    [[nodiscard]] const Ledger& ledger() const noexcept;
    /// What was found damaged or missing, a sentence each, since the last call; each once.
    [[nodiscard]] std::vector<std::string> take_notes();

private:
    struct Reading;
    explicit Backlog(std::unique_ptr<Reading> reading);
    std::unique_ptr<Reading> reading_;
};

}  // namespace tristrata::spool
