#pragma once

#include "tristrata/stats/windows.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace tristrata::stats {

/// Where the newest of K + 1 windows stands among all of them.
struct WindowRank {
    std::size_t above = 0;     ///< Windows before it whose score is larger.
    std::size_t equal = 0;     ///< Whose score is the same.
    std::size_t compared = 0;  ///< Windows before it that could be compared.
    std::size_t column = 0;    ///< The column that its score comes from.
};

/// Ranks the newest window by its score, the largest standardised measure over all columns, as
/// chunk_adjusted_p() has it; `series`, `per_column` and `classes` are the same.
///
/// Classes   Windows are compared within the newest one's class only: within it they are exchangeable, and so
///           the ranks of all classes together are independent and uniform once smoothed.
/// Returns   Absent where the newest window has no measure that varies.
[[nodiscard]] std::optional<WindowRank> newest_window_rank(const std::vector<WindowSeries>& series,
                                                           std::size_t per_column,
                                                           std::span<const int> classes = {});

/// (above + u (equal + 1)) / (compared + 1), u uniform on (0, 1]: where windows are exchangeable these are
/// independent and uniform, whatever the score.
///
/// Source    Vovk, Gammerman, Shafer (2005), doi:10.1007/b106715, section 2; by class: section 4.5.
[[nodiscard]] double smoothed_p(const WindowRank& rank, double u) noexcept;

/// The evidence of uniform p-values against their being uniform: the mean over 200 values of e in (0, 1) of
/// the product of e p^(e - 1). Starts at 1; where the p-values are uniform and independent it exceeds 1/alpha
/// at any time with probability at most alpha (Ville). It grows while small p-values go on coming, and is
/// slow to believe a single one.
///
/// Example   p = 0.01 once: 4.45; ten times 0.1: 37.5 (tests/conformal_test.cpp, "worked example").
/// Source    Vovk, Nouretdinov, Gammerman (2003), Testing exchangeability on-line, ICML, "simple mixture".
class MixtureMartingale {
public:
    /// p in (0, 1].
    void update(double p) noexcept;
    /// The natural logarithm of the evidence.
    [[nodiscard]] double log_evidence() const noexcept;

private:
    std::size_t count_ = 0;
    double minus_log_p_ = 0.0;  ///< Sum over all p.
};

}  // namespace tristrata::stats
