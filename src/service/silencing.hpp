#pragma once

#include "figures.hpp"
#include "tristrata/notification/silencer.hpp"
#include "tristrata/service/log.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tristrata::service {

/// Alertmanagers are silent of what somebody answered for. Which of them did not take it is counted, and said
/// in the log once until it changes.
///
/// Threads   One caller of turn() at a time; figures() by any.
class Silencing {
public:
    using Named = std::function<core::Result<notification::Receivers>()>;
    /// The clock outlives this.
    Silencing(Named named, core::Clock& clock, std::shared_ptr<Log> log)
        : silencer_(std::move(named), clock), log_(std::move(log)) {}

    /// Whether something changed since a turn that reached every peer.
    [[nodiscard]] bool is_due(const std::vector<notification::Answered>& answered) const {
        return shape_of(answered) != settled_;
    }
    /// Nothing where nothing lasts that was not settled: a peer that forgot a silence is asked for what
    /// lasts.
    core::Status turn(const std::vector<notification::Answered>& answered);
    [[nodiscard]] SilencingFigures figures() const;

private:
    /// Which incidents, and whether they are over: what their alerts say changes with each evaluation.
    using Shape = std::vector<std::pair<core::Uuid, bool>>;
    [[nodiscard]] static Shape shape_of(const std::vector<notification::Answered>& answered);

    notification::Silencer silencer_;
    std::shared_ptr<Log> log_;
    Shape settled_;             ///< Of who turns.
    mutable std::mutex mutex_;  ///< Of what follows.
    SilencingFigures found_;
};

}  // namespace tristrata::service
