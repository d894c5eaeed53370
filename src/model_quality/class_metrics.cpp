#include "tristrata/model_quality/class_metrics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tristrata::model_quality {
namespace {

constexpr double smallest_probability = 1e-15;

/// Sums of one class against the rest.
struct Counts {
    double tp = 0, fp = 0, fn = 0, tn = 0;
};

Measured ratio(double part, double whole, std::string_view missing, std::size_t of_class) {
    if (!(whole > 0.0)) return Measured::none(fmt::format("{} (class {})", missing, of_class));
    return Measured::of(part / whole);
}

Measured from_counts(Metric metric, const Counts& c, std::size_t k) {
    switch (metric) {
        case Metric::precision:
            return ratio(c.tp, c.tp + c.fp, "no row is predicted to be of the class", k);
        case Metric::recall:
            return ratio(c.tp, c.tp + c.fn, "no row is of the class", k);
        case Metric::specificity:
            return ratio(c.tn, c.tn + c.fp, "every row is of the class", k);
        default:
            return ratio(c.tp, c.tp + 0.5 * (c.fp + c.fn), "no row is of the class or predicted to be", k);
    }
}

/// The mean over the classes; none where one of them has none.
Measured macro(std::vector<Measured> each) {
    double sum = 0.0;
    for (auto& one : each) {
        if (!one.value) return std::move(one);
        sum += *one.value;
    }
    return Measured::of(sum / static_cast<double>(each.size()));
}

}  // namespace

ClassRows ClassRows::part(std::size_t begin, std::size_t end) const noexcept {
    ClassRows out{end - begin, classes, {}, {}};
    if (!predicted.empty()) out.predicted = predicted.subspan(begin, end - begin);
    if (!scores.empty()) out.scores = scores.subspan(begin * classes, (end - begin) * classes);
    return out;
}

ClassMetrics::ClassMetrics(const ClassRows& rows) : rows_(rows) {
    assert(rows.predicted.empty() || rows.predicted.size() == rows.rows);
    assert(rows.scores.empty() || rows.scores.size() == rows.rows * rows.classes);
    if (rows.scores.empty()) return;
    orders_.resize(rows.classes);
    for (std::size_t k = rows.classes == 2 ? 1 : 0; k < rows.classes; ++k) {
        auto& order = orders_[k];
        order.resize(rows.rows);
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::stable_sort(order, std::greater{},
                                 [&](auto i) { return rows.scores[i * rows.classes + k]; });
    }
}

ClassMetrics::Ranked ClassMetrics::ranked(std::size_t k, std::span<const double> truth) const {
    double tp = 0, fp = 0, area = 0, precision_sum = 0;
    const auto& order = orders_[k];
    const auto score = [&](std::size_t at) { return rows_.scores[order[at] * rows_.classes + k]; };
    for (std::size_t at = 0; at < order.size();) {
        double more_tp = 0, more_fp = 0;
        const double here = score(at);
        for (; at < order.size() && score(at) == here; ++at) {
            const double t = truth[order[at] * rows_.classes + k];
            more_tp += t;
            more_fp += 1.0 - t;
        }
        area += more_fp * (tp + 0.5 * more_tp);
        tp += more_tp;
        fp += more_fp;
        if (tp + fp > 0.0) precision_sum += more_tp * (tp / (tp + fp));
    }
    Ranked out{ratio(area, tp * fp, tp > 0.0 ? "every row is of the class" : "no row is of the class", k),
               ratio(precision_sum, tp, "no row is of the class", k)};
    return out;
}

Measured ClassMetrics::value(Metric metric, std::span<const double> truth) const {
    return values({&metric, 1}, truth)[0];
}

std::vector<double> ClassMetrics::confusion(std::span<const double> truth) const {
    const std::size_t classes = rows_.classes;
    std::vector<double> cells(classes * classes, 0.0);
    for (std::size_t i = 0; i < rows_.rows; ++i)
        for (std::size_t k = 0; k < classes; ++k)
            cells[k * classes + rows_.predicted[i]] += truth[i * classes + k];
    return cells;
}

std::vector<Measured> ClassMetrics::values(std::span<const Metric> wanted,
                                           std::span<const double> truth) const {
    const std::size_t classes = rows_.classes, n = rows_.rows;
    assert(truth.size() == n * classes);
    const bool any_counts = std::ranges::any_of(wanted, [](Metric m) { return traits(m).needs_predictions; });
    const bool any_ranks = std::ranges::any_of(
        wanted, [](Metric m) { return m == Metric::roc_auc || m == Metric::average_precision; });
    const std::size_t first = classes == 2 ? 1 : 0;
    std::vector<Counts> counts(classes);
    double right = 0.0;
    if (any_counts && !rows_.predicted.empty()) {
        const auto cells = confusion(truth);
        double whole = 0.0;
        for (const double cell : cells) whole += cell;
        for (std::size_t k = 0; k < classes; ++k) {
            auto& c = counts[k];
            c.tp = cells[k * classes + k];
            right += c.tp;
            for (std::size_t j = 0; j < classes; ++j)
                if (j != k) {
                    c.fn += cells[k * classes + j];
                    c.fp += cells[j * classes + k];
                }
            c.tn = std::max(whole - c.tp - c.fn - c.fp, 0.0);
        }
    }
    std::vector<Ranked> ranks(classes);
    if (any_ranks && !rows_.scores.empty() && n > 0)
        for (std::size_t k = first; k < classes; ++k) ranks[k] = ranked(k, truth);

    std::vector<Measured> out;
    out.reserve(wanted.size());
    for (const Metric metric : wanted) {
        const MetricTraits& row = traits(metric);
        if (n == 0) {
            out.push_back(Measured::none("no row"));
        } else if (row.needs_scores && rows_.scores.empty()) {
            out.push_back(Measured::none("the model gave no probabilities"));
        } else if (row.needs_predictions && rows_.predicted.empty()) {
            out.push_back(Measured::none("the model gave no predicted classes"));
        } else if (metric == Metric::accuracy) {
            out.push_back(Measured::of(right / static_cast<double>(n)));
        } else if (metric == Metric::log_loss || metric == Metric::brier) {
            double sum = 0.0;
            for (std::size_t i = 0; i < n * classes; ++i) {
                const double p = rows_.scores[i], t = truth[i];
                sum += metric == Metric::brier
                           ? t * (1 - p) * (1 - p) + (1 - t) * p * p
                           : -t * std::log(std::clamp(p, smallest_probability, 1 - smallest_probability));
            }
            if (metric == Metric::brier && classes == 2) sum *= 0.5;  // Both classes say the same of two.
            out.push_back(Measured::of(sum / static_cast<double>(n)));
        } else {
            std::vector<Measured> each;
            for (std::size_t k = first; k < classes; ++k)
                each.push_back(metric == Metric::roc_auc             ? ranks[k].roc_auc
                               : metric == Metric::average_precision ? ranks[k].average_precision
                                                                     : from_counts(metric, counts[k], k));
            out.push_back(macro(std::move(each)));
        }
    }
    return out;
}

std::vector<double> truth_of(std::span<const std::uint32_t> labels, std::size_t classes) {
    std::vector<double> truth(labels.size() * classes, 0.0);
    for (std::size_t i = 0; i < labels.size(); ++i) truth[i * classes + labels[i]] = 1.0;
    return truth;
}

}  // namespace tristrata::model_quality
