#include "tristrata/drift/source_finding.hpp"

#include "tristrata/drift/vocabulary.hpp"

namespace tristrata::drift {

void write_members(core::JsonWriter& json, const SourceFinding& finding) {
    json.member("finding", finding.finding);
    if (parse_signal_kind(finding.finding)) json.member("signal", finding.finding);
    json.member("reason", finding.reason);
    if (!finding.measured.empty()) json.member("measured", finding.measured);
    json.member("source", finding.source);
    json.key("window");
    json.begin_object();
    json.member("from", finding.from ? std::optional(core::to_string(*finding.from)) : std::nullopt);
    json.member("to", core::to_string(finding.to));
    if (finding.rows) json.member("rows", *finding.rows);
    json.end_object();
}

}  // namespace tristrata::drift
