#include "checks.hpp"

#include "check_source.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/dataset/no_row.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/drift_check/own_kpis.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "watched_file.hpp"

#include <fmt/format.h>

namespace tristrata::service {
namespace {

constexpr core::Duration look_every{1'000'000};

/// A reference without a row is a mistake, and no absence of what is checked.
tl::unexpected<core::Error> of_reference(core::Error error) {
    if (error.foreign_code == dataset::no_row_code) error.foreign_code.clear();
    return tl::unexpected(std::move(error));
}

}  // namespace

core::Result<std::shared_ptr<Checks>> Checks::open(std::shared_ptr<session::Session> session,
                                                   const config::Settings& settings,
                                                   std::shared_ptr<analyzer::Failures> failures,
                                                   std::shared_ptr<Log> log) {
    auto file = watched_file(settings, "checks", {"drift_url", "kpi_url"});
    if (!file) return propagate(file);
    if (*file == nullptr) return std::shared_ptr<Checks>();
    auto definitions = read_checks((*file)->value.reveal(), settings);
    if (!definitions) return propagate(definitions);
    std::shared_ptr<Checks> all(
        new Checks(std::move(session), settings, std::move(failures), std::move(log)));
    all->definitions_ = std::move(*definitions);
    for (const auto& one : all->definitions_) all->found_.push_back({one.name, {}, 0, 0, {}});
    all->done_.resize(all->definitions_.size());
    all->failing_.resize(all->definitions_.size());
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
    if (definition.reference_window.microseconds > 0)
        reference_window = core::TimeRange{
            core::Timestamp{from.microseconds - definition.reference_window.microseconds}, from};
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
    return detection::check({reference->get(), reference_window},
                            {is_one_table ? reference->get() : second.get(), current_window}, plan, to, task);
}

core::Status Checks::run(std::size_t index, const std::stop_token& stop) {
    const CheckDefinition& definition = definitions_[index];
    const core::Timestamp to = analyzer::window_end(definition.every, definition.delay, clock_.now());
    {
        const std::lock_guard lock(mutex_);
        if (done_[index] && *done_[index] >= to) return {};
    }
    core::Task task;
    task.stop = stop;
    task.limits.threads = 1;
    const core::Timestamp begun = clock_.steady_now();
    auto checked = [&]() -> core::Status {
        auto report = report_of(definition, to, task);
        if (stop.stop_requested()) return {};
        if (!report) {
            if (auto told = tell_source(index, to, report); !told) log_->failed("check", told.error());
            return propagate(report);
        }
        const std::int64_t took_ms = (clock_.steady_now() - begun).microseconds / 1000;
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
    }();
    if (stop.stop_requested()) return {};
    const std::lock_guard lock(mutex_);
    CheckFigures& figures = found_[index];
    if (checked) {
        done_[index] = to;
        figures.done_at = clock_.now();
        ++figures.runs;
        figures.error.reset();
        return {};
    }
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
