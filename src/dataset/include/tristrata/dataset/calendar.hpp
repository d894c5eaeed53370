#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/chunk.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace tristrata::dataset {

/// One period of a zone's calendar: [from, to) in microseconds UTC, and its name.
struct CalendarPeriod {
    std::int64_t from_us = 0;
    std::int64_t to_us = 0;
    std::int32_t utc_offset_s = 0;  ///< At from.
    std::string key;
};

/// The calendar and the clock of one time zone. "UTC" needs no database. Not for two threads at once: it
/// keeps the last offset it looked up.
class Calendar {
public:
    /// usage: a name that the system's time zone database does not know, with what was probably meant.
    [[nodiscard]] static core::Result<Calendar> open(const std::string& zone);
    Calendar(Calendar&&) noexcept;
    Calendar& operator=(Calendar&&) noexcept;
    ~Calendar();

    /// The period that holds this moment, which lies in the years 1 to 9999.
    [[nodiscard]] CalendarPeriod period_at(Period period, std::int64_t time_us);
    /// The last moment, not after this one, at which the zone's clocks showed this time of a day: `day_us` in
    /// [0, 24 h). On a day on which they show it twice the first, on one on which they skip it the moment at
    /// which they do.
    /// Example   08:00 in Berlin, at 2026-07-01T05:59Z, is 2026-06-30T06:00Z.
    [[nodiscard]] std::int64_t last_at(std::int64_t day_us, std::int64_t time_us);

private:
    struct Zone;
    explicit Calendar(std::unique_ptr<Zone> zone) noexcept;
    std::unique_ptr<Zone> zone_;
};

}  // namespace tristrata::dataset
