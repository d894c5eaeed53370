#pragma once

#include "evidence.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/dataset/schema.hpp"
#include "tristrata/detection/season.hpp"
#include "tristrata/drift/report.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::detection {

/// Which null is used, and why, in words. usage: a null without order of time, or an alpha that so many
/// windows of the reference cannot reach, with the number that could.
[[nodiscard]] core::Result<std::pair<Null, std::string>> choose_null(const Plan& plan,
                                                                     const dataset::Schema& schema,
                                                                     bool ordered, std::size_t windows);

/// Whether a column of whole numbers ascends and lies, in one unit of s, ms, us or ns, between 2001 and 2100.
[[nodiscard]] bool reads_as_epoch(const dataset::Column& column) noexcept;

/// What is said of a column that could order the rows.
[[nodiscard]] std::string time_hint(std::string_view column);
[[nodiscard]] bool has_time_hint(std::string_view reason) noexcept;

/// A year of `checks` checks without drift: their expected false alarms, and for `chunks` their 5-95 % range.
/// One reference makes them dependent: given it, the rate is Beta(k, K + 1 - k), so the count is
/// beta-binomial. Nothing is stated where `checks` is 0.
void state_false_days(drift::PlanSummary& summary, const Setting& setting, double checks);

}  // namespace tristrata::detection
