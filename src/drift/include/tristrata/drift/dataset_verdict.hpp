#pragma once

#include "tristrata/drift/report.hpp"

#include <optional>
#include <vector>

namespace tristrata::drift {

/// A table's verdict where its columns count by their importance.
struct DatasetVerdict {
    bool weighted = false;                ///< Some column's importance is not 1.
    double weighted_share_drifted = 0.0;  ///< In [0, 1].
    std::optional<Severity> severity;     ///< Only where weighted.
};

/// From a weighted share of one half on the table as a whole is `warn`: what its model rests on has moved,
/// even where each column is `info`.
inline constexpr double dataset_warn = 0.5;

/// The importance of the columns that drifted over that of the columns tested; 0 where nothing that counts
/// was tested. With all importances 1 it is share_drifted, and no finding of its own.
///
/// Example   importances 3 (drift), 1 (no drift), 5 (not tested): 3 / 4, warn
/// (tests/dataset_verdict_test.cpp).
[[nodiscard]] DatasetVerdict judge_dataset(const std::vector<ColumnReport>& columns) noexcept;

}  // namespace tristrata::drift
