#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/pages_in_spool.hpp"
#include "tristrata/spool/file_system.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

// Whether a page left the spool that it was handed to: a machine that dies takes its spool with it.

namespace tristrata::incident {
namespace {

using json = nlohmann::json;

constexpr const char* member = "handed_to";
/// What is older is nobody's page any more.
constexpr core::Duration asked_for{7LL * 86'400 * 1'000'000};
/// What was appended in the step before is flushed by then.
constexpr core::Duration flushed_within{4'000'000};

struct Handed {
    std::string page_id;
    std::string incident_id;
    bool is_end = false;
    bool is_notice = false;  ///< That the budget is spent.
    core::Timestamp appended_at;
    json alert;
    [[nodiscard]] std::string place() const { return alert.value(member, std::string()); }
};

core::Result<std::vector<Handed>> unconfirmed_in(Connection& database, core::Timestamp from) {
    // The quotes of a text stand escaped in it.
    auto rows = database.query(
        fmt::format("SELECT page_id, incident_id, kind, {}, {} FROM response.pages WHERE appended_at IS NOT "
                    "NULL AND due_at >= $1 AND {} LIKE '%\"{}\":%' ORDER BY due_at, page_id",
                    database.time("appended_at"), database.json("alert"), database.json("alert"), member),
        {stored_time(from)});
    if (!rows) return propagate(rows);
    std::vector<Handed> all;
    for (const Row& row : *rows) {
        auto at = time_of(row[3]);
        if (!at) return propagate(at);
        auto alert = json::parse(row[4].value_or(""), nullptr, false);
        if (!alert.is_object() || !alert.contains(member)) continue;
        all.push_back({row[0].value_or(""), row[1].value_or(""), row[2] == Value(name(Page::Kind::resolved)),
                       row[2] == Value(name(Page::Kind::budget)), *at, std::move(alert)});
    }
    return all;
}

/// Incidents whose pages all were before somebody acknowledged, snoozed or dismissed them: who does knows.
core::Result<std::set<std::string>> answered_at(Connection& database, core::Timestamp now,
                                                core::Timestamp from) {
    auto rows = database.query(
        "SELECT incident_id FROM response.incidents WHERE (acked_at IS NOT NULL OR dismissed_at IS NOT NULL "
        "OR "
        "snoozed_until > $1) AND incident_id IN (SELECT incident_id FROM response.pages WHERE due_at >= $2)",
        {stored_time(now), stored_time(from)});
    if (!rows) return propagate(rows);
    std::set<std::string> all;
    for (const Row& row : *rows) all.insert(row[0].value_or(""));
    return all;
}

}  // namespace

std::string handed_to(const std::string& alert, const std::string& place) {
    auto read = json::parse(alert, nullptr, false);
    if (!read.is_object()) return alert;
    read[member] = place;
    return read.dump();
}

core::Status IncidentStore::confirm(const StepOptions& options, core::Timestamp now, Stepped& done) {
    const std::string place = place_of_spool(options.spool);
    if (place.empty()) return {};
    const core::Timestamp since = now + core::Duration{-asked_for.microseconds};
    auto handed = unconfirmed_in(*database_, since);
    if (!handed) return propagate(handed);
    const bool has_own = std::ranges::any_of(*handed, [&](const Handed& one) {
        return one.place() == place && one.appended_at + flushed_within <= now;
    });
    const PagesInSpool in_spool =
        has_own ? pages_in_spool(spool::posix_file_system(), options.spool, now) : PagesInSpool();
    std::uint64_t taken_back = 0, let_be = 0;
    std::string from;
    const auto is_given_up = [&](const Handed& one) {
        return done.leader && one.place() != place && one.appended_at + options.confirmed_within <= now;
    };
    std::set<std::string> known;  ///< Incidents of whose page nobody is told any more, nor of its end.
    if (std::ranges::any_of(*handed, is_given_up)) {
        const auto answered = answered_at(*database_, now, since);
        if (!answered) return propagate(answered);
        for (const Handed& one : *handed)
            if (is_given_up(one) && !one.is_end && !one.is_notice && answered->contains(one.incident_id))
                known.insert(one.incident_id);
    }
    for (Handed& one : *handed) {
        if (one.place() == place) {
            const auto& waiting = one.is_end ? in_spool.ends : in_spool.incidents;
            if (one.appended_at + flushed_within > now || !in_spool.unread.empty() ||
                waiting.contains(one.incident_id))
                continue;
            one.alert.erase(member);
            auto noted = database_->query("UPDATE response.pages SET alert = $1 WHERE page_id = $2",
                                          {one.alert.dump(), one.page_id});
            if (!noted) return propagate(noted);
        } else if (is_given_up(one)) {
            from = one.place().substr(0, one.place().rfind('#'));
            const bool is_known = !one.is_notice && known.contains(one.incident_id);
            one.alert.erase(member);
            auto noted =
                is_known ? database_->query("UPDATE response.pages SET alert = $1 WHERE page_id = $2",
                                            {one.alert.dump(), one.page_id})
                         : database_->query("UPDATE response.pages SET appended_at = NULL WHERE page_id = $1",
                                            {one.page_id});
            if (!noted) return propagate(noted);
            ++(is_known ? let_be : taken_back);
        }
    }
    if (taken_back > 0)
        done.notices.push_back(fmt::format(
            "{} stood in the spool {}, whose serve has not confirmed that a receiver took it; told "
            "again from here, under the same id",
            core::plural(taken_back, "page"), from));
    if (let_be > 0)
        done.notices.push_back(
            fmt::format("{} stood in the spool {}, whose serve has not confirmed that a receiver took it; "
                        "not told again: somebody acknowledged, snoozed or dismissed it meanwhile",
                        core::plural(let_be, "page"), from));
    return {};
}

}  // namespace tristrata::incident
