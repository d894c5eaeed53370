#pragma once

#include "tristrata/dataset/column.hpp"
#include "tristrata/model_quality/class_metrics.hpp"
#include "tristrata/model_quality/quality.hpp"

#include <limits>
#include <string>
#include <vector>

namespace tristrata::model_quality {

inline constexpr std::uint32_t no_class = std::numeric_limits<std::uint32_t>::max();

/// One side in memory, in order of time: rows with a prediction and probabilities, where the model gives
/// them.
struct Sample {
    std::size_t rows = 0;
    std::vector<std::int64_t> times;  ///< Empty without a time column.
    std::vector<double> truth;        ///< Regression; NaN: not known.
    std::vector<double> predicted;
    std::vector<std::uint32_t> label;  ///< Classification; no_class: not known.
    std::vector<std::uint32_t> said;   ///< Predicted class; empty where the model gives none.
    std::vector<double> scores;        ///< `classes` a row; empty where the model gives none.
    std::vector<dataset::Column> features;
    drift::Side side;

    [[nodiscard]] bool labelled(std::size_t row) const {
        return label.empty() ? truth[row] == truth[row] : label[row] != no_class;
    }
};

/// Both sides as they are compared, and what was said of them on the way.
struct Loaded {
    Problem problem = Problem::binary;
    std::vector<std::string> classes;
    std::vector<std::string> features;
    Sample reference, current;
    std::vector<std::string> notes;
};

[[nodiscard]] core::Result<Loaded> load(const QualitySide& reference, const QualitySide& current,
                                        dataset::Source* labels, const QualityPlan& plan, bool with_features,
                                        const core::Task& task);

}  // namespace tristrata::model_quality
