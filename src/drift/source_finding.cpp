#include "tristrata/drift/source_finding.hpp"

#include "tristrata/drift/vocabulary.hpp"

#include <algorithm>
#include <array>

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

bool is_of_values(SignalKind kind) noexcept {
    constexpr std::array of_values{
        SignalKind::infinite_share, SignalKind::new_category, SignalKind::constant, SignalKind::dataset_drift,
        SignalKind::dispersion,     SignalKind::range,        SignalKind::leak};
    return std::ranges::find(of_values, kind) != of_values.end();
}

}  // namespace tristrata::drift
