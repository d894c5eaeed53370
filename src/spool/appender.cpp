#include "appender.hpp"

#include "tristrata/core/before_wait.hpp"
#include "tristrata/core/thread_start.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::spool {

using core::ErrorKind;
using core::fail;
using std::chrono::steady_clock;

namespace {

/// Above the first the thread syncs what async callers left, above the second they wait for it.
constexpr std::uint64_t unsynced_bytes_wanted = 1U << 20U;
constexpr std::uint64_t unsynced_bytes_max = 8U << 20U;
/// How often a caller looks again whether a full spool has room.
constexpr std::chrono::milliseconds full_wait{10};
/// How often a caller looks whether the segment that it appends to is still there.
constexpr std::chrono::milliseconds segment_look{100};

}  // namespace

core::Status Appender::take_turn(Held& held, Moment deadline) {
    const auto free = [&] {
        return !writing_ && (in_memory_ || writer_->unsynced_bytes() < unsynced_bytes_max);
    };
    if (!free()) {
        core::BeforeWait::say();
        if (!writing_)  // Nobody would sync what is in the way.
            if (auto started = start_thread(); !started) return started;
    }
    if (!turn_.wait_until(held, deadline, free))
        return fail(ErrorKind::unavailable,
                    fmt::format("the spool {} did not answer within {} ms; nothing was written", folder(),
                                budget_.count() / 1000));
    writing_ = true;
    return {};
}

void Appender::end_turn() noexcept {
    writing_ = false;
    if (thread_wants_turn_) asked_.notify_one();
    turn_.notify_one();
}

core::Status Appender::ask_for_room(Held& held, std::uint64_t bytes, bool crit, Moment deadline) {
    core::BeforeWait::say();
    if (auto started = start_thread(); !started) {
        end_turn();
        return started;
    }
    const auto room = std::make_shared<Room>(Room{bytes, crit, false, std::nullopt});
    room_ = room;
    asked_.notify_one();
    if (!done_.wait_until(held, deadline, [&] { return room->answer.has_value(); })) {
        room->abandoned = true;  // The thread ends the turn.
        return fail(ErrorKind::unavailable,
                    fmt::format("the disk of {} did not answer within {} ms; nothing was written", folder(),
                                budget_.count() / 1000));
    }
    if (!*room->answer) end_turn();
    return *room->answer;
}

core::Status Appender::wait_for_room(Held& held, std::span<const sink::Record> records, Moment deadline) {
    const std::uint64_t bytes = frame_bytes(records);
    const bool crit = std::ranges::any_of(records, [](const auto& record) { return record.crit; });
    core::Status full;
    while (true) {
        if (auto turn = take_turn(held, deadline); !turn) return full ? turn : full;
        if (deadline >= look_for_segment_) {
            look_for_segment_ = deadline + segment_look;
            writer_->look_for_segment();
        }
        if (writer_->fits(bytes)) return {};
        auto made = ask_for_room(held, bytes, crit, deadline);
        if (made) return {};
        const auto again = steady_clock::now() + full_wait;
        // A look that the deadline cut short says nothing new.
        if (made.error().kind == ErrorKind::unavailable && !full) return full;
        if (made.error().foreign_code != no_space || again >= deadline) return made;
        full = std::move(made);
        done_.wait_until(held, again, [] { return false; });
    }
}

core::Result<sink::Acknowledgement> Appender::append(std::span<const sink::Record> records) {
    const Moment deadline = steady_clock::now() + budget_;
    sink::Acknowledgement reached;
    reached.durability =
        in_memory_ || level_ == Level::async ? sink::Durability::process : sink::Durability::disk;
    for (const auto& record : records) reached.stored += record.rows;

    Held held(mutex_);
    // Before anything is written that nobody could sync.
    if (reached.durability == sink::Durability::disk)
        if (auto started = start_thread(); !started) return propagate(started);
    if (auto room = wait_for_room(held, records, deadline); !room) return propagate(room);
    const auto frame = writer_->prepare(records);
    held.unlock();
    const auto written = frame.file->write(frame.offset, frame.bytes);
    held.lock();
    writer_->wrote(frame, written.has_value());
    look();
    if (!written) {
        // The frame may be there in part: it is carried into a new segment.
        if (auto carried = ask_for_room(held, 0, true, deadline); !carried)
            return fail(ErrorKind::possibly_persisted,
                        fmt::format("{}; and then: {}", written.error().message, carried.error().message),
                        written.error().foreign_code);
        end_turn();
        return reached;
    }
    if (reached.durability == sink::Durability::process) {
        end_turn();
        if (writer_->unsynced_bytes() >= unsynced_bytes_wanted && wanted_ < frame.sequence) {
            wanted_ = frame.sequence;
            // Without one, whoever comes when too much is unsynced is told.
            if (start_thread()) asked_.notify_one();
        }
        return reached;
    }
    if (level_ == Level::sync) lent_ = true;  // Nobody else's write comes under this sync.
    else end_turn();
    if (auto durable = wait_until_durable(held, frame.sequence, deadline); !durable)
        return propagate(durable);
    return reached;
}

core::Status Appender::wait_until_durable(Held& held, std::uint64_t sequence, Moment deadline) {
    if (durable_ >= sequence) return {};
    core::BeforeWait::say();
    if (auto started = start_thread(); !started) return started;
    wanted_ = std::max(wanted_, sequence);
    asked_.notify_one();
    const bool ended =
        done_.wait_until(held, deadline, [&] { return durable_ >= sequence || given_up_ >= sequence; });
    if (durable_ >= sequence) return {};
    if (ended)
        return fail(ErrorKind::possibly_persisted,
                    fmt::format("written, but not known to be on the disk: {}", failure_.message),
                    failure_.foreign_code);
    return fail(ErrorKind::possibly_persisted,
                fmt::format("written, but the disk of {} did not confirm it within {} ms", folder(),
                            budget_.count() / 1000));
}

core::Status Appender::flush() {
    const Moment deadline = steady_clock::now() + budget_;
    Held held(mutex_);
    if (auto turn = take_turn(held, deadline); !turn) return turn;
    if (!writer_->failed() || writer_->unsynced_bytes() == 0) {
        end_turn();
        return wait_until_durable(held, written_, deadline);
    }
    auto carried = ask_for_room(held, 0, true, deadline);
    if (carried) end_turn();
    return carried;
}

core::Status Appender::start_thread() {
    if (thread_.joinable()) return {};
    auto started = core::start_thread<std::thread>([self = shared_from_this()] { self->run(); });
    if (!started) return propagate(started);
    thread_ = std::move(*started);
    return {};
}

void Appender::look() noexcept {
    written_ = writer_->written();
    durable_ = writer_->durable();
}

void Appender::run() {
    Held held(mutex_);
    const auto due = [&] { return wanted_ > std::max(durable_, given_up_); };
    while (true) {
        asked_.wait(held, [&] { return stopping_ || room_ != nullptr || due(); });
        if (room_ != nullptr) make_room(held);
        else if (due()) sync(held);
        else break;
    }
    ended_ = true;
    done_.notify_all();
}

void Appender::make_room(Held& held) {
    const auto room = std::exchange(room_, nullptr);
    held.unlock();
    auto made = writer_->make_room(room->bytes, room->crit);
    held.lock();
    look();
    if (!made && writer_->failed()) {
        given_up_ = std::max(given_up_, written_);
        failure_ = made.error();
    }
    room->answer = std::move(made);
    if (room->abandoned) end_turn();
    done_.notify_all();
}

void Appender::sync(Held& held) {
    bool well = false;
    if (!writer_->failed()) {
        const auto syncing = writer_->begin_sync();
        held.unlock();
        well = syncing.done();
        held.lock();
        writer_->synced(syncing, well);
        durable_ = writer_->durable();
    }
    if (!well) {
        // What a failed sync leaves is unknown: everything since the last good one goes into a new segment,
        // and nobody may write meanwhile.
        thread_wants_turn_ = true;
        asked_.wait(held, [&] { return !writing_ || lent_ || room_ != nullptr; });
        thread_wants_turn_ = false;
        if (room_ != nullptr) return;  // Whoever has the right asked for the same.
        writing_ = true;
        held.unlock();
        auto carried = writer_->make_room(0, true);
        held.lock();
        look();
        if (!carried) {
            given_up_ = std::max(given_up_, written_);
            failure_ = carried.error();
        }
        lent_ = true;
    }
    if (lent_) writing_ = false;
    lent_ = false;
    // All: how much may be unsynced was in the way of each.
    turn_.notify_all();
    done_.notify_all();
}

void Appender::close() {
    Held held(mutex_);
    const Moment deadline = steady_clock::now() + budget_;
    wanted_ = std::max(wanted_, writer_->written());
    stopping_ = true;
    if (durable_ < wanted_) (void)start_thread();  // Without one, it is in the page cache all the same.
    asked_.notify_one();
    if (!thread_.joinable()) return;
    const bool in_time = done_.wait_until(held, deadline, [&] { return ended_; });
    held.unlock();
    if (in_time) thread_.join();
    else thread_.detach();
}

}  // namespace tristrata::spool
