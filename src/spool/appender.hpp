#pragma once

#include "slot_writer.hpp"
#include "tristrata/spool/spool.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace tristrata::spool {

/// Callers of one slot, and the thread that makes room and syncs for them. Every wait of a caller ends by
/// its deadline, whatever the disk does; only the write into the page cache is the caller's own.
class Appender : public std::enable_shared_from_this<Appender> {
public:
    Appender(std::unique_ptr<SlotWriter> writer, Level level, bool in_memory,
             std::chrono::microseconds budget)
        : writer_(std::move(writer)), level_(level), in_memory_(in_memory), budget_(budget) {
        look();
    }

    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records);
    [[nodiscard]] core::Status flush();
    /// Syncs what is left and ends the thread, within the budget: a thread that the disk holds is let go.
    void close();
    [[nodiscard]] const std::string& folder() const noexcept { return writer_->folder(); }

private:
    using Moment = std::chrono::steady_clock::time_point;
    using Held = std::unique_lock<std::mutex>;
    struct Room {
        std::uint64_t bytes = 0;
        bool crit = false;
        bool abandoned = false;  ///< Nobody waits any more.
        std::optional<core::Status> answer;
    };

    void run();
    void make_room(Held& held);
    void sync(Held& held);
    /// With the mutex held. A forked child has no threads, and a process that never waits needs none.
    [[nodiscard]] core::Status start_thread();
    /// What the writer says now; by whoever has the right to write, or the thread.
    void look() noexcept;
    /// The right to write, or an error at the deadline.
    [[nodiscard]] core::Status take_turn(Held& held, Moment deadline);
    void end_turn() noexcept;
    /// Room for so many bytes, by the thread; on an error the turn is over.
    [[nodiscard]] core::Status ask_for_room(Held& held, std::uint64_t bytes, bool crit, Moment deadline);
    [[nodiscard]] core::Status wait_for_room(Held& held, std::span<const sink::Record> records,
                                             Moment deadline);
    [[nodiscard]] core::Status wait_until_durable(Held& held, std::uint64_t sequence, Moment deadline);

    std::unique_ptr<SlotWriter> writer_;
    Level level_;
    bool in_memory_;
    std::chrono::microseconds budget_;

    std::mutex mutex_;
    // Apart, since a wake costs more than a write: what nobody waits for wakes nobody.
    std::condition_variable turn_;   ///< Callers that want the right to write.
    std::condition_variable asked_;  ///< The thread.
    std::condition_variable done_;   ///< Callers that wait for what the thread does.
    std::thread thread_;
    bool writing_ = false;        ///< Somebody has the right to write.
    std::shared_ptr<Room> room_;  ///< Asked of the thread by whoever has that right.
    bool lent_ = false;           ///< A caller of level sync left that right to the thread.
    std::uint64_t written_ = 0;   ///< As the writer said last.
    std::uint64_t durable_ = 0;
    Moment look_for_segment_{};   ///< By callers whose deadline is then or later.
    std::uint64_t wanted_ = 0;    ///< Frames through this one are to be synced.
    std::uint64_t given_up_ = 0;  ///< Frames through this one could not be made durable.
    core::Error failure_;         ///< Why.
    bool thread_wants_turn_ = false;
    bool stopping_ = false;
    bool ended_ = false;
};

}  // namespace tristrata::spool
