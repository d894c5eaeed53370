#include "tristrata/model_quality/estimate.hpp"

#include "blocks.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/model_quality/regression_metrics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::model_quality {
namespace {

constexpr unsigned depth = 5;
constexpr double rate = 0.2;
constexpr std::array tree_counts{15u, 30u};  ///< Of the simpler answer, and of the answer.
constexpr std::size_t loss_folds = 2;
constexpr double perfect_share = 0.7978845608028654;  // Mean |x| of a standard normal.

double mean_of(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

core::Result<boosting::PreparedMatrix> prepared(std::span<const double> table, std::size_t columns) {
    return boosting::PreparedMatrix::make({table, table.size() / columns, columns, boosting::Order::by_row});
}

/// Trees that multiply: where losses are small a step is small, so that no region drowns the others. Their
/// mean over the rows that taught them is not that of the losses; a factor makes it so, for each of `counts`.
struct LossTrees {
    boosting::Model model;
    std::span<const unsigned> counts;  ///< Ascending; the last is all.
    std::vector<double> factors;

    static core::Result<LossTrees> train(const boosting::PreparedMatrix& rows, std::span<const double> truth,
                                         std::span<const unsigned> counts, std::uint64_t seed,
                                         const core::Task& task) {
        boosting::Settings settings;
        settings.objective = boosting::Objective::tweedie;
        settings.rounds = counts.back();
        settings.depth = depth;
        settings.learning_rate = rate;
        settings.minimum_child_weight = 100;
        settings.seed = seed;
        auto model = boosting::train(rows, truth, settings, task);
        if (!model) return propagate(model);
        LossTrees out{std::move(*model), counts, std::vector<double>(counts.size(), 1.0)};
        for (std::size_t c = 0; c < counts.size(); ++c)
            if (const double mean = out.model.training_means()[counts[c]]; mean > 0.0)
                out.factors[c] = mean_of(truth) / mean;
        return out;
    }

    /// Expected losses of rows, by each of `counts` trees.
    [[nodiscard]] core::Result<std::vector<std::vector<double>>> predict(
        const boosting::PreparedMatrix& rows) const {
        std::vector<std::vector<double>> out;
        for (std::size_t c = 0; c < counts.size(); ++c) {
            auto said = model.predict(rows, counts[c]);
            if (!said) return propagate(said);
            for (double& one : *said) one *= factors[c];
            out.push_back(std::move(*said));
        }
        return out;
    }
};

/// Trees that know one loss, and what is known of them.
struct LossModel {
    Metric loss = Metric::mae;  ///< The mean loss: mse for rmse, msle for rmsle.
    std::string missing;        ///< Why there is none.
    std::optional<LossTrees> model;
    double relative_variance = 0.0;  ///< Mean squared residual over mean squared expectation.
    std::vector<double> out_of_fold;
    std::vector<double> truth;
};

Metric mean_loss(Metric metric) {
    return metric == Metric::rmse ? Metric::mse : metric == Metric::rmsle ? Metric::msle : metric;
}

}  // namespace

struct Dle::State {
    std::vector<Metric> wanted;
    std::size_t columns = 0;
    std::vector<LossModel> losses;
    std::vector<std::optional<double>> reference;  ///< One a metric, like block_error.
    std::vector<double> block_error;

    [[nodiscard]] const LossModel& of(Metric metric) const {
        return *std::ranges::find(losses, mean_loss(metric), &LossModel::loss);
    }
};

namespace {

/// A metric's estimate from the losses expected of rows, without its band: value and what chance does to it.
std::pair<double, double> from_losses(Metric metric, std::span<const double> expected,
                                      double relative_variance) {
    const double mean = mean_of(expected);
    double squares = 0.0;
    for (const double one : expected) squares += one * one;
    const double n = static_cast<double>(expected.size());
    const double error = std::sqrt(relative_variance * squares) / n;
    if (!is_root(metric)) return {mean, error};
    const double root = std::sqrt(mean);
    return {root, root > 0.0 ? error / (2.0 * root) : 0.0};
}

/// A part of the fit that runs on a thread of its own: losses on the same rows, prepared once for them.
struct FitPart {
    std::vector<LossModel*> losses;
    std::optional<std::size_t>
        fold;  ///< The fold to foretell by trees that have not seen it; none: all rows.
};

core::Status fit_whole(const FitPart& part, const std::vector<double>& table, std::size_t columns,
                       const EstimatorSettings& settings, const core::Task& task) {
    const auto rows = prepared(table, columns);
    if (!rows) return propagate(rows);
    for (LossModel* model : part.losses) {
        auto trained = LossTrees::train(*rows, model->truth, tree_counts, settings.seed, task);
        if (!trained) return propagate(trained);
        model->model = std::move(*trained);
    }
    return {};
}

core::Status fit_fold(const FitPart& part, const std::vector<double>& table, std::size_t columns,
                      const EstimatorSettings& settings, const core::Task& task) {
    const auto [begin, end] = stretch(table.size() / columns, *part.fold, loss_folds);
    const auto known = prepared(without(table, columns, begin, end), columns);
    if (!known) return propagate(known);
    const auto unseen = prepared(std::span(table).subspan(begin * columns, (end - begin) * columns), columns);
    if (!unseen) return propagate(unseen);
    for (LossModel* model : part.losses) {
        const auto trained = LossTrees::train(*known, without(model->truth, 1, begin, end),
                                              std::span(tree_counts).last(1), settings.seed, task);
        if (!trained) return propagate(trained);
        const auto said = trained->predict(*unseen);
        if (!said) return propagate(said);
        std::ranges::copy(said->back(), model->out_of_fold.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    return {};
}

/// The trees of all rows, and fold by fold what trees say of rows they were not trained on. All rows cost
/// twice what a fold does: with half of the losses a part, two threads end together.
core::Status fit_all(std::vector<LossModel>& models, const std::vector<double>& table, std::size_t columns,
                     const EstimatorSettings& settings, const core::Task& task) {
    std::vector<LossModel*> known;
    for (LossModel& model : models) {
        model.out_of_fold.resize(model.truth.size());
        if (model.missing.empty()) known.push_back(&model);
    }
    const auto half = known.begin() + static_cast<std::ptrdiff_t>((known.size() + 1) / 2);
    std::vector<FitPart> parts{{{known.begin(), half}, {}}, {{half, known.end()}, {}}};
    for (std::size_t fold = 0; fold < loss_folds; ++fold) parts.push_back({known, fold});
    const auto fit = [&](std::size_t i) -> core::Status {
        if (parts[i].losses.empty()) return {};
        return parts[i].fold ? fit_fold(parts[i], table, columns, settings, task)
                             : fit_whole(parts[i], table, columns, settings, task);
    };
    if (auto status = core::parallel_for(parts.size(), task.limits.threads, task.stop, fit); !status)
        return status;
    for (LossModel& model : models) {
        double residuals = 0.0, sizes = 0.0;
        for (std::size_t i = 0; i < model.truth.size(); ++i) {
            residuals += std::pow(model.truth[i] - model.out_of_fold[i], 2);
            sizes += model.out_of_fold[i] * model.out_of_fold[i];
        }
        model.relative_variance = sizes > 0.0 ? residuals / sizes : 0.0;
    }
    return {};
}

}  // namespace

Dle::Dle(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Dle::Dle(Dle&&) noexcept = default;
Dle& Dle::operator=(Dle&&) noexcept = default;
Dle::~Dle() = default;

std::string Dle::describe() const {
    return fmt::format("{} trees of {} levels for each loss, {} and the prediction", tree_counts.back(),
                       depth, core::plural(state_->columns - 1, "column"));
}

core::Result<Dle> Dle::fit(std::span<const double> truth, std::span<const double> predicted,
                           const boosting::Matrix& features, std::span<const Metric> wanted,
                           const EstimatorSettings& settings, const core::Task& task) {
    if (truth.size() < reference_rows_min)
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format(
                "the reference has {} with a label and a prediction; estimating losses needs at least "
                "{}",
                core::plural(truth.size(), "row"), reference_rows_min));
    auto state = std::make_unique<State>();
    state->columns = features.columns + 1;
    const auto table = beside(features, predicted, 1);
    for (const Metric metric : wanted) {
        if (metric == Metric::bias || traits(metric).classification) continue;
        state->wanted.push_back(metric);
        const Metric loss = mean_loss(metric);
        if (std::ranges::find(state->losses, loss, &LossModel::loss) != state->losses.end()) continue;
        LossModel model;
        model.loss = loss;
        auto each = losses(loss, truth, predicted);
        if (each) model.truth = std::move(*each);
        else model.missing = "the reference cannot teach it: " + each.error().message;
        state->losses.push_back(std::move(model));
    }
    if (auto status = fit_all(state->losses, table, state->columns, settings, task); !status)
        return propagate(status);
    for (const Metric metric : state->wanted) {
        const LossModel& model = state->of(metric);
        BlockError blocks;
        for (std::size_t block = 0; model.missing.empty() && block < error_blocks; ++block) {
            const auto [begin, end] = stretch(truth.size(), block, error_blocks);
            const auto realised = regression_metric(metric, truth.subspan(begin, end - begin),
                                                    predicted.subspan(begin, end - begin));
            const auto [value, error] = from_losses(
                metric, std::span(model.out_of_fold).subspan(begin, end - begin), model.relative_variance);
            if (realised.value) blocks.add(value, *realised.value, error * error);
        }
        state->block_error.push_back(blocks.variance());
        state->reference.push_back(regression_metric(metric, truth, predicted).value);
    }
    for (LossModel& model : state->losses) model.truth = model.out_of_fold = {};
    return Dle(std::move(state));
}

core::Result<std::vector<Estimate>> Dle::estimate(std::span<const double> predicted,
                                                  const boosting::Matrix& features) const {
    std::vector<Estimate> out;
    const auto table = beside(features, predicted, 1);
    const auto rows = prepared(table, state_->columns);
    if (!rows) return propagate(rows);
    std::vector<std::vector<std::vector<double>>> expected;  // A loss: by each count of trees.
    for (const LossModel& model : state_->losses) {
        expected.emplace_back();
        if (predicted.empty() || !model.missing.empty()) continue;
        auto said = model.model->predict(*rows);
        if (!said) return propagate(said);
        expected.back() = std::move(*said);
    }
    for (std::size_t i = 0; i < state_->wanted.size(); ++i) {
        const LossModel& model = state_->of(state_->wanted[i]);
        Estimate one;
        one.metric = state_->wanted[i];
        if (predicted.empty() || !model.missing.empty()) {
            one.estimated = Measured::none(predicted.empty() ? "no row" : model.missing);
        } else {
            const auto& sides = expected[static_cast<std::size_t>(&model - state_->losses.data())];
            const auto [value, error] = from_losses(one.metric, sides.back(), model.relative_variance);
            const auto [other, ignored] = from_losses(one.metric, sides.front(), model.relative_variance);
            if (!std::isfinite(value)) {
                one.estimated = Measured::none("the losses of the reference are too large to be added up");
                out.push_back(std::move(one));
                continue;
            }
            one.estimated = Measured::of(value);
            if (std::isfinite(error)) one.floor = perfect_share * error;
            set_band(one, error, state_->block_error[i], other, state_->reference[i]);
        }
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace tristrata::model_quality
