#include "tristrata/stats/deepchecks.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <variant>
#include <vector>

namespace tristrata::stats {
namespace {

/// Both sides over the categories that either has, the larger one scaled down.
struct ScaledTable {
    std::vector<double> reference, current;
    double rows = 0.0;  ///< A side.
};

std::variant<ScaledTable, Undefined> scaled(std::span<const std::uint64_t> reference,
                                            std::span<const std::uint64_t> current) {
    assert(reference.size() == current.size());
    const auto total_of = [](std::span<const std::uint64_t> counts) {
        return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    };
    const double n = total_of(reference), m = total_of(current);
    if (n == 0.0 || m == 0.0) return Undefined::empty_sample;
    ScaledTable table{{}, {}, std::min(n, m)};
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (reference[i] + current[i] == 0) continue;
        table.reference.push_back(static_cast<double>(reference[i]) * (table.rows / n));
        table.current.push_back(static_cast<double>(current[i]) * (table.rows / m));
    }
    return table;
}

Statistic corrected_v(const std::vector<double>& a, const std::vector<double>& b) {
    const double n = std::accumulate(a.begin(), a.end(), 0.0), m = std::accumulate(b.begin(), b.end(), 0.0);
    const double rows = n + m, others = static_cast<double>(a.size()) - 1.0;
    if (others < 1.0) return 0.0;
    double chi_square = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double column = a[i] + b[i];
        if (column == 0.0) continue;
        double gap = std::abs(a[i] - column * n / rows);
        if (a.size() == 2) gap = std::max(0.0, gap - 0.5);
        chi_square += gap * gap * rows / column * (1.0 / n + 1.0 / m);
    }
    const double phi = std::max(0.0, chi_square / rows - others / (rows - 1.0));
    const double width = std::min(others - others * others / (rows - 1.0), 1.0 - 1.0 / (rows - 1.0));
    if (!(width > 0.0)) return Undefined::too_few_values;
    return std::min(1.0, std::sqrt(phi / width));
}

}  // namespace

Statistic deepchecks_cramers_v(std::span<const std::uint64_t> reference,
                               std::span<const std::uint64_t> current) {
    const auto table = scaled(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&table)) return *reason;
    const auto& counts = std::get<ScaledTable>(table);
    return corrected_v(counts.reference, counts.current);
}

Statistic deepchecks_balanced_cramers_v(std::span<const std::uint64_t> reference,
                                        std::span<const std::uint64_t> current) {
    auto table = scaled(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&table)) return *reason;
    auto& [a, b, rows] = std::get<ScaledTable>(table);
    const double total = rows + static_cast<double>(a.size());  // One more for each category.
    double weighed = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        b[i] = (b[i] + 1.0) / (a[i] + 1.0);
        weighed += b[i];
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = std::round(total / static_cast<double>(a.size()));
        b[i] = std::round(b[i] / weighed * total);
    }
    return corrected_v(a, b);
}

}  // namespace tristrata::stats
