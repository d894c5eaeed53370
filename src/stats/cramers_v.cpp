#include "tristrata/stats/cramers_v.hpp"

#include "tristrata/stats/chi_square.hpp"

#include <algorithm>
#include <cmath>

namespace tristrata::stats {

Statistic cramers_v(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    const TestOutcome outcome = chi_square_test(reference, current);
    if (const auto* reason = std::get_if<Undefined>(&outcome)) return *reason;
    double rows = 0.0, categories = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto here = static_cast<double>(reference[i] + current[i]);
        rows += here;
        categories += here > 0.0 ? 1.0 : 0.0;
    }
    if (categories < 2.0) return 0.0;
    const double others = categories - 1.0;
    const double phi = std::max(0.0, std::get<TestResult>(outcome).statistic / rows - others / (rows - 1.0));
    const double width = std::min(others - others * others / (rows - 1.0), 1.0 - 1.0 / (rows - 1.0));
    if (!(width > 0.0)) return Undefined::too_few_values;
    return std::min(1.0, std::sqrt(phi / width));
}

}  // namespace tristrata::stats
