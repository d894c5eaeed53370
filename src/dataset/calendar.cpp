#include "tristrata/dataset/calendar.hpp"

#include "tristrata/core/text.hpp"

#include <date/tz.h>
#include <fmt/format.h>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

namespace tristrata::dataset {
namespace {

using std::chrono::seconds;

date::sys_seconds moment(std::int64_t time_us) {
    return date::floor<seconds>(
        date::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time_us)));
}

std::int64_t microseconds(date::sys_seconds time) {
    return std::chrono::microseconds(time.time_since_epoch()).count();
}

std::string day_text(date::local_days local) {
    const date::year_month_day day{local};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

/// The days [first, beyond) of a period of days that holds `day`, and its name.
struct Days {
    date::local_days first;
    date::local_days beyond;
    std::string key;
};

Days days_of(Period period, date::local_days day) {
    const date::year_month_day date{day};
    const auto month = date.year() / date.month();
    switch (period) {
        case Period::week: {
            const auto monday = day - (date::weekday{day} - date::Monday);
            return {monday, monday + date::days(7),
                    day_text(monday) + "/" + day_text(monday + date::days(6))};
        }
        case Period::month:
            return {date::local_days(month / 1), date::local_days((month + date::months(1)) / 1),
                    fmt::format("{:04}-{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()))};
        case Period::quarter: {
            const unsigned quarter = (static_cast<unsigned>(date.month()) - 1) / 3;
            const auto first = date.year() / date::month(3 * quarter + 1);
            return {date::local_days(first / 1), date::local_days((first + date::months(3)) / 1),
                    fmt::format("{:04}Q{}", static_cast<int>(date.year()), quarter + 1)};
        }
        case Period::year:
            return {date::local_days(date.year() / 1 / 1),
                    date::local_days((date.year() + date::years(1)) / 1 / 1),
                    fmt::format("{:04}", static_cast<int>(date.year()))};
        case Period::quarter_hour:
        case Period::hour:
        case Period::day:
            break;
    }
    return {day, day + date::days(1), day_text(day)};
}

}  // namespace

struct Calendar::Zone {
    const date::time_zone* zone = nullptr;  ///< Null: UTC.
    date::sys_info info;                    ///< Of the last moment that was asked for.

    const date::sys_info& at(date::sys_seconds time) {
        if (zone != nullptr && !(info.begin <= time && time < info.end)) info = zone->get_info(time);
        return info;
    }
    /// When this local day begins: where its midnight came twice the first of them, where it never came the
    /// moment at which the clocks skipped it.
    [[nodiscard]] date::sys_seconds begin_of(date::local_days day) const {
        if (zone == nullptr) return date::sys_days(day.time_since_epoch());
        return zone->to_sys(day, date::choose::earliest);
    }
};

Calendar::Calendar(std::unique_ptr<Zone> zone) noexcept : zone_(std::move(zone)) {}
Calendar::Calendar(Calendar&&) noexcept = default;
Calendar& Calendar::operator=(Calendar&&) noexcept = default;
Calendar::~Calendar() = default;

core::Result<Calendar> Calendar::open(const std::string& zone) {
    auto found = std::make_unique<Zone>();
    if (zone == "UTC") return Calendar(std::move(found));
    try {  // The library throws; no face of ours does.
        const auto& database = date::get_tzdb();
        std::vector<std::string> known;
        for (const auto& one : database.zones) {
            if (one.name() == zone) found->zone = &one;
            known.push_back(one.name());
        }
        if (found->zone != nullptr) {
            found->info = found->zone->get_info(date::sys_seconds{});
            return Calendar(std::move(found));
        }
        const auto near = core::nearest(zone, known);
        return core::fail(core::ErrorKind::usage,
                          fmt::format("there is no time zone {}; {}", core::quoted(zone),
                                      near.empty() ? "expected an IANA name, such as Europe/Berlin or UTC"
                                                   : fmt::format("did you mean {}?", near)));
    } catch (const std::exception& trouble) {
        return core::fail(core::ErrorKind::configuration,
                          fmt::format("the time zone {} cannot be looked up: {}; install the system's time "
                                      "zone database (the package tzdata), or use UTC",
                                      core::quoted(zone), trouble.what()));
    }
}

CalendarPeriod Calendar::period_at(Period period, std::int64_t time_us) {
    const auto time = moment(time_us);
    const date::sys_info info = zone_->at(time);
    const date::local_seconds local{(time + info.offset).time_since_epoch()};
    CalendarPeriod found;
    if (period == Period::quarter_hour || period == Period::hour) {
        const auto step = period == Period::hour ? seconds(3600) : seconds(900);
        const auto since = local.time_since_epoch();
        const auto into = (since % step + step) % step;
        // Where the clocks change in the middle of it, each side is a period of its own.
        auto from = time - into, to = from + step;
        if (zone_->zone != nullptr) {
            from = std::max(from, info.begin);
            to = std::min(to, info.end);
        }
        found.from_us = microseconds(from);
        found.to_us = microseconds(to);
        found.utc_offset_s = static_cast<std::int32_t>(info.offset.count());
        const date::local_seconds begin{(from + info.offset).time_since_epoch()};
        const auto day = date::floor<date::days>(begin);
        const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(begin - day).count();
        found.key = fmt::format("{} {:02}:{:02}", day_text(day), minutes / 60, minutes % 60);
        if (zone_->zone != nullptr) {
            const auto offset = std::chrono::duration_cast<std::chrono::minutes>(info.offset).count();
            found.key += fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', std::abs(offset) / 60,
                                     std::abs(offset) % 60);
        }
        return found;
    }
    auto days = days_of(period, date::floor<date::days>(local));
    const auto from = zone_->begin_of(days.first);
    found.from_us = microseconds(from);
    found.to_us = microseconds(zone_->begin_of(days.beyond));
    found.utc_offset_s = static_cast<std::int32_t>(zone_->at(from).offset.count());
    found.key = std::move(days.key);
    return found;
}

std::int64_t Calendar::last_at(std::int64_t day_us, std::int64_t time_us) {
    const auto time = moment(time_us);
    const auto into = std::chrono::duration_cast<seconds>(std::chrono::microseconds(day_us));
    const date::local_seconds local{(time + zone_->at(time).offset).time_since_epoch()};
    const auto today = date::floor<date::days>(local);
    const auto shown = [&](date::local_days day) {
        const date::local_seconds at = day + into;
        if (zone_->zone == nullptr) return date::sys_seconds(at.time_since_epoch());
        return zone_->zone->to_sys(at, date::choose::earliest);
    };
    // Where clocks go back over midnight the local day after this one may have begun already.
    for (const int ahead : {1, 0}) {
        const auto found = shown(today + date::days(ahead));
        if (found <= time) return microseconds(found);
    }
    return microseconds(shown(today - date::days(1)));
}

}  // namespace tristrata::dataset
