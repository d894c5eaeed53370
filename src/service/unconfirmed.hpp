#pragma once

#include "duty.hpp"
#include "figures.hpp"
#include "responder.hpp"
#include "response_rules.hpp"
#include "retelling.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/incident/apply.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"
#include "tristrata/spool/inspection.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::service {

/// Crit that the drift store has not confirmed in time goes out from here: a database that is dead delays no
/// page. What is pending in the spool takes the incidents' own steps in memory, over what the store said
/// last, so that it pages by the same policy, with the labels and starts_at of the incident that it becomes:
/// both are one alert. It is told again until the store has the event, and from then on by who evaluates;
/// what the store's evaluation does not page is ended here.
///
/// So does crit whose incident cannot be made: while nothing of the incidents could be read for `after`, what
/// was appended here since they were is taken likewise, also where the drift store has it. What it had before
/// this one began is left to who evaluates.
///
/// After a restart, not a reload, all of it begins anew: an alert may be sent again, and is the same.
class Unconfirmed : public std::enable_shared_from_this<Unconfirmed> {
public:
    static constexpr core::Duration after{30'000'000};          ///< From the append; up to ten seconds more.
    static constexpr core::Duration every{2'000'000};           ///< Between two looks.
    static constexpr core::Duration lost_after{3'600'000'000};  ///< Confirmed, and no incident: it ends.
    /// What the drift store had so long before the incidents were read was evaluated.
    static constexpr core::Duration evaluated_after{10'000'000};
    using Sampled = std::function<std::vector<spool::SlotStatus>()>;

    /// Whether a receiver and a drift store are set.
    [[nodiscard]] static bool is_asked_for(const config::Settings& settings);
    /// `sampled` says what the spool came to when it was last looked at; `responder` may be null: another
    /// service evaluates. `rules` have receivers.
    Unconfirmed(std::shared_ptr<session::Session> session, std::shared_ptr<const ResponseRules> rules,
                Sampled sampled, std::shared_ptr<Responder> responder, std::shared_ptr<Log> log)
        : session_(std::move(session)),
          rules_(std::move(rules)),
          sampled_(std::move(sampled)),
          responder_(std::move(responder)),
          log_(std::move(log)),
          retelling_(rules_->receivers, clock_, log_) {}

    /// What was looked at, evaluated and told; before the duties run, when those there have ended.
    void take_over(Unconfirmed& before);
    [[nodiscard]] std::vector<Duty> duties();
    [[nodiscard]] UnconfirmedFigures figures() const;

private:
    using Rows = std::map<core::Uuid, std::uint64_t>;  ///< Of class drift, by slot.
    struct Told {
        notification::Alert alert;
        Rows behind;  ///< What was looked at until then: settled, it is confirmed.
        std::optional<core::Timestamp> confirmed_at;  ///< Steady.
    };
    core::Status look(const std::stop_token& stop);
    /// Whether incidents cannot be read.
    [[nodiscard]] bool is_blind(const Known& known) const;
    void note_settled(const std::vector<spool::SlotStatus>& slots, const Known& known);
    core::Status read(const spool::SlotStatus& slot, bool blind, std::vector<drift::Event>& events);
    void take(const std::vector<drift::Event>& events, const Known& known);
    void confirm(const std::vector<spool::SlotStatus>& slots, const Known& known, bool blind);
    core::Status send(bool blind);
    core::Status tell_again();

    std::shared_ptr<session::Session> session_;
    std::shared_ptr<const ResponseRules> rules_;
    Sampled sampled_;
    std::shared_ptr<Responder> responder_;
    std::shared_ptr<Log> log_;
    core::Clock& clock_ = session_->clock();
    const core::Timestamp begun_ = clock_.steady_now();
    // Of the thread that looks.
    Rows looked_;
    std::deque<std::pair<core::Timestamp, Rows>> settled_;  ///< By when they were seen, on the steady clock;
    std::optional<Rows> evaluated_;                         ///< those which were evaluated since.
    incident::State state_;
    std::optional<core::Timestamp> known_at_;
    std::deque<notification::Alert> to_send_;
    // Of the thread that tells again.
    Retelling retelling_;
    mutable std::mutex mutex_;  ///< Of what follows.
    std::vector<Told> told_;
    UnconfirmedFigures found_;
};

}  // namespace tristrata::service
