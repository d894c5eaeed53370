#pragma once

#include "tristrata/dataset/column.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace tristrata::model_quality {

/// Columns as a learner takes them: numbers and times as they are, a label as its rank by how often the
/// reference holds it (0 the most frequent; equally frequent ones by name). A label the reference never held,
/// and a missing value, are missing.
class FeatureEncoder {
public:
    explicit FeatureEncoder(const std::vector<dataset::Column>& reference);
    /// All rows, by row, as many numbers a row as there are columns.
    [[nodiscard]] std::vector<double> encode(const std::vector<dataset::Column>& columns) const;

private:
    std::vector<std::unordered_map<std::string, double>> ranks_;
};

}  // namespace tristrata::model_quality
