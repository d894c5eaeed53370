#include "tristrata/core/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tristrata::core {
namespace {

class SystemClock final : public Clock {
public:
    Timestamp now() noexcept override { return since_epoch(std::chrono::system_clock::now()); }
    Timestamp steady_now() noexcept override { return since_epoch(std::chrono::steady_clock::now()); }
    bool sleep_for(Duration duration, std::stop_token stop) override {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        woken.wait_for(lock, stop, std::chrono::microseconds(duration.microseconds), [] { return false; });
        return !stop.stop_requested();
    }

private:
    template <class TimePoint>
    static Timestamp since_epoch(TimePoint time) noexcept {
        return {std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count()};
    }
};

}  // namespace

Clock& system_clock() noexcept {
    static SystemClock clock;
    return clock;
}

}  // namespace tristrata::core
