#include "commands.hpp"
#include "console.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/rule.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<int> explain(const ReadinessOptions& options) {
    std::vector<const readiness::Rule*> chosen;
    for (const auto& id : options.files) {
        const auto* rule = readiness::find_rule(id);
        if (rule == nullptr) {
            std::vector<std::string> known;
            for (const auto& one : readiness::rules()) known.emplace_back(one.id);
            const auto near = core::nearest(id, known);
            return fail(
                ErrorKind::usage,
                fmt::format("there is no rule {}{}; tristrata readiness explain lists all", core::quoted(id),
                            near.empty() ? "" : fmt::format("; did you mean {}?", near)));
        }
        chosen.push_back(rule);
    }
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_array();
        for (const auto& rule : readiness::rules()) {
            if (!chosen.empty() && std::ranges::find(chosen, &rule) == chosen.end()) continue;
            json.begin_object();
            json.member("rule", rule.id);
            json.member("level", readiness::name(rule.level));
            json.member("section", readiness::number_of(rule.part));
            json.member("completeness", rule.completeness);
            json.member("title", rule.title);
            json.member("page", readiness::page_of(rule));
            json.end_object();
        }
        json.end_array();
        text = json.take() + "\n";
    } else if (chosen.empty()) {
        std::vector<std::vector<std::string>> rows;
        for (const auto& rule : readiness::rules())
            rows.push_back(
                {std::string(rule.id), std::string(readiness::name(rule.level)), std::string(rule.title)});
        text = report::aligned({"rule", "level", "what is asked"}, rows);
    } else {
        for (const auto* rule : chosen) text += (text.empty() ? "" : "\n") + readiness::page_of(*rule);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int readiness_explain(const ReadinessOptions& options) { return code_of(explain(options)); }

}  // namespace tristrata::cli
