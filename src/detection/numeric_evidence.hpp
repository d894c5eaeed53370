#pragma once

#include "evidence.hpp"
#include "tristrata/stats/dependence.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::detection {

/// The numeric half of examine(): KS or the two-part test, PSI on equal-mass bins, the measures of the table.
/// `reference` and `current` hold a NaN for each missing value; `sorted` is the reference's finite values in
/// ascending order, or empty where nobody sorted them yet. Fills p, gate, moved, obstacle and the report's
/// test, effect, measures and distribution.
void examine_numbers(Evidence& evidence, std::vector<double> reference, std::vector<double> current,
                     const Setting& setting, std::uint64_t column_index, PreparedColumn* prepared = nullptr,
                     std::vector<double> sorted = {});

/// The categorical half: counts are over evidence.report's labels, in order; the codes are in the order of
/// rows.
void examine_categories(Evidence& evidence, const std::vector<std::string>& labels,
                        const std::vector<std::uint32_t>& reference_codes,
                        const std::vector<std::uint32_t>& current_codes, const Setting& setting,
                        std::uint64_t column_index);

/// The same from counts alone: `reference_codes` and `current_codes` are empty where nobody has the rows, and
/// then `saved` is what the reference's rows are worth, where that was measured.
void examine_categories(Evidence& evidence, const std::vector<std::string>& labels,
                        const std::vector<std::uint64_t>& reference,
                        const std::vector<std::uint64_t>& current,
                        std::span<const std::uint32_t> reference_codes,
                        std::span<const std::uint32_t> current_codes,
                        const std::optional<stats::Dependence>& saved, const Setting& setting,
                        std::uint64_t column_index);

/// The chunk null's measures of a numeric column: each window and current against the pool of its class.
[[nodiscard]] std::vector<WindowMeasure> window_measures(const std::vector<double>& reference,
                                                         const std::vector<double>& current,
                                                         const Setting& setting);

/// The same for codes into labels: total variation stands in for KS, and there is no tail.
[[nodiscard]] std::vector<WindowMeasure> window_measures(std::size_t labels,
                                                         std::span<const std::uint32_t> reference,
                                                         std::span<const std::uint32_t> current,
                                                         const Setting& setting);

/// A measure as windows are ranked by it: its logarithm, that of 0 being far below any other.
[[nodiscard]] double log_of_measure(double measure) noexcept;

/// How many windows of the reference hold one value only, among those that `is_value` accepts; a window
/// without a value says nothing.
template <class T, class IsValue>
std::size_t constant_windows(std::span<const T> reference, const std::vector<Window>& windows,
                             const IsValue& is_value) {
    std::size_t constant = 0;
    for (const Window& window : windows) {
        std::optional<T> first;
        bool alike = true;
        for (std::size_t row = window.begin; row < window.end && alike; ++row) {
            if (!is_value(reference[row])) continue;
            if (!first) first = reference[row];
            alike = *first == reference[row];
        }
        constant += first && alike;
    }
    return constant;
}

}  // namespace tristrata::detection
