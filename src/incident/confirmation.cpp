#include "connection.hpp"
#include "rows.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/pages_in_spool.hpp"
#include "tristrata/spool/file_system.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
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
                       *at, std::move(alert)});
    }
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
    auto handed = unconfirmed_in(*database_, now + core::Duration{-asked_for.microseconds});
    if (!handed) return propagate(handed);
    const bool has_own = std::ranges::any_of(*handed, [&](const Handed& one) {
        return one.place() == place && one.appended_at + flushed_within <= now;
    });
    const PagesInSpool in_spool =
        has_own ? pages_in_spool(spool::posix_file_system(), options.spool, now) : PagesInSpool();
    std::uint64_t taken_back = 0;
    std::string from;
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
        } else if (done.leader && one.appended_at + options.confirmed_within <= now) {
            auto noted = database_->query("UPDATE response.pages SET appended_at = NULL WHERE page_id = $1",
                                          {one.page_id});
            if (!noted) return propagate(noted);
            ++taken_back;
            from = one.place().substr(0, one.place().rfind('#'));
        }
    }
    if (taken_back > 0)
        done.notices.push_back(fmt::format(
            "{} stood in the spool {}, whose serve has not confirmed that a receiver took it; told "
            "again from here, under the same id",
            core::plural(taken_back, "page"), from));
    return {};
}

}  // namespace tristrata::incident
