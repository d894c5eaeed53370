#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"
#include "tristrata/kill_switch/vocabulary.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tristrata::kill_switch {

/// A clock whose steady time goes on while the machine sleeps (CLOCK_BOOTTIME): state that is older than the
/// machine's sleep is old.
[[nodiscard]] core::Clock& boot_clock() noexcept;

/// Why a scope reads as it does.
enum class Reading : std::uint8_t {
    clear,        ///< Not engaged, by a state that is fresh.
    engaged,      ///< By the state.
    unread,       ///< Nothing was ever read: engaged.
    stale,        ///< The last state is too old: engaged.
    unreachable,  ///< So many polls failed in a row: engaged.
    environment,  ///< The environment said so when the process began: engaged.
};
[[nodiscard]] std::string_view name(Reading reading) noexcept;

struct ReaderOptions {
    core::Duration poll{100'000};     ///< At most 125 ms, so that four fit into the oldest state.
    core::Duration age_max{500'000};  ///< Counted from when the request was sent.
    unsigned failures_max = 3;        ///< Polls in a row.
    std::vector<Scope> engaged_at_boot = {};
    /// Told, in a sentence each, when the state cannot be read, and when it can again; by the thread.
    std::function<void(std::string_view)> notice = {};
};

/// Asks for the scopes that are engaged now.
using StateSource = std::function<core::Result<std::vector<Scope>>()>;
/// One that asks the database of a place, over a connection of its own.
[[nodiscard]] StateSource state_source(const Place& place);

/// What an order asks about, resolved once.
///
/// Cost      reading(): a load for each scope and one look at the clock, at most 1 µs (./dev bench
///           kill_switch).
/// Threads   Any number at once. It may outlive its reader, and is stale then.
class Watch {
public:
    [[nodiscard]] Reading reading() const noexcept;
    /// The order must not go: everything but a clear reading.
    [[nodiscard]] bool engaged() const noexcept { return reading() != Reading::clear; }

private:
    friend class Reader;
    struct Cell;
    struct Shared;
    std::shared_ptr<const Shared> shared_;
    std::vector<std::shared_ptr<const Cell>> cells_;
};

/// Polls the state on a thread of its own and keeps it for the hot path. What it cannot read it reads as
/// engaged, which is no engagement: nothing is written.
///
/// It cannot cover a process that is stopped between asking and sending its order.
///
/// Fork      A child has no thread: its watches read as stale after `age_max`. It makes a reader of its own,
///           and may let go of its parent's.
/// Threads   watch() by any; start(), stop() and poll() by the owner.
class Reader {
public:
    /// `clock`: its steady time counts ages.
    Reader(StateSource source, core::Clock& clock, ReaderOptions options);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// Engaged where one of the scopes is, or global.
    [[nodiscard]] Watch watch(std::span<const Scope> scopes);
    /// Asks once, now.
    core::Status poll();
    void start();
    void stop();

private:
    StateSource source_;
    core::Clock& clock_;
    ReaderOptions options_;
    std::shared_ptr<Watch::Shared> shared_;
    std::mutex mutex_;
    std::vector<Scope> engaged_;  ///< By the last state that was read.
    std::vector<std::pair<Scope, std::shared_ptr<Watch::Cell>>> cells_;
    unsigned failures_ = 0;  ///< In a row.
    bool told_ = false;
    std::unique_ptr<std::jthread> thread_;
    std::uint64_t generation_ = 0;  ///< Of the process that started it.
};

}  // namespace tristrata::kill_switch
