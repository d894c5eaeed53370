#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/analyzer/backtest.hpp"
#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/printable.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/open_incidents.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// Those of the file that are meant: all, or the named ones.
core::Result<std::vector<analyzer::Definition>> definitions_of(const AnalyzeOptions& options) {
    auto all = analyzer::require_definitions(options.file);
    if (!all || options.names.empty()) return all;
    std::vector<analyzer::Definition> chosen;
    std::vector<std::string> known;
    for (const auto& one : *all) known.push_back(one.name);
    for (const auto& name : options.names) {
        const auto found = std::ranges::find(*all, name, &analyzer::Definition::name);
        if (found == all->end()) {
            const auto near = core::nearest(name, known);
            return fail(ErrorKind::usage,
                        fmt::format("{} has no analyzer {}{}", options.file, core::quoted(name),
                                    near.empty() ? "" : "; did you mean " + core::quoted(near) + "?"));
        }
        chosen.push_back(*found);
    }
    return chosen;
}

std::string_view shown(std::optional<drift::Severity> severity) {
    return severity ? drift::name(*severity) : "-";
}

void write_events(core::JsonWriter& json, const analyzer::Judgement& judgement) {
    json.key("events");
    json.begin_array();
    for (const auto& event : judgement.events) {
        json.begin_object();
        json.member("event_id", core::to_string(*event.event_id));
        json.member("drift_type", drift::name(event.drift_type));
        json.member("module", event.module);
        json.member("metric", event.metric);
        json.member("reference_value", event.reference_value);
        json.member("current_value", event.current_value);
        json.member("significance", event.significance);
        json.member("severity", drift::name(*event.severity));
        json.key("payload");
        json.raw(event.payload);
        json.end_object();
    }
    json.end_array();
}

void write_judgement(core::JsonWriter& json, const analyzer::Judgement& one) {
    json.begin_object();
    json.member("analyzer", one.analyzer);
    json.member("from", core::to_string(one.from));
    json.member("to", core::to_string(one.to));
    json.member("verdict", drift::name(one.verdict));
    json.key("severity");
    if (const auto severity = one.severity()) json.value(drift::name(*severity));
    else json.null();
    json.member("reason", one.reason);
    json.member("rows", one.rows);
    json.member("reference_windows", one.reference_windows);
    json.key("failure");
    if (one.failure) json.value(core::traits(*one.failure).name);
    else json.null();
    write_events(json, one);
    json.key("notes");
    json.begin_array();
    for (const auto& note : one.notes) json.value(note);
    json.end_array();
    json.end_object();
}

core::Result<int> lint(const AnalyzeOptions& options) {
    auto all = analyzer::read_definitions(options.file);
    if (!all) return propagate(all);
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("analyzers", static_cast<std::uint64_t>(all->analyzers.size()));
        json.key("problems");
        json.begin_array();
        for (const auto& problem : all->problems) {
            json.begin_object();
            json.member("where", problem.where);
            json.member("message", problem.message);
            json.end_object();
        }
        json.end_array();
        json.end_object();
        text = json.take() + "\n";
    } else {
        for (const auto& problem : all->problems)
            text += fmt::format("{}: {}\n", problem.where, problem.message);
        text += fmt::format("{}, {}\n", core::plural(all->analyzers.size(), "analyzer"),
                            core::plural(all->problems.size(), "problem"));
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return all->problems.empty() ? 0 : 2;
}

std::string line_of(const analyzer::Judgement& one) {
    std::string text =
        fmt::format("{}  {}  {}  {}{}\n", core::to_string(one.to), shown(one.severity()), one.analyzer,
                    one.failure ? std::string() : fmt::format("{}: ", drift::name(one.verdict)),
                    core::printable(one.reason));
    for (const auto& note : one.notes) text += fmt::format("    note: {}\n", core::printable(note));
    return text;
}

core::Result<int> exit_code(const std::string& fail_on, std::optional<drift::Severity> worst,
                            bool nothing_judged) {
    if (fail_on == "never") return 0;
    auto bound = drift::parse_severity(fail_on);
    if (!bound) return propagate(bound);
    if (worst && *worst >= *bound) return 1;
    return nothing_judged ? 3 : 0;
}

core::Result<int> back(const AnalyzeOptions& options) {
    auto definitions = definitions_of(options);
    if (!definitions) return propagate(definitions);
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    const core::Timestamp to = range->to.value_or(core::system_clock().now());
    auto respondents = analyzer::open_respondents(*definitions, *settings);
    if (!respondents) return propagate(respondents);
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    std::optional<drift::Severity> worst;
    std::string table;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("schema", "tristrata.analyzer_backtest/1");
    json.key("analyzers");
    json.begin_array();
    for (const auto& definition : *definitions) {
        const core::Timestamp from =
            range->from.value_or(core::Timestamp{to.microseconds - 30 * std::int64_t{86'400'000'000}});
        auto result = analyzer::backtest(definition, *respondents->at(definition.place), from, to, task);
        if (!result)
            return fail(result.error().kind,
                        fmt::format("{}: {}: {}", definition.where, core::quoted(definition.name),
                                    result.error().message));
        json.begin_object();
        json.member("analyzer", result->analyzer);
        json.member("from", core::to_string(from));
        json.member("to", core::to_string(to));
        json.member("windows", static_cast<std::uint64_t>(result->judgements.size()));
        json.member("insufficient_data", result->insufficient_data);
        json.member("alerts", result->alerts);
        json.member("episodes", result->episodes);
        json.member("alerts_a_week", result->alerts_a_week);
        json.member("episodes_a_week", result->episodes_a_week);
        json.key("judgements");
        json.begin_array();
        std::string why;
        for (const auto& one : result->judgements)
            if (one.verdict == drift::Verdict::insufficient_data) why = one.reason;
        while (why.ends_with('.')) why.pop_back();
        table +=
            fmt::format("{}: {}, of which {} held or followed too few{}; {} of warn or crit, {}: {}\n",
                        definition.name, core::plural(result->judgements.size(), "window"),
                        result->insufficient_data, why.empty() ? "" : fmt::format(" (the last: {})", why),
                        core::plural(result->alerts, "window"), core::plural(result->episodes, "episode"),
                        result->episodes_a_week ? core::readable(*result->episodes_a_week) + " a week"
                                                : std::string("less than a week, of which no rate is told"));
        for (const auto& one : result->judgements) {
            worst = std::max(worst, one.severity());
            write_judgement(json, one);
            if (one.severity() >= drift::Severity::warn) table += "  " + line_of(one);
        }
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    const std::string text = options.output.format == "json" ? json.take() + "\n" : table;
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return exit_code(options.fail_on, worst, false);
}

core::Result<int> go(const AnalyzeOptions& options) {
    auto definitions = definitions_of(options);
    if (!definitions) return propagate(definitions);
    if (!options.once && options.output.format == "json")
        return fail(ErrorKind::usage, "--format json is for --once: a run without an end has no document");
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto respondents = analyzer::open_respondents(*definitions, (*session)->settings());
    if (!respondents) return propagate(respondents);
    if (!options.dry_run)
        if (auto ready = (*session)->require_target(store::Layer::drift); !ready) return propagate(ready);
    auto now = time_or_now("--at", options.at);
    if (!now) return propagate(now);
    std::optional<drift::Severity> worst;
    std::optional<core::Error> not_pushed;
    std::uint64_t judged = 0, pushed = 0, good = 0;
    std::vector<analyzer::Judgement> judgements;
    const auto push = [&](const analyzer::Judgement& one, const drift::EventRequest& event) {
        auto taken = (*session)->push_drift_event(event);
        if (taken) ++pushed;
        else not_pushed = taken.error();
        if (!taken && !options.once)
            fmt::print(stderr, "tristrata: {} of {} was not pushed: {}\n", event.metric, one.analyzer,
                       taken.error().message);
    };
    const auto observer = [&](const analyzer::Definition&, const analyzer::Judgement& one) {
        worst = std::max(worst, one.severity());
        if (!one.failure) ++judged;
        if (!options.dry_run) {
            for (const auto& event : one.events) push(one, event);
            for (const auto& event : one.good) push(one, event);
            good += one.good.size();
        }
        if (options.once) judgements.push_back(one);
        else fmt::print("{}", line_of(one)), std::fflush(stdout);
    };
    core::Task task;
    task.stop = interrupted();
    incident::OpenIncidents incidents(
        (*session)->settings(), (*session)->clock(), [](const core::Error& error) {
            fmt::print(
                stderr,
                "tristrata: incidents cannot be read, so their windows count as usual, and what is good "
                "again is not pushed: {}\n",
                error.message);
        });
    analyzer::WantsGood wants_good;
    analyzer::BadWindows bad_windows;
    if ((*session)->settings().find("response_url") != nullptr) {
        bad_windows = [&](std::string_view module, std::string_view name) {
            return incidents.bad_windows(module, name);
        };
        if (!options.dry_run)
            wants_good = [&](std::string_view module, drift::DriftType type) {
                return incidents.is_open(module, type);
            };
    }
    analyzer::Rounds rounds(std::move(*definitions), std::move(*respondents), std::move(wants_good), {}, {},
                            std::move(bad_windows));
    if (options.once) rounds.once(*now, observer, task);
    else rounds.run(observer, task);
    if (auto flushed = (*session)->flush(); !flushed && !options.dry_run && !not_pushed)
        not_pushed = flushed.error();
    if (not_pushed) return fail(not_pushed->kind, "events could not be pushed: " + not_pushed->message);
    if (!options.once) return 0;
    std::ranges::sort(judgements, {}, &analyzer::Judgement::analyzer);
    std::string text;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_array();
    for (const auto& one : judgements) {
        text += line_of(one);
        write_judgement(json, one);
    }
    json.end_array();
    text += options.dry_run ? "nothing was pushed: a dry run\n"
                            : fmt::format("{} pushed{}\n", core::plural(pushed, "event"),
                                          good > 0 ? fmt::format(", {} of them of what was good", good) : "");
    if (options.output.format == "json") text = json.take() + "\n";
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return exit_code(options.fail_on, worst, judged == 0);
}

}  // namespace

int analyze_lint(const AnalyzeOptions& options) { return code_of(lint(options)); }
int analyze_backtest(const AnalyzeOptions& options) { return code_of(back(options)); }
int analyze_run(const AnalyzeOptions& options) { return code_of(go(options)); }

}  // namespace tristrata::cli
