#pragma once

#include "analysis.hpp"
#include "checks.hpp"
#include "duty.hpp"
#include "figures.hpp"
#include "responder.hpp"
#include "unconfirmed.hpp"

#include <memory>
#include <vector>

namespace tristrata::service {

/// What a service does about what it sees, by settings and the files that they name: analyzers, scheduled
/// checks, incidents, crit that its store does not confirm.
/// It is made as a whole, and anew where they change.
class Watch {
public:
    /// Reads every file and asks nobody: what is wrong in one is an error, and nothing has begun.
    [[nodiscard]] static core::Result<std::unique_ptr<Watch>> open(
        const std::shared_ptr<session::Session>& session, const config::Settings& settings,
        const kill_switch::Told& told, Unconfirmed::Sampled sampled,
        const std::shared_ptr<analyzer::Failures>& failures, const std::shared_ptr<Log>& log);

    /// What the one before could not hand on, to be called when that has stopped.
    void take_over(Watch& before);
    void start(core::Clock& clock);
    void ask_to_stop();
    /// What does not end until then (on the steady clock) is left behind.
    void stop(core::Timestamp until);
    void add_to(Figures& figures) const;

private:
    std::shared_ptr<Analysis> analysis_;
    std::shared_ptr<Checks> checks_;
    std::shared_ptr<Responder> responder_;
    std::shared_ptr<Unconfirmed> unconfirmed_;
    std::vector<std::unique_ptr<DutyThread>> threads_;
    bool have_ended_ = true;
};

}  // namespace tristrata::service
