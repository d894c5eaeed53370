#include "tristrata/stats/chi_square.hpp"

#include "permutation.hpp"
#include "tristrata/stats/hypergeometric.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace tristrata::stats {
namespace {

std::uint64_t total_of(std::span<const std::uint64_t> counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// With both margins known the statistic needs current's counts only: N²/(n m) Σ (b - m t/N)² / t.
double statistic_of(std::span<const std::uint64_t> pooled, std::span<const std::uint64_t> current, double n,
                    double m) {
    const double share = m / (n + m);
    double sum = 0.0;
    for (std::size_t i = 0; i < pooled.size(); ++i) {
        const auto t = static_cast<double>(pooled[i]);
        const double gap = static_cast<double>(current[i]) - share * t;
        sum += gap * gap / t;
    }
    return sum * (n + m) * (n + m) / (n * m);
}

struct Table {
    std::vector<std::uint64_t> pooled;
    std::vector<std::uint64_t> current;
    std::uint64_t n = 0, m = 0;
};

Table table_of(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    assert(reference.size() == current.size());
    Table table{{}, {}, total_of(reference), total_of(current)};
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (reference[i] + current[i] == 0) continue;
        table.pooled.push_back(reference[i] + current[i]);
        table.current.push_back(current[i]);
    }
    return table;
}

}  // namespace

double chi_square_survival(double statistic, double degrees) {
    return statistic <= 0.0 ? 1.0 : boost::math::gamma_q(0.5 * degrees, 0.5 * statistic);
}

TestOutcome chi_square_test(std::span<const std::uint64_t> reference,
                            std::span<const std::uint64_t> current) {
    const Table table = table_of(reference, current);
    if (table.n == 0 || table.m == 0) return Undefined::empty_sample;
    if (table.pooled.size() < 2) return TestResult{0.0, 1.0, "exact"};
    const double statistic =
        statistic_of(table.pooled, table.current, static_cast<double>(table.n), static_cast<double>(table.m));
    return TestResult{statistic, chi_square_survival(statistic, static_cast<double>(table.pooled.size() - 1)),
                      "asymptotic"};
}

TestOutcome yates_chi_square_test(std::span<const std::uint64_t> reference,
                                  std::span<const std::uint64_t> current) {
    const Table table = table_of(reference, current);
    if (table.n == 0 || table.m == 0 || table.pooled.size() != 2) return chi_square_test(reference, current);
    const auto n = static_cast<double>(table.n), m = static_cast<double>(table.m);
    double sum = 0.0;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto t = static_cast<double>(table.pooled[i]);
        const double gap = std::abs(static_cast<double>(table.current[i]) - t * m / (n + m));
        const double corrected = std::max(0.0, gap - 0.5);
        sum += corrected * corrected / t;
    }
    const double statistic = sum * (n + m) * (n + m) / (n * m);
    return TestResult{statistic, chi_square_survival(statistic, 1.0), "asymptotic"};
}

double min_expected_count(std::span<const std::uint64_t> reference,
                          std::span<const std::uint64_t> current) noexcept {
    double n = 0.0, m = 0.0, smallest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < reference.size(); ++i) {
        n += static_cast<double>(reference[i]);
        m += static_cast<double>(current[i]);
        const auto here = static_cast<double>(reference[i] + current[i]);
        if (here > 0.0) smallest = std::min(smallest, here);
    }
    return n + m == 0.0 ? 0.0 : smallest * std::min(n, m) / (n + m);
}

TestOutcome chi_square_permutation_test(std::span<const std::uint64_t> reference,
                                        std::span<const std::uint64_t> current, std::uint64_t draws,
                                        Random random) {
    Table table = table_of(reference, current);
    if (table.n == 0 || table.m == 0) return Undefined::empty_sample;
    if (table.pooled.size() < 2) return TestResult{0.0, 1.0, "exact"};
    const auto n = static_cast<double>(table.n), m = static_cast<double>(table.m);
    const double observed = statistic_of(table.pooled, table.current, n, m);
    const double threshold = observed * (1.0 - 1e-9) - 1e-12;
    return permutation_result(observed, draws, [&] {
        draw_hypergeometric(table.pooled, table.m, table.current, random);
        return statistic_of(table.pooled, table.current, n, m) >= threshold;
    });
}

}  // namespace tristrata::stats
