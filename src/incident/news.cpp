#include "news.hpp"

#include "evaluations.hpp"

#include <algorithm>

namespace tristrata::incident {
namespace {

using drift::Severity;

bool was_reached(const std::vector<Evaluation>& recent, const Incident& incident, const Evidence& evidence) {
    for (std::size_t i = 0; i < recent.size(); ++i)
        if (recent[i].incident_id == std::optional(incident.incident_id) &&
            reached(recent, i, evidence, Severity::crit))
            return true;
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
