#include "tristrata/kill_switch/escalation.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>

namespace tristrata::kill_switch {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr core::Duration end_again{60'000'000};

std::string key_of(const EngageRequest& request) {
    return fmt::format("{}\n{}\n{}\n{}", to_string(request.scope), request.incident, request.episode,
                       request.evidence ? core::sha256(to_json(*request.evidence)) : "");
}

/// What lacks nothing, where something does not; else what is the worst.
Evidence deciding(const CritIncident& incident, EngageRequest request, const Policy::EvidenceNeeded& needed) {
    request.evidence = incident.evidence;
    if (missing_evidence(request, needed).empty()) return incident.evidence;
    for (const Evidence& one : incident.further) {
        request.evidence = one;
        if (missing_evidence(request, needed).empty()) return one;
    }
    return incident.evidence;
}

}  // namespace

Escalation::Escalation(Opener opener, Policy policy, core::Clock& clock, sink::Sink* spool, Told told)
    : opener_(std::move(opener)),
      policy_(std::move(policy)),
      clock_(clock),
      spool_(spool),
      told_(std::move(told)) {}

core::Result<KillSwitch*> Escalation::opened() {
    if (!switch_) {
        auto opened = opener_();
        if (!opened) return propagate(opened);
        switch_ = std::move(*opened);
    }
    return switch_.get();
}

core::Status Escalation::settled(const core::Result<Outcome>& outcome) {
    if (!outcome) {
        switch_.reset();
        return propagate(outcome);
    }
    if (told_) told_(*outcome);
    return {};
}

core::Status Escalation::ask(const EngageRequest& request) {
    if (spool_ != nullptr) {
        const sink::Record record = encode(request);
        auto kept = spool_->append({&record, 1});
        return kept ? core::Status() : core::Status(propagate(kept));
    }
    auto there = opened();
    if (!there) return propagate(there);
    return settled((*there)->engage(request));
}

core::Result<Escalation::Step> Escalation::step(std::span<const CritIncident> open) {
    Step step;
    const core::Timestamp now = clock_.now();
    std::set<std::string> still;
    core::Status failed;
    for (const CritIncident& incident : open) {
        // What the switch says of itself never moves it.
        if (incident.module == event_module) continue;
        const Scope* scope = policy_.scope_of(incident.module);
        EngageRequest request;
        if (scope != nullptr) request.scope = *scope;
        request.incident = incident.incident;
        request.episode = incident.episode;
        request.source = Source::incident;
        request.why = incident.why.empty() ? "a crit incident is open" : incident.why;
        request.asked_at = now;
        request.evidence = deciding(incident, request, policy_.evidence);
        request.who = request.evidence->analyzer.empty() ? "tristrata" : request.evidence->analyzer;
        std::string key = (scope == nullptr ? "unmapped\n" : "") + key_of(request);
        if (asked_.contains(key)) {
            ++step.before;
            still.insert(std::move(key));
            continue;
        }
        core::Status status;
        if (scope != nullptr) {
            status = ask(request);
            if (status) ++step.asked;
        } else if (auto there = opened(); there) {
            status = settled((*there)->unmapped(request, incident.module));
            if (status) ++step.unmapped;
        } else {
            status = propagate(there);
        }
        // One that fails keeps no other from being asked for.
        if (status) still.insert(std::move(key));
        else if (failed) failed = status;
    }
    asked_ = std::move(still);
    if (!failed) return propagate(failed);
    const std::int64_t today = now.microseconds / day_us;
    if (asked_.empty() && quiet_day_ != today) {
        auto there = opened();
        if (!there) return propagate(there);
        if (auto noted = settled((*there)->nothing_open(now)); !noted) return propagate(noted);
        quiet_day_ = today;
    }
    return step;
}

core::Status Escalation::lost(const std::string& what) {
    const core::Timestamp now = clock_.now();
    const std::int64_t today = now.microseconds / day_us;
    if (is_lost_ && lost_day_ == today) return {};
    auto there = opened();
    if (!there) return propagate(there);
    auto noted = settled((*there)->telemetry_lost(what, now, read_at_));
    if (!noted) return noted;
    is_lost_ = true;
    is_end_noted_ = false;
    end_due_.reset();
    lost_day_ = today;
    return {};
}

void Escalation::found() {
    is_lost_ = false;
    read_at_ = clock_.now();
    const core::Timestamp steady = clock_.steady_now();
    if (is_end_noted_ || (end_due_ && steady < *end_due_)) return;
    auto there = opened();
    const core::Status noted = there ? (*there)->telemetry_found(*read_at_) : core::Status(propagate(there));
    is_end_noted_ = noted.has_value();
    if (!noted) switch_.reset();
    end_due_ = steady + end_again;
}

core::Status Escalation::boot(std::span<const Scope> scopes, const std::string& who) {
    const core::Timestamp now = clock_.now();
    for (const Scope& scope : scopes) {
        EngageRequest request;
        request.scope = scope;
        request.incident = "environment";
        request.episode = now.microseconds;  // Each start is one.
        request.source = Source::environment;
        request.who = who;
        request.why = "TRISTRATA_KILL_SWITCH_ENGAGE named it when the process began";
        request.asked_at = now;
        if (auto asked = ask(request); !asked) return asked;
    }
    return {};
}

core::Result<std::vector<Scope>> engaged_at_boot(const config::Settings& settings) {
    std::vector<Scope> scopes;
    const config::Setting* setting = settings.find("kill_switch_engage");
    if (setting == nullptr) return scopes;
    std::string_view rest = setting->value.reveal();
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        auto scope = parse_scope(rest.substr(0, comma));
        if (!scope)
            return core::fail(core::ErrorKind::configuration,
                              fmt::format("{}: {}", setting->origin, scope.error().message));
        scopes.push_back(std::move(*scope));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return scopes;
}

}  // namespace tristrata::kill_switch
