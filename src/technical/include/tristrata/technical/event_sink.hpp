#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/sink/sink.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace tristrata::technical {

/// Stands before whatever takes events, so that a pipeline does not wait for telemetry: after an append that
/// failed, the next ones fail at once, for the same reason, for a second, two, four, up to a minute; then one
/// tries whether it works again. What was not taken is counted, and said once, and when it works again.
///
/// Threads   Any number of callers at once.
class EventSink final : public sink::Sink {
public:
    /// `behind` opens what takes the records, or returns what it opened before. It and the clock outlive
    /// this. `wait_at_least`: how long what is behind asks to be left alone where it failed; empty: it asks
    /// for nothing.
    EventSink(std::function<core::Result<sink::Sink*>()> behind, core::Clock& clock,
              std::function<void(std::string_view)> notice,
              std::function<core::Duration()> wait_at_least = {})
        : behind_(std::move(behind)),
          clock_(clock),
          notice_(std::move(notice)),
          wait_at_least_(std::move(wait_at_least)) {}

    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override;

    /// Records that were not acknowledged: lost, perhaps.
    [[nodiscard]] std::uint64_t not_taken() const noexcept { return not_taken_; }

private:
    void failed(const core::Error& error);
    void worked();

    std::function<core::Result<sink::Sink*>()> behind_;
    core::Clock& clock_;
    std::function<void(std::string_view)> notice_;
    std::function<core::Duration()> wait_at_least_;
    std::atomic<std::uint64_t> not_taken_ = 0;
    std::mutex mutex_;  ///< Of what follows.
    unsigned failures_ = 0;
    core::Timestamp not_before_{INT64_MIN};
    core::Error last_;
    std::uint64_t said_at_ = 0;  ///< not_taken() when it was said.
};

}  // namespace tristrata::technical
