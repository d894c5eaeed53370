#include "analysis.hpp"

#include "tristrata/core/text.hpp"
#include "watched_file.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::service {
namespace {

constexpr core::Duration event_again{5'000'000};
constexpr core::Duration keep_every{5'000'000};
constexpr std::size_t named_max = 5;

/// What is wrong is the event, and not whether a store can be reached: it would be refused again.
bool is_for_good(core::ErrorKind kind) {
    return kind == core::ErrorKind::refused || kind == core::ErrorKind::invalid_input ||
           kind == core::ErrorKind::usage || kind == core::ErrorKind::limit_exceeded;
}

std::string names_of(const std::vector<analyzer::Gap>& gaps) {
    std::string all;
    for (std::size_t i = 0; i < std::min(gaps.size(), named_max); ++i)
        all += (i == 0 ? "" : ", ") + gaps[i].analyzer;
    return gaps.size() <= named_max ? all : fmt::format("{} and {} more", all, gaps.size() - named_max);
}

}  // namespace

core::Result<std::shared_ptr<Analysis>> Analysis::open(std::shared_ptr<session::Session> session,
                                                       const config::Settings& settings,
                                                       const std::string& spool,
                                                       std::shared_ptr<analyzer::Failures> failures,
                                                       std::shared_ptr<Log> log) {
    auto file = watched_file(settings, "analyzers", {"drift_url"});
    if (!file) return propagate(file);
    if (*file == nullptr) return std::shared_ptr<Analysis>();
    auto definitions = analyzer::require_definitions((*file)->value.reveal());
    if (!definitions) return tl::unexpected(named_by(**file, definitions.error()));
    auto respondents = analyzer::open_respondents(*definitions, settings);
    if (!respondents) return propagate(respondents);
    std::shared_ptr<Analysis> all(new Analysis(std::move(session), std::move(log), spool));
    all->analyzers_ = definitions->size();
    // It owns the rounds, and outlives them.
    all->rounds_ = std::make_unique<analyzer::Rounds>(
        std::move(*definitions), std::move(*respondents),
        [owner = all.get()](std::string_view module, drift::DriftType type) {
            return owner->is_open_ && owner->is_open_(module, type);
        },
        std::move(failures),
        [owner = all.get()](const std::string& store, core::Timestamp not_before) {
            return owner->on_the_way_.since(store, not_before);
        },
        [owner = all.get()](std::string_view module, std::string_view analyzer) {
            return owner->bad_windows_ ? owner->bad_windows_(module, analyzer)
                                       : std::vector<core::TimeRange>();
        });
    return all;
}

std::vector<Duty> Analysis::duties() {
    std::vector<Duty> all;
    all.push_back(
        {"analyzers", event_again, event_again,
         [self = shared_from_this()](const std::stop_token& stop) -> core::Status {
             core::Task task;
             task.stop = stop;
             self->resume();
             self->rounds_->run(
                 [&](const analyzer::Definition&, const analyzer::Judgement& one) { self->take(one); }, task);
             return self->keep();
         }});
    all.push_back({"windows of analyzers", keep_every, keep_every,
                   [self = shared_from_this()](const std::stop_token&) { return self->keep(); }});
    all.push_back({"events of analyzers", event_again, event_again,
                   [self = shared_from_this()](const std::stop_token&) { return self->hand_on(); }});
    return all;
}

void Analysis::resume() {
    const std::lock_guard lock(keeping_);
    analyzer::LookedAt before = kept_.read();
    {
        const std::lock_guard waiting(mutex_);
        // What the file could not be told.
        before.insert(handed_on_to_.begin(), handed_on_to_.end());
    }
    tell(rounds_->resume(before, session_->clock().now()));
    // Of one that begins now, too, before anything is found: if none of it can be handed on until this ends,
    // the next one knows since when.
    analyzer::LookedAt now = rounds_->looked_at();
    {
        const std::lock_guard waiting(mutex_);
        handed_on_to_ = now;
    }
    (void)kept_.begin(std::move(now));
}

void Analysis::take_over(Analysis& before) {
    const std::scoped_lock both(mutex_, before.mutex_);
    before.is_given_up_ = true;
    handed_on_to_ = before.handed_on_to_;
    while (!before.waiting_.empty()) {
        waiting_.push_back(std::move(before.waiting_.front()));
        before.waiting_.pop_front();
    }
}

void Analysis::tell(const std::vector<analyzer::Gap>& gaps) {
    if (gaps.empty()) return;
    std::vector<analyzer::Gap> too_long;
    std::uint64_t owed = 0, skipped = 0;
    core::Timestamp from = gaps.front().from;
    for (const auto& one : gaps) {
        owed += one.owed;
        skipped += one.skipped;
        from = std::min(from, one.from);
        if (one.skipped > 0) too_long.push_back(one);
    }
    log_->event(LogLevel::info, "analyzer", "windows that ended while no serve ran are judged now",
                {{"analyzers", names_of(gaps)}, {"windows", owed}, {"from", core::to_string(from)}});
    if (skipped > 0)
        log_->event(
            LogLevel::warn, "analyzer",
            "windows that ended while no serve ran are not judged: they are too many, and only the "
            "latest 200 of an analyzer are; tristrata analyze run FILE --once --at TIME judges one",
            {{"analyzers", names_of(too_long)}, {"windows", skipped}, {"from", core::to_string(from)}});
}

void Analysis::tell_given_up() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    log_->event(
        LogLevel::error, "analyzer_event",
        "events of analyzers that could not be handed on are given up with their analyzers; who has them "
        "next with this spool judges their windows again",
        {{"events", std::uint64_t{waiting_.size()}}});
}

/// Whatever was looked at has its events in the spool before the file says so: an event that waits would be
/// lost with this process and never judged again. As long as one waits the file says what it would have said
/// before; it may not have been written yet.
core::Status Analysis::keep() {
    const std::lock_guard one_at_a_time(keeping_);
    analyzer::LookedAt now = rounds_->looked_at();
    if (now.empty()) return {};
    {
        const std::lock_guard lock(mutex_);
        if (is_given_up_) return {};
        if (waiting_.empty()) handed_on_to_ = now;
        else now = handed_on_to_;
    }
    return kept_.keep(std::move(now));
}

void Analysis::take(const analyzer::Judgement& judgement) {
    if (!judgement.events.empty())
        log_->event(
            judgement.failure ? LogLevel::warn : LogLevel::info, "analyzer", judgement.reason,
            {{"analyzer", judgement.analyzer},
             {"severity", std::string(drift::name(judgement.severity().value_or(drift::Severity::info)))},
             {"events", std::uint64_t{judgement.events.size()}},
             {"to", core::to_string(judgement.to)}});
    const auto keep = [&](const drift::EventRequest& event) {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() == waiting_max) {
            waiting_.pop_front();
            ++lost_;
        }
        waiting_.push_back(event);
    };
    for (const auto& event : judgement.events) keep(event);
    for (const auto& event : judgement.good) keep(event);
    (void)hand_on();
}

core::Status Analysis::hand_on() {
    const std::lock_guard one_at_a_time(handing_on_);
    for (;;) {
        std::optional<drift::EventRequest> next;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty()) return {};
            next = waiting_.front();
        }
        auto pushed = session_->push_drift_event(*next);
        const std::lock_guard lock(mutex_);
        if (!pushed && is_for_good(pushed.error().kind)) {
            set_aside(*next, pushed.error());
            if (!waiting_.empty() && waiting_.front().event_id == next->event_id) waiting_.pop_front();
            continue;
        }
        if (!pushed) {
            const bool is_news = !error_ || error_->message != pushed.error().message;
            error_ = pushed.error();
            if (is_news) log_->failed("analyzer_event", *error_);
            return propagate(pushed);
        }
        error_.reset();
        ++pushed_;
        // The oldest may have been given up meanwhile.
        if (!waiting_.empty() && waiting_.front().event_id == next->event_id) waiting_.pop_front();
    }
}

void Analysis::set_aside(const drift::EventRequest& event, const core::Error& error) {
    ++refused_;
    const std::string reason = fmt::format("module {}, metric {}: {}", core::quoted(event.module, 40),
                                           core::quoted(event.metric, 40), error.message);
    refusal_ = {session_->clock().now(), reason};
    log_->event(LogLevel::error, "analyzer_event",
                "no drift store takes this event; it is set aside, and nobody is told of it: " + reason,
                {{"severity", std::string(drift::name(event.severity.value_or(drift::Severity::info)))},
                 {"of", core::to_string(event.time.value_or(session_->clock().now()))}});
}

AnalysisFigures Analysis::figures() const {
    AnalysisFigures figures;
    figures.analyzers = analyzers_;
    figures.rounds = rounds_->figures();
    const std::lock_guard lock(mutex_);
    figures.pushed = pushed_;
    figures.waiting = waiting_.size();
    figures.lost = lost_;
    figures.error = error_;
    figures.refused = refused_;
    figures.refusal = refusal_;
    return figures;
}

}  // namespace tristrata::service
