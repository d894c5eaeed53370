#pragma once

#include "figures.hpp"
#include "tristrata/notification/resender.hpp"
#include "tristrata/service/log.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::service {

/// Counts each peer that failed in this turn, and takes the errors of the others back. Returns what is news.
[[nodiscard]] std::vector<core::Error> note_failures(
    std::vector<PeerFigures>& peers, const std::vector<std::pair<std::string, core::Error>>& failed);

/// Without the ends of what lasts anew: by its labels that is one alert, and what comes last counts.
[[nodiscard]] std::vector<notification::Alert> without_begun_anew(
    std::vector<notification::Alert> alerts, std::span<const notification::Alert> lasting);

/// Alertmanagers are told again what lasts. Which of them did not take it is counted, and said in the log
/// once until it changes.
///
/// Threads   One caller of turn() at a time; figures() by any.
class Retelling {
public:
    using Named = std::function<core::Result<notification::Receivers>()>;
    /// The clock outlives this.
    Retelling(Named named, core::Clock& clock, std::shared_ptr<Log> log);

    [[nodiscard]] bool is_due() const { return resender_.is_due(); }
    /// Nothing where it is not due. An error where nobody could be told; a peer that fails is none.
    core::Status turn(const std::vector<notification::Alert>& alerts);
    [[nodiscard]] RetellingFigures figures() const;

private:
    notification::Resender resender_;
    std::shared_ptr<Log> log_;
    mutable std::mutex mutex_;  ///< Of what follows.
    RetellingFigures found_;
};

}  // namespace tristrata::service
