#pragma once

#include "duty.hpp"
#include "figures.hpp"
#include "kept_windows.hpp"
#include "rows_on_the_way.hpp"
#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::service {

/// The analyzers of a file, each at its own time; what they find goes to the drift store. An event that
/// cannot be handed on waits in memory and is tried again: so many, then the oldest is lost, and counted. One
/// that no drift store takes is set aside by itself, counted and said, and holds up no other.
/// What was good goes there too as long as an incident of its module and type is open: it recovers by that.
/// Up to where windows were looked at stands in a file of the spool, once their events are there: windows
/// that ended while nothing ran are judged by whoever has that spool next.
class Analysis : public std::enable_shared_from_this<Analysis> {
public:
    static constexpr std::size_t waiting_max = 10'000;

    /// Null where the setting "analyzers" is not set. Asks no source yet. `spool`: the folder of the
    /// session's.
    [[nodiscard]] static core::Result<std::shared_ptr<Analysis>> open(
        std::shared_ptr<session::Session> session, const config::Settings& settings, const std::string& spool,
        std::shared_ptr<analyzer::Failures> failures, std::shared_ptr<Log> log);

    /// What waits there waits here from now on; to be called before the duties run, when its own have ended.
    /// One that has not ended yet keeps nothing any more.
    void take_over(Analysis& before);
    /// That what waits here is handed on by nobody.
    void tell_given_up();

    /// Where an incident is open, and which windows were bad; to be set before the duties run.
    void tell_of_incidents(analyzer::WantsGood is_open, analyzer::BadWindows bad_windows) {
        is_open_ = std::move(is_open);
        bad_windows_ = std::move(bad_windows);
    }

    [[nodiscard]] std::vector<Duty> duties();
    [[nodiscard]] AnalysisFigures figures() const;

private:
    Analysis(std::shared_ptr<session::Session> session, std::shared_ptr<Log> log, const std::string& root)
        : session_(std::move(session)),
          log_(std::move(log)),
          kept_(
              WindowFile(spool::posix_file_system(), root, "analyzers"), [this] { return session_->flush(); },
              log_, "analyzer_windows"),
          on_the_way_(spool::posix_file_system(), session_->clock(), root) {}
    void resume();
    void tell(const std::vector<analyzer::Gap>& gaps);
    core::Status keep();
    void take(const analyzer::Judgement& judgement);
    core::Status hand_on();
    /// Under mutex_.
    void set_aside(const drift::EventRequest& event, const core::Error& error);

    std::shared_ptr<session::Session> session_;
    std::shared_ptr<Log> log_;
    std::unique_ptr<analyzer::Rounds> rounds_;
    analyzer::WantsGood is_open_;
    analyzer::BadWindows bad_windows_;
    std::uint64_t analyzers_ = 0;
    std::mutex keeping_;  ///< Of the next.
    KeptWindows kept_;
    RowsOnTheWay on_the_way_;
    std::mutex handing_on_;     ///< One at a time, so that each event is counted once.
    mutable std::mutex mutex_;  ///< Of what follows.
    std::deque<drift::EventRequest> waiting_;
    analyzer::LookedAt handed_on_to_;  ///< Up to where nothing waits of what was found.
    bool is_given_up_ = false;         ///< Another one goes on from here.
    std::uint64_t pushed_ = 0, lost_ = 0, refused_ = 0;
    std::optional<core::Error> error_;
    std::optional<std::pair<core::Timestamp, std::string>> refusal_;
};

}  // namespace tristrata::service
