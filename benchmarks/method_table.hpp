#pragma once

#include <cstdint>

namespace tristrata::benchmarks {

/// Prints as Markdown how often each method of the table of methods flags what each generator of the grid
/// makes, ours beside Evidently's and NannyML's; `native_alone`: our tests on the quick rows only.
///
/// Repeats   `repeats` where a check costs little; fewer for large samples and for permutations of kernels:
///           the tables state how many.
/// Returns   0; 1 where one of our tests has p <= .05 in more than .06 of the undrifted pairs by three
///           standard errors of the run; 3 where a check failed.
[[nodiscard]] int print_method_tables(std::uint64_t repeats, std::uint64_t seed, bool native_alone);

}  // namespace tristrata::benchmarks
