#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/notification/alert_destination.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::notification {

struct ResendOptions {
    /// Alertmanager's own, of the route that pages: a peer that is killed within it forgets what it took and
    /// told nobody, so each alert is sent again at half of it.
    core::Duration group_wait{30'000'000};
    core::Duration resolved_for{300'000'000};  ///< How long what is over is sent again.
    core::Duration open_for = open_for_default;
    core::Duration timeout{5'000'000};
};

/// What one turn has done.
struct Resent {
    bool was_due = false;  ///< Else nothing was sent.
    std::uint64_t open = 0;
    std::uint64_t resolved = 0;
    std::vector<std::pair<std::string, core::Error>> failed;  ///< Peers, as they may be shown, and why.
    std::vector<std::string> taken_by;                        ///< Peers that took all of it, likewise.
    core::Duration next;                                      ///< Until the next turn is due.
};

/// Tells every Alertmanager again what is open and what was over lately: it keeps alerts in memory alone, and
/// what it answered with 200 is no page yet. It holds nothing itself: who has the table of incidents gives
/// the alerts each time, with the labels and starts_at with which they were first sent. What is no longer
/// given is not sent, and is resolved by nobody but who gives it with its end. Webhooks are not told again.
///
/// Threads   One caller at a time.
class Resender {
public:
    /// The clock outlives this.
    Resender(std::function<core::Result<Receivers>()> named, core::Clock& clock, ResendOptions options = {});
    ~Resender();

    /// Whether half a group_wait has passed (steady clock) since the last turn; at first it has.
    [[nodiscard]] bool is_due() const;
    /// Sends what is open, and what ended within resolved_for before now, to all peers at once; nothing where
    /// it is not due. A peer that fails holds no other, and has its next chance with the next turn.
    /// configuration: what names receivers cannot be used.
    [[nodiscard]] core::Result<Resent> step(const std::vector<Alert>& alerts);

private:
    struct Lines;
    std::function<core::Result<Receivers>()> named_;
    core::Clock& clock_;
    ResendOptions options_;
    std::unique_ptr<Lines> lines_;
    core::Timestamp next_{INT64_MIN};
};

}  // namespace tristrata::notification
