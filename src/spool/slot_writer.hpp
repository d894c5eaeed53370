#pragma once

#include "slot.hpp"
#include "tristrata/core/clock.hpp"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tristrata::spool {

/// The foreign code of a disk or a spool that is full: ENOSPC.
inline constexpr const char* no_space = "28";

struct SlotOptions {
    std::uint64_t segment_bytes = 0;
    std::uint64_t bytes_max = 0;  ///< Of all segments and spares of the slot.
    bool in_memory = false;       ///< The file system forgets: a sync would promise nothing.
};

/// Appends frames to one slot, whose lock it holds. It has no threads and waits for nobody: whoever calls it
/// says what may run beside what. Only make_room() and open() touch the disk.
///
/// A frame whose writing began is kept until it is durable, and written again into a new segment where a
/// write or a sync failed: it is never withdrawn, since a relay may have read it already.
class SlotWriter {
public:
    /// Recovers what the owner before left. not_found, storage: as the disk says; conflict: written by a
    /// newer program, and left untouched.
    [[nodiscard]] static core::Result<std::unique_ptr<SlotWriter>> open(FileSystem& files,
                                                                        const std::string& folder,
                                                                        std::unique_ptr<Lock> lock,
                                                                        SlotOptions options,
                                                                        core::Clock& clock);

    /// Whether a frame of so many bytes can be appended now; otherwise make_room() comes first.
    [[nodiscard]] bool fits(std::uint64_t bytes) const noexcept {
        return active_ != nullptr && !failed_ && offset_ + bytes <= capacity_ &&
               clock_.now() - begun_at_ <= append_time_max;
    }

    /// A frame with its place, to be written by the caller, who then says how it went.
    struct Prepared {
        std::shared_ptr<File> file;
        std::uint64_t offset = 0;
        std::uint64_t sequence = 0;
        std::string bytes;
    };
    [[nodiscard]] Prepared prepare(std::span<const sink::Record> records);
    void wrote(const Prepared& frame, bool whole) noexcept;

    /// What a sync of the file covers; the caller syncs and then says how it went.
    struct Syncing {
        std::shared_ptr<File> file;
        std::uint64_t through = 0;
        /// Whether it is on the disk now, under a name that a relay finds.
        [[nodiscard]] bool done() const { return file->sync().has_value() && file->has_name(); }
    };
    [[nodiscard]] Syncing begin_sync() const { return {active_, written_}; }
    void synced(const Syncing& sync, bool well) noexcept;
    /// Whether somebody removed the segment: then nothing fits any more, and what is not durable yet goes
    /// into the next one.
    void look_for_segment() {
        if (active_ != nullptr && !active_->has_name()) failed_ = true;
    }

    /// A new segment with room for so many bytes, after everything written has become durable in the old one
    /// or is carried over. storage: the budget or the disk is used up (what is kept back is for `crit`).
    [[nodiscard]] core::Status make_room(std::uint64_t bytes, bool crit);

    [[nodiscard]] std::uint64_t durable() const noexcept { return durable_; }
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] std::uint64_t unsynced_bytes() const noexcept { return unsynced_bytes_; }
    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    /// What recovery found that somebody should know, a sentence each.
    [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

private:
    SlotWriter(FileSystem& files, std::string folder, std::unique_ptr<Lock> lock, SlotOptions options,
               core::Clock& clock)
        : files_(files),
          folder_(std::move(folder)),
          lock_(std::move(lock)),
          options_(options),
          clock_(clock) {}

    struct Kept {
        std::uint64_t sequence = 0;
        std::uint32_t records = 0;
        RowCounts rows_before{};
        std::string body;
    };
    [[nodiscard]] core::Status recover();
    [[nodiscard]] core::Status read_newest(std::uint64_t number);
    [[nodiscard]] core::Result<std::shared_ptr<File>> spare(std::uint64_t number, std::uint64_t bytes);
    [[nodiscard]] std::string carried_over(std::uint64_t number);
    void keep(Kept frame);
    void sync_now();

    FileSystem& files_;
    std::string folder_;
    std::unique_ptr<Lock> lock_;
    SlotOptions options_;
    core::Clock& clock_;
    core::Uuid spool_id_;
    std::shared_ptr<File> active_;
    std::uint64_t number_ = 0;  ///< Of the newest segment.
    std::uint64_t salt_ = 0;
    core::Timestamp begun_at_;  ///< Of the segment that is appended to.
    std::uint64_t offset_ = 0;
    std::uint64_t capacity_ = 0;
    std::uint64_t next_sequence_ = 1;
    std::uint64_t written_ = 0;
    std::uint64_t durable_ = 0;
    RowCounts rows_{};  ///< Emitted so far.
    bool failed_ = false;
    std::deque<Kept> unsynced_;
    std::uint64_t unsynced_bytes_ = 0;
    std::vector<std::string> notes_;
};

}  // namespace tristrata::spool
