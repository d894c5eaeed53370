#include "duty.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tristrata::service {

struct DutyThread::State {
    core::Clock& clock;
    Duty duty;
    std::stop_source stopping;
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    std::thread thread;
};

DutyThread::DutyThread(core::Clock& clock, Duty duty)
    : state_(new State{clock, std::move(duty), {}, {}, {}, false, {}}) {
    state_->thread = std::thread([state = state_] {
        const std::stop_token stop = state->stopping.get_token();
        while (!stop.stop_requested()) {
            const bool done = state->duty.run(stop).has_value();
            (void)state->clock.sleep_for(done ? state->duty.every : state->duty.after_failure, stop);
        }
        const std::lock_guard lock(state->mutex);
        state->ended = true;
        state->changed.notify_all();
    });
}

DutyThread::~DutyThread() { (void)stop(state_->clock.steady_now()); }

void DutyThread::ask_to_stop() { state_->stopping.request_stop(); }

bool DutyThread::stop(core::Timestamp until) {
    ask_to_stop();
    if (!state_->thread.joinable()) return true;
    std::unique_lock lock(state_->mutex);
    const core::Duration left = until - state_->clock.steady_now();
    const bool ended = state_->changed.wait_for(lock, std::chrono::microseconds(left.microseconds),
                                                [&] { return state_->ended; });
    lock.unlock();
    if (ended) state_->thread.join();
    else state_->thread.detach();
    return ended;
}

}  // namespace tristrata::service
