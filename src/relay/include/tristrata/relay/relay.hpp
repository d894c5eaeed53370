#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/relay/destination.hpp"
#include "tristrata/spool/file_system.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::relay {

struct Options {
    std::string root;  ///< The spool's.
    std::size_t batch_records = 5000;
    std::uint64_t batch_bytes = 8U << 20U;
    core::Duration retry_first{500'000};  ///< Doubled with each failure in a row; half of it is drawn.
    core::Duration retry_max{60'000'000};
    core::Duration poll{200'000};                  ///< How often an empty spool is looked at.
    core::Duration replay_window{86'400'000'000};  ///< How long drained segments stay.
    /// What a destination did not take for so long is parked (spool::Backlog::not_taken), and sent again only
    /// by a relay that is asked for it.
    core::Duration max_age{14LL * 86'400 * 1'000'000};
    bool parked = false;
    /// Where more than this waits in a slot, the oldest records of class event are dropped, counted and said;
    /// no other class drops.
    std::uint64_t event_bytes_max = 128U << 20U;
    std::uint64_t seed = 0;  ///< Of the waits.
    /// Told, in a sentence each: damage, a destination that fails, and that it works again.
    std::function<void(std::string_view)> notice;
};

/// What was carried.
struct Counts {
    std::uint64_t stored = 0;  ///< Rows, here and below.
    std::uint64_t duplicate = 0;
    std::uint64_t dead = 0;
    std::uint64_t missing = 0;   ///< Of those dead: no segment held them any more.
    std::uint64_t batches = 0;   ///< Settled.
    std::uint64_t attempts = 0;  ///< Batches sent, those that failed among them.

    Counts& operator+=(const Counts& more);
    /// Since `before`, which these have grown from.
    [[nodiscard]] Counts operator-(const Counts& before) const;
};

/// What was carried, and what stands in the way now.
struct Delivered : Counts {
    bool pending = false;  ///< Something of a class with a destination is not delivered.
    /// Why, a destination each; also slots that cannot be read.
    std::vector<core::Error> held;
    /// Folders of slots that another process drains, or in which nothing was ever emitted; what waits there
    /// is not looked at.
    std::vector<std::string> elsewhere;
};

/// How one destination has answered since its relay was made.
struct RouteStatus : Counts {
    sink::RecordClass record_class = sink::RecordClass::kpi;
    std::uint64_t failures = 0;  ///< Batches that its destination did not take, for now.
    std::uint64_t parked = 0;    ///< Rows, of those stored: beside the table, which has no place for them.
    unsigned failures_in_a_row = 0;
    std::optional<core::Error> held = {};  ///< Why nothing is sent to it now, but for one try a wait.
    std::optional<core::Error> last_error = {};
    std::optional<core::Timestamp> last_error_at = {};
    std::optional<core::Timestamp> last_delivered_at = {};
};

/// Carries what is spooled to its destinations: every slot of a root, also those whose writers are dead.
/// Another process that drains a slot is left to it.
///
/// Each destination has a thread of its own, so that one that hangs holds no other: they share a slot's disk,
/// and nothing else. A batch that failed is sent again, as it was, after a wait that doubles up to a minute.
/// While a destination waits nothing is sent to it, and one batch tries whether it works again. A record that
/// can never be stored becomes a dead letter, and its batch is delivered without it. Nothing is ever dropped
/// but the oldest records of class event, where a slot runs full.
///
/// Fork      A child must not touch its parent's relay: it makes one of its own.
/// Threads   pass() and drain() by any, one after another; start(), add() and stop() by the owner.
class Relay {
public:
    /// Files and clock outlive the process: a delivery that hangs may outlive the relay.
    Relay(spool::FileSystem& files, core::Clock& clock, Options options,
          const std::vector<std::shared_ptr<Destination>>& destinations);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// Once over all slots, until each is empty or its destination waits; it ends with the slowest delivery.
    [[nodiscard]] Delivered pass(const std::stop_token& stop);
    /// Until nothing is pending but what a newer program wrote or a destination's wrong settings hold, or the
    /// budget has run out, which is each destination's own. A delivery that hangs then is left behind with
    /// its thread, and said.
    [[nodiscard]] Delivered drain(core::Duration budget, const std::stop_token& stop);

    /// By any thread, also while a delivery is under way.
    [[nodiscard]] std::vector<RouteStatus> status() const;

    /// Carries in threads of its own, until stop().
    void start();
    /// One destination more, which is carried to at once where the threads run.
    void add(std::shared_ptr<Destination> destination);
    /// Ends the threads and lets what is pending go out within the budget. A delivery that hangs holds stop()
    /// no longer than the budget: then its thread is left behind.
    /// Returns   What was carried since start(), and what is left.
    Delivered stop(core::Duration budget);

private:
    class Courier;
    std::shared_ptr<Courier> courier_;
};

}  // namespace tristrata::relay
