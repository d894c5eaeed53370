#pragma once

#include "duty.hpp"
#include "figures.hpp"
#include "response_rules.hpp"
#include "retelling.hpp"
#include "silencing.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/kill_switch/escalation.hpp"
#include "tristrata/notification/reception.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::service {

/// What the store said when it was last asked.
struct Known {
    std::optional<core::Timestamp> looked_at;  ///< Steady; absent: it has not answered yet.
    std::vector<incident::Incident> open;      ///< Not closed.
    std::vector<incident::Silence> silences;
    std::vector<notification::Alert> alerts;  ///< That last, or ended lately.
    std::vector<notification::Answered> answered;
};

/// From events in the drift store to people: evaluates incidents, tells Alertmanager again what lasts, and
/// shows the kill switch what is crit.
///
/// One of all services that evaluate the same store leads; the others look on, and tell again all the same:
/// an alert told by two is one. What is told again while the store does not answer is what was open when it
/// last did.
class Responder : public std::enable_shared_from_this<Responder> {
public:
    static constexpr core::Duration every{2'000'000};        ///< Between two evaluations.
    static constexpr core::Duration look_again{60'000'000};  ///< What the clock alone ends is seen by then.
    static constexpr core::Duration recovered_again{600'000'000};  ///< Of what another one saw recover.
    static constexpr core::Duration lost_after{60'000'000};  ///< Without an evaluation: the switch is told.

    /// Whether the setting "response_url" is set.
    [[nodiscard]] static bool is_asked_for(const config::Settings& settings);
    /// Asks no store yet. configuration: a kill switch that cannot be used.
    [[nodiscard]] static core::Result<std::shared_ptr<Responder>> open(
        std::shared_ptr<session::Session> session, const config::Settings& settings,
        std::shared_ptr<const ResponseRules> rules, kill_switch::Told told, std::shared_ptr<Log> log);

    /// What the process did when it began, and what the store said last; before the duties run.
    void take_over(const Responder& before);
    [[nodiscard]] std::vector<Duty> duties();
    [[nodiscard]] ResponseFigures figures() const;
    [[nodiscard]] Known known() const;
    /// What was told from the spool and lasts: of these no end is told again that the store said before.
    void tell_of_spool(std::vector<notification::Alert> lasting);
    /// Whether the store had an incident of them that is not closed, when it was last asked.
    [[nodiscard]] bool is_open(std::string_view module, drift::DriftType type) const;
    /// In which windows an analyzer found a module bad, by that answer.
    [[nodiscard]] std::vector<core::TimeRange> bad_windows(std::string_view module,
                                                           std::string_view analyzer) const;
    /// Lets the lease go: another one need not wait for its end.
    ~Responder();

private:
    Responder(std::shared_ptr<session::Session> session, config::Settings settings,
              std::shared_ptr<const ResponseRules> rules, std::shared_ptr<Log> log);
    core::Status evaluate(const std::stop_token& stop);
    core::Result<incident::Stepped> step(const std::stop_token& stop);
    /// What receivers answered, where one refused.
    core::Status note_receptions();
    core::Status look_at_open();
    /// Asks the store for all of it, where that is not what it said last.
    core::Status look_anew();
    core::Status see_crit();
    core::Status escalate();
    core::Status tell_again();
    /// Of what nobody was told, and an Alertmanager has taken by now.
    void note_told();
    void failed(const core::Error& error);
    /// Of the digest, which holds no page.
    void note_digest(const incident::Stepped& done);
    /// Of the kill switch, whose trouble is not the incidents'.
    void note_switch(const core::Status& status);

    std::shared_ptr<session::Session> session_;
    config::Settings settings_;
    std::shared_ptr<const ResponseRules> rules_;
    std::shared_ptr<Log> log_;
    core::Clock& clock_ = session_->clock();
    std::string holder_;
    notification::Receptions receptions_;
    // Of the thread that evaluates.
    std::optional<incident::IncidentStore> store_;
    std::optional<kill_switch::Escalation> escalation_;
    std::atomic<bool> booted_ = false;
    std::string mark_;                  ///< With which the store was asked, and
    core::Timestamp looked_steady_;     ///< when.
    core::Timestamp recovered_steady_;  ///< When it was asked for what recovered.
    std::optional<std::vector<kill_switch::CritIncident>>
        crit_;  ///< Of those open then; absent: not asked for.
    // Of the thread that tells again.
    std::unique_ptr<Retelling> retelling_;  ///< Null where no receiver is set; so is the other.
    std::unique_ptr<Silencing> silencing_;
    mutable std::mutex mutex_;  ///< Of what follows.
    Known known_;
    std::vector<incident::BadWindows> bad_windows_;  ///< Of incidents that are open, and
    std::vector<incident::BadWindows> recovered_;    ///< that ended; asked for where one may have.
    std::vector<notification::Alert> from_spool_;
    core::Timestamp evaluated_steady_;
    ResponseFigures found_;
};

}  // namespace tristrata::service
