#pragma once

#include "tristrata/model_quality/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tristrata::model_quality {

/// Rows of a classifier, not owned. Classes are numbered from 0; of a binary problem class 1 is the positive
/// one. `scores` holds `classes` numbers a row, row after row, as the model gave them; either span may be
/// empty where the model gave none.
struct ClassRows {
    std::size_t rows = 0;
    std::size_t classes = 2;
    std::span<const std::uint32_t> predicted;
    std::span<const double> scores;

    /// Rows [begin, end).
    [[nodiscard]] ClassRows part(std::size_t begin, std::size_t end) const noexcept;
};

/// The metrics of a classifier's rows under a truth, of which there may be many: scores are sorted once.
///
/// A truth is `classes` numbers a row, row after row: 1 for the class that came true and 0 for the others, or
/// the probability of each, and then the metric is what is to be expected.
///
/// binary     precision, recall, specificity, f1, roc_auc and average_precision speak of class 1.
/// multiclass they are the plain means over the classes, each against the rest.
/// roc_auc    the probability that a positive's score stands above a negative's; ties count half.
/// log_loss   natural logarithm; scores are kept 1e-15 away from 0 and 1.
/// brier      binary: mean of (p - truth)^2 of class 1; multiclass: summed over the classes.
///
/// average_precision is the sum over distinct scores, descending, of (recall gained) * precision; ties are
/// one step.
///
/// Returns    No number where one is divided by zero: nothing predicted positive, a class that is absent.
/// Cost       O(n log n) for each class once, then O(n * classes) a truth. Any thread.
/// Example    predicted 1 1 0 0, scores .9 .6 .4 .1, truth 1 0 1 0: accuracy, precision, recall .5,
///            roc_auc .75 (tests/class_metrics_test.cpp, "worked example").
/// Source     Fawcett (2006), doi:10.1016/j.patrec.2005.10.010.
class ClassMetrics {
public:
    explicit ClassMetrics(const ClassRows& rows);

    [[nodiscard]] Measured value(Metric metric, std::span<const double> truth) const;
    /// Each of `wanted`, in that order; what several share is computed once.
    [[nodiscard]] std::vector<Measured> values(std::span<const Metric> wanted,
                                               std::span<const double> truth) const;
    /// Rows by (truth, predicted), truth after truth; `classes` squared numbers. Sums of probabilities where
    /// the truth is one.
    [[nodiscard]] std::vector<double> confusion(std::span<const double> truth) const;
    [[nodiscard]] const ClassRows& rows() const noexcept { return rows_; }
    /// Rows by descending score of the class; equal scores in the order of the rows.
    [[nodiscard]] std::span<const std::uint32_t> order(std::size_t of_class) const noexcept {
        return orders_[of_class];
    }

private:
    struct Ranked {
        Measured roc_auc, average_precision;
    };
    [[nodiscard]] Ranked ranked(std::size_t of_class, std::span<const double> truth) const;

    ClassRows rows_;
    std::vector<std::vector<std::uint32_t>> orders_;
};

/// One-hot truth of these classes.
[[nodiscard]] std::vector<double> truth_of(std::span<const std::uint32_t> labels, std::size_t classes);

}  // namespace tristrata::model_quality
