#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace tristrata::service {

/// Something that a service does again and again.
struct Duty {
    std::string name;
    core::Duration every;
    core::Duration after_failure;
    /// Owns what it uses: one that hangs is left behind.
    std::function<core::Status(const std::stop_token&)> run;
};

/// A thread that does its duty, at once and then every so often, until stop().
class DutyThread {
public:
    DutyThread(core::Clock& clock, Duty duty);
    ~DutyThread();
    DutyThread(const DutyThread&) = delete;
    DutyThread& operator=(const DutyThread&) = delete;

    void ask_to_stop();
    /// False where it did not end until then (on the steady clock): its thread is left behind.
    bool stop(core::Timestamp until);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tristrata::service
