#pragma once

#include "tristrata/stats/sample.hpp"
#include "tristrata/stats/statistic.hpp"

#include <cstdint>

namespace tristrata::stats {

// p-values as scipy 1.10 gives them, digit for digit as far as they mean anything: what a peer that calls
// scipy reports. Where scipy's way is the worse one, our own test of that name says so and goes another.

/// ks_2samp's two-sided p: the share of the orderings without ties where neither side has more than 10,000
/// values; beyond, the one-sample distribution at round(n m / (n + m)). Small p keep their digits.
///
/// Cost      Exact: O(n m), less where D is small; O(n / (n D)) where n = m.
/// Source    Hodges (1958), doi:10.1007/BF02589501.
[[nodiscard]] double scipy_ks_p(double d, std::uint64_t n, std::uint64_t m);

/// P(D >= d) of the one-sample Kolmogorov-Smirnov statistic of n values.
///
/// Source    Simard and L'Ecuyer (2011), doi:10.18637/jss.v039.i11, for which formula where; Marsaglia, Tsang
///           and Wang (2003), doi:10.18637/jss.v008.i18; Pelz and Good (1976),
///           doi:10.1111/j.2517-6161.1976.tb01579.x.
[[nodiscard]] double kolmogorov_one_sample_survival(double d, std::uint64_t n);

/// cramervonmises_2samp's p. Up to 20 values a side the share of the orderings without ties, also where there
/// are some; beyond, one minus the limit's series, which ends at the first term below 1e-7: of a p below some
/// 1e-8 hardly a digit is right.
///
/// Returns   Undefined::too_few_values below two values a side.
[[nodiscard]] TestOutcome scipy_cramer_von_mises_test(const SortedSample& reference,
                                                      const SortedSample& current);

/// anderson_ksamp's p of two samples from the standardised statistic: a parabola through the published
/// levels' logarithms, between .001 and .25.
[[nodiscard]] double scipy_anderson_darling_p(double statistic);

}  // namespace tristrata::stats
