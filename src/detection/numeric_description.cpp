#include "numeric_description.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/stats/psi.hpp"
#include "tristrata/stats/sum.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {

using stats::SortedSample;

void describe_side(drift::ColumnSide& side, const SortedSample& sample, std::size_t distinct) {
    side.distinct = distinct;
    if (sample.empty()) return;
    const auto values = sample.values();
    side.median = sample.median();
    side.minimum = values.front();
    side.maximum = values.back();
    // Two passes over sorted values: exact enough at mean 1e6 and sd 1, and no division a value.
    const double anchor = *side.median;
    const auto n = static_cast<double>(values.size());
    const double mean = anchor + stats::sum_of(values, [anchor](double x) { return x - anchor; }) / n;
    if (std::isfinite(mean)) side.mean = mean;
    if (values.size() < 2 || !side.mean) return;
    const double squares = stats::sum_of(values, [mean](double x) { return (x - mean) * (x - mean); });
    const double sd = std::sqrt(squares / (n - 1.0));
    if (std::isfinite(sd)) side.standard_deviation = sd;
}

Stability stability_of(const stats::Histogram& reference, const stats::Histogram& current, double null_mean,
                       double n_effective, double m_effective, double alpha) {
    Stability stability;
    const auto psi = stats::value_of(stats::psi(reference.counts, current.counts));
    if (!psi) return stability;
    stability.psi = psi;
    stability.excess = *psi - null_mean;
    // The interval stands on the mean that the excess stands on: rows whose windows scatter more are worth
    // less.
    const double first_order = stats::psi_null_mean(reference.counts.size(), n_effective, m_effective);
    const double worth = first_order > 0.0 && null_mean > 0.0 ? first_order / null_mean : 1.0;
    if (const auto interval = stats::psi_interval(*psi, reference.counts.size(), worth * n_effective,
                                                  worth * m_effective, alpha)) {
        stability.low = interval->low;
        stability.high = interval->high;
    }
    return stability;
}

namespace {

/// " (-88 %)"; empty where it says nothing.
std::string percentage(const drift::ColumnReport& report, double before, double after,
                       const std::vector<dataset::Derived>& derived) {
    const auto made = std::ranges::find(derived, report.name, &dataset::Derived::name);
    std::string of;
    double percent = 100.0 * (after - before) / std::abs(before);
    if (made == derived.end() || made->by == dataset::Derivation::change) {
        // A percentage of nearly nothing says nothing, nor does one across zero.
        constexpr double least_of_spread = 0.1;
        const double spread = report.reference.standard_deviation.value_or(0.0);
        if (before * after < 0.0 || std::abs(before) < least_of_spread * spread) return "";
    } else {
        if (made->by == dataset::Derivation::log_change) return "";
        percent = 100.0 * std::expm1(after - before);
        of = fmt::format("{} ", fmt::join(made->of, " / "));
    }
    if (!std::isfinite(percent) || std::abs(percent) < 0.5) return "";
    return fmt::format(" ({}{:+.0f} %)", of, percent);
}

}  // namespace

std::string moved_sentence(const drift::ColumnReport& report, const std::vector<dataset::Derived>& derived) {
    const auto before = report.reference.median, after = report.current.median;
    if (!before || !after) return "";
    const std::string unit = report.unit.empty() ? "" : " " + report.unit;
    if (*before == *after) {
        // Of zeros and ones, and wherever one value is most of them, the mean tells what the median does not.
        const auto mean_before = report.reference.mean, mean_after = report.current.mean;
        std::string stayed = fmt::format("the median stayed at {}{}", core::readable(*before), unit);
        if (!mean_before || !mean_after || core::readable(*mean_before) == core::readable(*mean_after))
            return stayed;
        return fmt::format("the mean {} from {} to {}{}, {}", *mean_after > *mean_before ? "rose" : "fell",
                           core::readable(*mean_before), core::readable(*mean_after), unit, stayed);
    }
    return fmt::format("the median {} from {} to {}{}{}", *after > *before ? "rose" : "fell",
                       core::readable(*before), core::readable(*after), unit,
                       percentage(report, *before, *after, derived));
}

}  // namespace tristrata::detection
