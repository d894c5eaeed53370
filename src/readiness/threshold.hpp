#pragma once

#include "tokens.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What a cell or a line says of thresholds: "0.2 / 0.5", "warn ≥ 0,05, crit ≥ 0,1", "5 % / 10 %", "< 60 s".
/// A number has digits and one point, or one comma with a fraction behind it that no thousand can be; what
/// else it may have (2e-1, 1,000) is odd, as any word is that thresholds are not written with.
struct ThresholdText {
    std::vector<double> numbers;  ///< In order; of a percentage its share.
    std::string odd;              ///< What does not fit; the rest counts for nothing then.

    [[nodiscard]] bool fits() const { return odd.empty() && !numbers.empty(); }
};
/// `own`: words, in small letters, that belong to what is measured, such as those of a metric's name.
[[nodiscard]] ThresholdText read_thresholds(std::string_view text, const std::vector<std::string>& code = {},
                                            std::span<const std::string> own = {});
/// Whether what stands before thresholds, or before what they are of, takes nothing back: "Defaults: ", and
/// not "no ".
[[nodiscard]] bool leads_to_thresholds(std::string_view text, const std::vector<std::string>& code);
/// Whether a sentence names thresholds behind the metric's name, or at the begin of a clause behind it:
/// "`win_rate` of the backtest, 0.52 / 0.50".
[[nodiscard]] bool names_thresholds_behind(std::string_view text, const std::vector<std::string>& code,
                                           std::string_view metric);

}  // namespace tristrata::readiness
