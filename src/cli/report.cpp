#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/hypothesis_figures.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/statement_counts.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using incident::HypothesisFigures;
using incident::HypothesisVerdict;
using incident::JudgedHypothesis;

constexpr std::uint64_t incidents_max = 1'000'000;

std::string day(const std::optional<core::Timestamp>& time) {
    return time ? core::to_string(*time).substr(0, 10) : "-";
}

std::string_view words_of(HypothesisVerdict verdict) {
    switch (verdict) {
        case HypothesisVerdict::held:
            return "held";
        case HypothesisVerdict::not_held:
            return "not held";
        case HypothesisVerdict::not_yet:
            return "not yet";
        case HypothesisVerdict::unmeasurable:
            return "cannot be measured";
    }
    return "cannot be measured";
}

/// What is missing by somebody's choice is a sentence of the report; anything else ends it.
core::Status or_sentence(const core::Error& error, std::optional<std::string>& sentence) {
    if (error.kind != ErrorKind::configuration) return tl::unexpected<core::Error>(error);
    sentence = error.message;
    return {};
}

/// Emits what the server has counted so far; how many kinds of statements.
core::Result<std::size_t> sample(session::Session& session, core::Timestamp at) {
    auto counts = incident::count_statements(session.settings());
    if (!counts) return propagate(counts);
    for (const auto& request : incident::samples_of(*counts, at))
        if (auto emitted = session.emit_kpi(request, "tristrata.report"); !emitted) return propagate(emitted);
    if (auto kept = session.flush(); !kept) return propagate(kept);
    return counts->counts.size();
}

core::Status read_response(const config::Settings& settings, HypothesisFigures& figures) {
    auto store = incident::IncidentStore::open(settings);
    if (!store) return or_sentence(store.error(), figures.no_incidents);
    incident::IncidentQuery query;
    query.closed = true;
    query.opened.to = figures.at;
    query.limit = incidents_max;
    auto incidents = store->list(query);
    if (!incidents) return propagate(incidents);
    figures.incidents = std::move(*incidents);
    auto words = store->words(figures.at);
    if (!words) return propagate(words);
    figures.words = std::move(*words);
    return {};
}

core::Status read_kpi_store(session::Session& session, HypothesisFigures& figures) {
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    if (!store) {
        if (auto status = or_sentence(store.error(), figures.no_checks); !status) return status;
    } else if (auto read = incident::read_kpis(**store, figures); !read) {
        return read;
    }
    if (figures.ad_hoc.size() >= 2) return {};
    if (auto counts = incident::count_statements(session.settings()); !counts)
        return or_sentence(counts.error(), figures.no_statements);
    return {};
}

core::Status read_begin(session::Session& session, const std::string& adopted, HypothesisFigures& figures) {
    if (!adopted.empty()) {
        auto time = time_or_now("--adopted", adopted);
        if (!time) return propagate(time);
        figures.begun = *time;
        figures.begun_by = "--adopted";
        return {};
    }
    if (session.settings().find("drift_url") == nullptr) return {};
    auto store = session.open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto first = incident::first_event(**store);
    if (!first) return propagate(first);
    figures.begun = first->at;
    if (figures.begun && *figures.begun > figures.at) figures.begun.reset();
    if (figures.begun) figures.begun_by = "the first drift event";
    if (figures.begun && first->left_out > 0)
        figures.begun_by += fmt::format("; {} before 2000 left out", core::plural(first->left_out, "event"));
    return {};
}

void write_json(core::JsonWriter& json, const JudgedHypothesis& one) {
    const auto time = [&](std::string_view key, const std::optional<core::Timestamp>& value) {
        json.member(key, value ? std::optional(core::to_string(*value)) : std::nullopt);
    };
    json.begin_object();
    json.member("name", one.name);
    json.member("claim", one.claim);
    time("from", one.from);
    time("to", one.to);
    json.member("verdict", name(one.verdict));
    json.member("reason", one.reason);
    json.member("what_to_do", optional_text(one.what_to_do));
    time("known_at", one.known_at);
    json.key("figures");
    json.begin_object();
    for (const auto& [figure, value] : one.figures) json.member(figure, value);
    json.end_object();
    const auto list = [&](std::string_view key, const auto& values, const auto& write) {
        if (values.empty()) return;
        json.key(key);
        json.begin_array();
        for (const auto& value : values) {
            json.begin_object();
            write(value);
            json.end_object();
        }
        json.end_array();
    };
    list("incidents", one.incidents, [&](const incident::Incident& incident) {
        json.member("incident_id", core::to_string(incident.incident_id));
        json.member("module", incident.module);
        json.member("drift_type", drift::name(incident.drift_type));
        json.member("severity", drift::name(incident.severity));
        json.member("first_layer", incident.first_layer);
        time("first_seen", incident.first_seen);
        time("opened_at", incident.opened_at);
    });
    list("words", one.words, [&](const incident::Word& word) {
        time("at", word.at);
        json.member("who", word.who);
        json.member("why", word.why);
    });
    list("checks", one.checks, [&](const incident::CheckFigures& check) {
        json.member("emit_id", core::to_string(check.emit_id));
        json.member("module", check.module);
        json.member("run_id", check.run_id);
        time("time", check.time);
        json.member("rows_reference", check.rows_reference);
        json.member("rows_current", check.rows_current);
        json.member("columns", check.columns);
        json.member("duration_ms", check.duration_ms);
    });
    list("weeks", one.weeks, [&](const incident::HypothesisWeek& week) {
        time("from", week.from);
        json.member("calls", week.calls);
        json.member("whole", week.whole);
    });
    json.end_object();
}

std::string json_of(const HypothesisFigures& figures, const std::vector<JudgedHypothesis>& judged) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("at", core::to_string(figures.at));
    json.member("begun", figures.begun ? std::optional(core::to_string(*figures.begun)) : std::nullopt);
    json.member("begun_by", optional_text(figures.begun_by));
    json.key("hypotheses");
    json.begin_array();
    for (const auto& one : judged) write_json(json, one);
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

std::string text_of(const HypothesisFigures& figures, const std::vector<JudgedHypothesis>& judged) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : judged)
        rows.push_back(
            {one.name, std::string(words_of(one.verdict)), day(one.from), day(one.to), day(one.known_at)});
    std::string text = figures.begun ? fmt::format("in use from {} ({}), judged on {}\n\n",
                                                   day(figures.begun), figures.begun_by, day(figures.at))
                                     : fmt::format("not in use yet, judged on {}\n\n", day(figures.at));
    text += report::aligned({"hypothesis", "verdict", "from", "to", "known on"}, rows);
    for (const auto& one : judged) {
        text += fmt::format("\n{}: {}\n", one.name, one.claim);
        const auto line = [&](std::string_view label, const std::string& words) {
            text +=
                report::wrapped(fmt::format("  {}: {}", label, report::printable(words)), terminal_width());
        };
        line(words_of(one.verdict), one.reason);
        if (!one.what_to_do.empty()) line("what to do", one.what_to_do);
        std::string numbers;
        for (const auto& [figure, value] : one.figures)
            numbers += fmt::format("{}{} {}", numbers.empty() ? "" : ", ", figure, value);
        line("figures", numbers);
        std::vector<std::vector<std::string>> of;
        for (const auto& incident : one.incidents)
            of.push_back({core::to_string(incident.incident_id).substr(0, 8),
                          report::printable(incident.module), std::string(drift::name(incident.drift_type)),
                          incident.first_layer, day(incident.opened_at)});
        if (!of.empty()) text += report::aligned({"incident", "module", "type", "layer", "opened"}, of);
        of.clear();
        for (const auto& word : one.words)
            of.push_back({day(word.at), report::printable(word.who), report::printable(word.why)});
        if (!of.empty()) text += report::aligned({"said on", "by", "what"}, of);
        of.clear();
        for (const auto& check : one.checks)
            of.push_back({report::printable(check.module), day(check.time),
                          std::to_string(check.rows_reference), std::to_string(check.rows_current),
                          std::to_string(check.columns),
                          fmt::format("{:.3f} s", static_cast<double>(check.duration_ms) / 1000)});
        if (!of.empty())
            text +=
                report::aligned({"check of", "on", "reference rows", "current rows", "columns", "took"}, of);
        of.clear();
        for (const auto& week : one.weeks)
            of.push_back(
                {day(week.from), std::to_string(week.calls), week.whole ? "whole" : "days are missing"});
        if (!of.empty()) text += report::aligned({"week from", "opened", "samples"}, of);
    }
    return text;
}

core::Result<int> hypotheses(const HypothesesOptions& options) {
    HypothesisFigures figures;
    auto at = time_or_now("--at", options.at);
    if (!at) return propagate(at);
    figures.at = *at;
    if (options.found.empty() && !(options.why.empty() && options.who.empty()))
        return core::fail(ErrorKind::usage,
                          "--who and --why say who found something and what: give --found H2");
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    if (!options.found.empty()) {
        auto store = incident::IncidentStore::open((*session)->settings());
        if (!store) return propagate(store);
        auto said = store->say({options.found, figures.at, person_of(options.who), options.why});
        if (!said) return propagate(said);
    }
    if (options.sample) {
        auto kinds = sample(**session, figures.at);
        if (!kinds) return propagate(kinds);
        fmt::print(stderr, "sampled: {} on {}\n",
                   core::plural(*kinds, "kind of statement", "kinds of statements"), day(figures.at));
    }
    if (auto begin = read_begin(**session, options.adopted, figures); !begin) return propagate(begin);
    if (auto read = read_response((*session)->settings(), figures); !read) return propagate(read);
    if (auto read = read_kpi_store(**session, figures); !read) return propagate(read);
    const auto judged = incident::judge(figures);
    const std::string text =
        options.output.format == "json" ? json_of(figures, judged) : text_of(figures, judged);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int report_hypotheses(const HypothesesOptions& options) { return code_of(hypotheses(options)); }

}  // namespace tristrata::cli
