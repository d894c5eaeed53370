#include "tristrata/model_quality/estimate.hpp"

#include "blocks.hpp"
#include "tristrata/model_quality/regression_metrics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::model_quality {
namespace {

constexpr unsigned level_depth = 4, level_trees = 30;
constexpr unsigned depth = 6, trees = 100, fewer_trees = 50;
constexpr std::size_t loss_folds = 2;
constexpr double smallest_level = 0.02;               ///< Of the mean loss: nothing is divided by less.
constexpr double perfect_share = 0.7978845608028654;  // Mean |x| of a standard normal.

double mean_of(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

boosting::Matrix by_row(std::span<const double> table, std::size_t columns) {
    return {table, table.size() / columns, columns, boosting::Order::by_row};
}

/// A loss is first learned roughly; then its ratio to that, which varies alike where losses are small and
/// where they are large, so that no region drowns the others.
struct TwoSteps {
    boosting::Model level;
    boosting::Model ratio;
    double lowest;

    static core::Result<TwoSteps> train(std::span<const double> table, std::size_t columns,
                                        std::span<const double> truth, std::uint64_t seed,
                                        const core::Task& task) {
        boosting::Settings settings;
        settings.rounds = level_trees;
        settings.depth = level_depth;
        settings.minimum_child_weight = 100;
        settings.seed = seed;
        auto level = boosting::train(by_row(table, columns), truth, {}, settings, task);
        if (!level) return propagate(level);
        const auto levels = level->predict(by_row(table, columns));
        if (!levels) return propagate(levels);
        const double lowest = std::max(smallest_level * mean_of(truth), 1e-300);
        std::vector<double> ratios(truth.size());
        for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = truth[i] / std::max((*levels)[i], lowest);
        settings.rounds = trees;
        settings.depth = depth;
        auto ratio = boosting::train(by_row(table, columns), ratios, {}, settings, task);
        if (!ratio) return propagate(ratio);
        return TwoSteps{std::move(*level), std::move(*ratio), lowest};
    }

    /// Expected losses, none below 0, by the first so many trees of the second step; 0: all.
    [[nodiscard]] core::Result<std::vector<double>> predict(std::span<const double> table,
                                                            std::size_t columns, unsigned rounds) const {
        const auto levels = level.predict(by_row(table, columns));
        if (!levels) return propagate(levels);
        auto said = ratio.predict(by_row(table, columns), {}, rounds);
        if (!said) return propagate(said);
        for (std::size_t i = 0; i < said->size(); ++i)
            (*said)[i] = std::max((*said)[i], 0.0) * std::max((*levels)[i], lowest);
        return said;
    }
};

/// Trees that know one loss, and what is known of them.
struct LossModel {
    Metric loss = Metric::mae;  ///< The mean loss: mse for rmse, msle for rmsle.
    std::string missing;        ///< Why there is none.
    std::optional<TwoSteps> model;
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

core::Status fit_one(LossModel& model, const std::vector<double>& table, std::size_t columns,
                     const EstimatorSettings& settings, const core::Task& task) {
    const std::size_t n = model.truth.size();
    model.out_of_fold.resize(n);
    const auto trained = [&](std::size_t fold) -> core::Status {
        if (fold == loss_folds) {
            auto all = TwoSteps::train(table, columns, model.truth, settings.seed, task);
            if (!all) return propagate(all);
            model.model = std::move(*all);
            return {};
        }
        const auto [begin, end] = stretch(n, fold, loss_folds);
        const auto part = TwoSteps::train(without(table, columns, begin, end), columns,
                                          without(model.truth, 1, begin, end), settings.seed, task);
        if (!part) return propagate(part);
        const auto said =
            part->predict(std::span(table).subspan(begin * columns, (end - begin) * columns), columns, 0);
        if (!said) return propagate(said);
        std::ranges::copy(*said, model.out_of_fold.begin() + static_cast<std::ptrdiff_t>(begin));
        return {};
    };
    if (auto status = core::parallel_for(loss_folds + 1, task.limits.threads, task.stop, trained); !status)
        return status;
    double residuals = 0.0, sizes = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        residuals += std::pow(model.truth[i] - model.out_of_fold[i], 2);
        sizes += model.out_of_fold[i] * model.out_of_fold[i];
    }
    model.relative_variance = sizes > 0.0 ? residuals / sizes : 0.0;
    return {};
}

}  // namespace

Dle::Dle(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Dle::Dle(Dle&&) noexcept = default;
Dle& Dle::operator=(Dle&&) noexcept = default;
Dle::~Dle() = default;

std::string Dle::describe() const {
    return fmt::format("{} trees of {} levels behind {} of {} for each loss, {} columns and the prediction",
                       trees, depth, level_trees, level_depth, state_->columns - 1);
}

core::Result<Dle> Dle::fit(std::span<const double> truth, std::span<const double> predicted,
                           const boosting::Matrix& features, std::span<const Metric> wanted,
                           const EstimatorSettings& settings, const core::Task& task) {
    if (truth.size() < reference_rows_min)
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("the reference has {} rows with a label and a prediction; estimating losses needs "
                        "at least {}",
                        truth.size(), reference_rows_min));
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
        if (!each) {
            model.missing = "the reference cannot teach it: " + each.error().message;
        } else {
            model.truth = std::move(*each);
            if (auto status = fit_one(model, table, state->columns, settings, task); !status)
                return propagate(status);
        }
        state->losses.push_back(std::move(model));
    }
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
    std::vector<std::array<std::vector<double>, 2>> expected(
        state_->losses.size());  // By all trees, and by fewer.
    for (std::size_t i = 0; i < state_->losses.size() && !predicted.empty(); ++i)
        for (std::size_t few = 0; few < 2 && state_->losses[i].missing.empty(); ++few) {
            auto said = state_->losses[i].model->predict(table, state_->columns, few == 1 ? fewer_trees : 0);
            if (!said) return propagate(said);
            expected[i][few] = std::move(*said);
        }
    for (std::size_t i = 0; i < state_->wanted.size(); ++i) {
        const LossModel& model = state_->of(state_->wanted[i]);
        Estimate one;
        one.metric = state_->wanted[i];
        if (predicted.empty() || !model.missing.empty()) {
            one.estimated = Measured::none(predicted.empty() ? "no row" : model.missing);
        } else {
            const auto& sides = expected[static_cast<std::size_t>(&model - state_->losses.data())];
            const auto [value, error] = from_losses(one.metric, sides[0], model.relative_variance);
            const auto [other, ignored] = from_losses(one.metric, sides[1], model.relative_variance);
            one.estimated = Measured::of(value);
            one.floor = perfect_share * error;
            set_band(one, error, state_->block_error[i], other, state_->reference[i]);
        }
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace tristrata::model_quality
