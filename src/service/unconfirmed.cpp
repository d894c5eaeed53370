#include "unconfirmed.hpp"

#include "tristrata/incident/wording.hpp"
#include "tristrata/spool/pending.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace tristrata::service {
namespace {

constexpr core::Duration tell_unconfirmed_every{1'000'000};
constexpr std::size_t records_a_read = 1'000;

const spool::ClassStatus& drift_of(const spool::SlotStatus& slot) {
    return slot.classes[spool::place(sink::RecordClass::drift)];
}

bool lasts(const std::vector<notification::Alert>& alerts, const notification::Texts& labels) {
    return std::ranges::any_of(alerts, [&](const auto& one) { return !one.ends_at && one.labels == labels; });
}
/// Also one that ended meanwhile: its end was told.
bool is_told_of(const std::vector<notification::Alert>& alerts, const notification::Alert& ours) {
    return std::ranges::any_of(alerts, [&](const auto& one) {
        return one.labels == ours.labels && (!one.ends_at || *one.ends_at >= ours.starts_at);
    });
}

/// Whether it is an incident, and crit: where that has no alert, its page is held back.
bool has_crit(const std::vector<incident::Incident>& open, const notification::Alert& alert) {
    return std::ranges::any_of(open, [&](const incident::Incident& one) {
        return one.severity == drift::Severity::crit && one.module == alert.label("module") &&
               drift::name(one.drift_type) == alert.label("drift_type");
    });
}

}  // namespace

bool Unconfirmed::is_asked_for(const config::Settings& settings) {
    return notification::has_receivers(settings) && settings.find("drift_url") != nullptr;
}

void Unconfirmed::take_over(Unconfirmed& before) {
    looked_ = std::move(before.looked_);
    settled_ = std::move(before.settled_);
    evaluated_ = std::move(before.evaluated_);
    state_ = std::move(before.state_);
    known_at_ = before.known_at_;
    to_send_ = std::move(before.to_send_);
    const std::scoped_lock both(mutex_, before.mutex_);
    told_ = std::move(before.told_);
}

std::vector<Duty> Unconfirmed::duties() {
    std::vector<Duty> all;
    all.push_back({"unconfirmed crit", every, every,
                   [self = shared_from_this()](const std::stop_token& stop) { return self->look(stop); }});
    all.push_back({"unconfirmed crit told again", tell_unconfirmed_every, tell_unconfirmed_every,
                   [self = shared_from_this()](const std::stop_token&) { return self->tell_again(); }});
    return all;
}

bool Unconfirmed::is_blind(const Known& known) const {
    return responder_ && clock_.steady_now() - known.looked_at.value_or(begun_) > after;
}

void Unconfirmed::note_settled(const std::vector<spool::SlotStatus>& slots, const Known& known) {
    Rows now;
    for (const auto& slot : slots)
        if (slot.spool_id && !slot.unreadable) now.emplace(*slot.spool_id, drift_of(slot).ledger.settled());
    if (!evaluated_) evaluated_ = now;
    settled_.emplace_back(clock_.steady_now(), std::move(now));
    while (!settled_.empty() && known.looked_at &&
           settled_.front().first + evaluated_after <= *known.looked_at) {
        evaluated_ = std::move(settled_.front().second);
        settled_.pop_front();
    }
}

core::Status Unconfirmed::read(const spool::SlotStatus& slot, bool blind, std::vector<drift::Event>& events) {
    std::uint64_t& from = looked_.try_emplace(*slot.spool_id, 0).first->second;
    // A slot that was not there yet has nothing that was evaluated.
    if (blind)
        if (const auto evaluated = evaluated_->find(*slot.spool_id); evaluated != evaluated_->end())
            from = std::max(from, evaluated->second);
    auto pending = (blind ? spool::appended_before : spool::pending_before)(
        spool::posix_file_system(), slot.folder, sink::RecordClass::drift, from,
        {clock_.now().microseconds - after.microseconds}, records_a_read);
    if (!pending) return propagate(pending);
    for (const auto& record : pending->records) {
        auto push = drift::decode(record);
        // The store is given it all the same, and says what becomes of it.
        if (!push) log_->failed("unconfirmed", push.error());
        else std::ranges::move(push->events, std::back_inserter(events));
    }
    from = pending->to_row;
    return {};
}

void Unconfirmed::take(const std::vector<drift::Event>& events, const Known& known) {
    if (known.looked_at && known_at_ != known.looked_at) {
        // What the store knows counts; beside it what it does not know yet.
        std::erase_if(state_.incidents, [&](const incident::Incident& ours) {
            return std::ranges::any_of(known.open, [&](const incident::Incident& one) {
                return one.module == ours.module && one.drift_type == ours.drift_type;
            });
        });
        std::ranges::copy(known.open, std::back_inserter(state_.incidents));
        state_.silences = known.silences;
        known_at_ = known.looked_at;
    }
    const core::Timestamp now = clock_.now();
    const incident::Applied applied = incident::apply(rules_->policy, rules_->owners, state_, events, now);
    const std::lock_guard lock(mutex_);
    for (const auto& one : applied.transitions) found_.withheld += one.kind == "withheld" ? 1 : 0;
    for (const auto& page : applied.pages) {
        // How it ends, and that a budget is spent, is said by who has all incidents.
        if (page.kind != incident::Page::Kind::firing) continue;
        const auto incident =
            std::ranges::find(state_.incidents, page.incident_id, &incident::Incident::incident_id);
        auto alert = incident::alert_of(*incident, page.kind, now);
        const bool is_told =
            std::ranges::any_of(told_, [&](const Told& one) { return one.alert.labels == alert.labels; });
        if (is_told || lasts(known.alerts, alert.labels)) continue;
        to_send_.push_back(alert);
        told_.push_back({std::move(alert), looked_, std::nullopt});
        ++found_.sent;
    }
}

void Unconfirmed::confirm(const std::vector<spool::SlotStatus>& slots, const Known& known, bool blind) {
    const core::Timestamp steady = clock_.steady_now();
    const auto are_settled = [&](const Rows& rows) {
        return !blind && std::ranges::all_of(slots, [&](const spool::SlotStatus& slot) {
            if (!slot.spool_id || slot.unreadable) return true;
            const auto looked = rows.find(*slot.spool_id);
            return looked == rows.end() || drift_of(slot).ledger.settled() >= looked->second;
        });
    };
    if (are_settled(looked_)) {
        state_ = {};
        known_at_.reset();
    }
    const std::lock_guard lock(mutex_);
    for (Told& one : told_)
        if (!one.confirmed_at && are_settled(one.behind)) one.confirmed_at = steady;
    std::erase_if(told_, [&](const Told& one) {
        if (!one.confirmed_at) return false;
        // From here on by who evaluates.
        if (is_told_of(known.alerts, one.alert)) return true;
        if (!responder_) return true;
        const bool is_held =
            known.looked_at && *known.looked_at > *one.confirmed_at && has_crit(known.open, one.alert);
        if (!is_held && steady < *one.confirmed_at + lost_after) return false;
        to_send_.push_back(one.alert);
        to_send_.back().ends_at = std::max(clock_.now(), one.alert.starts_at);
        ++found_.ended;
        return true;
    });
    found_.lasting = told_.size();
}

core::Status Unconfirmed::send(bool blind) {
    if (to_send_.empty()) return {};
    auto sink = session_->open_spool();
    if (!sink) return propagate(sink);
    while (!to_send_.empty()) {
        const notification::Alert& alert = to_send_.front();
        const sink::Record record = notification::encode(alert);
        if (auto taken = (*sink)->append(std::span(&record, 1)); !taken) return propagate(taken);
        log_->event(LogLevel::warn, "unconfirmed",
                    alert.ends_at ? "the store pages nobody for this: the alert from the spool ends"
                    : blind       ? "incidents cannot be read: it goes out from the spool"
                            : "the drift store has not confirmed this in time: it goes out from the spool",
                    {{"module", std::string(alert.label("module"))},
                     {"drift_type", std::string(alert.label("drift_type"))},
                     {"starts_at", core::to_string(alert.starts_at)}});
        to_send_.pop_front();
    }
    return (*sink)->flush();
}

core::Status Unconfirmed::look(const std::stop_token& stop) {
    const auto slots = sampled_();
    const Known known = responder_ ? responder_->known() : Known();
    const bool blind = is_blind(known);
    core::Status status;
    if (!blind || !evaluated_) note_settled(slots, known);
    confirm(slots, known, blind);
    for (;;) {
        std::vector<drift::Event> events;
        const core::Timestamp old_enough{clock_.now().microseconds - after.microseconds};
        for (const auto& slot : slots) {
            if (slot.unreadable || !slot.spool_id) continue;
            const auto& pending_since = drift_of(slot).pending_since;
            if (!blind && (!pending_since || *pending_since > old_enough)) continue;
            if (auto found = read(slot, blind, events); !found) status = found;
        }
        if (events.empty() || stop.stop_requested()) break;
        take(events, known);
    }
    if (auto sent = send(blind); !sent) status = sent;
    bool is_news = false;
    std::vector<notification::Alert> lasting;
    {
        const std::lock_guard lock(mutex_);
        found_.lasting = told_.size();
        for (const Told& one : told_) lasting.push_back(one.alert);
        is_news = !status && (!found_.error || found_.error->message != status.error().message);
        found_.error = status ? std::nullopt : std::optional(status.error());
    }
    if (responder_) responder_->tell_of_spool(std::move(lasting));
    if (is_news) log_->failed("unconfirmed", status.error());
    return status;
}

core::Status Unconfirmed::tell_again() {
    if (!retelling_.is_due()) return {};
    std::vector<notification::Alert> alerts;
    {
        const std::lock_guard lock(mutex_);
        for (const Told& one : told_) alerts.push_back(one.alert);
    }
    return retelling_.turn(alerts);
}

UnconfirmedFigures Unconfirmed::figures() const {
    const std::lock_guard lock(mutex_);
    UnconfirmedFigures now = found_;
    now.retelling = retelling_.figures();
    return now;
}

}  // namespace tristrata::service
