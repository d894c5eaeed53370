#pragma once

#include "peer.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// How often each distinct value of both sides stands on each, values ascending.
struct ValueCounts {
    std::vector<std::uint64_t> reference;
    std::vector<std::uint64_t> current;
};

/// A column as Evidently hands it to a test: infinities and missing values gone. A categorical column has its
/// counts; a numeric one its values, from which counts are made where a test wants them.
struct EvidentlyColumn {
    bool numeric = false;
    stats::SortedSample reference;
    stats::SortedSample current;
    ValueCounts counts;
    std::uint64_t n = 0;  ///< Values of the reference...
    std::uint64_t m = 0;  ///< ...and of current.

    [[nodiscard]] ValueCounts value_counts() const;
    /// Distinct values of the reference, and of both sides together.
    [[nodiscard]] std::size_t reference_distinct() const;
    [[nodiscard]] std::size_t distinct() const;
};

/// The score of the test of this name (a row of the table of methods), by Evidently's formula. The random
/// numbers are for the two tests that draw: empirical_mmd and TVD.
[[nodiscard]] PeerScore evidently_score(std::string_view test, const EvidentlyColumn& column,
                                        stats::Random random);

}  // namespace tristrata::detection
