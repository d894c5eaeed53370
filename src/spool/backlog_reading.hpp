#pragma once

#include "slot.hpp"
#include "tristrata/spool/backlog.hpp"

#include <array>
#include <optional>
#include <set>

namespace tristrata::spool {

/// A slot as its drain sees it.
struct Backlog::Reading {
    FileSystem& files;
    core::Clock& clock;
    std::string folder;
    std::unique_ptr<Lock> lock;
    Ledger ledger;
    std::vector<std::string> notes;
    std::set<std::string> noted;
    std::array<std::optional<core::Timestamp>, class_count>
        counted;  ///< On the steady clock: see not_taken().

    struct Loaded {
        std::uint64_t number = 0;
        bool newest = false;
        bool oldest_known = true;  ///< What was before it was drained, or is kept as damaged.
        std::string missing;       ///< Appends between it and its successor, held by no file.
        std::string bytes;
        SegmentScan found;
        RowCounts rows_after{};  ///< The successor's rows_before; of the newest, what its frames say.
    };
    std::unique_ptr<Loaded> loaded;  ///< What it found points into its bytes.

    /// conflict before anything was touched, where a newer program has written here.
    core::Status require_known_formats();
    /// Said once.
    void note(std::string sentence) {
        if (noted.insert(sentence).second) notes.push_back(std::move(sentence));
    }
    /// A segment without a readable head; the newest one only where no writer has it open.
    core::Status set_aside(std::uint64_t number, bool newest);
    core::Status open_ledger();
    core::Status begin_anew(const std::vector<NumberedFile>& segments);
    /// The segment that holds a row of a class, or the newest one; none where there is no segment.
    core::Result<const Loaded*> segment_of(sink::RecordClass record_class, std::uint64_t row);
    /// Whether the newest segment has a frame more than when it was read.
    core::Result<bool> has_grown(const Loaded& one);
    core::Result<std::unique_ptr<Loaded>> load(const SlotFiles& found, std::size_t index,
                                               std::optional<SegmentHead> successor);
    /// The batch's rows up to there are no record's; `missing`: where they stood, and nothing holds them.
    void skip(Batch& batch, std::uint64_t to_row, std::string_view missing);
    /// The same of rows that stood in a segment's end, where no record is now.
    core::Status skip_damaged_end(Batch& batch, std::uint64_t to_row, const Loaded& one);
    /// The same of rows behind everything that the newest segment holds.
    core::Status skip_behind(Batch& batch, std::uint64_t to_row, const Loaded* newest);
    core::Result<Batch> collect(sink::RecordClass record_class, std::uint64_t from,
                                std::optional<std::uint64_t> to, std::size_t records_max,
                                std::uint64_t bytes_max);
    /// What the newest segment holds was seen, and is durable: a later loss of it is counted.
    core::Status remember_seen();
    /// What a store has seen must not be taken back by a loss of power.
    core::Status sync_newest();
    [[nodiscard]] Ledger with_seen() const;
    /// The same, and the batch gets its number.
    core::Status begin_batch(Batch& batch);
    core::Status keep_dead(const Batch& batch, const Settlement& settlement);
    core::Status write(Ledger next);

    /// Rows emitted as far as the newest segment shows.
    core::Result<RowCounts> emitted();
    /// Parks what is pending of a class below a row, by whole batches. Returns how many rows.
    core::Result<std::uint64_t> park(sink::RecordClass record_class, std::uint64_t below);
    core::Status keep_parked(const Batch& batch);
    core::Status remove_parked(const Batch& batch);
    /// So many parked rows can never be sent.
    core::Status count_dead(sink::RecordClass record_class, std::uint64_t parked, std::uint64_t missing);
};

}  // namespace tristrata::spool
