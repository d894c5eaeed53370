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

}  // namespace tristrata::detection
