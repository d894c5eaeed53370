#include "tristrata/detection/method.hpp"

#include <algorithm>
#include <array>

namespace tristrata::detection {
namespace {

using drift::Kind;
constexpr std::array numeric{Kind::numeric, Kind::time};
constexpr std::array categorical{Kind::categorical, Kind::boolean};
constexpr std::array any{Kind::numeric, Kind::time, Kind::categorical, Kind::boolean};

constexpr std::array table{
    Method{"ks", "Kolmogorov-Smirnov", numeric, SummaryKind::sample, true, "independent dependent chunks",
           "ks >= 0.05", "ks.md"},
    Method{"two_part", "Share of the modal value and KS of the rest", numeric, SummaryKind::sample, true,
           "independent dependent", "ks >= 0.05, or the share by the categorical rule", "two_part.md"},
    Method{"chi_square", "Two-sample chi-square", categorical, SummaryKind::counts, true,
           "independent dependent", "total_variation >= 0.05, or one category's share by a factor >= 1.25",
           "chi_square.md"},
    Method{"psi", "Population stability index", any, SummaryKind::histogram, false, "", "index", "psi.md"},
    Method{"psi_excess", "PSI minus its mean without drift", any, SummaryKind::histogram, false, "", "index",
           "psi.md"},
    Method{"wasserstein", "Trimmed Wasserstein distance", numeric, SummaryKind::sample, false, "",
           "reference interquartile ranges", "wasserstein.md"},
    Method{"anderson_darling", "Anderson-Darling, two samples", numeric, SummaryKind::sample, false, "",
           "standardised statistic", "anderson_darling.md"},
    Method{"third_largest", "Third-largest robust deviation of current", numeric, SummaryKind::sample, false,
           "", "reference interquartile ranges", "robust_deviation.md"},
    Method{"jensen_shannon", "Jensen-Shannon distance, base 2", any, SummaryKind::histogram, false, "",
           "0 to 1", "jensen_shannon.md"},
    Method{"total_variation", "Total variation", any, SummaryKind::histogram, false, "", "0 to 1",
           "total_variation.md"},
};

}  // namespace

std::span<const Method> methods() noexcept { return table; }

const Method* find_method(std::string_view name) noexcept {
    const auto* row = std::ranges::find(table, name, &Method::name);
    return row == table.end() ? nullptr : row;
}

}  // namespace tristrata::detection
