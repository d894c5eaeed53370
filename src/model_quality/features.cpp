#include "features.hpp"

#include <algorithm>
#include <limits>

namespace tristrata::model_quality {

FeatureEncoder::FeatureEncoder(const std::vector<dataset::Column>& reference) {
    for (const dataset::Column& column : reference) {
        std::vector<std::pair<std::uint64_t, std::string>> counts;
        for (const auto& label : column.labels) counts.emplace_back(0, label);
        for (const auto code : column.codes)
            if (code != dataset::Column::missing_code) ++counts[code].first;
        std::ranges::sort(counts, [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first > b.first : a.second < b.second;
        });
        auto& ranks = ranks_.emplace_back();
        for (std::size_t rank = 0; rank < counts.size(); ++rank)
            if (counts[rank].first > 0) ranks.emplace(counts[rank].second, static_cast<double>(rank));
    }
}

std::vector<double> FeatureEncoder::encode(const std::vector<dataset::Column>& columns) const {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const std::size_t width = columns.size(), rows = columns.empty() ? 0 : columns.front().rows;
    std::vector<double> out(rows * width, missing);
    for (std::size_t c = 0; c < width; ++c) {
        const dataset::Column& column = columns[c];
        std::vector<double> rank_of_code;
        for (const auto& label : column.labels) {
            const auto found = ranks_[c].find(label);
            rank_of_code.push_back(found == ranks_[c].end() ? missing : found->second);
        }
        for (std::size_t row = 0; row < rows; ++row) {
            double& cell = out[row * width + c];
            if (!column.numbers.empty()) cell = column.numbers[row];
            else if (!column.times.empty() && column.times[row] != dataset::Column::missing_time)
                cell = static_cast<double>(column.times[row]);
            else if (!column.codes.empty() && column.codes[row] != dataset::Column::missing_code)
                cell = rank_of_code[column.codes[row]];
        }
    }
    return out;
}

}  // namespace tristrata::model_quality
