#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/notification/receivers.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::notification {

/// An alert that somebody answered for.
struct Answered {
    core::Uuid incident_id;
    Alert alert;  ///< Without an end: nobody is to be told again. With one: its silence ends too.
    std::string who;
    std::string why;
    bool operator==(const Answered&) const = default;
};

struct SilenceOptions {
    /// How long a silence stays where nobody extends it, which is done at half of it: without us, pages come
    /// again by then.
    core::Duration lasts{86'400LL * 1'000'000};
    core::Duration timeout{5'000'000};  ///< Of one request.
};

/// What one turn has done, at all peers together.
struct Silenced {
    std::uint64_t begun = 0;
    std::uint64_t extended = 0;
    std::uint64_t ended = 0;
    std::vector<std::pair<std::string, core::Error>>
        failed;  ///< Peers, as they may be shown, and the first that each did not take.
};

/// Keeps every Alertmanager silent of what somebody answered for: it would page again at each of its
/// repeat_interval. A silence is made of the alert's labels, created by "tristrata", and its comment names
/// incident, who and why; by that it is found again, so that nothing is kept here and two that do this do it
/// once. Silences that people or another store made are left alone.
///
/// Threads   One caller at a time.
class Silencer {
public:
    /// The clock outlives this.
    Silencer(std::function<core::Result<Receivers>()> named, core::Clock& clock, SilenceOptions options = {});
    ~Silencer();

    /// Asks each peer for its silences, all of them at once, and makes, extends or ends those of these
    /// alerts. What is over is told there before its silence ends: else the peer might page once more. A peer
    /// that fails holds no other, and an alert or a silence that a peer refuses holds none behind it.
    /// configuration: what names receivers cannot be used.
    [[nodiscard]] core::Result<Silenced> step(const std::vector<Answered>& answered);

private:
    struct Peer;
    struct Peers;
    std::function<core::Result<Receivers>()> named_;
    core::Clock& clock_;
    SilenceOptions options_;
    std::unique_ptr<Peers> peers_;
};

}  // namespace tristrata::notification
