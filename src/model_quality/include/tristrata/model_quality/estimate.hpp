#pragma once

#include "tristrata/boosting/trees.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/model_quality/class_metrics.hpp"
#include "tristrata/model_quality/metric.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tristrata::model_quality {

/// What a metric is thought to be where no label is known yet.
///
/// The band holds the realised value with 95 %: estimated +- 1.96 deviations, whose square is the sum of
/// four: what chance does to a chunk of this size (`sampling_error`); what the estimator erred on blocks of
/// the reference that it had not seen, beyond chance; half the distance to the answer of a simpler estimator;
/// a fifth of the change from the reference that is claimed, for a model of a model is not to be trusted far
/// from home. The last two shares are judgements (docs/statistics/cbpe.md).
struct Estimate {
    Metric metric = Metric::accuracy;
    Measured estimated;
    std::optional<double> simpler;  ///< The simpler estimator's answer.
    std::optional<double> low;      ///< Of the band, kept within what the metric can be.
    std::optional<double> high;
    std::optional<double> sampling_error;  ///< sd of the realised value if the estimate were the truth.
    std::optional<double> floor;  ///< Mean |estimated - realised| of an estimator that knows the truth.
};

/// A way to estimate that was tried on the reference, block by block, and its mean squared error there.
struct Candidate {
    std::string name;
    double error = 0.0;
};

struct EstimatorSettings {
    std::uint64_t seed = 0;
};

/// Confidence-based performance estimation for a classifier: scores become probabilities that hold on the
/// reference, and the metrics are computed with them as truth.
///
/// Calibration  Three kinds of candidates: the scores as they are; isotonic regression, one a class against
///              the rest, divided by their sum; and trees that correct the isotonic answer by the features,
///              10 to 160 of them. Each is fitted on four fifths of the reference (stretches of its rows, in
///              order) and tried on the last. Of those whose squared error is within one standard error of
///              the least, the simplest is taken; what it says is the mean over its five fits.
/// Assumes      That the chance of a class, given score and features, is what it was.
/// Threads      Folds run side by side, up to task.limits.threads; the same bytes on any number.
/// Errors       invalid_input: fewer than 100 rows; unavailable: there are features and no XGBoost.
/// Source       NannyML's documentation of CBPE; Niculescu-Mizil, Caruana (2005),
///              doi:10.1145/1102351.1102430; one standard error: Breiman et al. (1984), Classification and
///              Regression Trees; means of fits: Breiman (1996), doi:10.1007/BF00058655.
class Cbpe {
public:
    /// `features` stand by row, as many rows as the reference, and may have no column.
    [[nodiscard]] static core::Result<Cbpe> fit(const ClassRows& reference,
                                                std::span<const std::uint32_t> labels,
                                                const boosting::Matrix& features,
                                                std::span<const Metric> wanted,
                                                const EstimatorSettings& settings, const core::Task& task);
    Cbpe(Cbpe&&) noexcept;
    Cbpe& operator=(Cbpe&&) noexcept;
    ~Cbpe();

    /// One a metric, in the order of `wanted`. `stream` sets apart the draws of different chunks.
    [[nodiscard]] core::Result<std::vector<Estimate>> estimate(const ClassRows& rows,
                                                               const boosting::Matrix& features,
                                                               std::uint64_t stream) const;
    /// The probabilities that stand for the truth, `classes` a row.
    [[nodiscard]] core::Result<std::vector<double>> probabilities(const ClassRows& rows,
                                                                  const boosting::Matrix& features) const;
    [[nodiscard]] const std::vector<Candidate>& candidates() const noexcept;
    [[nodiscard]] const Candidate& chosen() const noexcept;

private:
    struct State;
    explicit Cbpe(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

/// Direct loss estimation for a regression: trees learn the loss of a row from features and prediction, and a
/// chunk's metric is the mean of what they say, or its root.
///
/// Trees       30 of 5 levels, rate 0.2, that multiply: trained under a variance that grows as the mean to
/// the
///             power of 1.5, then made to say of the reference what came true there. The simpler answer is
///             that of the first 15: what the others changed.
/// Chance      A row's loss varies in proportion to its expected size, by a factor read off the reference.
/// Metrics     mae, mape, mse, rmse, msle, rmsle; a metric that the reference's rows do not have has no
///             estimate, with the reason. No estimate of the bias.
/// Threads     As Cbpe.
/// Errors      invalid_input: fewer than 100 rows; unavailable: no XGBoost.
/// Example     A regression whose |e| grows as e^(3 x), of which only small x are left: the mean is followed
/// to
///             4 % (tests/estimate_test.cpp, "follows columns that move").
/// Source      NannyML's documentation of DLE; Yang, Qian, Zou (2018), doi:10.1080/07350015.2016.1200981.
class Dle {
public:
    [[nodiscard]] static core::Result<Dle> fit(std::span<const double> truth,
                                               std::span<const double> predicted,
                                               const boosting::Matrix& features,
                                               std::span<const Metric> wanted,
                                               const EstimatorSettings& settings, const core::Task& task);
    Dle(Dle&&) noexcept;
    Dle& operator=(Dle&&) noexcept;
    ~Dle();

    [[nodiscard]] core::Result<std::vector<Estimate>> estimate(std::span<const double> predicted,
                                                               const boosting::Matrix& features) const;
    [[nodiscard]] std::string describe() const;

private:
    struct State;
    explicit Dle(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace tristrata::model_quality
