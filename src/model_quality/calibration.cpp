#include "tristrata/model_quality/calibration.hpp"

#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tristrata::model_quality {
namespace {

std::vector<std::uint32_t> ascending(std::span<const double> scores) {
    std::vector<std::uint32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return scores[i]; });
    return order;
}

/// The error of truths already in the order of their scores.
double binned_error(std::span<const double> scores, std::span<const double> truths, std::size_t bins) {
    double error = 0.0;
    for (const auto& [begin, end] : equal_count_bins(scores.size(), bins)) {
        double difference = 0.0;
        for (std::size_t i = begin; i < end; ++i) difference += scores[i] - truths[i];
        error += std::abs(difference);
    }
    return error / static_cast<double>(scores.size());
}

}  // namespace

Isotonic::Isotonic(std::span<const double> scores, std::span<const double> truths) {
    assert(scores.size() == truths.size() && !scores.empty());
    struct Block {
        double sum, count;
        std::size_t last;  ///< Index of its last distinct score.
    };
    std::vector<Block> blocks;
    std::vector<double> distinct;
    const auto order = ascending(scores);
    for (std::size_t at = 0; at < order.size();) {
        const double score = scores[order[at]];
        double sum = 0.0, count = 0.0;
        for (; at < order.size() && scores[order[at]] == score; ++at) {
            sum += truths[order[at]];
            count += 1.0;
        }
        distinct.push_back(score);
        blocks.push_back({sum, count, distinct.size() - 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].sum * blocks.back().count >=
                                        blocks.back().sum * blocks[blocks.size() - 2].count) {
            const Block top = blocks.back();
            blocks.pop_back();
            blocks.back() = {blocks.back().sum + top.sum, blocks.back().count + top.count, top.last};
        }
    }
    // The two ends of each block are enough: between them the function is constant.
    std::size_t first = 0;
    for (const Block& block : blocks) {
        const double value = block.sum / block.count;
        scores_.push_back(distinct[first]);
        values_.push_back(value);
        if (block.last != first) {
            scores_.push_back(distinct[block.last]);
            values_.push_back(value);
        }
        first = block.last + 1;
    }
}

double Isotonic::operator()(double score) const noexcept {
    const auto above = std::ranges::lower_bound(scores_, score);
    const auto i = static_cast<std::size_t>(above - scores_.begin());
    if (i == scores_.size()) return values_.back();
    if (scores_[i] == score || i == 0) return values_[i];
    const double share = (score - scores_[i - 1]) / (scores_[i] - scores_[i - 1]);
    return values_[i - 1] + share * (values_[i] - values_[i - 1]);
}

std::vector<std::pair<std::size_t, std::size_t>> equal_count_bins(std::size_t rows, std::size_t bins) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t bin = 0; bin < bins; ++bin)
        out.emplace_back(bin * (rows / bins), bin + 1 == bins ? rows : (bin + 1) * (rows / bins));
    return out;
}

Measured calibration_error(std::span<const double> scores, std::span<const double> truths, std::size_t bins) {
    assert(scores.size() == truths.size() && bins > 0);
    if (scores.size() < 2 * bins) return Measured::none("fewer than two rows a bin");
    std::vector<double> s, t;
    for (const auto i : ascending(scores)) {
        s.push_back(scores[i]);
        t.push_back(truths[i]);
    }
    return Measured::of(binned_error(s, t, bins));
}

std::optional<CalibrationTest> calibration_test(std::span<const double> scores,
                                                std::span<const double> truths, std::uint64_t seed,
                                                unsigned draws, std::size_t learned_from, std::size_t bins) {
    const auto error = calibration_error(scores, truths, bins);
    if (!error.value) return std::nullopt;
    std::vector<double> s(scores.begin(), scores.end()), t(s.size());
    std::ranges::sort(s);
    CalibrationTest test{*error.value, 0.0, 0.0};
    unsigned as_large = 0;
    const double widen =
        learned_from == 0
            ? 1.0
            : std::sqrt(1.0 + static_cast<double>(s.size()) / static_cast<double>(learned_from));
    for (unsigned draw = 0; draw < draws; ++draw) {
        stats::Random random(seed, 1, draw);
        for (std::size_t i = 0; i < s.size(); ++i) t[i] = random.uniform() < s[i] ? 1.0 : 0.0;
        const double drawn = widen * binned_error(s, t, bins);
        test.error_by_chance += drawn / draws;
        as_large += drawn >= test.error;
    }
    test.p = (1.0 + as_large) / (1.0 + draws);
    return test;
}

}  // namespace tristrata::model_quality
