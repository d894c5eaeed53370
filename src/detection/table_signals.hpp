#pragma once

#include "evidence.hpp"
#include "loading.hpp"
#include "tristrata/drift/report.hpp"

#include <vector>

namespace tristrata::detection {

/// What the times of both sides say of the table as a whole: gaps of the reference's regular step,
/// duplicates, order, rows a day. The first, second and last of them are signals where chance does not
/// explain them, at what the rows are worth, and under `chunks` where current stands out among the
/// reference's windows. Empty where there is no time column.
[[nodiscard]] std::vector<drift::Signal> table_signals(const OrderedSide& reference,
                                                       const OrderedSide& current, const Setting& setting);

/// What the plan asks of the table as a whole: rows_min, and max_age at `asked_at`: the time of the report,
/// or the end of the window that was asked for where that is earlier.
[[nodiscard]] std::vector<drift::Signal> bound_signals(const OrderedSide& current, std::uint64_t rows,
                                                       core::Timestamp asked_at, const Plan& plan);

}  // namespace tristrata::detection
