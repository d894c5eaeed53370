#include "checks.hpp"

#include "check_source.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/analyzer/missed_windows.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/no_row.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/drift_check/own_kpis.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "watched_file.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::service {
namespace {

constexpr core::Duration look_every{1'000'000};

/// A reference without a row is a mistake, and no absence of what is checked.
tl::unexpected<core::Error> of_reference(core::Error error) {
    if (error.foreign_code == dataset::no_row_code) error.foreign_code.clear();
    return tl::unexpected(std::move(error));
}

}  // namespace

core::TimeRange reference_range(const CheckDefinition& definition, core::Timestamp to,
                                std::span<const core::TimeRange> bad) {
    const std::int64_t length = definition.reference_window.microseconds;
    const core::Timestamp from{to.microseconds - definition.window.microseconds};
    core::Timestamp end = from;
    for (const core::TimeRange& one : bad) {
        if (one.to || !one.from || *one.from >= to) continue;
        const core::Timestamp begun{one.from->microseconds - definition.window.microseconds};
        if (from.microseconds - begun.microseconds <= length) end = std::min(end, begun);
    }
    return {core::Timestamp{end.microseconds - length}, end};
}

core::Result<std::shared_ptr<Checks>> Checks::open(std::shared_ptr<session::Session> session,
                                                   const config::Settings& settings, const std::string& spool,
                                                   std::shared_ptr<analyzer::Failures> failures,
                                                   std::shared_ptr<Log> log) {
    auto file = watched_file(settings, "checks", {"drift_url", "kpi_url"});
    if (!file) return propagate(file);
    if (*file == nullptr) return std::shared_ptr<Checks>();
    auto definitions = read_checks((*file)->value.reveal(), settings);
    if (!definitions) return tl::unexpected(named_by(**file, definitions.error()));
    std::shared_ptr<Checks> all(
        new Checks(std::move(session), settings, std::move(failures), std::move(log), spool));
    all->definitions_ = std::move(*definitions);
    for (const auto& one : all->definitions_) all->found_.push_back({one.name, {}, 0, 0, {}});
    all->before_.resize(all->definitions_.size());
    all->done_.resize(all->definitions_.size());
    all->missed_.resize(all->definitions_.size());
    all->failing_.resize(all->definitions_.size());
    all->waiting_.resize(all->definitions_.size());
    return all;
}

std::vector<Duty> Checks::duties() {
    std::vector<Duty> all;
    for (std::size_t i = 0; i < definitions_.size(); ++i)
        all.push_back(
            {"check " + definitions_[i].name, look_every, after_failure,
             [self = shared_from_this(), i](const std::stop_token& stop) { return self->run(i, stop); }});
    return all;
}

core::Status Checks::tell_source(std::size_t index, core::Timestamp to,
                                 const core::Result<drift::Report>& report) {
    Failing& failing = failing_[index];
    CheckSource source;
    const std::string who = "check " + definitions_[index].name;
    if (report) {
        source.rows = report->current.rows;
        failing = {};
        failures_->answered(who);
    } else {
        if (failing.to != to) failing = {to, {}};
        if (failing.told == report.error().message) return {};
        source.error = report.error();
        source.failures = failures_->failed(who, to, definitions_[index].every);
    }
    for (const auto& event : source_events(definitions_[index], to, source))
        if (auto told = session_->push_drift_event(event); !told) return propagate(told);
    if (!report) failing.told = report.error().message;
    return {};
}

core::Result<drift_check::SavedReference> Checks::saved_reference(const CheckDefinition& definition,
                                                                  const core::Task& task) {
    if (!definition.reference_module.empty())
        return drift_check::promoted_reference(definition.reference_module, *session_, task);
    auto profile = drift_check::read_profile_file(definition.reference_profile, task);
    if (!profile) return propagate(profile);
    return drift_check::SavedReference{std::move(*profile), std::nullopt};
}

core::Result<drift::Report> Checks::report_of(const CheckDefinition& definition, core::Timestamp to,
                                              const core::Task& task) {
    const auto notice = [this, &definition](std::string_view sentence) {
        log_->event(LogLevel::info, "check", sentence, {{"check", definition.name}});
    };
    std::optional<core::TimeRange> current_window, reference_window;
    const core::Timestamp from{to.microseconds - definition.window.microseconds};
    if (definition.window.microseconds > 0) current_window = core::TimeRange{from, to};
    if (definition.reference_window.microseconds > 0) {
        const auto bad = bad_windows_ ? bad_windows_(definition.module, "") : std::vector<core::TimeRange>();
        reference_window = reference_range(definition, to, bad);
        if (*reference_window->to < from)
            notice("held against the rows before " + core::to_string(*reference_window->to) +
                   ": an incident of its module is open, and what is bad since is no reference");
    }
    detection::Plan plan = definition.plan;
    if (!definition.reference_profile.empty() || !definition.reference_module.empty()) {
        auto reference = saved_reference(definition, task);
        if (!reference) return of_reference(reference.error());
        auto agreed = detection::plan_against(reference->profile, std::move(plan));
        if (!agreed) return propagate(agreed);
        auto current = drift_check::open_table(definition.current, *agreed, reference->profile.schema(),
                                               settings_, task, notice);
        if (!current) return propagate(current);
        auto report =
            detection::check(reference->profile, {current->get(), current_window}, *agreed, to, task);
        if (report)
            if (const auto warning = drift_check::name_reference(*report, *reference)) notice(*warning);
        return report;
    }
    const bool is_one_table = definition.reference_table.empty();
    auto reference = drift_check::open_table(
        is_one_table ? definition.current : drift_check::TableName{definition.reference_table, {}, {}}, plan,
        std::nullopt, settings_, task, notice);
    if (!reference && is_one_table) return propagate(reference);
    if (!reference) return of_reference(reference.error());
    std::unique_ptr<dataset::Source> second;
    if (!is_one_table) {
        auto opened = drift_check::open_table(definition.current, plan, (*reference)->schema(), settings_,
                                              task, notice);
        if (!opened) return propagate(opened);
        second = std::move(*opened);
    }
    const auto held_against = [&](const std::optional<core::TimeRange>& rows) {
        return detection::check({reference->get(), rows},
                                {is_one_table ? reference->get() : second.get(), current_window}, plan, to,
                                task);
    };
    auto report = held_against(reference_window);
    const core::TimeRange usual = reference_range(definition, to, {});
    if (report || !reference_window || *reference_window == usual ||
        report.error().foreign_code != dataset::no_reference_row_code)
        return report;
    notice(
        "no row is left of before the incident: held against those before the window, bad ones among them");
    return held_against(usual);
}

void Checks::skip(std::size_t index, std::uint64_t windows, core::Timestamp from, std::string_view why) {
    log_->event(LogLevel::warn, "check",
                fmt::format("{} that {} missed {} not checked: {}", core::plural(windows, "window"),
                            windows == 1 ? "was" : "were", windows == 1 ? "is" : "are", why),
                {{"check", definitions_[index].name}, {"windows", windows}, {"from", core::to_string(from)}});
    const std::lock_guard lock(mutex_);
    found_[index].skipped += windows;
}

void Checks::resume() {
    const std::lock_guard lock(keeping_);
    const auto& before = kept_.read();
    for (std::size_t i = 0; i < definitions_.size(); ++i)
        if (const auto known = before.find(definitions_[i].name); known != before.end())
            before_[i] = known->second;
}

void Checks::come_to(std::size_t index, core::Timestamp to) {
    const CheckDefinition& definition = definitions_[index];
    analyzer::MissedWindows missed;
    bool is_first = false;
    std::uint64_t too_many = 0;
    {
        const std::lock_guard lock(mutex_);
        is_first = !done_[index];
        if (const auto last = is_first ? before_[index] : done_[index])
            missed = analyzer::missed_windows(definition.every, *last, to);
        done_[index] = to;
        if (definition.window.microseconds > 0) {
            auto& all = missed_[index];
            all.insert(all.end(), missed.owed.begin(), missed.owed.end());
            too_many = missed.skipped;
            for (; all.size() > analyzer::missed_windows_max; ++too_many) all.pop_front();
        }
    }
    if (missed.count() == 0) return;
    if (definition.window.microseconds == 0) {
        // Each of its checks is of what stands there by then; one that a failure delayed is done.
        if (is_first)
            skip(index, missed.count(), missed.from,
                 "it has no window of time, and its table may be another one by now");
        return;
    }
    if (too_many > 0)
        skip(index, too_many, missed.from, "they are too many, and only the latest 200 are checked");
    log_->event(LogLevel::info, "check", "windows that were missed are checked now",
                {{"check", definition.name},
                 {"windows", std::uint64_t{missed.owed.size()}},
                 {"from", core::to_string(missed.from)}});
}

void Checks::keep() {
    const std::lock_guard one_at_a_time(keeping_);
    analyzer::LookedAt now = kept_.held();
    std::erase_if(now, [&](const auto& known) {
        return std::ranges::find(definitions_, known.first, &CheckDefinition::name) == definitions_.end();
    });
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < definitions_.size(); ++i) {
            if (!done_[i]) {
                if (before_[i]) now[definitions_[i].name] = *before_[i];
                continue;
            }
            const auto& missed = missed_[i];
            now[definitions_[i].name] =
                missed.empty()
                    ? *done_[i]
                    : core::Timestamp{missed.front().microseconds - definitions_[i].every.microseconds};
        }
    }
    (void)kept_.keep(std::move(now));  // What fails is said, and tried again behind the next window.
}

core::Status Checks::check_window(std::size_t index, core::Timestamp to,
                                  const core::Result<drift::Report>& report, core::Duration took) {
    const CheckDefinition& definition = definitions_[index];
    const std::int64_t took_ms = took.microseconds / 1000;
    auto pushed = session_->push_drift_report(*report, definition.module, std::nullopt);
    if (!pushed) return propagate(pushed);
    if (auto told = tell_source(index, to, report); !told) return told;
    auto kpis = drift_check::own_kpis(*report, definition.module, std::nullopt, took_ms);
    kpis.time = to;
    kpis.event_id = core::uuid_v5(core::tristrata_namespace(),
                                  fmt::format("check\n{}\n{}", definition.name, core::to_string(to)));
    if (auto told = session_->emit_kpi(kpis, definition.module); !told) return propagate(told);
    const auto severity = report->summary.severity;
    log_->event(LogLevel::info, "check", "a scheduled check came to its end",
                {{"check", definition.name},
                 {"to", core::to_string(to)},
                 {"tested", std::uint64_t{report->summary.tested}},
                 {"drifted", std::uint64_t{report->summary.drifted}},
                 {"severity", std::string(severity ? drift::name(*severity) : "none")},
                 {"took_ms", took_ms}});
    return {};
}

bool Checks::waits(std::size_t index, core::Timestamp to, const core::Error& why) {
    if (why.foreign_code == dataset::no_row_of_window_code ||
        why.foreign_code == dataset::no_reference_row_code)
        return false;
    Waiting& waiting = waiting_[index];
    if (waiting.to != to) waiting = {to, 0, {}, {}};
    // Whether its source is there at all is the latest window's to say.
    if (why.kind != core::ErrorKind::unavailable && ++waiting.tries >= missed_tries_max) return false;
    waiting.again = clock_.steady_now() + after_failure;
    if (waiting.told != why.message)
        log_->event(LogLevel::warn, "check",
                    "a window that was missed cannot be checked now, and is tried again each minute: " +
                        core::without_credentials(why.message),
                    {{"check", definitions_[index].name}, {"to", core::to_string(to)}});
    waiting.told = why.message;
    return true;
}

core::Status Checks::run_missed(std::size_t index, const core::Task& task) {
    std::optional<core::Timestamp> to;
    {
        const std::lock_guard lock(mutex_);
        if (missed_[index].empty()) return {};
        to = missed_[index].front();
    }
    if (waiting_[index].to == to && clock_.steady_now() < waiting_[index].again) return {};
    const core::Timestamp begun = clock_.steady_now();
    auto report = report_of(definitions_[index], *to, task);
    if (task.stop.stop_requested()) return {};
    if (!report && waits(index, *to, report.error())) return {};
    if (!report) skip(index, 1, *to, report.error().message);
    else if (auto told = check_window(index, *to, report, clock_.steady_now() - begun); !told) return told;
    {
        const std::lock_guard lock(mutex_);
        missed_[index].pop_front();
        found_[index].runs += report ? 1 : 0;
    }
    keep();
    return {};
}

core::Status Checks::run(std::size_t index, const std::stop_token& stop) {
    std::call_once(resumed_, [this] { resume(); });
    const CheckDefinition& definition = definitions_[index];
    const core::Timestamp to = analyzer::window_end(definition.every, definition.delay, clock_.now());
    core::Task task;
    task.stop = stop;
    task.limits.threads = 1;
    bool is_done = false, is_new = false;
    {
        const std::lock_guard lock(mutex_);
        is_done = done_[index] && *done_[index] >= to;
        is_new = !done_[index] && !before_[index];
        // A check that is new begins with this window, also where its table cannot be read yet.
        if (is_new) before_[index] = core::Timestamp{to.microseconds - definition.every.microseconds};
    }
    if (is_new) keep();
    if (is_done) return run_missed(index, task);
    const core::Timestamp begun = clock_.steady_now();
    auto report = report_of(definition, to, task);
    if (stop.stop_requested()) return {};
    core::Status checked;
    if (report) {
        checked = check_window(index, to, report, clock_.steady_now() - begun);
    } else {
        checked = propagate(report);
        if (auto told = tell_source(index, to, report); !told) log_->failed("check", told.error());
    }
    if (stop.stop_requested()) return {};
    if (checked) {
        come_to(index, to);
        {
            const std::lock_guard lock(mutex_);
            CheckFigures& figures = found_[index];
            figures.done_at = clock_.now();
            ++figures.runs;
            figures.error.reset();
        }
        keep();
        return {};
    }
    const std::lock_guard lock(mutex_);
    CheckFigures& figures = found_[index];
    ++figures.failures;
    core::Error error = checked.error();
    error.message = fmt::format("{}: {}", definition.name, error.message);
    if (!figures.error || figures.error->message != error.message) log_->failed("check", error);
    figures.error = std::move(error);
    return checked;
}

std::vector<CheckFigures> Checks::figures() const {
    const std::lock_guard lock(mutex_);
    return found_;
}

}  // namespace tristrata::service
