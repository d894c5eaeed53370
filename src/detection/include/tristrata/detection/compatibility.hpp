#pragma once

#include "tristrata/dataset/chunk.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::detection {

/// Which of Evidently's rules tell a column's kind; its tests are the same in both.
enum class EvidentlyLine : std::uint8_t {
    current,  ///< 0.7: whole numbers with at most 10 distinct values are categories; free text is set apart.
    legacy,   ///< 0.4 to 0.6: at most 5, the reference's counted first; every string is a category.
};

/// Evidently's options under Evidently's names (docs/compatibility.md). A column's own stand in ColumnPlan:
/// they come first, then those of its kind, then these of all, then the default.
struct EvidentlyOptions {
    EvidentlyLine line = EvidentlyLine::current;
    double drift_share = 0.5;  ///< The table drifts from this share of drifted columns on.
    std::optional<std::string> method, num_method, cat_method;
    std::optional<double> threshold, num_threshold, cat_threshold;
    bool operator==(const EvidentlyOptions&) const = default;
};

/// NannyML's two ways to a threshold, over a method's values of the reference's chunks.
struct NannymlThreshold {
    enum class Kind : std::uint8_t { constant, standard_deviation };
    enum class Offset : std::uint8_t { mean, median, min, max };
    Kind kind = Kind::standard_deviation;
    std::optional<double> lower, upper;  ///< constant: the bounds; either may be absent.
    std::optional<double> std_lower_multiplier;
    std::optional<double> std_upper_multiplier = 3.0;
    Offset offset_from = Offset::mean;
    bool operator==(const NannymlThreshold&) const = default;
};

/// Lower and upper bound; absent where there is none.
using Bounds = std::pair<std::optional<double>, std::optional<double>>;

/// offset - m sd and offset + m sd of the values that are no NaN, sd with divisor n; or the constants. A
/// bound at or beyond its limit becomes the limit: a distance has no lower bound below 0.
///
/// Returns   No bounds from no value; a constant one even then.
/// Example   0, ..., 29 with offset min and multipliers .3 and 3.1: sd 8.6554, so -2.5966 and 26.8319.
[[nodiscard]] Bounds nannyml_bounds(const NannymlThreshold& threshold, std::span<const double> values,
                                    std::optional<double> lower_limit, std::optional<double> upper_limit);

/// NannyML's options under NannyML's names.
struct NannymlOptions {
    std::vector<std::string> continuous_methods{"jensen_shannon"};
    std::vector<std::string> categorical_methods{"jensen_shannon"};
    dataset::Chunking chunking = dataset::ByCount{10, dataset::Remainder::keep};
    std::map<std::string, NannymlThreshold, std::less<>> threshold;  ///< By method.
};

}  // namespace tristrata::detection
