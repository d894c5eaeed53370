#include "evaluations.hpp"

#include "found_by.hpp"
#include "tristrata/drift/missing.hpp"
#include "tristrata/drift/source_finding.hpp"
#include "tristrata/incident/apply.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tuple>

namespace tristrata::incident {
namespace {

using json = nlohmann::json;
using drift::Severity;

constexpr std::size_t payload_bytes_max = 8192;

/// A member that is a text, or a number as one; empty otherwise.
std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    return found->is_number() ? found->dump() : std::string();
}

/// Of a payload that is too large to be kept with the incident: who found it, what, and behind how much.
std::string who_found(const json& payload) {
    json kept = json::object();
    for (const char* key : {"analyzer", "query_sha256", "check", "finding", "signal", "missing", "received",
                            "report_id", "window"})
        if (const auto found = payload.find(key);
            found != payload.end() && (found->is_primitive() || key == std::string_view("window")))
            kept[key] = *found;
    // Of an analyzer; of a report's column it is the distribution.
    if (const auto found = payload.find("reference"); found != payload.end() && found->contains("windows"))
        kept["reference"] = *found;
    std::string text = kept.dump();
    return text.size() <= payload_bytes_max ? text : std::string("{}");
}

}  // namespace

drift::Verdict evidence_verdict(std::string_view payload) {
    using drift::Verdict;
    const auto read = json::parse(payload, nullptr, false);
    if (!read.is_object()) return Verdict::not_tested;
    if (read.contains("missing")) return Verdict::insufficient_data;
    const auto worth = [](std::string_view signal) {
        const auto kind = drift::parse_signal_kind(signal);
        if (!kind) return Verdict::not_tested;
        return drift::is_of_values(*kind) ? Verdict::drift : Verdict::insufficient_data;
    };
    const std::string finding = text_at(read, "finding"), signal = text_at(read, "signal");
    // A row of a report: its payload is the column's element, or its signal's.
    if (finding.empty()) return signal.empty() ? Verdict::drift : worth(signal);
    if (finding == "distribution") return Verdict::drift;
    return finding == "combination" ? Verdict::insufficient_data : worth(finding);
}

bool tells_of_missing_rows(const drift::Event& event) {
    const auto read = json::parse(event.payload, nullptr, false);
    if (!read.is_object()) return false;
    const std::string finding = text_at(read, "finding");
    if (finding == "combination") return true;
    const auto kind = drift::parse_signal_kind(finding.empty() ? text_at(read, "signal") : finding);
    if (!kind) return false;
    switch (*kind) {
        case drift::SignalKind::row_count:
        case drift::SignalKind::freshness:
        case drift::SignalKind::duplicate_times:
        case drift::SignalKind::duplicate_keys:
        case drift::SignalKind::column_removed:
            return true;
        case drift::SignalKind::gap: {
            static const auto policy = drift::SeverityPolicy::defaults();
            return drift::is_much_missing(
                event.current_value.value_or(1.0) - event.reference_value.value_or(0.0), policy);
        }
        case drift::SignalKind::vanished_category:  // Of a label that many had, whose rows they may be.
            return event.severity == Severity::crit;
        case drift::SignalKind::rows:
            return event.reference_value && event.current_value &&
                   *event.current_value < *event.reference_value;
        default:
            return false;
    }
}

std::optional<ToldAlert> told_alert(const drift::Event& event) {
    if (event.payload.find("\"received\"") == std::string::npos) return std::nullopt;
    const auto read = json::parse(event.payload, nullptr, false);
    const auto is_true = [&](const char* key) {
        const auto found = read.find(key);
        return found != read.end() && found->is_boolean() && found->get<bool>();
    };
    if (!read.is_object() || !is_true("received")) return std::nullopt;
    const std::string fingerprint = text_at(read, "fingerprint");
    if (fingerprint.empty()) return std::nullopt;
    return ToldAlert{core::uuid_v5(core::tristrata_namespace(), "alert\x1f" + fingerprint), is_true("ended")};
}

bool is_said_once(const drift::Event& event) {
    return event.module == kill_switch_module || told_alert(event).has_value();
}

bool remember_good(std::vector<Evaluation>& recent, const drift::Event& event, core::Timestamp seen) {
    const auto told = told_alert(event);
    if (!told || !told->ended)
        return remember(recent, {seen, event.event_id, event.report_id, Severity::info}).has_value();
    bool is_new = false;
    for (Evaluation& one : recent) {
        if (one.alert != std::optional(told->alert) || one.ended || seen < one.at) continue;
        one.ended = is_new = true;
    }
    return is_new;
}

bool all_ended(const std::vector<Evaluation>& recent, const core::Uuid& incident_id) {
    const auto is_part = [&](const Evaluation& one) { return one.incident_id == std::optional(incident_id); };
    if (recent.size() >= evaluations_kept && is_part(recent.front())) return false;
    return std::ranges::any_of(recent, is_part) &&
           std::ranges::all_of(recent, [&](const Evaluation& one) { return !is_part(one) || one.ended; });
}

bool is_whole_report(const drift::Event& event) {
    return event.severity == Severity::info && event.report_id && event.metric == "share_drifted";
}

std::optional<std::size_t> remember(std::vector<Evaluation>& recent, const Evaluation& evaluation) {
    for (auto& one : recent) {
        if (one.event_id == evaluation.event_id && one.level == evaluation.level) return std::nullopt;
        if (evaluation.report_id && one.report_id == evaluation.report_id) {
            if (evaluation.level <= one.level) return std::nullopt;
            const core::Timestamp at = one.at;  // Its place stays.
            one = evaluation;
            one.at = at;
            return static_cast<std::size_t>(&one - recent.data());
        }
    }
    const auto key = [](const Evaluation& one) { return std::tuple(one.at, one.event_id); };
    const auto put = recent.insert(std::ranges::upper_bound(recent, key(evaluation), {}, key), evaluation);
    return static_cast<std::size_t>(put - recent.begin());
}

bool reached(const std::vector<Evaluation>& recent, std::size_t index, const Evidence& evidence,
             Severity level) {
    if (recent[index].level < level) return false;
    const std::size_t of = evidence.of;
    const std::size_t first = index + 1 >= of ? index + 1 - of : 0;
    for (std::size_t from = first; from <= index; ++from) {
        std::uint64_t bad = 0;
        for (std::size_t i = from; i < std::min(from + of, recent.size()); ++i)
            bad += recent[i].level >= level ? 1 : 0;
        if (bad >= evidence.count) return true;
    }
    return false;
}

bool recovered(const std::vector<Evaluation>& recent, std::uint64_t close) {
    if (recent.size() < close) return false;
    return std::all_of(recent.end() - static_cast<std::ptrdiff_t>(close), recent.end(),
                       [](const Evaluation& one) { return one.level == Severity::info; });
}

core::Timestamp first_bad(const std::vector<Evaluation>& recent, core::Timestamp at) {
    core::Timestamp first = at;
    for (auto one = recent.rbegin(); one != recent.rend(); ++one) {
        if (one->at > at) continue;
        if (one->level == Severity::info) break;
        first = one->at;
    }
    return first;
}

Testimony::Testimony(const drift::Event& whole) {
    const json payload = json::parse(whole.payload, nullptr, false);
    const auto columns = payload.is_object() ? payload.find("columns") : payload.end();
    if (columns == payload.end() || !columns->is_array()) {
        all_ = true;
        return;
    }
    for (const auto& column : *columns)
        if (column.is_object()) {
            const std::string verdict = text_at(column, "verdict");
            columns_[text_at(column, "name")] = verdict == "no_drift" || verdict == "drift";
        }
}

bool Testimony::covers(const std::string& metric) const {
    if (all_) return true;
    // "psi_age[country=DE]" is about age.
    const std::string plain = metric.substr(0, metric.find('['));
    const std::string_view distribution = "psi_";
    if (plain.starts_with(distribution)) {
        const auto column = columns_.find(plain.substr(distribution.size()));
        return column != columns_.end() && column->second;
    }
    // A signal, "missing_share_age": of a column that was looked at, whatever its distribution; the longest
    // name fits. One of the whole table, "rows", is looked at in every report.
    bool names_kind = false;
    for (std::size_t at = plain.find('_'); at != std::string::npos; at = plain.find('_', at + 1)) {
        if (!drift::parse_signal_kind(plain.substr(0, at))) continue;
        names_kind = true;
        if (columns_.contains(plain.substr(at + 1))) return true;
    }
    return !names_kind || drift::parse_signal_kind(plain).has_value();
}

std::string layer_of(const drift::Event& event) {
    const json payload = json::parse(event.payload, nullptr, false);
    if (payload.is_object())
        if (const std::string layer = text_at(payload, "layer");
            layer == "technical" || layer == "execution" || layer == "drift")
            return layer;
    switch (event.drift_type) {
        case drift::DriftType::latency_drift:
        case drift::DriftType::error_rate_drift:
            return "technical";
        case drift::DriftType::volume_drift:
        case drift::DriftType::business_kpi_drift:
            return "execution";
        default:
            return "drift";
    }
}

void add(Finding& finding, const drift::Event& event, core::Timestamp seen) {
    const bool shown = finding.occurrences == 0 || event.severity > finding.severity ||
                       (event.severity == finding.severity && seen >= finding.last_seen);
    ++finding.occurrences;
    finding.first_seen = std::min(finding.first_seen, seen);
    finding.last_seen = std::max(finding.last_seen, seen);
    finding.severity = std::max(finding.severity, event.severity);
    if (!shown) return;
    // What is kept of it is JSON, which knows no infinity: a page says no other than who asks later.
    const auto finite = [](const std::optional<double>& value) {
        return value && std::isfinite(*value) ? value : std::nullopt;
    };
    finding.reference_value = finite(event.reference_value);
    finding.current_value = finite(event.current_value);
    finding.significance = event.significance;
    finding.event_id = event.event_id;
    finding.report_id = event.report_id;
    finding.run_id = event.run_id;
    drift::EventWords words = drift::words_of(event);
    finding.sentence = std::move(words.sentence);
    finding.measured = std::move(words.measured);
    const json payload = json::parse(event.payload, nullptr, false);
    finding.reference_version = payload.is_object() ? text_at(payload, "reference_version") : std::string();
    finding.payload = !payload.is_object()                        ? std::string("{}")
                      : event.payload.size() <= payload_bytes_max ? event.payload
                                                                  : who_found(payload);
}

bool is_crit_still(const Incident& one, const Signal& signal) {
    if (signal.incident_id != std::optional(one.incident_id)) return false;
    const auto bad = std::find_if(signal.recent.rbegin(), signal.recent.rend(),
                                  [](const Evaluation& each) { return each.level != Severity::info; });
    if (bad == signal.recent.rend() || bad->level != Severity::crit) return false;
    const auto finding = std::ranges::find(one.findings, signal.metric, &Finding::metric);
    return one.drift_type != drift::DriftType::volume_drift || finding == one.findings.end() ||
           !finding->reference_value || !finding->current_value ||
           *finding->current_value <= *finding->reference_value;
}

bool is_crit_still(const Incident& one, const std::vector<Signal>& signals) {
    if (one.phase == Phase::cooling) return true;  // All of it was good since.
    return std::ranges::any_of(signals, [&](const Signal& signal) { return is_crit_still(one, signal); });
}

bool was_bad_at(const Incident& one, const std::vector<Signal>& signals, core::Timestamp at) {
    return std::ranges::any_of(signals, [&](const Signal& signal) {
        if (!is_crit_still(one, signal)) return false;
        const auto next = std::ranges::upper_bound(signal.recent, at, {}, &Evaluation::at);
        if (next != signal.recent.begin()) return std::prev(next)->level != Severity::info;
        // Before it was first bad it was not; what is forgotten in between is not known.
        const auto finding = std::ranges::find(one.findings, signal.metric, &Finding::metric);
        return finding == one.findings.end() || finding->first_seen <= at;
    });
}

std::optional<core::Timestamp> was_bad_until(const Incident& one, const std::vector<Signal>& signals) {
    if (one.phase == Phase::cooling) return one.last_seen;
    std::optional<core::Timestamp> last;
    for (const Signal& signal : signals) {
        if (!is_crit_still(one, signal)) continue;
        if (signal.recent.back().level != Severity::info) return std::nullopt;
        for (const Evaluation& each : signal.recent)
            if (each.level != Severity::info) last = std::max(last.value_or(each.at), each.at);
    }
    return last;
}

}  // namespace tristrata::incident
