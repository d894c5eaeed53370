#include "responder.hpp"

#include "evidence.hpp"
#include "tristrata/incident/open_incidents.hpp"
#include "tristrata/incident/wording.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <iterator>
#include <utility>

namespace tristrata::service {
namespace {

constexpr core::Duration evaluate_again{5'000'000}, tell_every{1'000'000};
constexpr std::uint64_t open_max = 10'000;

std::string host_name() {
    std::string name(256, '\0');
    if (::gethostname(name.data(), name.size() - 1) != 0) return "tristrata";
    name.resize(name.find('\0'));
    return name;
}

/// In the name of who holds the lease, so that who waits with a switch knows that incidents are shown to
/// none.
constexpr std::string_view without_switch = " without a kill switch";

/// Whether one of them is not among those that are open now.
bool has_ended(const std::vector<incident::Incident>& before, const std::vector<incident::Incident>& open) {
    std::vector<core::Uuid> ids;
    for (const auto& one : open) ids.push_back(one.incident_id);
    std::ranges::sort(ids);
    return std::ranges::any_of(
        before, [&](const auto& one) { return !std::ranges::binary_search(ids, one.incident_id); });
}

}  // namespace

Responder::Responder(std::shared_ptr<session::Session> session, config::Settings settings,
                     std::shared_ptr<const ResponseRules> rules, std::shared_ptr<Log> log)
    : session_(std::move(session)),
      settings_(std::move(settings)),
      rules_(std::move(rules)),
      log_(std::move(log)),
      holder_(fmt::format("serve {} on {} {}{}", ::getpid(), host_name(),
                          core::to_string(core::uuid_v7(clock_)),
                          settings_.find("kill_switch_url") == nullptr ? without_switch : "")),
      receptions_(spool::posix_file_system(), settings_.find("spool") != nullptr
                                                  ? notification::receptions_folder(settings_.text("spool"))
                                                  : std::string()),
      evaluated_steady_(clock_.steady_now()) {}

bool Responder::is_asked_for(const config::Settings& settings) {
    return settings.find("response_url") != nullptr;
}

core::Result<std::shared_ptr<Responder>> Responder::open(std::shared_ptr<session::Session> session,
                                                         const config::Settings& settings,
                                                         std::shared_ptr<const ResponseRules> rules,
                                                         kill_switch::Told told, std::shared_ptr<Log> log) {
    std::shared_ptr<Responder> made(
        new Responder(std::move(session), settings, std::move(rules), std::move(log)));
    if (made->rules_->receivers) {
        made->retelling_ = std::make_unique<Retelling>(made->rules_->receivers, made->clock_, made->log_);
        made->silencing_ = std::make_unique<Silencing>(made->rules_->receivers, made->clock_, made->log_);
    }
    if (settings.find("kill_switch_url") != nullptr) {
        auto policy = kill_switch::Policy::read(settings);
        if (!policy) return propagate(policy);
        if (auto scopes = kill_switch::engaged_at_boot(settings); !scopes) return propagate(scopes);
        auto place = kill_switch::place_of(settings);
        if (!place) return propagate(place);
        auto spool = made->session_->open_spool();
        if (!spool) return propagate(spool);
        made->escalation_.emplace(
            [place = *place, policy = *policy, &clock = made->clock_] {
                return kill_switch::KillSwitch::open(place, policy, clock);
            },
            *policy, made->clock_, *spool, std::move(told));
    }
    return made;
}

Responder::~Responder() {
    if (store_) (void)store_->resign(holder_);
}

void Responder::take_over(const Responder& before) {
    booted_ = before.booted_.load();
    const std::scoped_lock lock(mutex_, before.mutex_);
    known_ = before.known_;
    bad_windows_ = before.bad_windows_;
    recovered_ = before.recovered_;
    // A loss goes on, however often settings are read anew.
    evaluated_steady_ = before.evaluated_steady_;
}

std::vector<Duty> Responder::duties() {
    std::vector<Duty> all;
    all.push_back(
        {"incidents", every, evaluate_again,
         [self = shared_from_this()](const std::stop_token& stop) { return self->evaluate(stop); }});
    if (retelling_)
        all.push_back({"alerts told again", tell_every, tell_every,
                       [self = shared_from_this()](const std::stop_token&) { return self->tell_again(); }});
    return all;
}

void Responder::failed(const core::Error& error) {
    bool is_news = false;
    {
        const std::lock_guard lock(mutex_);
        is_news = !found_.error || found_.error->message != error.message;
        found_.error = error;
        found_.leads = found_.is_unshown = false;
    }
    if (is_news) log_->failed("incidents", error);
    // What a connection or a file handle holds may be why, and another database may answer next.
    store_.reset();
    mark_.clear();
    core::Timestamp evaluated;
    {
        const std::lock_guard lock(mutex_);
        evaluated = evaluated_steady_;
    }
    if (escalation_ && clock_.steady_now() - evaluated > lost_after)
        note_switch(escalation_->lost("incidents cannot be read: " + error.message));
}

void Responder::note_switch(const core::Status& status) {
    bool is_news = false;
    {
        const std::lock_guard lock(mutex_);
        is_news = !status && (!found_.switch_error || found_.switch_error->message != status.error().message);
        found_.switch_failures += status ? 0 : 1;
        found_.switch_error = status ? std::nullopt : std::optional(status.error());
    }
    if (is_news) log_->failed("kill_switch", status.error());
}

void Responder::note_digest(const incident::Stepped& done) {
    bool is_news = false, is_untold = false;
    {
        const std::lock_guard lock(mutex_);
        is_untold = done.digest_untold && done.digest_untold != found_.digest_untold;
        found_.digest_untold = done.digest_untold;
        is_news = done.no_digest &&
                  (!found_.digest_error || found_.digest_error->message != done.no_digest->message);
        found_.digests += done.digests;
        found_.digest_failures += done.no_digest ? 1 : 0;
        found_.digest_error = done.no_digest;
    }
    if (is_news) log_->failed("digest", *done.no_digest);
    if (done.digests > 0) log_->event(LogLevel::info, "digest", "the digest goes out");
    if (is_untold)
        log_->event(LogLevel::warn, "digest",
                    "a digest is due, and nobody is told: neither TRISTRATA_DIGEST_URL nor "
                    "TRISTRATA_WEBHOOK_URL is set; it is made when one is",
                    {{"due", core::to_string(*done.digest_untold)}});
}

core::Status Responder::evaluate(const std::stop_token& stop) {
    if (escalation_ && !booted_) {
        // Read when this was opened, and sound then.
        if (auto scopes = kill_switch::engaged_at_boot(settings_); scopes) {
            auto asked = escalation_->boot(*scopes, "serve on " + host_name());
            note_switch(asked);
            if (!asked) return asked;
        }
        booted_ = true;
    }
    auto done = step(stop);
    if (done && !stop.stop_requested())
        if (auto looked = look_at_open(); !looked) done = core::propagate(looked);
    if (!done) {
        failed(done.error());
        return propagate(done);
    }
    if (escalation_) escalation_->found();
    const std::lock_guard lock(mutex_);
    evaluated_steady_ = clock_.steady_now();
    if (found_.error) log_->event(LogLevel::info, "incidents", "incidents are evaluated again");
    found_.error.reset();
    found_.evaluated_at = clock_.now();
    return {};
}

core::Result<incident::Stepped> Responder::step(const std::stop_token& stop) {
    if (!store_) {
        auto store = incident::IncidentStore::open(settings_);
        if (!store) return propagate(store);
        store_.emplace(std::move(*store));
    }
    if (auto noted = note_receptions(); !noted) return propagate(noted);
    auto alerts = session_->open_spool();
    if (!alerts) return propagate(alerts);
    incident::StepOptions options;
    options.policy = &rules_->policy;
    options.owners = &rules_->owners;
    options.clock = &clock_;
    options.holder = holder_;
    options.takes_digests = notification::takes_digests(settings_);
    options.spool = settings_.text("spool");
    for (;;) {
        auto done = store_->step(options, **alerts);
        if (!done) return done;
        for (const auto& notice : done->notices) log_->event(LogLevel::warn, "incidents", notice);
        if (done->appended > 0)
            if (auto kept = (*alerts)->flush(); !kept) return propagate(kept);
        // Of one that does not lead it says nothing, and what failed while it did is over.
        note_digest(*done);
        bool leads_now = false, waits_now = false;
        {
            const std::lock_guard lock(mutex_);
            leads_now = done->leader && !found_.leads;
            waits_now = !done->leader && done->holder != found_.holder;
            found_.leads = done->leader;
            found_.holder = done->holder;
            found_.is_unshown = escalation_ && !done->leader && done->holder.ends_with(without_switch);
            found_.taken += done->taken;
            found_.opened += done->opened;
            found_.closed += done->closed;
            found_.withheld += done->withheld;
            found_.alerts += done->appended;
        }
        if (waits_now)
            log_->event(LogLevel::info, "incidents",
                        "another process evaluates, and this one waits: it takes over when that ends",
                        {{"holder", done->holder},
                         {"until", done->until ? core::to_string(*done->until) : "?"},
                         {"epoch", done->epoch}});
        if (leads_now)
            log_->event(LogLevel::info, "incidents", "this process evaluates", {{"epoch", done->epoch}});
        if (done->opened + done->closed + done->appended + done->withheld > 0)
            log_->event(LogLevel::info, "incidents", "events became incidents",
                        {{"taken", done->taken},
                         {"opened", done->opened},
                         {"closed", done->closed},
                         {"alerts", done->appended},
                         {"withheld", done->withheld}});
        if (done->not_appended) {
            // Whoever has room for the pages may lead meanwhile.
            if (auto let = store_->resign(holder_); !let) return propagate(let);
            return tl::unexpected<core::Error>(*done->not_appended);
        }
        if (!done->leader || !done->more || stop.stop_requested()) return done;
    }
}

core::Status Responder::note_receptions() {
    auto noted = incident::note_receptions(*store_, receptions_);
    if (!noted) return propagate(noted);
    for (const std::string& sentence : *noted) log_->event(LogLevel::warn, "alerts", sentence);
    return {};
}

core::Status Responder::look_anew() {
    // Before the rest: what changes behind it is seen at the next look.
    auto mark = store_->mark();
    if (!mark) return propagate(mark);
    const core::Timestamp steady = clock_.steady_now();
    if (!mark_.empty() && *mark == mark_ && steady < looked_steady_ + look_again) {
        const std::lock_guard lock(mutex_);
        known_.looked_at = steady;
        return {};
    }
    mark_.clear();
    crit_.reset();
    incident::IncidentQuery query;
    query.limit = open_max;
    auto open = store_->list(query);
    if (!open) return propagate(open);
    // Behind the list: what is crit there and has no alert here is held back.
    auto alerts = store_->open_alerts(clock_.now());
    if (!alerts) return propagate(alerts);
    auto silences = store_->silences(clock_.now());
    if (!silences) return propagate(silences);
    auto answered = store_->answered(clock_.now());
    if (!answered) return propagate(answered);
    auto bad = store_->bad_windows();
    if (!bad) return propagate(bad);
    // Only this thread changes what is known.
    std::optional<std::vector<incident::BadWindows>> recovered;
    if (has_ended(known_.open, *open) || !known_.looked_at || steady >= recovered_steady_ + recovered_again) {
        auto read = store_->recovered_windows(clock_.now());
        if (!read) return propagate(read);
        recovered = std::move(*read);
        recovered_steady_ = steady;
    }
    mark_ = std::move(*mark);
    looked_steady_ = steady;
    const std::lock_guard lock(mutex_);
    known_ = {steady, std::move(*open), std::move(*silences), std::move(*alerts), std::move(*answered)};
    bad_windows_ = std::move(*bad);
    if (recovered) recovered_ = std::move(*recovered);
    found_.open_warn = found_.open_crit = 0;
    found_.untold.clear();
    found_.uncarried = 0;
    for (const auto& one : known_.open) {
        ++(one.severity == drift::Severity::crit ? found_.open_crit : found_.open_warn);
        const bool is_answered = one.acked_at || one.snoozed_until || one.dismissed_at;
        found_.uncarried += !rules_->receivers && one.paged_at && !is_answered ? 1 : 0;
        if (incident::is_untold(one))
            found_.untold.push_back(fmt::format("{} of {}, {}", core::to_string(one.incident_id).substr(0, 8),
                                                one.module, one.refusal->words));
    }
    return {};
}

core::Status Responder::see_crit() {
    std::vector<kill_switch::CritIncident> crit;
    std::vector<core::Uuid> dismissed;
    // Only this thread changes what is known.
    for (const auto& one : known_.open)
        if (one.dismissed_at) dismissed.push_back(one.incident_id);
    for (const auto& one : known_.open) {
        if (!is_escalated(one)) continue;
        auto signals = store_->signals(one.module);
        if (!signals) return propagate(signals);
        crit.push_back(crit_incident_of(one, *signals, dismissed));
    }
    crit_ = std::move(crit);
    return {};
}

core::Status Responder::look_at_open() {
    if (auto looked = look_anew(); !looked) return looked;
    bool leads = false;
    {
        const std::lock_guard lock(mutex_);
        leads = found_.leads;
    }
    if (!escalation_) return {};
    // Who leads shows it, and says whether that works; what failed here while nobody could be asked is over.
    if (!leads) {
        note_switch({});
        return {};
    }
    if (!crit_)
        if (auto seen = see_crit(); !seen) return seen;
    auto asked = escalation_->step(*crit_);
    note_switch(asked ? core::Status() : core::Status(propagate(asked)));
    // They page all the same, and it is asked again at the next step.
    if (!asked) return {};
    if (asked->asked + asked->unmapped > 0)
        log_->event(LogLevel::info, "kill_switch", "crit incidents were shown to the kill switch",
                    {{"asked", asked->asked}, {"unmapped", asked->unmapped}});
    const std::lock_guard lock(mutex_);
    found_.asked += asked->asked;
    return {};
}

core::Status Responder::tell_again() {
    const bool due = retelling_->is_due();
    std::vector<notification::Answered> answered;
    std::vector<notification::Alert> alerts;
    {
        const std::lock_guard lock(mutex_);
        answered = known_.answered;
        if (due) alerts = without_begun_anew(known_.alerts, from_spool_);
    }
    // First: an Alertmanager that has forgotten both would page again. What fails of it holds nothing else.
    if (due || silencing_->is_due(answered)) (void)silencing_->turn(answered);
    if (!due) return {};
    auto told = retelling_->turn(alerts);
    note_told();
    return told;
}

void Responder::note_told() {
    auto taken_by = retelling_->figures().taken_by;
    if (taken_by.empty()) return;
    const Known now = known();
    for (const auto& one : now.open) {
        if (!incident::is_untold(one)) continue;
        const auto alert = std::ranges::find_if(now.alerts, [&](const notification::Alert& lasting) {
            return !lasting.ends_at && lasting.annotation("incident_id") == core::to_string(one.incident_id);
        });
        if (alert == now.alerts.end()) continue;
        if (auto kept = receptions_.add({clock_.now(), *alert, taken_by, {}, true}); !kept)
            log_->failed("alerts", kept.error());
    }
}

void Responder::tell_of_spool(std::vector<notification::Alert> lasting) {
    const std::lock_guard lock(mutex_);
    from_spool_ = std::move(lasting);
}

Known Responder::known() const {
    const std::lock_guard lock(mutex_);
    return known_;
}

bool Responder::is_open(std::string_view module, drift::DriftType type) const {
    const std::lock_guard lock(mutex_);
    return incident::has_open(known_.open, module, type);
}

std::vector<core::TimeRange> Responder::bad_windows(std::string_view module,
                                                    std::string_view analyzer) const {
    const std::lock_guard lock(mutex_);
    auto all = incident::ends_of(bad_windows_, module, analyzer);
    std::ranges::move(incident::ends_of(recovered_, module, analyzer), std::back_inserter(all));
    return all;
}

ResponseFigures Responder::figures() const {
    const std::lock_guard lock(mutex_);
    ResponseFigures now = found_;
    if (retelling_) now.retelling = retelling_->figures();
    if (silencing_) now.silencing = silencing_->figures();
    return now;
}

}  // namespace tristrata::service
