#pragma once

#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>
#include <span>

namespace tristrata::stats {

/// The G test of the 2 x k table of counts, the likelihood ratio beside Pearson's chi-square: G = 2 sum of
/// O ln(O / E) over both rows, E being the counts expected where both sides have one distribution; k - 1
/// degrees, categories that neither side has being left out. G / (2 N ln 2) is the mutual information of side
/// and category in bits.
///
/// Returns   Undefined::empty_sample where a side has no count; statistic 0 and p 1 where one category is
///           left. Symmetric, pure.
/// When not  Below twenty expected counts p is too small, the more so the more categories there are (a
///           hundred categories, 1,000 against 200 rows: .25 of undrifted runs at .05): g_permutation_test.
/// Example   {10, 20} against {20, 10}: G 6.796, p .00914.
/// Source    Wilks (1938), doi:10.1214/aoms/1177732360.
[[nodiscard]] TestOutcome g_test(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current);

/// The p of the same statistic by permutation of the rows, as chi_square_permutation_test.
///
/// Cost      O(k) a draw, sequential as ks_permutation_test. The same on any number of threads.
[[nodiscard]] TestOutcome g_permutation_test(std::span<const std::uint64_t> reference,
                                             std::span<const std::uint64_t> current, std::uint64_t draws,
                                             Random random);

/// The same where n rows are worth n / tau: G against tau times that of the draws. Each draw has a tau of its
/// own from the lognormal distribution around the estimate, as averaged_p, and not below 1.
///
/// Edges     At tau 1, known exactly, p is the one above. The longer labels stay, the less of G is due to few
///           rows, and p is too large rather than too small.
[[nodiscard]] TestOutcome g_permutation_test(std::span<const std::uint64_t> reference,
                                             std::span<const std::uint64_t> current, std::uint64_t draws,
                                             Random random, const Dependence& dependence);

}  // namespace tristrata::stats
