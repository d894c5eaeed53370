#pragma once

#include "loading.hpp"
#include "tristrata/drift/report.hpp"

#include <vector>

namespace tristrata::detection {

/// What the times of both sides say of the table as a whole: gaps, duplicates, order, rows a day. Empty
/// where there is no time column.
[[nodiscard]] std::vector<drift::Signal> table_signals(const OrderedSide& reference,
                                                       const OrderedSide& current, const Plan& plan);

}  // namespace tristrata::detection
