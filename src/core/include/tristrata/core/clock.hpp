#pragma once

#include "tristrata/core/time.hpp"

#include <stop_token>

namespace tristrata::core {

/// The only source of time. Tests pass a fake; nothing else reads a clock.
class Clock {
public:
    virtual ~Clock() = default;
    /// Wall time, UTC.
    [[nodiscard]] virtual Timestamp now() noexcept = 0;
    /// Monotonic; only differences mean something.
    [[nodiscard]] virtual Timestamp steady_now() noexcept = 0;
    /// Sleeps until the duration has passed or a stop is asked for; true if the whole of it passed.
    virtual bool sleep_for(Duration duration, std::stop_token stop) = 0;
};

[[nodiscard]] Clock& system_clock() noexcept;

/// A clock that stands still until it is moved: for tests.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp start) noexcept : now_(start) {}
    [[nodiscard]] Timestamp now() noexcept override { return now_; }
    [[nodiscard]] Timestamp steady_now() noexcept override { return now_; }
    bool sleep_for(Duration duration, std::stop_token stop) override {
        if (stop.stop_requested()) return false;
        advance(duration);
        return true;
    }
    void advance(Duration duration) noexcept { now_ = now_ + duration; }

private:
    Timestamp now_;
};

}  // namespace tristrata::core
