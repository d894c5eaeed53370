#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "reading.hpp"
#include "saved_reference.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/drift_check/own_kpis.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/junit.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// The plan file, with what the command line says on top of it.
core::Result<detection::Plan> plan_to_check(const DriftCheckOptions& options) {
    auto plan = plan_of({options.plan, options.time, options.columns, options.method, options.null,
                         options.season, options.alpha, options.seed},
                        options.settings);
    if (!plan) return propagate(plan);
    if (!options.by.empty()) plan->by = options.by;
    if (options.groups_max) plan->groups_max = *options.groups_max;
    if (options.multivariate) plan->multivariate = true;
    if (options.explain_difference) plan->explain_difference = true;
    if (!options.tests.empty())
        if (auto status = detection::choose_tests(*plan, options.tests); !status) return propagate(status);
    if (auto status = detection::validate(*plan); !status) return propagate(status);
    return plan;
}

core::Result<std::string> rendered(const drift::Report& report, const DriftCheckOptions& options,
                                   std::optional<drift::Severity> fail_on) {
    const std::string& format = options.output.format;
    if (format == "json") return drift::to_json(report) + "\n";
    if (format == "html") return report::to_html(report);
    if (format == "junit") return report::to_junit(report, fail_on);
    report::TableStyle style;
    style.colour = options.output.out.empty() && colour_wanted();
    style.width = terminal_width();
    return report::to_table(report, style);
}

/// Where the report of a check that failed later is, as the end of a sentence.
std::string what_is_kept(const DriftCheckOptions& options) {
    const std::string& out = options.output.out;
    if (out.empty() || out == "-") return "";
    if (options.output.format != "json") return fmt::format("; the report is whole in {}", out);
    return fmt::format("; the report is whole in {}: push it later with tristrata drift push {} --module {}",
                       out, out, options.module.empty() ? "MODULE" : options.module);
}

constexpr std::string_view page_advice = "--columns and a plan's ignore = true make it smaller";

/// Both stores are asked for their lock before either is written; what is stored all the same when the second
/// fails is said, with the retry that stores nothing twice.
core::Status push(session::Session& session, const drift::Report& report, const DriftCheckOptions& options,
                  std::int64_t duration_ms) {
    for (const auto layer : {store::Layer::kpi, store::Layer::drift})
        if (auto ready = session.require_writable(layer); !ready)
            return fail(ready.error().kind,
                        ready.error().message + "; nothing was pushed" + what_is_kept(options));
    const std::optional<std::string> run_id =
        options.run_id.empty() ? std::nullopt : std::optional(options.run_id);
    auto pushed = session.push_drift_report(report, options.module, run_id);
    if (!pushed)
        return fail(
            pushed.error().kind,
            pushed.error().message +
                (pushed.error().kind == core::ErrorKind::possibly_persisted ? "" : "; nothing was pushed") +
                what_is_kept(options));
    if (auto status = session.emit_kpi(drift_check::own_kpis(report, options.module, run_id, duration_ms),
                                       options.module);
        !status)
        return fail(
            status.error().kind,
            fmt::format(
                "{}; {} stored, the check's own KPIs are not: the same check with --at {} stores what is "
                "missing, and nothing twice",
                status.error().message,
                core::plural(pushed->stored + pushed->duplicate, "drift event is", "drift events are"),
                core::to_string(report.created_at)));
    fmt::print(stderr, "pushed {} {} for module {}\n", core::plural(pushed->stored, "drift event"),
               how_taken(*pushed), options.module);
    return {};
}

core::Result<int> run(const DriftCheckOptions& options) {
    if (auto status = check_outputs(options.output); !status) return propagate(status);
    std::optional<drift::Severity> fail_on;
    if (options.fail_on != "never") {
        auto parsed = drift::parse_severity(options.fail_on);
        if (!parsed) return propagate(parsed);
        fail_on = *parsed;
    }
    if (options.push && options.module.empty())
        return fail(ErrorKind::usage, "--push writes events of a module; name it with --module");
    auto plan = plan_to_check(options);
    if (!plan) return propagate(plan);
    const auto created_at = time_or_now("--at", options.at);
    if (!created_at) return propagate(created_at);
    std::optional<core::TimeRange> reference_window, current_window;
    for (const auto& [option, text, window] :
         {std::tuple{"--reference", &options.reference, &reference_window},
          std::tuple{"--current", &options.current, &current_window}}) {
        if (text->empty()) continue;
        auto range = window_given(option, *text);
        if (!range) return propagate(range);
        *window = *range;
    }
    const bool saved = names_saved_reference(options);
    if (saved)
        if (auto status = check_saved_reference(options, options.tables.count()); !status)
            return propagate(status);
    if (auto status = check_sides(options.tables, saved || (reference_window && current_window)); !status)
        return propagate(status);
    // Settings are looked at before any work is done: a check of an hour must not end with a missing URL.
    std::unique_ptr<session::Session> session;
    if (options.push || !options.reference_of.empty()) {
        auto opened = open_session(options.settings);
        if (!opened) return propagate(opened);
        session = std::move(*opened);
    }
    if (options.push) {
        for (const auto layer : {store::Layer::kpi, store::Layer::drift})
            if (auto ready = session->require_target(layer); !ready) return propagate(ready);
    }

    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    task.limits.threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    task.limits.bytes = options.memory_mb << 20u;
    const auto started = core::system_clock().steady_now();

    const auto open = [&](std::size_t index, const std::optional<dataset::Schema>& read_as) {
        return open_table(options.tables, index, *plan, read_as, options.settings, task);
    };
    const auto compared = [&]() -> core::Result<drift::Report> {
        if (saved) {
            auto reference = open_saved_reference(options, session.get(), task);
            if (!reference) return propagate(reference);
            auto agreed = detection::plan_against(reference->profile, std::move(*plan));
            if (!agreed) return propagate(agreed);
            *plan = std::move(*agreed);
            auto current = open(0, reference->profile.schema());
            if (!current) return propagate(current);
            auto report = detection::check(reference->profile, {current->get(), current_window}, *plan,
                                           *created_at, task);
            if (!report) return propagate(report);
            if (const auto warning = drift_check::name_reference(*report, *reference))
                fmt::print(stderr, "tristrata: {}\n", *warning);
            return report;
        }
        auto reference = open(0, std::nullopt);
        if (!reference) return propagate(reference);
        std::unique_ptr<dataset::Source> second;
        dataset::Source* current = reference->get();
        if (options.tables.count() == 2) {
            auto opened = open(1, (*reference)->schema());
            if (!opened) return propagate(opened);
            second = std::move(*opened);
            current = second.get();
        }
        return detection::check({reference->get(), reference_window}, {current, current_window}, *plan,
                                *created_at, task);
    };
    auto report = compared();
    if (!report) return propagate(report);
    if (!saved && options.tables.count() == 2 && report->reference.version == report->current.version)
        fmt::print(
            stderr,
            "note: {} and {} are the same to the byte, so that nothing can differ; are they the tables "
            "that were meant?\n",
            report->reference.source, report->current.source);
    const auto duration_ms = (core::system_clock().steady_now() - started).microseconds / 1000;

    auto text = rendered(*report, options, fail_on);
    if (!text) return propagate(text);
    if (auto status = write_result(options.output, *text); !status) return propagate(status);
    if (options.output.format == "html")
        note_large_page(*text, report->columns.size(), "columns", page_advice);
    if (!options.output.html.empty()) {
        const std::string page = report::to_html(*report);
        if (auto status = write_file(options.output.html, page); !status)
            return fail(status.error().kind, status.error().message + what_is_kept(options));
        note_large_page(page, report->columns.size(), "columns", page_advice);
    }
    if (options.push)
        if (auto status = push(*session, *report, options, duration_ms); !status) return propagate(status);
    const bool found = fail_on && report->summary.severity && *report->summary.severity >= *fail_on;
    if (found) return 1;
    if (fail_on && report->summary.tested == 0) {
        fmt::print(stderr,
                   "tristrata: no column could be tested, so nobody knows whether the data drifted; the "
                   "report says why "
                   "of each ({} of {} have too little data). --fail-on never accepts this\n",
                   report->summary.insufficient_data, report->summary.columns);
        return 3;
    }
    return 0;
}

}  // namespace

int drift_check(const DriftCheckOptions& options) { return code_of(run(options)); }

}  // namespace tristrata::cli
