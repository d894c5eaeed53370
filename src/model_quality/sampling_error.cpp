#include "tristrata/model_quality/sampling_error.hpp"

#include "tristrata/model_quality/regression_metrics.hpp"
#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::model_quality {
namespace {

constexpr int half_samples = 100;

double deviation(std::span<const double> values);

/// The same of values whose squares do not fit a double: of what a power of two leaves of them.
double scaled_deviation(std::span<const double> values) {
    double largest = 0.0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    if (!std::isfinite(largest)) return largest;
    int exponent = 0;
    std::frexp(largest, &exponent);
    std::vector<double> scaled(values.begin(), values.end());
    for (double& value : scaled) value = std::ldexp(value, -exponent);
    return std::ldexp(deviation(scaled), exponent);
}

double deviation(std::span<const double> values) {
    double mean = 0.0, squares = 0.0, n = 0.0;
    for (const double value : values) {
        n += 1.0;
        const double from_mean = value - mean;
        mean += from_mean / n;
        squares += from_mean * (value - mean);
    }
    if (!std::isfinite(squares)) return scaled_deviation(values);
    return values.empty() ? 0.0 : std::sqrt(squares / n);
}

/// c of one class against the rest, for the metrics that are counted; absent where divided by zero.
std::optional<double> counted(Metric metric, std::span<const double> cells, std::size_t k,
                              std::size_t classes) {
    double tp = cells[k * classes + k], fp = 0, fn = 0, n = 0;
    for (const double cell : cells) n += cell;
    for (std::size_t j = 0; j < classes; ++j)
        if (j != k) {
            fn += cells[k * classes + j];
            fp += cells[j * classes + k];
        }
    const double tn = n - tp - fp - fn;
    const auto rate = [&](double part, double whole, double factor) -> std::optional<double> {
        if (!(whole > 0.0)) return std::nullopt;
        const double a = part / whole;
        return factor * std::sqrt(a * (1.0 - a) / (whole / n));
    };
    if (metric == Metric::precision) return rate(tp, tp + fp, 1.0);
    if (metric == Metric::recall) return rate(tp, tp + fn, 1.0);
    if (metric == Metric::specificity) return rate(tn, tn + fp, 1.0);
    const double seen = tp + fp + fn;
    const double k_factor = seen / (tp + 0.5 * (fp + fn));  // 2 / (1 + r), of which f1 = r * k_factor
    return rate(tp, seen, 0.5 * k_factor * k_factor);
}

Measured average_precision_scale(const ClassMetrics& metrics, std::span<const double> truth,
                                 std::uint64_t seed) {
    const ClassRows& all = metrics.rows();
    const std::size_t n = all.rows, half = n / 2, classes = all.classes;
    if (half < 2) return Measured::none("too few rows");
    std::vector<std::uint32_t> drawn(n);
    std::vector<double> scores(half * classes), part(half * classes), values;
    for (int replicate = 0; replicate < half_samples; ++replicate) {
        stats::Random random(seed, 0, static_cast<std::uint64_t>(replicate));
        std::iota(drawn.begin(), drawn.end(), 0u);
        for (std::size_t i = 0; i < half; ++i) {
            std::swap(drawn[i], drawn[i + random.below(n - i)]);
            std::copy_n(all.scores.begin() + static_cast<std::ptrdiff_t>(drawn[i] * classes), classes,
                        scores.begin() + static_cast<std::ptrdiff_t>(i * classes));
            std::copy_n(truth.begin() + static_cast<std::ptrdiff_t>(drawn[i] * classes), classes,
                        part.begin() + static_cast<std::ptrdiff_t>(i * classes));
        }
        const auto one = ClassMetrics({half, classes, {}, scores}).value(Metric::average_precision, part);
        if (one.value) values.push_back(*one.value);
    }
    if (values.size() < half_samples / 2) return Measured::none("too few rows of the class");
    return Measured::of(deviation(values) * std::sqrt(static_cast<double>(n)));
}

}  // namespace

std::optional<Placements> placements(const ClassMetrics& metrics, std::size_t k,
                                     std::span<const double> truth) {
    const ClassRows& all = metrics.rows();
    const auto order = metrics.order(k);
    const auto positive = [&](std::size_t at) { return truth[order[at] * all.classes + k] > 0.5; };
    const auto score = [&](std::size_t at) { return all.scores[order[at] * all.classes + k]; };
    double positives = 0;
    for (std::size_t at = 0; at < order.size(); ++at) positives += positive(at);
    const double negatives = static_cast<double>(order.size()) - positives;
    if (positives == 0.0 || negatives == 0.0) return std::nullopt;
    std::vector<double> of_positives, of_negatives;
    double above_positives = 0, above_negatives = 0;
    for (std::size_t at = 0; at < order.size();) {
        std::size_t end = at;
        double here_positives = 0, here_negatives = 0;
        for (; end < order.size() && score(end) == score(at); ++end)
            (positive(end) ? here_positives : here_negatives) += 1;
        const double below = negatives - above_negatives - 0.5 * here_negatives;
        const double above = above_positives + 0.5 * here_positives;
        for (; at < end; ++at) {
            if (positive(at)) of_positives.push_back(below / negatives);
            else of_negatives.push_back(above / positives);
        }
        above_positives += here_positives;
        above_negatives += here_negatives;
    }
    const double v10 = deviation(of_positives), v01 = deviation(of_negatives);
    return Placements{v10 * v10, v01 * v01, positives / static_cast<double>(order.size())};
}

Measured sampling_scale(Metric metric, const ClassMetrics& metrics, std::span<const double> truth,
                        std::uint64_t seed) {
    if (auto value = metrics.value(metric, truth); !value.value) return value;
    const ClassRows& all = metrics.rows();
    const std::size_t classes = all.classes, n = all.rows;
    if (metric == Metric::average_precision) return average_precision_scale(metrics, truth, seed);
    if (metric == Metric::accuracy || metric == Metric::log_loss || metric == Metric::brier) {
        std::vector<double> each(n);
        for (std::size_t i = 0; i < n; ++i) {
            ClassMetrics one(all.part(i, i + 1));
            each[i] = *one.value(metric, truth.subspan(i * classes, classes)).value;
        }
        return Measured::of(deviation(each));
    }
    const bool ranked = metric == Metric::roc_auc;
    const auto cells = ranked ? std::vector<double>{} : metrics.confusion(truth);
    double squares = 0.0;
    for (std::size_t k = classes == 2 ? 1 : 0; k < classes; ++k) {
        if (ranked) {
            const auto p = placements(metrics, k, truth);
            if (!p) return Measured::none("a class is absent");
            squares += p->positives / p->positive_share + p->negatives / (1.0 - p->positive_share);
        } else {
            const auto c = counted(metric, cells, k, classes);
            if (!c) return Measured::none("a class is absent");
            squares += *c * *c;
        }
    }
    return Measured::of(std::sqrt(squares) / (classes == 2 ? 1.0 : static_cast<double>(classes)));
}

Measured sampling_scale(Metric metric, std::span<const double> truth, std::span<const double> predicted) {
    auto value = regression_metric(metric, truth, predicted);
    if (!value.value) return value;
    const double sd = deviation(*losses(metric, truth, predicted));
    if (is_root(metric) && *value.value == 0.0) return Measured::of(0.0);
    const double scale = is_root(metric) ? sd / (2.0 * *value.value) : sd;
    if (!std::isfinite(scale)) return Measured::none("the losses are too large for their spread to be known");
    return Measured::of(scale);
}

}  // namespace tristrata::model_quality
