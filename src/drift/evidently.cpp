#include "tristrata/drift/evidently.hpp"

#include "evidently_methods.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace tristrata::drift {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view infinite = "Infinity", minus_infinite = "-Infinity";

/// A document as strict JSON, and how many of its numbers were none.
struct StrictJson {
    std::string text;
    std::size_t nan = 0;
    std::size_t infinities = 0;
};

/// Python writes NaN and Infinity bare, which is no JSON: outside strings the first becomes null, the others
/// words.
StrictJson strict_json(std::string_view text) {
    StrictJson strict;
    std::string& out = strict.text;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            out += c;
            if (c == '\\' && i + 1 < text.size()) out += text[++i];
            else if (c == '"') in_string = false;
            continue;
        }
        in_string = c == '"';
        const auto found = [&](std::string_view word) { return text.substr(i).starts_with(word); };
        if (found("NaN")) {
            out += "null";
            i += 2;
            ++strict.nan;
        } else if (found(infinite) || found(minus_infinite)) {
            const std::string_view word = found(infinite) ? infinite : minus_infinite;
            out += fmt::format("\"{}\"", word);
            i += word.size() - 1;
            ++strict.infinities;
        } else {
            out += c;
        }
    }
    return strict;
}

const json* member(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}
const json* member(const json* object, const char* key) {
    return object == nullptr ? nullptr : member(*object, key);
}
std::optional<double> number(const json* value) {
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const double found = value->get<double>();
    return std::isfinite(found) ? std::optional(found) : std::nullopt;
}
/// A number that may be infinite.
std::optional<double> score_in(const json* value) {
    if (value != nullptr && *value == infinite) return std::numeric_limits<double>::infinity();
    if (value != nullptr && *value == minus_infinite) return -std::numeric_limits<double>::infinity();
    return number(value);
}
std::string text(const json* value) {
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    return value->is_null() ? "" : value->dump();
}
std::optional<bool> flag(const json* value) {
    return value != nullptr && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

/// "evidently:metric_v2:ValueDrift" is "ValueDrift".
std::string kind_of(const json* parameters) {
    const std::string type = text(member(parameters, "type"));
    return type.substr(type.rfind(':') + 1);
}

/// What a test says of its metric: FAIL and WARNING are drift, SUCCESS is none, ERROR and SKIPPED are
/// neither.
std::optional<bool> verdict_of(const std::string& status) {
    if (status == "FAIL" || status == "WARNING") return true;
    if (status == "SUCCESS") return false;
    return std::nullopt;
}

void name_method(EvidentlyColumn& column, std::string shown) {
    column.method_as_shown = std::move(shown);
    if (const auto* method = find_evidently_method(column.method_as_shown)) column.method = method->name;
}

/// Where the report names no threshold, that of the method holds; where no test speaks, the tool's own rule
/// decides, if method and score are there.
void decide(EvidentlyColumn& column) {
    const auto* method = find_evidently_method(column.method);
    if (method == nullptr) return;
    if (!column.threshold) column.threshold = method->default_threshold;
    if (!column.drifted && column.score && method->tells())
        column.drifted = method->drifts(*column.score, *column.threshold);
}

/// A number that follows `before` in a sentence.
std::optional<double> number_after(const std::string& sentence, std::string_view before) {
    const auto at = sentence.find(before);
    if (at == std::string::npos) return std::nullopt;
    try {
        return std::stod(sentence.substr(at + before.size()));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

/// "Drift score is 0.51. The drift detection method is Wasserstein distance (normed). The drift threshold is
/// 0.10.": the only place where a report of 0.7.0 to 0.7.15 names the method.
void read_sentence(EvidentlyColumn& column, const std::string& sentence) {
    constexpr std::string_view before = "method is ", after = ". The drift";
    const auto begin = sentence.find(before);
    if (begin == std::string::npos) return;
    const auto end = sentence.find(after, begin);
    if (end == std::string::npos) return;
    name_method(column, sentence.substr(begin + before.size(), end - begin - before.size()));
    if (!column.threshold) column.threshold = number_after(sentence, "threshold is ");
}

/// One metric of the 0.7 line, wherever it stood.
struct Metric {
    std::string id;
    const json* parameters = nullptr;  ///< Config or params; null where the report has none.
    std::string shown;                 ///< "ValueDrift(column=age)".
    const json* value = nullptr;
    const json* element = nullptr;
};

/// What a metric's name says: "ValueDrift(column=age,method=psi,threshold=0.3)", in either order, and of
/// method and threshold what its user set.
struct ShownMetric {
    std::string column;
    std::string method;
    std::optional<double> threshold;
};

/// Read from its end, since a column's name may hold commas and words of its own.
ShownMetric read_shown(const std::string& shown) {
    constexpr std::string_view before = "(column=", of_method = ",method=", of_threshold = ",threshold=";
    ShownMetric found;
    const auto begin = shown.find(before), end = shown.rfind(')');
    if (begin == std::string::npos || end == std::string::npos || end < begin + before.size()) return found;
    found.column = shown.substr(begin + before.size(), end - begin - before.size());
    while (true) {
        const auto method = found.column.rfind(of_method), threshold = found.column.rfind(of_threshold);
        const bool is_threshold =
            threshold != std::string::npos && (method == std::string::npos || threshold > method);
        if (is_threshold && !found.threshold) {
            found.threshold = number_after(found.column.substr(threshold), of_threshold);
            if (!found.threshold) return found;
            found.column.resize(threshold);
        } else if (!is_threshold && method != std::string::npos && found.method.empty()) {
            found.method = found.column.substr(method + of_method.size());
            found.column.resize(method);
        } else {
            return found;
        }
    }
}

/// Column, method and threshold: what a suite says of them it may say twice.
using SuiteScore = std::tuple<std::string, std::string, std::optional<double>>;

class Reader {
public:
    explicit Reader(EvidentlyReport& report) : report_(report) {}

    void read(const json& document) {
        if (const auto* results = member(document, "metric_results"); results && results->is_object())
            read_snapshot(document, *results);
        else if (const auto* metrics = member(document, "metrics");
                 metrics && metrics->is_array() && !metrics->empty())
            read_metrics(document, *metrics);
        else if (member(document, "tests") && member(document, "summary")) read_suite(document);
    }

private:
    void read_metrics(const json& document, const json& metrics) {
        const json& first = metrics.front();
        if (member(first, "metric") && member(first, "result")) return read_legacy(document, metrics);
        if (!member(first, "metric_name") && !member(first, "metric_id")) return;
        report_.shape =
            member(first, "metric_name") ? EvidentlyShape::metric_name : EvidentlyShape::metric_id;
        if (const auto* tests = member(document, "tests"); tests && tests->is_array())
            for (const json& test : *tests) remember(test);
        for (const json& one : metrics)
            add({text(member(one, "id")), member(one, "config"),
                 text(member(one, member(one, "metric_name") ? "metric_name" : "metric_id")),
                 member(one, "value"), &one});
    }

    void read_snapshot(const json& document, const json& results) {
        report_.shape = EvidentlyShape::snapshot;
        read_time(document);
        for (const auto& [id, one] : results.items()) {
            if (const auto* tests = member(one, "tests"); tests && tests->is_array())
                for (const json& test : *tests) remember(test);
            const auto* parameters = member(member(member(one, "metric_value_location"), "metric"), "params");
            const auto* share = member(one, "share");
            add({id, parameters, "", share != nullptr ? share : member(one, "value"), &one});
        }
    }

    /// A test of the 0.7 line, kept for its metric.
    void remember(const json& test) {
        const auto* about = member(test, "metric_config");
        if (const std::string id = text(member(about, "metric_id")); !id.empty()) tests_.emplace(id, &test);
    }

    void add(const Metric& metric) {
        const auto range = tests_.equal_range(metric.id);
        const json* parameters = metric.parameters;
        // An old report has the parameters in the test alone.
        if (parameters == nullptr && range.first != range.second)
            parameters = member(member(*range.first->second, "metric_config"), "params");
        std::string group;
        if (kind_of(parameters) == "GroupByMetric") {
            group = fmt::format("{} of {}", text(member(parameters, "label")),
                                text(member(parameters, "column_name")));
            parameters = member(parameters, "metric");
        }
        const std::string kind =
            parameters != nullptr ? kind_of(parameters) : metric.shown.substr(0, metric.shown.find('('));
        if (kind == "DriftedColumnsCount" && group.empty()) {
            const auto* value = metric.value;
            report_.share_drifted = number(member(value, "share"));
            if (!report_.share_drifted) report_.share_drifted = number(member(value, "value"));
            report_.share_allowed = number(member(parameters, "drift_share"));
            if (!report_.share_allowed) report_.share_allowed = number_after(metric.shown, "drift_share=");
            return;
        }
        if (kind != "ValueDrift") {
            ++others_;
            return;
        }
        EvidentlyColumn column;
        ShownMetric shown = read_shown(metric.shown);
        column.name = text(member(parameters, "column"));
        if (column.name.empty()) column.name = std::move(shown.column);
        column.group = std::move(group);
        column.score = score_in(metric.value);
        column.threshold = number(member(parameters, "threshold"));
        if (!column.threshold) column.threshold = shown.threshold;
        name_method(column, text(member(parameters, "method")));
        if (column.method_as_shown.empty()) name_method(column, std::move(shown.method));
        for (auto test = range.first; test != range.second; ++test) {
            if (column.method_as_shown.empty())
                read_sentence(column, text(member(*test->second, "description")));
            if (text(member(*test->second, "id")) == "drift")
                column.drifted = verdict_of(text(member(*test->second, "status")));
        }
        column.element = metric.element->dump();
        decide(column);
        report_.columns.push_back(std::move(column));
    }

    void read_legacy(const json& document, const json& metrics) {
        report_.shape = EvidentlyShape::legacy;
        read_time(document);
        for (const json& one : metrics) {
            const std::string kind = text(member(one, "metric"));
            const auto* result = member(one, "result");
            if (kind == "DatasetDriftMetric" || kind == "DataDriftTable") {
                report_.share_drifted = number(member(result, "share_of_drifted_columns"));
                if (const auto allowed = number(member(result, "drift_share")))
                    report_.share_allowed = allowed;
            }
            if (kind == "DataDriftTable") {
                if (const auto* columns = member(result, "drift_by_columns"); columns && columns->is_object())
                    for (const auto& [name, column] : columns->items()) add_legacy(name, column);
            } else if (kind == "ColumnDriftMetric" && result != nullptr) {
                add_legacy(text(member(*result, "column_name")), *result);
            } else if (kind != "DatasetDriftMetric") {
                ++others_;
            }
        }
    }

    void add_legacy(const std::string& name, const json& found) {
        EvidentlyColumn column;
        column.name = name;
        name_method(column, text(member(found, "stattest_name")));
        column.score = score_in(member(found, "drift_score"));
        column.threshold = number(member(found, "stattest_threshold"));
        column.drifted = flag(member(found, "drift_detected"));
        column.element = found.dump();
        decide(column);
        report_.columns.push_back(std::move(column));
    }

    void read_suite(const json& document) {
        report_.shape = EvidentlyShape::legacy;
        read_time(document);
        std::set<SuiteScore> seen;
        for (const json& test : document.at("tests")) {
            const auto* parameters = member(test, "parameters");
            if (const auto* features = member(parameters, "features"); features && features->is_object()) {
                report_.share_allowed = number(member(member(parameters, "condition"), "lt"));
                std::size_t drifted = 0;
                for (const auto& [name, feature] : features->items()) {
                    drifted += flag(member(feature, "detected")).value_or(false);
                    add_suite(seen, name, feature);
                }
                if (!features->empty())
                    report_.share_drifted =
                        static_cast<double>(drifted) / static_cast<double>(features->size());
            } else if (member(parameters, "stattest") != nullptr) {
                add_suite(seen, text(member(parameters, "column_name")), *parameters);
            } else {
                ++others_;
            }
        }
    }

    /// A suite says a column's score twice, in the test of the share and in one of its own.
    void add_suite(std::set<SuiteScore>& seen, const std::string& name, const json& found) {
        EvidentlyColumn column;
        column.name = name;
        name_method(column, text(member(found, "stattest")));
        column.score = score_in(member(found, "score"));
        column.threshold = number(member(found, "threshold"));
        column.drifted = flag(member(found, "detected"));
        if (!seen.emplace(name, column.method_as_shown, column.threshold).second) return;
        column.element = found.dump();
        report_.columns.push_back(std::move(column));
    }

    void read_time(const json& document) {
        std::string stamp = text(member(document, "timestamp"));
        if (stamp.empty()) return;
        if (const auto space = stamp.find(' '); space != std::string::npos) stamp[space] = 'T';
        const auto zone =
            stamp.find_first_of("Z+", stamp.find('T') == std::string::npos ? 0 : stamp.find('T'));
        const auto parsed = core::parse_timestamp(stamp);
        if (!parsed) {
            report_.notes.push_back(fmt::format("its timestamp {} could not be read", core::quoted(stamp)));
            return;
        }
        report_.created_at = *parsed;
        if (zone == std::string::npos)
            report_.notes.emplace_back("its timestamp has no time zone and is read as UTC");
    }

public:
    std::size_t others_ = 0;  ///< Metrics that say nothing of drift.

private:
    EvidentlyReport& report_;
    std::multimap<std::string, const json*> tests_;
};

/// No report of any shape comes near; what is read, changed and written by recursion needs a bound.
constexpr std::size_t depth_max = 500;

std::size_t depth_of(std::string_view text) {
    std::size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            else if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

/// Pictures are a report's largest part, and nothing that a store is asked for.
std::size_t drop_figures(json& value) {
    std::size_t dropped = 0;
    if (value.is_object()) {
        for (const char* key : {"widget", "widgets", "tests_widgets"})
            if (const auto found = value.find(key); found != value.end() && !found->empty()) {
                dropped += found->dump().size();
                value.erase(found);
            }
    }
    if (value.is_structured())
        for (auto& one : value) dropped += drop_figures(one);
    return dropped;
}

/// A document of ours that holds no drift report would be kept whole, as one of a shape that nobody knows.
core::Status require_others(const json& document) {
    const auto schema = document.is_object() ? document.find("schema") : document.end();
    if (schema == document.end() || !schema->is_string()) return {};
    const auto& named = schema->get_ref<const std::string&>();
    if (!named.starts_with("tristrata.")) return {};
    return core::fail(core::ErrorKind::invalid_input,
                      fmt::format("it is of the schema {}; expected a report of drift check or of Evidently: "
                                  "what holds another result is pushed by what made it, or in Python by the "
                                  "push() of what reads it, such as QualityReport.load()",
                                  core::quoted(named)));
}

}  // namespace

std::string_view name(EvidentlyShape shape) noexcept {
    switch (shape) {
        case EvidentlyShape::metric_name:
            return "0.7.16 and later";
        case EvidentlyShape::metric_id:
            return "0.7.0 to 0.7.15";
        case EvidentlyShape::snapshot:
            return "0.7 snapshot";
        case EvidentlyShape::legacy:
            return "0.4 to 0.6";
        case EvidentlyShape::unknown:
            break;
    }
    return "unknown";
}

core::Result<EvidentlyReport> parse_evidently(std::string_view bytes) {
    EvidentlyReport report;
    if (const std::size_t depth = depth_of(bytes); depth > depth_max)
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("the JSON is nested {} levels deep; at most {} are read", depth, depth_max));
    const StrictJson strict = strict_json(bytes);
    try {
        json document = json::parse(strict.text);
        if (auto others = require_others(document); !others) return propagate(others);
        if (!document.is_object()) document = json{{"report", std::move(document)}};
        report.content_id = core::uuid_v5(core::tristrata_namespace(), core::sha256(bytes));
        if (strict.nan > 0)
            report.notes.push_back(fmt::format("{} of its numbers are NaN: read as no value", strict.nan));
        if (strict.infinities > 0)
            report.notes.push_back(fmt::format(
                "{} of its numbers are infinite: JSON has no such number, so that each is kept as "
                "the word and a row's current value is left out",
                strict.infinities));
        const std::size_t figures = drop_figures(document);
        if (figures > 0) report.notes.push_back(fmt::format("{} bytes of its figures are left out", figures));
        Reader reader(report);
        reader.read(document);
        if (report.shape == EvidentlyShape::unknown)
            report.notes.emplace_back("its shape is not one that this version knows: it is kept whole");
        else if (reader.others_ > 0)
            report.notes.push_back(
                fmt::format("{} of its metrics say nothing of drift: they stand in the whole "
                            "report only",
                            reader.others_));
        report.document = document.dump();
        return report;
    } catch (const json::exception& error) {
        // The library's own number of the error stands in brackets before what it says.
        const std::string_view what = error.what();
        const auto end = what.find("] ");
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("not a JSON document: {}; expected a report of drift check or Evidently",
                        core::valid_utf8(end == what.npos ? what : what.substr(end + 2))));
    }
}

}  // namespace tristrata::drift
