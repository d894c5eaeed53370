#include "watch.hpp"

#include "tristrata/incident/wording.hpp"

namespace tristrata::service {

core::Result<std::unique_ptr<Watch>> Watch::open(const std::shared_ptr<session::Session>& session,
                                                 const config::Settings& settings,
                                                 const kill_switch::Told& told, Unconfirmed::Sampled sampled,
                                                 const std::shared_ptr<analyzer::Failures>& failures,
                                                 const std::shared_ptr<Log>& log) {
    auto made = std::make_unique<Watch>();
    const std::string spool = session->settings().text("spool");
    auto analysis = Analysis::open(session, settings, spool, failures, log);
    if (!analysis) return propagate(analysis);
    made->analysis_ = std::move(*analysis);
    auto checks = Checks::open(session, settings, spool, failures, log);
    if (!checks) return propagate(checks);
    made->checks_ = std::move(*checks);
    const bool responds = Responder::is_asked_for(settings), confirms = Unconfirmed::is_asked_for(settings);
    if (!responds && confirms && (made->analysis_ || made->checks_))
        log->event(LogLevel::warn, "incidents",
                   "nobody is told by this serve what analyzers and checks find: TRISTRATA_RESPONSE_URL, "
                   "where they become incidents and pages, is not set",
                   {});
    if (!responds && !confirms) return made;
    auto read = ResponseRules::read(settings);
    if (!read) return propagate(read);
    const auto rules = std::make_shared<const ResponseRules>(std::move(*read));
    if (responds && !rules->receivers)
        log->event(
            LogLevel::warn, "alerts",
            "nobody is told: neither TRISTRATA_ALERTMANAGER_URL nor TRISTRATA_WEBHOOK_URL is set, and pages "
            "wait in the spool",
            {});
    if (const auto place = incident::runbooks_without_url(rules->owners); responds && place)
        log->event(LogLevel::warn, "alerts",
                   "the runbook_url of a page is a path that nobody can open from there: give runbooks = "
                   "\"https://…\" in [default] of owners.toml (TRISTRATA_OWNERS)",
                   {{"runbooks", *place}});
    if (responds) {
        auto responder = Responder::open(session, settings, rules, told, log);
        if (!responder) return propagate(responder);
        made->responder_ = std::move(*responder);
        const auto bad_windows = [responder = made->responder_](std::string_view module,
                                                                std::string_view name) {
            return responder->bad_windows(module, name);
        };
        if (made->checks_) made->checks_->tell_of_incidents(bad_windows);
        if (made->analysis_)
            made->analysis_->tell_of_incidents(
                [responder = made->responder_](std::string_view module, drift::DriftType type) {
                    return responder->is_open(module, type);
                },
                bad_windows);
    }
    if (confirms)
        made->unconfirmed_ =
            std::make_shared<Unconfirmed>(session, rules, std::move(sampled), made->responder_, log);
    return made;
}

void Watch::take_over(Watch& before) {
    if (responder_ && before.responder_) responder_->take_over(*before.responder_);
    if (unconfirmed_ && before.unconfirmed_ && before.have_ended_)
        unconfirmed_->take_over(*before.unconfirmed_);
    if (!before.analysis_) return;
    if (analysis_) analysis_->take_over(*before.analysis_);
    else before.analysis_->tell_given_up();
}

void Watch::start(core::Clock& clock) {
    std::vector<Duty> all;
    const auto add = [&](std::vector<Duty> duties) {
        for (Duty& duty : duties) all.push_back(std::move(duty));
    };
    if (analysis_) add(analysis_->duties());
    if (checks_) add(checks_->duties());
    if (responder_) add(responder_->duties());
    if (unconfirmed_) add(unconfirmed_->duties());
    for (Duty& duty : all) threads_.push_back(std::make_unique<DutyThread>(clock, std::move(duty)));
}

void Watch::ask_to_stop() {
    for (auto& thread : threads_) thread->ask_to_stop();
}

void Watch::stop(core::Timestamp until) {
    for (auto& thread : threads_) have_ended_ = thread->stop(until) && have_ended_;
    threads_.clear();
}

void Watch::add_to(Figures& figures) const {
    if (analysis_) figures.analysis = analysis_->figures();
    if (checks_) figures.checks = checks_->figures();
    if (responder_) figures.response = responder_->figures();
    if (unconfirmed_) figures.unconfirmed = unconfirmed_->figures();
}

}  // namespace tristrata::service
