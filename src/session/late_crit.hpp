#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace tristrata::session {

/// Before the drift layer's sink: says how many crit events were taken that are older than incidents look
/// back. They are stored as they are, and page nobody. Said at the first one, and each time there are twice
/// as many, so that history that is pushed row by row says it a few times and not at each row.
///
/// Threads   Any number of callers at once, as the sink behind it.
class LateCrit final : public sink::Sink {
public:
    /// `looked_back`: how old an event may be. The sink outlives this.
    LateCrit(sink::Sink& behind, core::Clock& clock, core::Duration looked_back,
             std::function<void(std::string_view)> notice)
        : behind_(behind), clock_(clock), looked_back_(looked_back), notice_(std::move(notice)) {}
    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override { return behind_.flush(); }

private:
    sink::Sink& behind_;
    core::Clock& clock_;
    core::Duration looked_back_;
    std::function<void(std::string_view)> notice_;
    std::mutex mutex_;
    std::uint64_t count_ = 0;
};

}  // namespace tristrata::session
