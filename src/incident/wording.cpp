#include "tristrata/incident/wording.hpp"

#include "tristrata/core/printable.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace tristrata::incident {
namespace {

/// The worst first, then the one that was seen most.
std::vector<const Finding*> worst_first(const Incident& incident) {
    std::vector<const Finding*> findings;
    for (const Finding& one : incident.findings) findings.push_back(&one);
    std::ranges::stable_sort(findings, [](const Finding* a, const Finding* b) {
        return std::pair(b->severity, b->occurrences) < std::pair(a->severity, a->occurrences);
    });
    return findings;
}

std::string moved(const Finding& finding) {
    const auto shown = [](const std::optional<double>& value) {
        return value ? core::readable(*value) : std::string("-");
    };
    if (!finding.reference_value && !finding.current_value) return finding.metric;
    // A metric is named after what was tested, and that is not always what the numbers are.
    return fmt::format("{}{}{} {} → {}", finding.metric, finding.measured.empty() ? "" : ": ",
                       finding.measured, shown(finding.reference_value), shown(finding.current_value));
}

/// Empty where it is no object, or has no such text.
std::string text_in(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// First of all what was not told before.
void say_news(notification::Alert& alert, const Incident& incident) {
    constexpr std::size_t shown = 5;
    std::vector<std::string> news;
    for (const Finding* one : worst_first(incident))
        if (one->told == incident.tellings) news.push_back(moved(*one));
    if (news.empty()) return;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, news.size()); ++i) text += (i == 0 ? "" : ", ") + news[i];
    if (news.size() > shown) text += fmt::format(" and {} more", news.size() - shown);
    text = core::printable("New since the last page: " + text);
    alert.annotations["summary"] = text + "; " + alert.annotations["summary"];
    alert.annotations["description"] = text + "\n" + alert.annotations["description"];
}

/// What an analyzer says that it looked at. Its events stand at the window's end.
struct LookedAt {
    std::optional<core::Timestamp> from, to;
    std::string reference_from;
    std::optional<std::uint64_t> windows, rows;
};

LookedAt looked_at_in(const Finding& finding) {
    LookedAt all;
    const auto object = nlohmann::json::parse(finding.payload, nullptr, false);
    if (!object.is_object() || !object.contains("analyzer")) return all;
    const auto count = [](const nlohmann::json& node, const char* key) -> std::optional<std::uint64_t> {
        const auto found = node.find(key);
        if (found == node.end() || !found->is_number_unsigned()) return std::nullopt;
        return found->get<std::uint64_t>();
    };
    if (const auto window = object.find("window"); window != object.end() && window->is_object()) {
        if (const auto from = core::parse_timestamp(text_in(*window, "from"))) all.from = *from;
        if (const auto to = core::parse_timestamp(text_in(*window, "to"))) all.to = *to;
    }
    if (const auto reference = object.find("reference");
        reference != object.end() && reference->is_object()) {
        all.reference_from = text_in(*reference, "from");
        all.windows = count(*reference, "windows");
        all.rows = count(*reference, "rows");
    }
    return all;
}

std::string in_brackets(const Finding& finding) {
    const std::string text = looked_at(finding);
    return text.empty() ? text : fmt::format(" ({})", text);
}

}  // namespace

notification::Alert alert_before(const Incident& incident) {
    Incident before = incident;
    --before.tellings;
    return alert_of(before, Page::Kind::resolved, incident.paged_at.value_or(incident.opened_at));
}

std::string crit_metrics_of(const Incident& incident) {
    constexpr std::size_t shown = 10;
    std::string text;
    std::size_t count = 0;
    for (const Finding& one : incident.findings)
        if (one.severity == drift::Severity::crit && ++count <= shown)
            text += (text.empty() ? "" : ", ") + core::printable(one.metric);
    // What is left out is no worse than what is kept.
    const bool may_be_more = count == incident.findings.size() && incident.findings_left_out > 0;
    if (count > shown) text += fmt::format(" and {}{} more", may_be_more ? "more than " : "", count - shown);
    return text;
}

core::Timestamp since_of(const Finding& finding) {
    const LookedAt all = looked_at_in(finding);
    if (!all.from || !all.to || *all.to < *all.from) return finding.first_seen;
    return {finding.first_seen.microseconds - (all.to->microseconds - all.from->microseconds)};
}

core::Timestamp since_of(const Incident& incident) {
    core::Timestamp since = incident.first_seen;
    for (const Finding& one : incident.findings) since = std::min(since, since_of(one));
    return since;
}

std::string looked_at(const Finding& finding) {
    const LookedAt all = looked_at_in(finding);
    std::string text;
    if (all.from && all.to)
        text = fmt::format("window {} to {}", core::to_string(*all.from), core::to_string(*all.to));
    if (all.windows && *all.windows > 0)
        text +=
            fmt::format("{}against {}{}{}", text.empty() ? "" : ", ", core::plural(*all.windows, "window"),
                        all.rows ? fmt::format(" of {}", core::plural(*all.rows, "row")) : "",
                        all.reference_from.empty() ? "" : " since " + all.reference_from);
    return core::printable(text);
}

std::string compared_with(const Finding& finding) {
    if (!finding.reference_version.empty()) return finding.reference_version.substr(0, 12);
    const LookedAt all = looked_at_in(finding);
    return all.windows && *all.windows > 0 ? core::plural(*all.windows, "window") : std::string("-");
}

std::string source_url_of(const Incident& incident) {
    constexpr std::size_t url_max = 2000;
    for (const Finding* finding : worst_first(incident)) {
        std::string url = text_in(nlohmann::json::parse(finding->payload, nullptr, false), "generator_url");
        const bool is_url = url.starts_with("https://") || url.starts_with("http://");
        const bool is_plain = std::ranges::all_of(
            url, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
        if (is_url && is_plain && url.size() <= url_max) return url;
    }
    return {};
}

notification::Texts labels_of(std::string_view module, drift::DriftType type, drift::Severity severity,
                              std::string_view route) {
    return {{"alertname", fmt::format("drift_{}", drift::name(type))},
            {"module", std::string(module)},
            {"drift_type", std::string(drift::name(type))},
            {"severity", std::string(drift::name(severity))},
            {"route", std::string(route)}};
}

std::optional<std::string> runbooks_without_url(const config::Owners& owners) {
    std::vector<const config::Owner*> all{&owners.fallback()};
    for (const auto& entry : owners.entries()) all.push_back(&entry);
    for (const auto* one : all)
        if (!one->runbooks.starts_with("https://") && !one->runbooks.starts_with("http://"))
            return one->runbooks;
    return std::nullopt;
}

std::string runbook_of(std::string_view runbooks, drift::DriftType type, drift::Severity severity) {
    return fmt::format("{}/drift_{}.md#{}", runbooks, drift::name(type), drift::name(severity));
}

notification::Alert alert_of(const Incident& incident, Page::Kind kind, core::Timestamp now) {
    notification::Alert alert;
    const std::string id = core::to_string(incident.incident_id);
    alert.starts_at = incident.starts_at.value_or(incident.opened_at);
    if (kind == Page::Kind::budget) {
        alert.labels = {{"alertname", "drift_page_budget"},
                        {"module", incident.module},
                        {"drift_type", std::string(drift::name(incident.drift_type))},
                        {"severity", "warn"},
                        {"route", incident.route}};
        alert.starts_at = now;
        alert.annotations = {
            {"summary", fmt::format("{} paged as often this week as its policy allows: further incidents are "
                                    "in the digest and in tristrata incident list",
                                    core::printable(incident.module))},
            {"description", "First held back: " + summary_of(incident)}};
    } else {
        alert.labels = labels_of(incident.module, incident.drift_type, drift::Severity::crit, incident.route);
        std::string description;
        for (const Finding* finding : worst_first(incident)) {
            if (description.size() > 1500) break;
            description +=
                core::printable(fmt::format(
                    "{} ({}, {}){}{}{}", moved(*finding), drift::name(finding->severity),
                    core::plural(finding->occurrences, "time"),
                    finding->reference_version.empty() ? ""
                                                       : " against reference " + finding->reference_version,
                    finding->sentence.empty() ? "" : ": " + finding->sentence, in_brackets(*finding))) +
                "\n";
        }
        alert.generator_url = source_url_of(incident);
        if (!alert.generator_url.empty()) description += fmt::format("Source: {}\n", alert.generator_url);
        alert.annotations = {{"summary", summary_of(incident)}, {"description", description}};
        if (incident.tellings > 1) {
            // Another alert: an Alertmanager that has told of this one, or is silent of it, tells it.
            const std::string number = std::to_string(incident.tellings);
            alert.labels["page"] = alert.annotations["page"] = number;
            if (kind == Page::Kind::firing) say_news(alert, incident);
        }
    }
    alert.annotations["owner"] = incident.owner;
    alert.annotations["incident_id"] = id;
    alert.annotations["next"] = fmt::format("tristrata incident show {}", id.substr(0, 8));
    alert.annotations["runbook_url"] =
        runbook_of(incident.runbook, incident.drift_type, drift::Severity::crit);
    if (!incident.acked_by.empty()) alert.annotations["acked_by"] = incident.acked_by;
    if (kind == Page::Kind::resolved) alert.ends_at = std::max(now, alert.starts_at);
    return alert;
}

std::string summary_of(const Incident& incident) {
    const auto findings = worst_first(incident);
    // Of what is left out the events are counted, and a metric may have several.
    std::string text =
        fmt::format("{}{} of {} moved ({}, {})", incident.findings_left_out > 0 ? "more than " : "",
                    core::plural(incident.findings.size(), "metric"), incident.module,
                    drift::name(incident.drift_type), drift::name(incident.severity));
    constexpr std::size_t shown = 3;
    for (std::size_t i = 0; i < std::min(shown, findings.size()); ++i)
        text += fmt::format("{}{}", i == 0 ? ": " : ", ", moved(*findings[i]));
    if (incident.findings.size() > shown) text += ", …";
    return core::printable(text);
}

std::vector<std::pair<std::string, std::string>> links_of(const Policy& policy, const Incident& incident) {
    const auto findings = worst_first(incident);
    std::map<std::string, std::string, std::less<>> words{
        {"module", incident.module},
        {"drift_type", std::string(drift::name(incident.drift_type))},
        {"incident_id", core::to_string(incident.incident_id)},
        // An hour before, so that what led to it is on the picture.
        {"from", std::to_string(incident.first_seen.microseconds / 1000 - 3'600'000)},
        {"to", std::to_string(incident.last_seen.microseconds / 1000 + 3'600'000)}};
    for (const Finding* finding : findings) {
        words.try_emplace("event_id", core::to_string(finding->event_id));
        if (finding->run_id) words.try_emplace("run_id", *finding->run_id);
        if (finding->report_id) words.try_emplace("report_id", core::to_string(*finding->report_id));
    }
    std::vector<std::pair<std::string, std::string>> links;
    for (const auto& [link_name, pattern] : policy.links) {
        std::string url;
        bool whole = true;
        for (std::string_view rest = pattern; !rest.empty();) {
            const auto brace = rest.find('{');
            url += rest.substr(0, brace);
            if (brace == std::string_view::npos) break;
            const auto end = rest.find('}', brace);
            const auto word = words.find(rest.substr(brace + 1, end - brace - 1));
            whole = whole && word != words.end();
            if (word != words.end())
                for (const char c : word->second) {
                    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
                    url += plain
                               ? std::string(1, c)
                               : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
                }
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        }
        if (whole) links.emplace_back(link_name, std::move(url));
    }
    return links;
}

bool is_untold(const Incident& incident) {
    return incident.phase != Phase::closed && incident.paged_at && incident.refusal &&
           !incident.refusal->is_told && !incident.acked_at && !incident.snoozed_until &&
           !incident.dismissed_at;
}

std::string page_of(const Incident& incident) {
    if (incident.is_page_waiting)
        return "not told: not handed over: no spool has taken it yet, and serve tries again; its /healthz "
               "says "
               "why";
    if (!incident.refusal) return "paged";
    return fmt::format("{}: {} ({})", incident.refusal->is_told ? "paged" : "not told",
                       core::printable(incident.refusal->words), core::to_string(incident.refusal->at));
}

std::string held_news_of(const Incident& incident) {
    constexpr std::size_t shown_max = 10;
    std::string news;
    std::size_t count = 0;
    if (incident.news_hold == Hold::none) return news;
    for (const Finding& one : incident.findings)
        if (one.severity == drift::Severity::crit && one.told == 0 && ++count <= shown_max)
            news += (news.empty() ? "" : ", ") + core::printable(one.metric);
    if (count > shown_max) news += fmt::format(" and {} more", count - shown_max);
    return news;
}

std::string next_command(const Incident& incident) {
    const std::string id = core::to_string(incident.incident_id).substr(0, 8);
    if (incident.phase == Phase::closed || incident.acked_at || incident.dismissed_at) {
        const auto findings = worst_first(incident);
        if (!findings.empty()) return "tristrata drift show " + core::to_string(findings.front()->event_id);
    }
    return fmt::format("tristrata incident ack {} --why \"I am looking\"", id);
}

}  // namespace tristrata::incident
