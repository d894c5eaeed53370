#include "tristrata/drift/evidently.hpp"

#include "evidently_methods.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace tristrata::drift {
namespace {

using json = nlohmann::ordered_json;

/// Python writes NaN and Infinity bare, which is no JSON: outside strings they become null.
std::pair<std::string, std::size_t> strict_json(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t replaced = 0;
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
        const std::size_t length = found("NaN") ? 3 : found("Infinity") ? 8 : found("-Infinity") ? 9 : 0;
        if (length == 0) {
            out += c;
            continue;
        }
        out += "null";
        i += length - 1;
        ++replaced;
    }
    return {std::move(out), replaced};
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

/// Where no test speaks, the tool's own rule decides, if method, threshold and score are there.
void decide(EvidentlyColumn& column) {
    if (column.drifted || !column.score || !column.threshold) return;
    if (const auto* method = find_evidently_method(column.method); method != nullptr && method->tells())
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

/// "ValueDrift(column=age,method=...)" is "age"; a name with commas of its own is kept up to ",method=".
std::string column_in(const std::string& shown) {
    constexpr std::string_view before = "(column=";
    const auto begin = shown.find(before);
    if (begin == std::string::npos) return "";
    auto end = shown.find(",method=", begin);
    if (end == std::string::npos) end = shown.rfind(')');
    if (end == std::string::npos || end < begin + before.size()) return "";
    return shown.substr(begin + before.size(), end - begin - before.size());
}

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
        column.name = text(member(parameters, "column"));
        if (column.name.empty()) column.name = column_in(metric.shown);
        column.group = std::move(group);
        column.score = number(metric.value);
        column.threshold = number(member(parameters, "threshold"));
        name_method(column, text(member(parameters, "method")));
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
        column.score = number(member(found, "drift_score"));
        column.threshold = number(member(found, "stattest_threshold"));
        column.drifted = flag(member(found, "drift_detected"));
        column.element = found.dump();
        decide(column);
        report_.columns.push_back(std::move(column));
    }

    void read_suite(const json& document) {
        report_.shape = EvidentlyShape::legacy;
        read_time(document);
        std::map<std::string, std::size_t> seen;
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
    void add_suite(std::map<std::string, std::size_t>& seen, const std::string& name, const json& found) {
        if (!seen.try_emplace(name, report_.columns.size()).second) return;
        EvidentlyColumn column;
        column.name = name;
        name_method(column, text(member(found, "stattest")));
        column.score = number(member(found, "score"));
        column.threshold = number(member(found, "threshold"));
        column.drifted = flag(member(found, "detected"));
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
    const auto [strict, replaced] = strict_json(bytes);
    try {
        json document = json::parse(strict);
        if (!document.is_object())
            return core::fail(
                core::ErrorKind::invalid_input,
                "the document is JSON but no object; expected a report of drift check or Evidently");
        report.content_id = core::uuid_v5(core::tristrata_namespace(), core::sha256(bytes));
        if (replaced > 0)
            report.notes.push_back(
                fmt::format("{} of its numbers are NaN or Infinity: read as no value", replaced));
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
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("not a JSON document: {}; expected a report of drift check or Evidently",
                        core::valid_utf8(error.what())));
    }
}

}  // namespace tristrata::drift
