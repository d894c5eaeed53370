#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/execution/tag_uses.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

core::Result<int> check(const TagsCheckOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto policy = (*session)->tag_policy();
    if (!policy) return propagate(policy);
    auto findings = execution::check_uses(**policy, options.uses);
    if (!findings) return propagate(findings);
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("keys", static_cast<std::uint64_t>((*policy)->keys().size()));
        json.key("findings");
        json.begin_array();
        for (const auto& finding : *findings) {
            json.begin_object();
            json.member("key", finding.key);
            json.member("where", finding.where);
            json.member("problem", finding.problem);
            json.end_object();
        }
        json.end_array();
        json.end_object();
        text = json.take() + "\n";
    } else {
        for (const auto& finding : *findings)
            text += fmt::format("{}: {} {}\n", finding.where, finding.key, finding.problem);
        text += fmt::format("{}, {}\n", core::plural((*policy)->keys().size(), "key"),
                            core::plural(findings->size(), "finding"));
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return findings->empty() ? 0 : 1;
}

}  // namespace

int tags_check(const TagsCheckOptions& options) { return code_of(check(options)); }

}  // namespace tristrata::cli
