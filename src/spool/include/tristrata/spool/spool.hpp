#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/file_system.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tristrata::spool {

/// When an append is acknowledged.
enum class Level : std::uint8_t {
    sync,   ///< An fdatasync of its own has returned.
    group,  ///< An fdatasync that began after its write has returned; callers at the same time share one.
    async   ///< It is in the page cache: the process may die, the power may not.
};
[[nodiscard]] std::string_view name(Level level) noexcept;
/// The inverse of name(). configuration: no level has that name.
[[nodiscard]] core::Result<Level> parse_level(std::string_view text);

/// Of a segment, where nobody chose another: what a disk must have free for an emit.
inline constexpr std::uint64_t segment_bytes_default = 4U << 20U;

struct Options {
    std::string root;  ///< A folder on a local disk, made where it is missing.
    Level level = Level::group;
    std::uint64_t segment_bytes = segment_bytes_default;  ///< Preallocated; a larger append has its own.
    std::uint64_t bytes_max = 256U << 20U;                ///< Of one slot, its one spare segment among them.
    std::uint64_t append_bytes_max = 64U << 20U;          ///< A larger append is refused.
    core::Duration budget{5'000'000};  ///< How long an append may take before it returns an error.
    std::size_t slots_max = 1000;
    bool any_file_system = false;  ///< Also where locks and syncs cannot be trusted.
    /// Told, in a sentence each, what somebody should know: damage that was found, a file system that
    /// forgets.
    std::function<void(std::string_view)> notice;
};

/// The durable queue. A root folder holds slots; a process takes one that nobody holds (flock alone decides),
/// recovers what its owner before left, and appends to it. The number of slots is the peak of processes at a
/// time, not their number.
///
/// Returns   The level reached: disk, or process for async and wherever the file system is memory.
/// Errors    refused: a record of no rows; limit_exceeded: larger than append_bytes_max; storage: the spool
///           or its disk is full (what is kept back is for records marked crit), after the budget;
///           unavailable: the budget ran out before anything was written; possibly_persisted: it ran out, or
///           the disk failed, after the writing had begun: the append may be delivered.
/// Fork      A child notices at its first call and takes a slot of its own; the parent's is not touched.
/// Threads   Any number of callers at once. A thread of the spool's own makes room and syncs.
/// Cost      group: one fdatasync for all who wait; async: one write of the record's bytes.
class Spool final : public sink::Sink {
public:
    /// Takes a slot. configuration: the root is on a network or FUSE file system, or no folder; storage: it
    /// cannot be written, or is another user's and this is root; invalid_input: the root holds other things,
    /// and no slot; unavailable: every slot is held; conflict: every free slot is a newer program's.
    [[nodiscard]] static core::Result<std::unique_ptr<Spool>> open(FileSystem& files, core::Clock& clock,
                                                                   Options options);
    /// Asks for what was written to be synced and waits for it within the budget.
    ~Spool() override;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    /// Everything appended before is durable.
    [[nodiscard]] core::Status flush() override;
    /// The slot's folder.
    [[nodiscard]] core::Result<std::string> folder();

private:
    class Slot;
    Spool(FileSystem& files, core::Clock& clock, Options options);
    [[nodiscard]] core::Result<Slot*> slot();
    [[nodiscard]] core::Result<Slot*> take_slot();

    FileSystem& files_;
    core::Clock& clock_;
    Options options_;
    bool in_memory_ = false;
    std::atomic<Slot*> slot_ = nullptr;
};

}  // namespace tristrata::spool
