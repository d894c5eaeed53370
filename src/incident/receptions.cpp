#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/printable.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

// What receivers answered to the pages of incidents.
namespace tristrata::incident {
namespace {

constexpr std::string_view untold = "untold", refused = "refused", told = "told";

std::string kind_of(const notification::Reception& reception) {
    if (reception.alert.ends_at) return "end_refused";
    if (reception.alert.label("alertname") == "drift_page_budget") return "notice_refused";
    return std::string(!reception.is_told ? untold : reception.refused.empty() ? told : refused);
}

std::string words_of(const notification::Reception& reception) {
    std::string words;
    for (const std::string& one : reception.refused) words += (words.empty() ? "" : "; ") + one;
    if (!reception.is_told) return words + "; nobody was told";
    if (!words.empty()) words += "; ";
    return words + (reception.taken_by.empty()
                        ? std::string("others were told")
                        : fmt::format("told: {}", fmt::join(reception.taken_by, ", ")));
}

/// A step of an incident's history, for what is said of its last page.
void take(std::optional<Refusal>& refusal, const std::string& kind, core::Timestamp at, std::string words) {
    if (kind == told) {
        if (refusal) refusal = Refusal{at, true, refusal->words + "; then " + words};
    } else if (kind == untold || kind == refused) {
        refusal = Refusal{at, kind == refused, std::move(words)};
    } else {  // Paged, and with that anew.
        refusal.reset();
    }
}

}  // namespace

core::Status read_fates(Connection& database, std::vector<Incident>& incidents) {
    constexpr std::size_t asked_max = 200;
    std::vector<Incident*> paged;
    for (Incident& one : incidents)
        if (one.paged_at) paged.push_back(&one);
    for (std::size_t from = 0; from < paged.size(); from += asked_max) {
        std::string places;
        std::vector<Value> values;
        std::map<std::string, Incident*> by_id;
        for (std::size_t i = from; i < std::min(from + asked_max, paged.size()); ++i) {
            values.emplace_back(core::to_string(paged[i]->incident_id));
            by_id[*values.back()] = paged[i];
            places += fmt::format("{}${}", places.empty() ? "" : ", ", values.size());
        }
        auto rows = database.query(
            fmt::format("SELECT incident_id, kind, {}, why FROM response.transitions WHERE incident_id IN "
                        "({}) AND kind IN ('paged', 'untold', 'refused', 'told') ORDER BY incident_id, seq",
                        database.time("at"), places),
            values);
        if (!rows) return propagate(rows);
        for (const Row& row : *rows) {
            auto at = time_of(row[2]);
            if (!at) return propagate(at);
            const auto found = by_id.find(row[0].value_or(""));
            if (found != by_id.end())
                take(found->second->refusal, row[1].value_or(""), *at, row[3].value_or(""));
        }
    }
    if (paged.empty()) return {};
    auto waiting = database.query(
        "SELECT incident_id FROM response.pages WHERE appended_at IS NULL AND kind = 'firing'", {});
    if (!waiting) return propagate(waiting);
    std::set<std::string> ids;
    for (const Row& row : *waiting) ids.insert(row[0].value_or(""));
    for (Incident* one : paged) one->is_page_waiting = ids.contains(core::to_string(one->incident_id));
    return {};
}

core::Result<bool> IncidentStore::note(const notification::Reception& reception) {
    const auto id = core::parse_uuid(reception.alert.annotation("incident_id"));
    if (!id) return false;
    const std::string kind = kind_of(reception);
    const std::string words = core::without_credentials(words_of(reception));
    bool is_there = false;
    auto status = database_->locked([&]() -> core::Status {
        auto found = read_incidents(*database_, "WHERE incident_id = $1", {core::to_string(*id)});
        if (!found) return propagate(found);
        if (found->empty()) return {};
        is_there = true;
        auto before = database_->query(
            "SELECT count(*) FROM response.transitions WHERE incident_id = $1 AND kind = $2 AND at = $3 AND "
            "why = $4",
            {core::to_string(*id), kind, stored_time(reception.at), words});
        if (!before) return propagate(before);
        if (before->front()[0].value_or("0") != "0") return {};
        auto epoch = database_->query("SELECT epoch FROM response.lease WHERE name = 'incidents'");
        if (!epoch) return propagate(epoch);
        Incident& incident = found->front();
        const Transition step{*id, ++incident.seq, reception.at, kind, "", words, std::nullopt};
        if (auto written = write_incident(*database_, incident); !written) return written;
        return write_transition(*database_, step,
                                epoch->empty() ? 0 : std::stoll(epoch->front()[0].value_or("0")));
    });
    if (!status) return propagate(status);
    return is_there;
}

core::Result<std::vector<std::string>> note_receptions(IncidentStore& store,
                                                       const notification::Receptions& receptions) {
    std::vector<std::string> sentences;
    auto kept = receptions.list();
    if (!kept) return propagate(kept);
    for (const auto& one : *kept) {
        auto noted = store.note(one.reception);
        if (!noted) return propagate(noted);
        // One that is not there went out from a spool: its incident pages by itself, and is answered anew.
        if (auto removed = receptions.remove(one); !removed) return propagate(removed);
        if (!*noted || one.reception.alert.ends_at) continue;
        const auto& alert = one.reception.alert;
        sentences.push_back(core::printable(fmt::format("the alert {} of {}: {}", alert.label("alertname"),
                                                        alert.label("module"), words_of(one.reception))));
    }
    return sentences;
}

}  // namespace tristrata::incident
