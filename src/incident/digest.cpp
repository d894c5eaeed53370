#include "tristrata/incident/digest.hpp"

#include "tristrata/core/printable.hpp"
#include "tristrata/dataset/calendar.hpp"
#include "tristrata/incident/wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace tristrata::incident {
namespace {

constexpr std::size_t told_max = 200;

/// What became of it by the end of the range: what came behind it stands in the next digest.
struct Standing {
    bool is_new = false;
    bool closed = false;
};
Standing standing_of(const Digest& digest, const Incident& one) {
    return {digest.range.contains(one.opened_at),
            one.closed_at && (!digest.range.to || *one.closed_at < *digest.range.to)};
}

std::string words_of(const Digest& digest, const Incident& one) {
    const Standing standing = standing_of(digest, one);
    std::string words = standing.closed   ? standing.is_new ? "new, closed" : "closed"
                        : standing.is_new ? "new"
                                          : "open";
    if (standing.closed && one.ending) words += fmt::format(" ({})", name(*one.ending));
    return words;
}

std::string told_of(const Incident& one, const std::set<std::string>& in_spool) {
    std::string told;
    if (one.severity == drift::Severity::crit && one.paged_at &&
        in_spool.contains(core::to_string(one.incident_id)))
        told = "; not told: in the spool";
    else if (one.severity == drift::Severity::crit)
        told = one.paged_at ? "; " + page_of(one) : fmt::format("; held back: {}", name(one.hold));
    // What was never paged says by what it was held back.
    const bool is_held = one.severity == drift::Severity::crit && !one.paged_at;
    if (one.dismissed_at && !is_held) told += "; dismissed as a false alarm";
    else if (one.snoozed_until && !is_held) told += "; snoozed until " + core::to_string(*one.snoozed_until);
    if (!one.acked_by.empty()) told += "; acked by " + core::printable(one.acked_by);
    if (const std::string news = held_news_of(one); !news.empty())
        told += fmt::format("; new and held back: {} ({})", news, name(one.news_hold));
    return told;
}

std::string header_of(const Digest& digest) {
    std::size_t fresh = 0, open = 0, closed = 0;
    for (const Incident& one : digest.incidents) {
        const Standing standing = standing_of(digest, one);
        fresh += standing.is_new ? 1 : 0;
        closed += standing.closed ? 1 : 0;
        open += !standing.is_new && !standing.closed ? 1 : 0;
    }
    return fmt::format("{} to {}: {} new, {} still open, {} closed",
                       digest.range.from ? core::to_string(*digest.range.from) : "the beginning",
                       digest.range.to ? core::to_string(*digest.range.to) : "now", fresh, open, closed);
}

}  // namespace

core::Result<core::Timestamp> last_due(const DigestSchedule& schedule, core::Timestamp now) {
    auto calendar = dataset::Calendar::open(schedule.zone);
    if (!calendar) {
        core::Error error = calendar.error();
        error.kind = core::ErrorKind::configuration;
        return tl::unexpected(std::move(error));
    }
    return core::Timestamp{calendar->last_at(schedule.at.microseconds, now.microseconds)};
}

std::string to_text(const Digest& digest, const Policy& policy, const std::set<std::string>& in_spool) {
    std::string text = header_of(digest) + "\n";
    std::string_view module;
    const std::size_t told = std::min(told_max, digest.incidents.size());
    for (std::size_t i = 0; i < told; ++i) {
        const Incident& one = digest.incidents[i];
        if (i == 0 || module != one.module)
            text += fmt::format("\n{}, owner {}, route {}\n", core::printable(one.module),
                                core::printable(one.owner), core::printable(one.route));
        module = one.module;
        text += fmt::format("  {}  {}: {} since {}{}\n", core::to_string(one.incident_id).substr(0, 8),
                            words_of(digest, one), summary_of(one), core::to_string(one.first_seen),
                            told_of(one, in_spool));
        for (const auto& [link, url] : links_of(policy, one))
            text += fmt::format("            {}: {}\n", core::printable(link), core::printable(url));
    }
    if (told < digest.incidents.size())
        text +=
            fmt::format("\nand {} more: tristrata incident list --closed\n", digest.incidents.size() - told);
    if (!digest.incidents.empty()) text += "\nOf each: tristrata incident show ID\n";
    text += fmt::format("Dismissed as false alarms: {}\n", digest.false_alarms);
    return text;
}

notification::Alert alert_of(const Digest& digest, const Policy& policy,
                             const std::set<std::string>& in_spool) {
    notification::Alert alert;
    alert.labels = {{"alertname", std::string(notification::digest_name)},
                    {"module", "all"},
                    {"drift_type", "any"},
                    {"severity", std::string(drift::name(drift::Severity::info))}};
    alert.starts_at = *digest.range.to;
    alert.annotations = {{"summary", "Digest " + header_of(digest)},
                         {"description", to_text(digest, policy, in_spool)},
                         {"from", core::to_string(*digest.range.from)},
                         {"to", core::to_string(*digest.range.to)},
                         {"incidents", std::to_string(digest.incidents.size())}};
    return alert;
}

}  // namespace tristrata::incident
