#include "commands.hpp"
#include "console.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/detection/method.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <optional>

namespace tristrata::cli {
namespace {

std::string kinds_of(const detection::Method& method) {
    std::string text;
    for (const auto kind : method.kinds) text += (text.empty() ? "" : " ") + std::string(drift::name(kind));
    return text;
}

/// "p, ks >= 0.05" of a test of ours, the unit of a measure, a peer's rule with its threshold.
std::string decision_of(const detection::Method& method) {
    if (method.engine == detection::Engine::tristrata)
        return method.has_p ? fmt::format("p, and {}", method.effect) : std::string(method.effect);
    if (method.rule == detection::Rule::none) return method.has_p ? "p < 0.05" : "bounds from the reference";
    return fmt::format("{}, {}", detection::rule_text(method.rule), method.threshold);
}

core::Result<int> list(const DriftMethodsOptions& options) {
    std::optional<detection::Engine> only;
    if (!options.engine.empty()) {
        auto parsed = detection::parse_engine(options.engine);
        if (!parsed) return propagate(parsed);
        only = *parsed;
    }
    std::vector<std::vector<std::string>> rows;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_array();
    for (const auto& method : detection::methods()) {
        if (only && method.engine != *only) continue;
        const std::string nulls(method.nulls.empty() ? "-" : method.nulls);
        rows.push_back({std::string(detection::name(method.engine)), std::string(method.name),
                        std::string(method.title), kinds_of(method), method.has_p ? "yes" : "no", nulls,
                        decision_of(method)});
        json.begin_object();
        json.member("engine", detection::name(method.engine));
        json.member("name", method.name);
        json.member("title", method.title);
        json.member("kinds", kinds_of(method));
        json.member("has_p", method.has_p);
        json.member("nulls", method.nulls);
        json.member("decides_by", decision_of(method));
        json.member("page", fmt::format("docs/statistics/{}", method.page));
        json.end_object();
    }
    json.end_array();
    const std::string text =
        options.output.format == "json"
            ? json.take() + "\n"
            : report::aligned({"method", "name", "what", "columns", "p", "nulls", "decides by"}, rows);
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

}  // namespace

int drift_methods(const DriftMethodsOptions& options) { return code_of(list(options)); }

}  // namespace tristrata::cli
