#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/task.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tristrata::boosting {

enum class Order : std::uint8_t { by_column, by_row };

/// A dense table of numbers, not owned; NaN is a missing cell. By column: the rows of column 0, then those of
/// column 1; by row: the columns of row 0, then those of row 1. values.size() is rows * columns.
struct Matrix {
    std::span<const double> values;
    std::size_t rows = 0;
    std::size_t columns = 0;
    Order order = Order::by_column;
};

enum class Objective : std::uint8_t {
    squared_error,    ///< Predicts the mean of a number.
    binary_logistic,  ///< Predicts the probability that a target of 0 or 1 is 1.
    tweedie,          ///< Predicts the mean of a number >= 0 whose variance grows as its mean^1.5.
};

struct Settings {
    Objective objective = Objective::squared_error;
    unsigned rounds = 100;            ///< Trees, 1 to 10,000.
    unsigned depth = 6;               ///< Levels of a tree, 1 to 16.
    double learning_rate = 0.1;       ///< In (0, 1].
    double minimum_child_weight = 1;  ///< Smallest sum of second derivatives in a leaf; >= 0.
    double row_share = 1.0;           ///< Rows drawn for each tree, in (0, 1].
    double column_share = 1.0;        ///< Columns drawn for each tree, in (0, 1].
    std::uint64_t seed = 0;           ///< Matters where a share is below 1.
};

/// A matrix as XGBoost takes it, with what its rows weigh and start from: copied once, for several trainings
/// and predictions on the same rows.
///
/// Cells     Missing cells go to the side of a split that suits them. Cells are compared as 32-bit floats,
///           infinities and what lies beyond as ±1e37. Only the order of a column's values matters.
/// Weights   One a row, finite, >= 0, not all 0; an empty span weighs all rows alike.
/// Margins   For binary_logistic only: log-odds a row that the trees start from and correct; empty: 0.
/// Errors    usage: no columns, sizes that do not fit; invalid_input: a weight or margin that is none;
///           unavailable: libxgboost.so.0 cannot be loaded, with the package that brings it.
/// Cost      A copy in 32-bit floats; the first training adds one of bins, which the next ones find there.
/// Threads   One at a time.
class PreparedMatrix {
public:
    struct State;
    [[nodiscard]] static core::Result<PreparedMatrix> make(const Matrix& matrix,
                                                           std::span<const double> weights = {},
                                                           std::span<const double> margins = {});
    PreparedMatrix(PreparedMatrix&&) noexcept;
    PreparedMatrix& operator=(PreparedMatrix&&) noexcept;
    ~PreparedMatrix();

    [[nodiscard]] std::size_t rows() const noexcept;
    [[nodiscard]] State& state() const noexcept { return *state_; }

private:
    explicit PreparedMatrix(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

/// Gradient-boosted trees (XGBoost, histogram splits, at most 256 bins a column).
class Model {
public:
    struct State;
    explicit Model(std::unique_ptr<State> state) noexcept;
    Model(Model&&) noexcept;
    Model& operator=(Model&&) noexcept;
    ~Model();

    /// One number a row: the mean, or the probability of 1. usage, if the number of columns differs from that
    /// of the training.
    /// `margins` are those of these rows where the training had some. `rounds` limits the trees to the first
    /// so many; 0 is all.
    [[nodiscard]] core::Result<std::vector<double>> predict(const Matrix& matrix,
                                                            std::span<const double> margins = {},
                                                            unsigned rounds = 0) const;
    /// The same of rows that are prepared. What was said of them by fewer trees, or in training, is gone on
    /// from: ask in ascending order of rounds.
    [[nodiscard]] core::Result<std::vector<double>> predict(const PreparedMatrix& matrix,
                                                            unsigned rounds = 0) const;
    /// Of tweedie: the weighted mean of what is predicted for the training's own rows, by none of the
    /// trees, by the first, by the first two, ..., by all. Empty for the other objectives.
    [[nodiscard]] std::span<const double> training_means() const noexcept;
    /// What each column took off the training loss, as a share of all: sums to 1; all 0 if no tree has a
    /// split.
    [[nodiscard]] core::Result<std::vector<double>> gain() const;

private:
    std::unique_ptr<State> state_;
};

/// Trains on rows with a target each; cells, weights and margins as in PreparedMatrix.
///
/// Targets   Finite; 0 or 1 for binary_logistic, >= 0 for tweedie. Squared error is trained on standardised
///           targets, so that a mean of 1e9 costs no digits; tweedie on multiples of their mean. A constant
///           target is predicted as it is.
/// Errors    usage: no rows, sizes that do not fit, margins for a mean, a setting out of range;
///           invalid_input: a target that is none; cancelled between two trees; those of PreparedMatrix.
/// Cost      O(rows * columns) a level.
/// Threads   One, the caller's: the same bytes on any machine load. Train several models side by side
///           (core::parallel_for), each on a PreparedMatrix of its own, to use more; calls may run at once.
/// Example   x = {1, 2, 3, 4}, y = {0, 0, 10, 10}, 1 tree, rate 1, minimum weight 0: below 3 the prediction
///           is lower than from 3 on (tests/trees_test.cpp, "worked example").
/// Source    Chen and Guestrin (2016), doi:10.1145/2939672.2939785; Yang, Qian and Zou (2018),
///           doi:10.1080/07350015.2016.1200981.
[[nodiscard]] core::Result<Model> train(const PreparedMatrix& matrix, std::span<const double> targets,
                                        const Settings& settings, const core::Task& task);
/// The same of a matrix that is trained on once.
[[nodiscard]] core::Result<Model> train(const Matrix& matrix, std::span<const double> targets,
                                        std::span<const double> weights, const Settings& settings,
                                        const core::Task& task, std::span<const double> margins = {});

}  // namespace tristrata::boosting
