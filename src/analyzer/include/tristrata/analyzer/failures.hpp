#pragma once

#include "tristrata/core/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace tristrata::analyzer {

/// How many windows in a row had no answer, by who asks: it outlives whoever asks, so that an outage that
/// lasts is told as one although settings are read anew meanwhile.
///
/// In a row  A window is counted once, however often it is tried. Behind a pause of more than three windows,
///           and of more than an hour, it begins anew: what was in between nobody looked at.
/// Threads   Any.
class Failures {
public:
    struct Line {
        core::Timestamp to;  ///< The end of the last window that was counted.
        std::uint64_t windows = 0;
        bool operator==(const Line&) const = default;
    };
    using Lines = std::map<std::string, Line, std::less<>>;
    /// Given all of them, one after another, whenever one has changed.
    using Keep = std::function<void(const Lines&)>;

    explicit Failures(Lines begun = {}, Keep keep = {}) : lines_(std::move(begun)), keep_(std::move(keep)) {}

    /// The window that ended at `to` had no answer. Returns how many in a row had none, this one among them.
    std::uint64_t failed(const std::string& who, core::Timestamp to, core::Duration every);
    void answered(std::string_view who);

private:
    std::mutex mutex_;  ///< Of what follows.
    Lines lines_;
    Keep keep_;
};

}  // namespace tristrata::analyzer
