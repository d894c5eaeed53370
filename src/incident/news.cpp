#include "news.hpp"

#include "evaluations.hpp"
#include "found_by.hpp"

#include <algorithm>

namespace tristrata::incident {
namespace {

using drift::Severity;

Finding* finding_of(Incident& incident, const std::string& metric) {
    const auto found = std::ranges::find(incident.findings, metric, &Finding::metric);
    return found == incident.findings.end() ? nullptr : &*found;
}

bool was_reached(const std::vector<Evaluation>& recent, const Incident& incident, const Evidence& evidence) {
    for (std::size_t i = 0; i < recent.size(); ++i) {
        if (recent[i].incident_id != std::optional(incident.incident_id)) continue;
        const bool is_once = incident.module == kill_switch_module || recent[i].alert;  // is_said_once()
        if (reached(recent, i, is_once ? Evidence{} : evidence, Severity::crit)) return true;
    }
    return false;
}

}  // namespace

bool has_crit(const Incident& incident, const std::string& metric) {
    return std::ranges::any_of(incident.findings, [&](const Finding& one) {
        return one.metric == metric && one.severity == Severity::crit;
    });
}

bool is_crit_by_rule(const Incident& incident, const std::string& metric, const std::vector<Signal>& signals,
                     const Evidence& evidence) {
    const auto signal = std::ranges::find_if(signals, [&](const Signal& one) {
        return one.incident_id == std::optional(incident.incident_id) && one.metric == metric;
    });
    return signal != signals.end() && was_reached(signal->recent, incident, evidence);
}

bool is_covered(const Incident& incident, const Signal& signal, std::size_t index, const Evidence& evidence) {
    const auto found = std::ranges::find(incident.findings, signal.metric, &Finding::metric);
    if (found != incident.findings.end()) return found->severity == Severity::crit && found->told > 0;
    if (incident.findings_left_out == 0) return false;
    std::vector<Evaluation> others = signal.recent;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(index));
    return was_reached(others, incident, evidence);
}

void note_recovery(Incident& incident, const std::string& metric, core::Timestamp at) {
    if (Finding* finding = finding_of(incident, metric); finding != nullptr && !finding->recovered_at)
        finding->recovered_at = at;
}

void note_return(Incident& incident, const std::string& metric, core::Timestamp seen, bool is_crit,
                 core::Duration cool_down) {
    Finding* finding = finding_of(incident, metric);
    // What came late was before that.
    if (finding == nullptr || !finding->recovered_at || seen <= *finding->recovered_at) return;
    const bool is_over = seen >= *finding->recovered_at + cool_down;
    if (is_over && !is_crit) return;  // It may be yet.
    finding->recovered_at.reset();
    if (!is_over || finding->severity != Severity::crit) return;
    finding->told = 0;
    incident.has_cooled = true;
}

void note_decision(Incident& incident, const std::string& metric, core::Timestamp now) {
    constexpr core::Duration stands_for{3'600'000'000};
    const bool is_old = incident.paged_at && now - *incident.paged_at >= stands_for;
    if (!incident.acked_at && !incident.dismissed_at && !is_old) return;
    Finding* finding = finding_of(incident, metric);
    if (finding == nullptr || finding->severity != Severity::crit) return;
    finding->told = 0;
    incident.has_cooled = true;
}

std::string tell_crit(Incident& incident) {
    const auto is_untold = [](const Finding& one) { return one.severity == Severity::crit && one.told == 0; };
    const bool has_news = incident.tellings > 0 && std::ranges::any_of(incident.findings, is_untold);
    incident.tellings = has_news ? incident.tellings + 1 : std::max<std::uint64_t>(incident.tellings, 1);
    std::string news;
    for (Finding& one : incident.findings) {
        if (has_news && is_untold(one)) {
            news += (news.empty() ? "" : ", ") + one.metric;
            one.told = incident.tellings;
        } else if (one.severity == Severity::crit && (one.told == 0 || one.told == incident.tellings)) {
            one.told = 1;  // As before: it is not what this page calls new.
        }
    }
    return news;
}

}  // namespace tristrata::incident
