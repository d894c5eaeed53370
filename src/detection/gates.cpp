#include "gates.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/stats/fisher.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {

std::uint64_t permutation_draws(const Setting& setting) {
    const double wanted =
        20.0 * static_cast<double>(std::max<std::size_t>(1, setting.columns)) / setting.plan->alpha;
    return static_cast<std::uint64_t>(std::clamp(wanted, 1999.0, 100000.0));
}

bool enough(Evidence& evidence, std::size_t reference, std::size_t current, double tau, double reference_min,
            double current_min) {
    const double n = static_cast<double>(reference) / tau;
    const double m = static_cast<double>(current) / tau;
    if (n >= reference_min && m >= current_min) return true;
    evidence.insufficient = true;
    const bool reference_short = n < reference_min;
    const std::size_t rows = reference_short ? reference : current;
    const double independent = reference_short ? n : m;
    const double needed = reference_short ? reference_min : current_min;
    const std::string_view side = reference_short ? "the reference" : "current";
    if (rows == 0) evidence.obstacle = fmt::format("no value in {}; {:.0f} are needed", side, needed);
    else if (tau > 1.0)
        evidence.obstacle = fmt::format(
            "neighbouring rows are so alike (tau {:.0f}) that the {} values of {} are worth some {:.2g} "
            "independent ones; "
            "{:.0f} are needed, so take a longer window or a less persistent column (its change from row to "
            "row)",
            tau, core::readable(static_cast<double>(rows)), side, independent, needed);
    else
        evidence.obstacle =
            fmt::format("{} in {}; {:.0f} are needed", core::plural(rows, "value"), side, needed);
    return false;
}

bool category_gate(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current,
                   double tau) {
    double n = 0.0, m = 0.0;
    for (const auto count : reference) n += static_cast<double>(count);
    for (const auto count : current) m += static_cast<double>(count);
    if (n == 0.0 || m == 0.0) return false;
    double variation = 0.0;
    bool factor = false;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto a = static_cast<double>(reference[i]), b = static_cast<double>(current[i]);
        const double p = a / n, q = b / m;
        variation += 0.5 * std::abs(p - q);
        if (p * m < expected_count_floor) continue;
        // Half a count on each side keeps the ratio of a vanished category finite.
        const double ratio = ((b + 0.5) / (m + 0.5)) / ((a + 0.5) / (n + 0.5));
        const double error =
            std::sqrt(tau * std::max(0.0, 1 / (a + 0.5) - 1 / (n + 0.5) + 1 / (b + 0.5) - 1 / (m + 0.5)));
        factor = factor || std::abs(std::log(ratio)) - 1.959964 * error >= std::log(share_factor_floor);
    }
    return variation >= total_variation_floor || factor;
}

stats::TestOutcome share_test(std::uint64_t reference, std::uint64_t reference_rest, std::uint64_t current,
                              std::uint64_t current_rest,
                              const std::optional<stats::Dependence>& dependence) {
    if (!dependence) return stats::fisher_test(reference, reference_rest, current, current_rest);
    // Fisher at the numbers the rows are worth: chi-square over τ flags up to 7.7 % at 5 % where a share is
    // small (docs/statistics/two_part.md).
    const auto p_at = [&](double tau) {
        const auto worth = [tau](std::uint64_t rows) {
            return static_cast<std::uint64_t>(std::llround(static_cast<double>(rows) / tau));
        };
        const auto outcome =
            stats::fisher_test(worth(reference), worth(reference_rest), worth(current), worth(current_rest));
        const auto* test = std::get_if<stats::TestResult>(&outcome);
        return test != nullptr ? test->p : 1.0;  // Not one independent row on a side: no evidence.
    };
    const auto plain = stats::fisher_test(reference, reference_rest, current, current_rest);
    const auto* test = std::get_if<stats::TestResult>(&plain);
    if (test == nullptr) return plain;
    return stats::TestResult{test->statistic, stats::averaged_p(p_at, *dependence), "exact at n/tau"};
}

}  // namespace tristrata::detection
