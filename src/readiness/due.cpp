#include "tristrata/readiness/due.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace tristrata::readiness {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

std::string_view name_of(Due::What what) { return what == Due::What::sunset ? "sunset" : "dri_term"; }

std::string sentence_of(const Due& due) {
    return due.what == Due::What::sunset
               ? fmt::format("Sunset of {}: permanent, or revisited?", due.story)
               : fmt::format("The DRI's term of {} ends: {} answers until then", due.story, due.owner);
}

/// A line of a calendar, folded after 75 bytes between characters, its text escaped.
std::string line_of(std::string_view name, std::string_view text) {
    std::string line(name);
    line += ':';
    for (const char c : core::valid_utf8(text)) {
        if (c == '\n') line += "\\n";
        else if (c == '\\' || c == ',' || c == ';') (line += '\\') += c;
        else if (static_cast<unsigned char>(c) >= 0x20) line += c;
    }
    std::string folded;
    std::size_t width = 0;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at + 1;
        while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0u) == 0x80u) ++end;
        if (width + (end - at) > 75) {
            folded += "\r\n ";
            width = 1;
        }
        folded.append(line, at, end - at);
        width += end - at;
        at = end;
    }
    return folded + "\r\n";
}

std::string compact(std::string date) {
    std::erase(date, '-');
    return date;
}

}  // namespace

std::vector<Due> due_of(const std::vector<Outcome>& outcomes, core::Timestamp now, long days) {
    const auto today = static_cast<long>(now.microseconds / day_us);
    std::vector<Due> due;
    for (const auto& outcome : outcomes) {
        const Named& named = outcome.named;
        if (!named.outcome.empty()) continue;
        const auto add = [&](Due::What what, long day) {
            if (day - today <= days)
                due.push_back({named.story, outcome.file, named.owner, what, day, day - today});
        };
        if (named.sunset) add(Due::What::sunset, *named.sunset);
        if (named.accountable_until && named.accountable_until != named.sunset)
            add(Due::What::dri_term, *named.accountable_until);
    }
    std::ranges::sort(due, {}, [](const Due& one) { return std::tuple(one.day, one.file, one.what); });
    return due;
}

std::vector<LeftOut> left_out_of(const std::vector<Outcome>& outcomes) {
    std::vector<LeftOut> left_out;
    for (const auto& outcome : outcomes) {
        const Named& named = outcome.named;
        const auto unread = std::ranges::find_if(
            outcome.findings, [](const Finding& one) { return one.rule->level == Level::not_evaluable; });
        if (unread != outcome.findings.end()) left_out.push_back({outcome.file, unread->message});
        else if (!named.sunset && named.outcome.empty() && !named.accountable_until)
            left_out.push_back({outcome.file, "it names no sunset"});
    }
    return left_out;
}

std::string to_text(const std::vector<Due>& due, long days) {
    if (due.empty()) return fmt::format("nothing is due within {} days\n", days);
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : due)
        rows.push_back(
            {date_text(one.day),
             one.days_left < 0 ? core::plural(static_cast<std::uint64_t>(-one.days_left), "day") + " overdue"
             : one.days_left == 0 ? std::string("today")
                                  : "in " + core::plural(static_cast<std::uint64_t>(one.days_left), "day"),
             std::string(name_of(one.what)), one.story, one.owner, one.file});
    return report::aligned({"day", "left", "what", "story", "owner", "plan"}, rows);
}

std::string to_json(const std::vector<Due>& due, const std::vector<LeftOut>& left_out, core::Timestamp now,
                    long days) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("created_at", core::to_string(now));
    json.member("days", static_cast<std::int64_t>(days));
    json.key("due");
    json.begin_array();
    for (const auto& one : due) {
        json.begin_object();
        json.member("day", date_text(one.day));
        json.member("days_left", static_cast<std::int64_t>(one.days_left));
        json.member("what", name_of(one.what));
        json.member("story", one.story);
        json.member("owner", one.owner);
        json.member("file", one.file);
        json.end_object();
    }
    json.end_array();
    json.key("left_out");
    json.begin_array();
    for (const auto& one : left_out) {
        json.begin_object();
        json.member("file", one.file);
        json.member("why", one.why);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

std::string to_calendar(const std::vector<Due>& due, core::Timestamp now) {
    std::string stamp = core::to_string(now).substr(0, 19);
    std::erase(stamp, '-');
    std::erase(stamp, ':');
    std::string text = line_of("BEGIN", "VCALENDAR") + line_of("VERSION", "2.0") +
                       line_of("PRODID", "-//Tristrata//readiness//EN");
    for (const auto& one : due) {
        const auto id =
            core::uuid_v5(core::tristrata_namespace(),
                          fmt::format("readiness\n{}\n{}\n{}", one.file, name_of(one.what), one.day));
        text += line_of("BEGIN", "VEVENT");
        text += line_of("UID", core::to_string(id));
        text += line_of("DTSTAMP", stamp + "Z");
        text += line_of("DTSTART;VALUE=DATE", compact(date_text(one.day)));
        text += line_of("DTEND;VALUE=DATE", compact(date_text(one.day + 1)));
        text += line_of("SUMMARY", sentence_of(one));
        text += line_of("DESCRIPTION", fmt::format("{}\nDRI: {}", one.file, one.owner));
        text += line_of("END", "VEVENT");
    }
    // A calendar has one component at least (RFC 5545, 3.6); its days are of UTC.
    if (due.empty())
        text += line_of("BEGIN", "VTIMEZONE") + line_of("TZID", "UTC") + line_of("BEGIN", "STANDARD") +
                line_of("DTSTART", "19700101T000000") + line_of("TZOFFSETFROM", "+0000") +
                line_of("TZOFFSETTO", "+0000") + line_of("END", "STANDARD") + line_of("END", "VTIMEZONE");
    return text + line_of("END", "VCALENDAR");
}

}  // namespace tristrata::readiness
