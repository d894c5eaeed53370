#include "tristrata/incident/apply.hpp"

#include "evaluations.hpp"
#include "found_by.hpp"
#include "holding.hpp"
#include "news.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace tristrata::incident {
namespace {

using drift::Event;
using drift::Severity;

constexpr std::size_t findings_max = 100;

/// The incident's own steps over a state: what it touches is told at the end.
class Step {
public:
    Step(const Policy& policy, const config::Owners& owners, State& state, core::Timestamp now)
        : policy_(policy), owners_(owners), state_(state), now_(now) {}

    Applied run(std::span<const Event> events) {
        std::vector<const Event*> ordered;
        for (const Event& event : events) {
            ordered.push_back(&event);
            if (is_whole_report(event) && event.current_value)
                shares_[*event.report_id] = *event.current_value;
        }
        // A report's row for the whole comes behind the rows of its columns.
        std::ranges::sort(ordered, {}, [](const Event* event) {
            return std::tuple(event->detected_at, is_whole_report(*event), event->event_id, event->severity);
        });
        for (const Event* event : ordered)
            if (event->detected_at > now_)
                ahead_.emplace(event->detected_at, static_cast<std::int64_t>(ahead_.size()));
        // What was good before the first that is bad counts, too: a bad one may come late.
        for (const Event* event : ordered)
            if (event->severity != Severity::info) {
                Signal& signal = signal_of(*event);
                signal.by_report = signal.by_report || event->report_id.has_value();
            }
        for (const Event* event : ordered) take(*event);
        for (std::size_t i = 0; i < state_.incidents.size(); ++i) pass_time(i);
        for (std::size_t i = 0; i < state_.incidents.size(); ++i) decide_page(i);
        return told();
    }

private:
    const Rule& rule_of(const Incident& incident) const {
        return policy_.rule_of(incident.module, incident.drift_type);
    }
    const Rule& rule_of(const Event& event) const { return policy_.rule_of(event.module, event.drift_type); }

    /// A host whose clock is ahead sees nothing before it happens; what it saw keeps its order.
    core::Timestamp seen_at(const Event& event) const {
        const auto place = ahead_.find(event.detected_at);
        return place == ahead_.end() ? event.detected_at : now_ + core::Duration{place->second};
    }

    void change(Incident& incident, std::string kind, std::string why,
                std::optional<core::Uuid> event_id = std::nullopt) {
        touched_.insert(static_cast<std::size_t>(&incident - state_.incidents.data()));
        out_.transitions.push_back(
            {incident.incident_id, ++incident.seq, now_, std::move(kind), "", std::move(why), event_id});
    }
    void touch(const Incident& incident) {
        touched_.insert(static_cast<std::size_t>(&incident - state_.incidents.data()));
    }
    void touch(const Signal& signal) {
        touched_signals_.insert(static_cast<std::size_t>(&signal - state_.signals.data()));
    }

    Incident* by_id(const std::optional<core::Uuid>& id) {
        if (!id) return nullptr;
        const auto found = std::ranges::find(state_.incidents, *id, &Incident::incident_id);
        return found == state_.incidents.end() ? nullptr : &*found;
    }
    Incident* active(const Signal& signal) {
        for (Incident& one : state_.incidents)
            if (one.phase != Phase::closed && one.module == signal.module &&
                one.drift_type == signal.drift_type)
                return &one;
        return nullptr;
    }
    /// A closed one within whose time the event lies: it was told of already. A crit of a metric that is not
    /// among what moved there was not.
    Incident* closed_over(const Event& event) {
        for (Incident& one : state_.incidents)
            if (one.phase == Phase::closed && one.module == event.module &&
                one.drift_type == event.drift_type && one.first_seen <= event.detected_at &&
                event.detected_at <= one.last_seen && one.severity >= event.severity &&
                (event.severity != Severity::crit || has_crit(one, event.metric)))
                return &one;
        return nullptr;
    }
    Signal& signal_of(const Event& event) {
        for (Signal& one : state_.signals)
            if (one.metric == event.metric && one.module == event.module &&
                one.drift_type == event.drift_type)
                return one;
        return state_.signals.emplace_back(
            Signal{event.module, event.drift_type, event.metric, false, {}, std::nullopt});
    }

    void take(const Event& event) {
        if (const auto share = share_that_holds(event)) {
            Event milder = event;
            milder.severity = Severity::warn;
            return take_bad(milder,
                            fmt::format("; crit by itself, and {:.3g} of its report's columns drifted, "
                                        "below the page_share of {:.3g}",
                                        *share, rule_of(event).page_share));
        }
        if (event.severity != Severity::info) return take_bad(event);
        if (!is_whole_report(event)) {
            const auto told = told_alert(event);
            for (Signal& signal : state_.signals)
                if (signal.module == event.module && signal.drift_type == event.drift_type &&
                    (signal.metric == event.metric || (told && told->ended && was_told(signal, told->alert))))
                    take_good(signal, event);
            return;
        }
        const Testimony testimony(event);
        for (Signal& signal : state_.signals)
            if (signal.by_report && signal.module == event.module && testimony.covers(signal.metric))
                take_good(signal, event);
    }

    /// Under whatever name: that of an older program was the bare name of its rule.
    static bool was_told(const Signal& signal, const core::Uuid& alert) {
        return std::ranges::find(signal.recent, std::optional(alert), &Evaluation::alert) !=
               signal.recent.end();
    }

    /// The share of its report's columns that drifted, where that is too small for this one to be crit. What
    /// is not known holds nothing.
    std::optional<double> share_that_holds(const Event& event) const {
        if (event.severity != Severity::crit || !event.report_id || !event.metric.starts_with("psi_"))
            return std::nullopt;
        const auto share = shares_.find(*event.report_id);
        if (share == shares_.end() || share->second >= rule_of(event).page_share) return std::nullopt;
        return share->second;
    }

    void take_bad(const Event& event, std::string_view why_milder = {}) {
        Signal& signal = signal_of(event);
        const core::Timestamp seen = seen_at(event);
        const auto at = remember(signal.recent, {seen,
                                                 event.event_id,
                                                 event.report_id,
                                                 event.severity,
                                                 {},
                                                 evidence_verdict(event.payload) == drift::Verdict::drift,
                                                 tells_of_missing_rows(event)});
        if (!at) return;
        if (const auto told = told_alert(event)) signal.recent[*at].alert = told->alert;
        touch(signal);
        Incident* incident = active(signal);
        if (incident == nullptr)
            if (Incident* told = closed_over(event);
                told != nullptr && (told->paged_at || event.severity == Severity::warn)) {
                change(*told, "late", "it came late, and lies within what was told", event.event_id);
                note(*told, event);
                signal.recent[*at].incident_id = told->incident_id;
                return;
            }
        Rule rule = rule_of(event);
        if (is_said_once(event)) rule.open_warn = rule.open_crit = Evidence{};
        const bool crit = reached(signal.recent, *at, rule.open_crit, Severity::crit);
        const bool warn = crit || reached(signal.recent, *at, rule.open_warn, Severity::warn);
        if (incident == nullptr && !warn) return;
        if (incident != nullptr) note_return(*incident, event.metric, seen, crit, rule.cool_down);
        if (incident != nullptr && crit && event.module == kill_switch_module)
            note_decision(*incident, event.metric, now_);
        if (incident != nullptr && incident->dismissed_at && crit &&
            !is_covered(*incident, signal, *at, rule.open_crit)) {
            close(*incident, Ending::false_alarm,
                  incident->severity == Severity::crit ? event.metric + " is crit, which was not dismissed"
                                                       : "worse than what was dismissed");
            incident = nullptr;
        }
        const bool opens = incident == nullptr;
        if (opens) incident = &open(event, signal);
        note(*incident, event);
        if (crit && pages_news(*incident)) news_.emplace(incident->incident_id, event.metric);
        signal.incident_id = incident->incident_id;
        mark(signal, *at, crit ? rule.open_crit : rule.open_warn, opens, incident->incident_id);
        if (crit && incident->severity != Severity::crit) {
            incident->severity = Severity::crit;
            incident->starts_at = seen;
            incident->acked_by.clear();
            incident->acked_at.reset();
            if (incident->seq > 0) change(*incident, "escalated", event.metric, event.event_id);
            if (incident->snoozed_until) {
                change(*incident, "snooze_ended",
                       fmt::format("it was snoozed until {} as warn, and is crit",
                                   core::to_string(*incident->snoozed_until)),
                       event.event_id);
                incident->snoozed_until.reset();
                incident->hold = Hold::none;
            }
        }
        if (incident->seq == 0)
            change(*incident, "opened",
                   fmt::format("{} of {}{}", drift::name(event.severity), event.metric, why_milder),
                   event.event_id);
        if (incident->phase == Phase::cooling) {
            incident->phase = Phase::open;
            incident->cooling_since.reset();
            ++incident->reopened;
            change(*incident, "reopened", event.metric, event.event_id);
        }
        settle(signal, seen);
    }

    /// What is bad is part of the incident; so is, when that opens, what was bad before and opened it.
    static void mark(Signal& signal, std::size_t at, const Evidence& evidence, bool opens,
                     const core::Uuid& incident_id) {
        const std::size_t first = !opens ? at : at + 1 >= evidence.of ? at + 1 - evidence.of : 0;
        for (std::size_t i = first; i <= at; ++i) {
            Evaluation& one = signal.recent[i];
            if (i == at || (one.level != Severity::info && !one.incident_id)) one.incident_id = incident_id;
        }
    }

    void take_good(Signal& signal, const Event& event) {
        if (!remember_good(signal.recent, event, seen_at(event))) return;
        if (signal.recent.size() > evaluations_kept) signal.recent.erase(signal.recent.begin());
        touch(signal);
        if (Incident* incident = by_id(signal.incident_id)) {
            incident->heard_at = now_;
            touch(*incident);
        }
        settle(signal, seen_at(event));
    }

    /// Enough good evaluations behind the last bad one: it is no part of its incident any more.
    void settle(Signal& signal, core::Timestamp seen) {
        Incident* incident = by_id(signal.incident_id);
        if (incident == nullptr) return;
        const bool ended = all_ended(signal.recent, incident->incident_id);
        if (!ended && !recovered(signal.recent, rule_of(*incident).close)) return;
        signal.incident_id.reset();
        touch(signal);
        note_recovery(*incident, signal.metric, std::max(seen, signal.recent.back().at));
        if (incident->phase != Phase::open || still_bad(*incident)) return;
        incident->phase = Phase::cooling;
        incident->cooling_since = now_;
        incident->has_cooled = true;
        change(*incident, "cooling",
               ended ? "what told of it says that it is over"
                     : fmt::format("{} in a row were good", rule_of(*incident).close));
    }
    bool still_bad(const Incident& incident) const {
        return std::ranges::any_of(state_.signals, [&](const Signal& signal) {
            return signal.incident_id == std::optional(incident.incident_id);
        });
    }

    Incident& open(const Event& event, const Signal& signal) {
        const auto& owner = owners_.of_module(event.module);
        Incident incident;
        incident.incident_id =
            core::uuid_v5(core::tristrata_namespace(),
                          fmt::format("incident\x1f{}\x1f{}\x1f{}", event.module,
                                      drift::name(event.drift_type), core::to_string(event.event_id)));
        // The same event again, taken twice by a clock that stepped back.
        while (by_id(incident.incident_id) != nullptr)
            incident.incident_id = core::uuid_v5(incident.incident_id, "again");
        incident.module = event.module;
        incident.drift_type = event.drift_type;
        incident.first_seen = first_bad(signal.recent, seen_at(event));
        incident.first_layer = layer_of(event);
        incident.last_seen = seen_at(event);
        incident.opened_at = incident.heard_at = incident.bad_at = now_;
        incident.owner = owner.owner;
        incident.route = owner.route;
        incident.runbook = owner.runbooks;
        return state_.incidents.emplace_back(std::move(incident));
    }

    void note(Incident& incident, const Event& event) {
        touch(incident);
        const core::Timestamp seen = seen_at(event);
        if (seen < incident.first_seen) incident.first_layer = layer_of(event);
        incident.first_seen = std::min(incident.first_seen, seen);
        incident.last_seen = std::max(incident.last_seen, seen);
        incident.heard_at = incident.bad_at = now_;
        ++incident.occurrences;
        const auto found = std::ranges::find(incident.findings, event.metric, &Finding::metric);
        if (found != incident.findings.end()) return add(*found, event, seen);
        Finding finding;
        finding.metric = event.metric;
        finding.first_seen = finding.last_seen = seen;
        if (incident.findings.size() < findings_max)
            return add(incident.findings.emplace_back(std::move(finding)), event, seen);
        ++incident.findings_left_out;
        // The worst are kept: by them it pages, and the kill switch is shown each.
        const auto mildest = std::ranges::min_element(incident.findings, {}, &Finding::severity);
        if (mildest->severity >= event.severity) return;
        *mildest = std::move(finding);
        add(*mildest, event, seen);
    }

    void close(Incident& incident, Ending ending, std::string why) {
        incident.phase = Phase::closed;
        incident.closed_at = now_;
        incident.ending = ending;
        for (Signal& signal : state_.signals)
            if (signal.incident_id == std::optional(incident.incident_id)) {
                signal.incident_id.reset();
                touch(signal);
            }
        if (incident.hold != Hold::none && !incident.paged_at)
            why += fmt::format("; never paged: {}", name(incident.hold));
        change(incident, "closed", std::move(why));
        if (incident.paged_at && !incident.snoozed_until && !incident.dismissed_at)
            page(incident, Page::Kind::resolved);
    }

    void pass_time(std::size_t index) {
        Incident& incident = state_.incidents[index];
        if (incident.phase == Phase::closed) return;
        const Rule& rule = rule_of(incident);
        if (incident.snoozed_until && *incident.snoozed_until <= now_) {
            incident.snoozed_until.reset();
            // It was resolved for whoever was paged, also for who acknowledged it before: what is still bad
            // is told again. Who acknowledged it meanwhile knows.
            const bool is_known = incident.acked_at && incident.hold != Hold::snoozed;
            change(incident, "snooze_ended",
                   fmt::format(
                       "{}{}", incident.phase == Phase::open ? "still open" : "recovered",
                       is_known ? "; it pages nobody, as " + incident.acked_by + " acknowledged it" : ""));
            incident.paged_at.reset();
            if (!is_known) {
                incident.acked_by.clear();
                incident.acked_at.reset();
            }
        }
        if (incident.dismissed_at && *incident.dismissed_at + rule.dismissed <= now_) {
            close(incident, Ending::false_alarm, "the silence of a false alarm ran out");
        } else if (incident.phase == Phase::cooling && *incident.cooling_since + rule.cool_down <= now_) {
            close(incident, incident.dismissed_at ? Ending::false_alarm : Ending::recovered,
                  fmt::format("good for {}", core::to_string(rule.cool_down)));
        } else if (incident.phase == Phase::open && incident.heard_at + rule.quiet <= now_) {
            close(incident, Ending::quiet,
                  fmt::format("nothing was heard for {}, which proves nothing", core::to_string(rule.quiet)));
        }
    }

    /// Somebody took it while it was held back: what held it ends all the same, and nobody is paged.
    void let_go(Incident& incident) {
        const Holding holding(policy_, state_, now_);
        const bool holds = (incident.hold == Hold::maintenance && holding.silence_of(incident) != nullptr) ||
                           (incident.hold == Hold::inhibited && holding.cause_of(incident) != nullptr);
        if (holds || (incident.hold != Hold::maintenance && incident.hold != Hold::inhibited)) return;
        incident.hold = Hold::none;
        incident.inhibited_by.reset();
        touch(incident);
    }

    void decide_page(std::size_t index) {
        Incident& incident = state_.incidents[index];
        if (incident.phase == Phase::closed || incident.severity != Severity::crit) return;
        if (incident.acked_at || incident.paged_at) {
            if (!incident.paged_at) let_go(incident);
            return decide_news(incident);
        }
        const Holding holding(policy_, state_, now_);
        Held held = holding.of(incident);
        if (held.hold == Hold::none) {
            if (incident.phase == Phase::cooling && incident.hold != Hold::none)
                return;  // What held it is over, and so is the incident.
            held = holding.by_budget(incident);
        }
        if (held.hold != incident.hold || held.cause != incident.inhibited_by) {
            incident.hold = held.hold;
            incident.inhibited_by = held.cause;
            if (held.hold == Hold::none) touch(incident);
            else
                change(incident, "withheld",
                       fmt::format("{}{}{}", name(held.hold), held.why.empty() ? "" : ": ", held.why));
        }
        if (held.hold == Hold::budget && holding.pages_of_week(incident.module, Page::Kind::budget) == 0)
            page(incident, Page::Kind::budget);
        if (held.hold != Hold::none) return;
        incident.paged_at = now_;
        incident.has_cooled = false;
        const std::string news = tell_crit(incident);
        page(incident, Page::Kind::firing);
        change(incident, "paged", incident.route + (news.empty() ? "" : "; new since its page: " + news));
    }

    /// While it is open since its last page, and nobody answered, that page stands for whatever joins it.
    static bool pages_news(const Incident& incident) { return incident.acked_at || incident.has_cooled; }

    /// What is crit there by the rule, by itself, and nobody was told of: what joined it now, and what a page
    /// was held back for and is bad still.
    std::vector<Finding*> news_of(Incident& incident) {
        std::vector<Finding*> news;
        const Evidence& evidence = rule_of(incident).open_crit;
        for (Finding& one : incident.findings)
            if (one.severity == Severity::crit && one.told == 0 &&
                (news_.contains({incident.incident_id, one.metric}) ||
                 is_crit_by_rule(incident, one.metric, state_.signals, evidence)))
                news.push_back(&one);
        return news;
    }

    /// Of what nobody was told that is paged, once for each metric; who acknowledged what was there before
    /// did not speak of it.
    void decide_news(Incident& incident) {
        const auto news = pages_news(incident) ? news_of(incident) : std::vector<Finding*>();
        if (news.empty()) return;
        std::string metrics;
        for (const Finding* one : news) metrics += (metrics.empty() ? "" : ", ") + one->metric;
        const Holding holding(policy_, state_, now_);
        Held held = holding.of(incident);
        if (held.hold == Hold::none) held = holding.by_budget(incident);
        if (held.hold != incident.news_hold) {
            incident.news_hold = held.hold;
            if (held.hold == Hold::none) touch(incident);
            else
                change(incident, "withheld",
                       fmt::format("{}: new is {}{}{}", name(held.hold), metrics,
                                   held.why.empty() ? "" : "; ", held.why));
        }
        if (held.hold == Hold::budget && holding.pages_of_week(incident.module, Page::Kind::budget) == 0)
            page(incident, Page::Kind::budget);
        if (held.hold != Hold::none) return;
        const std::string since = incident.acked_at ? "since it was acknowledged by " + incident.acked_by
                                                    : std::string("since its page");
        incident.tellings = std::max<std::uint64_t>(incident.tellings, 1) + 1;
        for (Finding* one : news) one->told = incident.tellings;
        incident.acked_by.clear();
        incident.acked_at.reset();
        incident.paged_at = now_;
        incident.has_cooled = false;
        page(incident, Page::Kind::firing);
        change(incident, "paged", fmt::format("{}; new {}: {}", incident.route, since, metrics));
    }

    void page(const Incident& incident, Page::Kind kind) {
        Page made{core::uuid_v5(incident.incident_id, fmt::format("{} {}", name(kind), incident.seq)),
                  incident.incident_id, incident.module, kind, now_};
        state_.pages.push_back(made);
        out_.pages.push_back(std::move(made));
    }

    Applied told() {
        for (const auto index : touched_) out_.incidents.push_back(state_.incidents[index]);
        for (const auto index : touched_signals_) {
            auto& recent = state_.signals[index].recent;
            if (recent.size() > evaluations_kept)
                recent.erase(recent.begin(), recent.end() - evaluations_kept);
            out_.signals.push_back(state_.signals[index]);
        }
        return std::move(out_);
    }

    const Policy& policy_;
    const config::Owners& owners_;
    State& state_;
    core::Timestamp now_;
    Applied out_;
    std::map<core::Uuid, double> shares_;            ///< Of drifted columns, by report.
    std::map<core::Timestamp, std::int64_t> ahead_;  ///< Times behind now, and the place of each among them.
    std::set<std::size_t> touched_, touched_signals_;
    std::set<std::pair<core::Uuid, std::string>> news_;  ///< What is crit by itself, by incident.
};

}  // namespace

Applied apply(const Policy& policy, const config::Owners& owners, State& state, std::span<const Event> events,
              core::Timestamp now) {
    return Step(policy, owners, state, now).run(events);
}

}  // namespace tristrata::incident
