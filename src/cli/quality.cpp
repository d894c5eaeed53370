#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "reading.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/model_quality/push.hpp"
#include "tristrata/model_quality/quality.hpp"
#include "tristrata/report/junit.hpp"
#include "tristrata/report/quality_html.hpp"
#include "tristrata/report/quality_table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<std::optional<dataset::Chunking>> chunking_of(const QualityOptions& options) {
    const int asked = !options.chunk.empty() + options.rows.has_value() + options.count.has_value();
    if (asked > 1) return fail(ErrorKind::usage, "give one of --chunk, --rows and --count");
    const auto remainder = dataset::parse_remainder(options.remainder);
    if (!remainder) return propagate(remainder);
    if (!options.chunk.empty()) {
        const auto period = dataset::parse_period(options.chunk);
        if (!period) return propagate(period);
        if (options.time.empty())
            return fail(ErrorKind::usage,
                        "--chunk cuts by the calendar; name the column of times with --time");
        return std::optional<dataset::Chunking>(dataset::ByPeriod{*period, options.zone});
    }
    if (options.rows) return std::optional<dataset::Chunking>(dataset::BySize{*options.rows, *remainder});
    if (options.count) return std::optional<dataset::Chunking>(dataset::ByCount{*options.count, *remainder});
    return std::optional<dataset::Chunking>();
}

core::Result<model_quality::QualityPlan> plan_of(const QualityOptions& options) {
    model_quality::QualityPlan plan;
    if (!options.problem.empty()) {
        const auto problem = model_quality::parse_problem(options.problem);
        if (!problem) return propagate(problem);
        plan.problem = *problem;
    }
    plan.y_true = options.y_true;
    plan.y_pred = options.y_pred;
    plan.y_proba = options.y_proba;
    plan.positive = options.positive;
    plan.key = options.key;
    plan.time = options.time;
    plan.features = options.features;
    plan.alpha = options.alpha;
    plan.seed = options.seed;
    auto patterns = read_patterns(options.settings);
    if (!patterns) return propagate(patterns);
    plan.patterns = std::move(*patterns);
    auto chunking = chunking_of(options);
    if (!chunking) return propagate(chunking);
    plan.chunking = std::move(*chunking);
    return plan;
}

std::string rendered(const model_quality::QualityReport& report, const QualityOptions& options,
                     std::optional<drift::Severity> fail_on) {
    if (options.output.format == "json") return model_quality::to_json(report) + "\n";
    if (options.output.format == "html") return report::to_html(report);
    if (options.output.format == "junit") return report::to_junit(report, fail_on);
    report::TableStyle style;
    style.width = terminal_width();
    return report::to_table(report, style);
}

core::Status push(session::Session& session, const model_quality::QualityReport& report,
                  const QualityOptions& options) {
    const auto run_id = optional_text(options.run_id);
    const auto events = model_quality::push_findings(
        report, options.module, run_id,
        [&](const drift::EventRequest& request) { return session.push_drift_event(request); });
    if (!events) return propagate(events);
    sink::Acknowledgement taken = *events;
    if (report.columns) {
        const auto pushed = session.push_drift_report(*report.columns, options.module, run_id);
        if (!pushed) return propagate(pushed);
        taken.durability = pushed->durability;
        taken.stored += pushed->stored;
        taken.duplicate += pushed->duplicate;
        taken.parked += pushed->parked;
    }
    fmt::print(stderr, "pushed {} {} for module {}\n", core::plural(taken.stored, "drift event"),
               how_taken(taken), options.module);
    return {};
}

core::Result<int> run(const QualityOptions& options, bool estimating) {
    if (auto status = check_outputs(options.output); !status) return propagate(status);
    std::optional<drift::Severity> fail_on;
    if (options.fail_on != "never") {
        const auto parsed = drift::parse_severity(options.fail_on);
        if (!parsed) return propagate(parsed);
        fail_on = *parsed;
    }
    if (options.push && options.module.empty())
        return fail(ErrorKind::usage, "--push writes events of a module; name it with --module");
    const auto plan = plan_of(options);
    if (!plan) return propagate(plan);
    const auto created_at = time_or_now("--at", options.at);
    if (!created_at) return propagate(created_at);
    model_quality::QualitySide reference, current;
    for (const auto& [option, text, side] : {std::tuple{"--reference", &options.reference, &reference},
                                             std::tuple{"--current", &options.current, &current}}) {
        if (text->empty()) continue;
        const auto range = window_given(option, *text);
        if (!range) return propagate(range);
        side->window = *range;
    }
    if (auto status = check_sides(options.tables, reference.window && current.window, options.labels);
        !status)
        return propagate(status);
    std::unique_ptr<session::Session> session;
    if (options.push) {
        auto opened = open_session(options.settings);
        if (!opened) return propagate(opened);
        session = std::move(*opened);
        if (auto ready = session->require_target(store::Layer::drift); !ready) return propagate(ready);
    }
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    task.limits.threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());

    sources::SourceOptions read_as;
    read_as.time = options.time;
    read_as.if_names = "save the table as Parquet, where columns have types: quality takes no plan";
    if (estimating) read_as.if_names += "; --features A,B reads no feature but those it names";
    auto first = open_table(options.tables, 0, read_as, options.settings, task);
    if (!first) return propagate(first);
    std::unique_ptr<dataset::Source> second, labels;
    reference.source = current.source = first->get();
    read_as.read_as = (*first)->schema();
    if (options.tables.count() == 2) {
        auto opened = open_table(options.tables, 1, read_as, options.settings, task);
        if (!opened) return propagate(opened);
        second = std::move(*opened);
        current.source = second.get();
    }
    if (!options.labels.empty()) {
        auto opened = sources::open_source(options.labels, read_as, task);
        if (!opened) return propagate(opened);
        labels = std::move(*opened);
    }
    const auto report =
        estimating ? model_quality::estimate(reference, current, labels.get(), *plan, *created_at, task)
                   : model_quality::check(reference, current, labels.get(), *plan, *created_at, task);
    if (!report) return propagate(report);
    if (auto status = write_result(options.output, rendered(*report, options, fail_on)); !status)
        return propagate(status);
    if (!options.output.html.empty())
        if (auto status = write_file(options.output.html, report::to_html(*report)); !status)
            return propagate(status);
    if (session)
        if (auto status = push(*session, *report, options); !status) return propagate(status);
    if (fail_on && report->severity && *report->severity >= *fail_on) return 1;
    if (fail_on && report->tested == 0) {
        fmt::print(stderr,
                   "tristrata: no metric could be tested, so nobody knows whether the model became worse; "
                   "the report says "
                   "why of each. --fail-on never accepts this\n");
        return 3;
    }
    return 0;
}

}  // namespace

int quality_check(const QualityOptions& options) { return code_of(run(options, false)); }

int quality_estimate(const QualityOptions& options) { return code_of(run(options, true)); }

}  // namespace tristrata::cli
