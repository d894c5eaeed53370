#pragma once

#include "evidence.hpp"

namespace tristrata::detection {

/// A column of a saved profile that is kept as counts: what counts can answer is answered (KS over the stored
/// edges, chi-square, PSI, Jensen-Shannon, total variation), and what needs the reference's rows is not
/// tested, with that reason. `current` is in the order of its rows; it is consumed.
void examine_counts(Evidence& evidence, const SavedCounts& saved, dataset::Column current,
                    const Setting& setting, std::uint64_t column_index);

/// The setting for such a column: nothing looks at the order of the reference's rows.
[[nodiscard]] Setting without_rows(const Setting& setting);

}  // namespace tristrata::detection
