#include "tristrata/analyzer/definition.hpp"

#include "definition_reader.hpp"
#include "query_text.hpp"
#include "tristrata/config/document.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/detection/bounds.hpp"
#include "tristrata/drift/event_name.hpp"
#include "tristrata/http/client.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace tristrata::analyzer {
namespace {

constexpr core::Duration day{86'400'000'000};
constexpr core::Duration week{7 * day.microseconds};
/// What a verdict at alpha 0.05 needs.
constexpr std::uint64_t windows_needed = 19;

/// The largest size that a subject of the policy can have; nothing where there is no such end.
std::optional<double> largest_size(std::string_view subject, std::uint64_t rows) {
    if (subject == "signal:rows" || subject == "signal:freshness" || subject == "performance_gap" ||
        subject.starts_with("drift_type:"))
        return std::nullopt;
    if (subject == "multivariate:correlation") return 2.0;
    // All of current in one of ten bins that hold a tenth of the reference each, half a count in the others.
    if (subject == "distribution")
        return 0.9 * std::log(10.0) +
               0.9 * std::log(0.2 * static_cast<double>(std::max<std::uint64_t>(rows, 10)));
    return 1.0;
}

void read_severity(DefinitionReader& in, Definition& one) {
    for (auto& reader : in.tables("severity")) {
        DefinitionReader row(reader, in.problems());
        drift::PolicyRow policy;
        policy.subject = row.text("subject").value_or("");
        policy.warn = row.number("warn").value_or(0.0);
        policy.crit = row.number("crit").value_or(0.0);
        policy.rationale = row.text("rationale").value_or("");
        row.finish();
        const std::string place = reader.where("subject");
        if (auto status = one.plan.severity.override_with(policy); !status) {
            in.problem(reader.where(policy.warn > policy.crit ? "warn" : "subject"), status.error().message);
            continue;
        }
        if (policy.subject.starts_with("drift_type:") &&
            policy.subject.substr(std::string_view("drift_type:").size()) != drift::name(one.drift_type))
            in.problem(
                place,
                fmt::format("no finding of this analyzer can reach the thresholds of {}: its drift_type "
                            "is {}",
                            core::quoted(policy.subject), drift::name(one.drift_type)));
        const auto most = largest_size(policy.subject, one.rows_max);
        for (const auto& [key, value] : {std::pair{"warn", policy.warn}, std::pair{"crit", policy.crit}})
            if (most && value > *most && !(std::isinf(value) && std::string_view(key) == "crit"))
                in.problem(
                    place,
                    fmt::format("{} of {} is {}, which no data can reach: its size is at most {}; crit = "
                                "inf says that it is never crit",
                                key, core::quoted(policy.subject), value, core::readable(*most)));
    }
}

/// "variant=a|b, fold_id=1|2" as all combinations of its alternatives.
void read_expects(DefinitionReader& in, Definition& one) {
    for (const std::string& text : in.texts("expects")) {
        std::vector<Combination> all{Combination{}};
        for (const std::string& part : split(text, ',')) {
            const auto equals = part.find('=');
            const std::string label = trimmed(part.substr(0, equals));
            if (equals == std::string::npos || label.empty() || trimmed(part.substr(equals + 1)).empty()) {
                in.problem("expects",
                           fmt::format("{} is no combination of labels; expected LABEL=VALUE, …, such as "
                                       "\"variant=a, fold_id=1|2|3\"",
                                       core::quoted(text)));
                all.clear();
                break;
            }
            std::vector<Combination> next;
            for (const Combination& before : all)
                for (const std::string& value : split(part.substr(equals + 1), '|')) {
                    next.push_back(before);
                    next.back()[label] = trimmed(value);
                }
            all = std::move(next);
        }
        one.expects.insert(one.expects.end(), all.begin(), all.end());
    }
    constexpr std::size_t expected_max = 1000;
    if (one.expects.size() > expected_max)
        in.problem("expects", fmt::format("{} combinations are expected; at most {}",
                                          core::plural(one.expects.size(), "combination"), expected_max));
    auto sorted = one.expects;
    std::ranges::sort(sorted);
    if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
        in.problem("expects", fmt::format("{} is expected twice", to_string(*twice)));
}

void read_place(DefinitionReader& in, Definition& one) {
    const std::string kind = in.text("source").value_or("");
    if (kind == "promql") one.place.kind = SourceKind::promql;
    else if (kind != "sql")
        in.problem("source", kind.empty() ? "the analyzer has no source; expected sql or promql"
                                          : fmt::format("the source is {}; expected sql or promql",
                                                        core::quoted(kind)));
    if (kind == "promql") {
        one.place.url = in.text("url").value_or("");
        one.place.bearer_token_file = in.text("bearer_token_file").value_or("");
        one.place.user = in.text("user").value_or("");
        one.place.password_file = in.text("password_file").value_or("");
        one.place.certificate = in.text("certificate").value_or("");
        one.place.client_certificate = in.text("client_certificate").value_or("");
        one.place.client_key = in.text("client_key").value_or("");
        if (!one.place.url.starts_with("http://") && !one.place.url.starts_with("https://"))
            in.problem("url", one.place.url.empty()
                                  ? "the analyzer has no url of a Prometheus; expected http://HOST:9090"
                                  : "the url is none of http or https; expected http://HOST:9090");
        else if (one.place.url.find('@') != std::string::npos)
            in.problem("url",
                       "the url holds a user; name it by user and password_file, or a token by "
                       "bearer_token_file");
        if (one.place.user.empty() != one.place.password_file.empty())
            in.problem("user", "user and password_file go together; one of them is missing");
        else if (one.place.user.find(':') != std::string::npos)
            in.problem("user", "the user holds a colon, at which a server ends it");
        if (!one.place.user.empty() && !one.place.bearer_token_file.empty())
            in.problem("user", "user and bearer_token_file exclude each other; expected one of them");
        if (one.place.client_certificate.empty() != one.place.client_key.empty())
            in.problem("client_certificate",
                       "client_certificate and client_key go together; one of them is missing");
        while (one.place.url.ends_with('/')) one.place.url.pop_back();
    } else {
        one.place.store = in.text("store").value_or("analyzer");
    }
}

void read_query(DefinitionReader& in, Definition& one) {
    one.query = in.text("query").value_or("");
    one.query_sha256 = core::sha256(one.query);
    if (one.place.kind == SourceKind::sql) {
        for (const std::string& mistake : mistakes_of_sql(one.query)) in.problem("query", mistake);
        return;
    }
    if (trimmed(one.query).empty()) in.problem("query", "the query is empty; expected PromQL");
    const std::string evaluation = in.text("evaluation").value_or("range");
    if (evaluation == "instant") one.evaluation = Evaluation::instant;
    else if (evaluation != "range")
        in.problem("evaluation",
                   fmt::format("the evaluation is {}; expected range or instant", core::quoted(evaluation)));
    const core::Duration usual{
        std::clamp<std::int64_t>(one.window.microseconds / 12, 1'000'000, 3'600'000'000)};
    one.step = in.duration("step").value_or(usual);
    if (one.evaluation == Evaluation::instant) one.step = one.window;
    one.series_max = in.count("series_max", 1).value_or(1000);
    if (one.window.microseconds > 0 && (one.step.microseconds > one.window.microseconds ||
                                        one.window.microseconds % one.step.microseconds != 0))
        in.problem("step", fmt::format("the step of {} does not fill the window of {}",
                                       core::to_string(one.step), core::to_string(one.window)));
    else if (one.window.microseconds > 0) {
        const auto most =
            static_cast<std::uint64_t>(one.window.microseconds / one.step.microseconds) * one.series_max;
        if (one.rows_min > most)
            in.problem(
                "rows_min",
                fmt::format("rows_min is {}, which no answer can reach: {} hold at most {}", one.rows_min,
                            core::plural(one.series_max, "series", "series"), core::plural(most, "row")));
    }
}

void read_reference(DefinitionReader& in, Definition& one) {
    const std::int64_t length = std::max<std::int64_t>(one.window.microseconds, 1);
    const std::uint64_t usual =
        one.window >= week ? 26
        : one.window >= day
            ? 84
            : std::clamp<std::uint64_t>(static_cast<std::uint64_t>(week.microseconds / length), 20, 2016);
    one.reference_windows = in.count("reference_windows", 1).value_or(usual);
    one.reference_min =
        in.count("reference_min", 1).value_or(std::min<std::uint64_t>(20, one.reference_windows));
    one.alpha = in.number("alpha");
    if (one.alpha && !(*one.alpha > 0.0 && *one.alpha <= 0.5))
        in.problem("alpha", fmt::format("alpha is {}; expected a share above 0 and at most 0.5", *one.alpha));
    const auto needed = one.alpha && *one.alpha > 0.0
                            ? static_cast<std::uint64_t>(std::ceil(1.0 / *one.alpha - 1e-9)) - 1
                            : windows_needed;
    if (one.reference_windows < needed)
        in.problem(
            "reference_windows",
            fmt::format("among {} no window can stand out at alpha {}, whatever it holds; {} are needed",
                        core::plural(one.reference_windows, "reference window"), one.alpha.value_or(0.05),
                        needed));
    else if (one.reference_min < needed) one.reference_min = needed;
    if (one.reference_min > one.reference_windows)
        in.problem("reference_min",
                   fmt::format("reference_min is {}, but there are at most {}", one.reference_min,
                               core::plural(one.reference_windows, "reference window")));
    one.plan.season = one.window == day ? detection::Season::weekend : detection::Season::none;
    if (const auto season = in.text("season")) {
        if (auto parsed = detection::parse_season(*season)) one.plan.season = *parsed;
        else in.problem("season", parsed.error().message);
    }
}

void read_bounds(DefinitionReader& in, Definition& one) {
    one.bounds.minimum = in.number("minimum");
    one.bounds.maximum = in.number("maximum");
    one.bounds.dispersion_min = in.number("dispersion_min");
    for (const auto& [key, bound] :
         {std::pair{"minimum", &one.bounds.minimum}, std::pair{"maximum", &one.bounds.maximum},
          std::pair{"dispersion_min", &one.bounds.dispersion_min}}) {
        if (!*bound || std::isfinite(**bound)) continue;
        in.problem(key, detection::not_finite(key, **bound));
        bound->reset();
    }
    one.has_bounds = one.bounds.minimum || one.bounds.maximum || one.bounds.dispersion_min;
    if (one.bounds.minimum && one.bounds.maximum && *one.bounds.minimum > *one.bounds.maximum)
        in.problem("minimum",
                   fmt::format("minimum {} is above maximum {}: every value lies outside; exchange them",
                               *one.bounds.minimum, *one.bounds.maximum));
    if (one.bounds.dispersion_min && !(*one.bounds.dispersion_min > 0.0))
        in.problem("dispersion_min",
                   fmt::format("dispersion_min is {}; expected a spread above 0, over the median",
                               *one.bounds.dispersion_min));
    if (const auto age = in.duration("max_age")) one.plan.max_age_us = age->microseconds;
}

/// What the drift store would refuse of an event is refused here: else it would be found, and told to nobody.
void read_names(DefinitionReader& in, Definition& one) {
    const auto takes = [&](std::string_view key, std::string_view what, std::string_view name) {
        const core::Status status = drift::check_name(what, name);
        if (!status) in.problem(key, status.error().message);
        return status.has_value();
    };
    if (const auto module = in.text("module")) {
        one.module = *module;
        (void)takes("module", "module", one.module);
    } else {
        in.missing(
            "module",
            "the analyzer has no module, so that its findings have no owner; expected such as module = "
            "\"scores\", as in owners.toml");
    }
    const auto metric = in.text("metric");
    one.metric = metric.value_or(one.name);
    if (one.name.empty() || (metric && !takes("name", "name", one.name))) return;
    const std::string_view key = metric ? "metric" : "name";
    if (!takes(key, key, one.metric)) return;
    // Events bear it behind what was found of it, and a column's name behind it where there are several.
    std::size_t column = 0;
    if (one.columns.size() > 1)
        for (const std::string& name : one.columns) column = std::max(column, name.size() + 1);
    const auto found = drift::name(drift::SignalKind::vanished_category);
    if (!takes(key, "metric of its events", fmt::format("{}_{}{:_>{}}", found, one.metric, "", column)))
        return;
    for (const Combination& expected : one.expects)
        if (!takes("expects", "metric of its events",
                   fmt::format("absent_{}[{}]", one.metric, to_string(expected))))
            return;
}

Definition read_one(config::Reader& reader, std::vector<Problem>& problems) {
    DefinitionReader in(reader, problems);
    Definition one;
    one.where = reader.where();
    one.name = in.text("name").value_or("");
    if (one.name.empty()) in.problem("name", "the analyzer has no name; expected such as name = \"scores\"");
    read_place(in, one);
    const auto window = in.duration("window");
    if (!window) in.missing("window", "the analyzer has no window; expected such as window = \"1h\"");
    one.window = window.value_or(core::Duration{});
    one.every = in.duration("every").value_or(window.value_or(day));
    one.delay = in.duration("delay").value_or(core::Duration{});
    one.timeout = in.duration("timeout").value_or(core::Duration{10'000'000});
    one.rows_max = in.count("rows_max", 1).value_or(1'000'000);
    one.rows_min = in.count("rows_min", 0).value_or(1);
    if (one.rows_min > one.rows_max)
        in.problem("rows_min", fmt::format("rows_min is {}, which no answer can reach: rows_max is {}",
                                           one.rows_min, one.rows_max));
    read_query(in, one);
    read_reference(in, one);
    read_expects(in, one);
    one.time = in.text("time").value_or("time");
    one.columns = in.texts("columns");
    if (const auto type = in.text("drift_type")) {
        if (auto parsed = drift::parse_drift_type(*type)) one.drift_type = *parsed;
        else in.problem("drift_type", parsed.error().message);
    } else
        in.missing("drift_type", "the analyzer has no drift_type; expected such as \"business_kpi_drift\"");
    read_names(in, one);
    read_bounds(in, one);
    read_severity(in, one);
    in.finish();
    return one;
}

Definitions collect(const config::Document& document) {
    Definitions all;
    config::Reader root = document.root();
    DefinitionReader in(root, all.problems);
    std::map<std::string, std::string> places;
    std::map<std::pair<std::string, std::string>, std::string> findings;
    for (auto& reader : in.tables("analyzer")) {
        all.analyzers.push_back(read_one(reader, all.problems));
        const Definition& one = all.analyzers.back();
        if (one.name.empty()) continue;
        const auto [known, is_new] = places.emplace(one.name, reader.where("name"));
        if (!is_new)
            all.problems.push_back(
                {reader.where("name"),
                 fmt::format("there is an analyzer {} already, at {}; give one of them another name",
                             core::quoted(one.name), known->second)});
        if (!is_new || one.module.empty()) continue;
        // An incident tells what it holds apart by module, type and metric; what does not come of a metric,
        // and its signals, have types of their own, whatever the analyzer's.
        const auto [other, is_alone] = findings.emplace(std::pair(one.module, one.metric), one.name);
        if (!is_alone)
            all.problems.push_back(
                {reader.where("metric"),
                 fmt::format(
                     "the metric {} of module {} is that of the analyzer {} already, so "
                     "that who acknowledges one is told nothing of the other; give one of them another "
                     "metric",
                     core::quoted(one.metric), core::quoted(one.module), core::quoted(other->second))});
    }
    for (const std::string& key : root.keys())
        if (key != "analyzer")
            all.problems.push_back({root.where(key), fmt::format("unknown key {}; did you mean [[analyzer]]?",
                                                                 core::quoted(key))});
    if (all.analyzers.empty() && all.problems.empty())
        all.problems.push_back(
            {root.where(),
             "there is no [[analyzer]]; expected at least one, with name, source, query, window, "
             "drift_type and module"});
    return all;
}

}  // namespace

std::string_view name(SourceKind kind) noexcept { return kind == SourceKind::sql ? "sql" : "promql"; }

std::string shown(const Place& place) {
    return place.kind == SourceKind::sql ? "the store " + place.store : http::shown_url(place.url);
}

std::string to_string(const Combination& combination) {
    std::string text;
    for (const auto& [label, value] : combination)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", label, value);
    return text;
}

double alpha_of(const Definition& definition, std::uint64_t windows) noexcept {
    if (definition.alpha) return *definition.alpha;
    const double two_a_week =
        2.0 * static_cast<double>(definition.window.microseconds) / static_cast<double>(week.microseconds);
    // Just short of what would tell the second highest as well: so a window that is too thin to be compared
    // takes nothing from what the others can show.
    const double highest = std::min(0.05, 1.99 / (static_cast<double>(windows) + 1.0));
    return std::max(highest, std::min(0.05, two_a_week));
}

core::Result<Definitions> read_definitions(const std::filesystem::path& file) {
    auto document = config::read_document(file);
    if (!document) return propagate(document);
    return collect(*document);
}

core::Result<Definitions> parse_definitions(std::string_view text, std::string name) {
    auto document = config::parse_document(text, std::move(name));
    if (!document) return propagate(document);
    return collect(*document);
}

core::Result<std::vector<Definition>> require_definitions(const std::filesystem::path& file) {
    auto all = read_definitions(file);
    if (!all) return propagate(all);
    if (all->problems.empty()) return std::move(all->analyzers);
    std::string text;
    for (const Problem& problem : all->problems)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", problem.where, problem.message);
    return core::fail(core::ErrorKind::configuration, text);
}

}  // namespace tristrata::analyzer
