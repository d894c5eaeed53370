#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/readiness/check.hpp"

#include <string>
#include <vector>

namespace tristrata::readiness {

/// A day of a plan on which somebody has to do something.
struct Due {
    std::string story;
    std::string file;
    std::string owner;
    enum class What : std::uint8_t { sunset, dri_term } what = What::sunset;
    long day = 0;        ///< Days since 1970.
    long days_left = 0;  ///< Below 0: overdue.
};

/// What is due within so many days, and what is overdue, the earliest first: sunsets without an outcome, and
/// ends of a DRI's term (the day that the plan names, or else its sunset) that come before it.
[[nodiscard]] std::vector<Due> due_of(const std::vector<Outcome>& outcomes, core::Timestamp now, long days);

/// A plan that no day is known of, and why: it cannot be read, or names neither a sunset nor a term.
struct LeftOut {
    std::string file;
    std::string why;
};
[[nodiscard]] std::vector<LeftOut> left_out_of(const std::vector<Outcome>& outcomes);

[[nodiscard]] std::string to_text(const std::vector<Due>& due, long days);
[[nodiscard]] std::string to_json(const std::vector<Due>& due, const std::vector<LeftOut>& left_out,
                                  core::Timestamp now, long days);
/// A calendar (RFC 5545), a day each; the same day of the same plan has the same UID. Where nothing is due it
/// has no event, and a time zone, since one component is asked for.
[[nodiscard]] std::string to_calendar(const std::vector<Due>& due, core::Timestamp now);

}  // namespace tristrata::readiness
