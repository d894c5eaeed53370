#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

namespace tristrata::core {

/// What a call may use. `threads` counts the caller's; `bytes` bounds buffers, not code or libraries.
struct Limits {
    std::size_t bytes = 128u << 20u;
    unsigned threads = 2;
};

/// Told how far a long call is; called from any thread, never from two at once.
class Progress {
public:
    virtual ~Progress() = default;
    /// `done` of `total` units ("columns", "bytes"); total 0 where it is not known.
    virtual void advanced(std::string_view unit, std::uint64_t done, std::uint64_t total) = 0;
};

/// What every long face takes: how to stop it, when it must be done, who watches, what it may use.
struct Task {
    std::stop_token stop = {};
    std::optional<Timestamp> deadline = {};  ///< On Clock::steady_now.
    Progress* progress = nullptr;
    Limits limits = {};
    Clock* clock = &system_clock();

    /// An error of kind cancelled once a stop was asked for or the deadline has passed.
    [[nodiscard]] Status check() const;
};

/// Runs body(index) for every index in [0, count) on up to `threads` threads, the caller's among them.
/// Indices are handed out in order; results must be written by index, so that the number of threads
/// cannot be seen in them. The error of the lowest failing index is returned; later indices may be
/// skipped then.
[[nodiscard]] Status parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                                  const std::function<Status(std::size_t)>& body);

}  // namespace tristrata::core
