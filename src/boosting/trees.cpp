#include "tristrata/boosting/trees.hpp"

#include "library.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace tristrata::boosting {

using core::ErrorKind;
using core::fail;

/// XGBoost's matrix, freed when it goes; none where there are no rows.
struct PreparedMatrix::State {
    const Library* library = nullptr;
    DMatrixHandle handle = nullptr;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> weights;
    bool margins = false;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (handle != nullptr) library->matrix_free(handle);
    }
};

/// A trained booster, freed when it goes. A prediction of squared error is centre + scale * booster's.
struct Model::State {
    const Library* library = nullptr;
    BoosterHandle booster = nullptr;
    std::size_t columns = 0;
    unsigned rounds = 0;
    bool logistic = false;
    double centre = 0.0;
    double scale = 1.0;
    std::vector<double> training_means;  ///< Of tweedie: by each number of trees, none first.

    State(const Library* from, std::size_t width) noexcept : library(from), columns(width) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (booster != nullptr) library->booster_free(booster);
    }
};

namespace {

/// Cells beyond are told from one another no longer: XGBoost adds to the largest cell, and refuses
/// infinities.
constexpr double cell_limit = 1e37;
constexpr unsigned rounds_max = 10'000;
constexpr std::uint64_t seed_limit = std::uint64_t{1} << 62U;

/// What a call of the C API answered, as a status; its message may hold a stack trace after the first line.
core::Status said(const Library& library, int code, const char* doing) {
    if (code == 0) return {};
    const std::string message = library.last_error();
    return fail(ErrorKind::internal,
                fmt::format("XGBoost failed while {}: {}", doing, message.substr(0, message.find('\n'))));
}

core::Status fits(const Matrix& matrix) {
    if (matrix.columns == 0)
        return fail(ErrorKind::usage, "gradient-boosted trees need at least one column, found none");
    if (matrix.values.size() != matrix.rows * matrix.columns)
        return fail(ErrorKind::usage,
                    fmt::format("a matrix of {} rows and {} columns has {} values, not {}", matrix.rows,
                                matrix.columns, matrix.rows * matrix.columns, matrix.values.size()));
    return {};
}

core::Status valid(const Settings& settings) {
    const auto refuse = [](const char* name, const char* range, double value) {
        return fail(ErrorKind::usage, fmt::format("{} must be {}, not {}", name, range, value));
    };
    const auto share = [](double value) { return value > 0.0 && value <= 1.0; };
    if (settings.rounds < 1 || settings.rounds > rounds_max)
        return refuse("rounds", "between 1 and 10,000", settings.rounds);
    if (settings.depth < 1 || settings.depth > 16) return refuse("depth", "between 1 and 16", settings.depth);
    if (!share(settings.learning_rate))
        return refuse("learning_rate", "above 0 and at most 1", settings.learning_rate);
    if (!(settings.minimum_child_weight >= 0.0) || std::isinf(settings.minimum_child_weight))
        return refuse("minimum_child_weight", "0 or more", settings.minimum_child_weight);
    if (!share(settings.row_share)) return refuse("row_share", "above 0 and at most 1", settings.row_share);
    if (!share(settings.column_share))
        return refuse("column_share", "above 0 and at most 1", settings.column_share);
    return {};
}

core::Status valid_targets(std::span<const double> targets, std::size_t rows, Objective objective) {
    if (rows == 0) return fail(ErrorKind::usage, "gradient-boosted trees need at least one row, found none");
    if (targets.size() != rows)
        return fail(ErrorKind::usage,
                    fmt::format("{} rows need as many targets, found {}", rows, targets.size()));
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const double target = targets[i];
        const auto refuse = [&](const char* expected) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("the target of row {} is {}; expected {}", i + 1, target, expected));
        };
        switch (objective) {
            case Objective::squared_error:
                if (!std::isfinite(target)) return refuse("a finite number");
                break;
            case Objective::binary_logistic:
                if (target != 0.0 && target != 1.0) return refuse("0 or 1");
                break;
            case Objective::tweedie:
                if (!std::isfinite(target) || target < 0.0) return refuse("a finite number, 0 or more");
                break;
        }
    }
    return {};
}

core::Status valid_weights(std::span<const double> weights, std::size_t rows) {
    if (weights.empty()) return {};
    if (weights.size() != rows)
        return fail(ErrorKind::usage,
                    fmt::format("{} rows need as many weights or none, found {}", rows, weights.size()));
    for (std::size_t i = 0; i < weights.size(); ++i)
        if (!(weights[i] >= 0.0) || weights[i] > cell_limit)
            return fail(ErrorKind::invalid_input,
                        fmt::format("the weight of row {} is {}; expected a finite number, 0 or more", i + 1,
                                    weights[i]));
    if (std::ranges::all_of(weights, [](double w) { return w == 0.0; }))
        return fail(ErrorKind::invalid_input, "every row weighs 0: nothing can be learned");
    return {};
}

core::Status valid_margins(std::span<const double> margins, std::size_t rows) {
    if (margins.empty()) return {};
    if (margins.size() != rows)
        return fail(ErrorKind::usage,
                    fmt::format("{} rows need as many margins or none, found {}", rows, margins.size()));
    for (std::size_t i = 0; i < margins.size(); ++i)
        if (!std::isfinite(margins[i]))
            return fail(
                ErrorKind::invalid_input,
                fmt::format("the margin of row {} is {}; expected a finite number", i + 1, margins[i]));
    return {};
}

core::Status margins_suit(const PreparedMatrix::State& matrix, bool logistic) {
    if (matrix.margins && !logistic)
        return fail(ErrorKind::usage, "only binary_logistic starts from margins");
    return {};
}

/// The cells by row as XGBoost takes them.
core::Status copy_cells(const Matrix& matrix, PreparedMatrix::State& to) {
    std::vector<float> cells(matrix.rows * matrix.columns);
    const auto cell = [](double value) {
        return std::isnan(value) ? std::numeric_limits<float>::quiet_NaN()
                                 : static_cast<float>(std::clamp(value, -cell_limit, cell_limit));
    };
    if (matrix.order == Order::by_row) {
        std::ranges::transform(matrix.values, cells.begin(), cell);
    } else {
        for (std::size_t c = 0; c < matrix.columns; ++c)
            for (std::size_t r = 0; r < matrix.rows; ++r)
                cells[r * matrix.columns + c] = cell(matrix.values[c * matrix.rows + r]);
    }
    return said(*to.library,
                to.library->matrix_create(cells.data(), matrix.rows, matrix.columns,
                                          std::numeric_limits<float>::quiet_NaN(), &to.handle),
                "taking the matrix");
}

core::Status set_floats(PreparedMatrix::State& matrix, const char* field, std::span<const double> values,
                        double centre, double scale) {
    std::vector<float> narrow(values.size());
    std::ranges::transform(values, narrow.begin(),
                           [&](double value) { return static_cast<float>((value - centre) / scale); });
    return said(*matrix.library,
                matrix.library->matrix_set_floats(matrix.handle, field, narrow.data(), narrow.size()),
                "taking targets and weights");
}

/// XGBoost's name of an objective, and the prediction that its trees start from.
std::pair<const char*, const char*> name_and_start(Objective objective) {
    switch (objective) {
        case Objective::binary_logistic:
            return {"binary:logistic", "0.5"};
        case Objective::tweedie:
            return {"reg:tweedie", "1"};
        case Objective::squared_error:
            break;
    }
    return {"reg:squarederror", "0"};
}

/// Mean and standard deviation of the targets, weighted; the deviation is 1 where they are constant. As
/// multiples of their mean: 0 and the mean.
std::pair<double, double> centre_and_scale(std::span<const double> targets, std::span<const double> weights,
                                           bool multiples) {
    double total = 0.0, mean = 0.0, squares = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (weight == 0.0) continue;
        total += weight;
        const double from_mean = targets[i] - mean;
        mean += from_mean * (weight / total);
        squares += weight * from_mean * (targets[i] - mean);
        largest = std::max(largest, std::abs(targets[i]));
    }
    const double deviation = std::sqrt(std::max(squares / total, 0.0));
    if (multiples) return {0.0, mean};
    // A deviation that rounding alone explains is none.
    return {mean, deviation > 1e-14 * largest ? deviation : 1.0};
}

/// What the first so many trees say of rows (0: all), or their sum before it is made a mean or probability.
/// The numbers are the library's, until it is asked again on this thread.
core::Result<const float*> ask(const Library& library, BoosterHandle booster,
                               const PreparedMatrix::State& cells, bool sum, unsigned rounds) {
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* values = nullptr;
    const std::string configuration =
        fmt::format(R"({{"type": {}, "training": false, "iteration_begin": 0, "iteration_end": {}, )"
                    R"("strict_shape": false}})",
                    sum ? 1 : 0, rounds);
    if (auto status = said(library,
                           library.booster_predict(booster, cells.handle, configuration.c_str(), &shape,
                                                   &dimensions, &values),
                           "predicting");
        !status)
        return propagate(status);
    if (dimensions != 1 || shape[0] != cells.rows)
        return fail(ErrorKind::internal, fmt::format("XGBoost predicted {} values for {} rows",
                                                     dimensions == 0 ? 0 : shape[0], cells.rows));
    return values;
}

/// The derivatives of Tweedie's deviance with power 1.5 by the log of the mean: one exponential a row, where
/// the library's own takes four, a quarter of all the time.
class TweedieSlopes {
public:
    TweedieSlopes(std::span<const double> targets, double mean, std::span<const double> weights)
        : multiples_(targets.size()),
          weights_(weights.begin(), weights.end()),
          first_(targets.size()),
          second_(targets.size()) {
        std::ranges::transform(targets, multiples_.begin(),
                               [&](double target) { return static_cast<float>(target / mean); });
        for (std::size_t i = 0; i < multiples_.size(); ++i) total_ += weight(i);
    }

    /// The means of what was predicted for the training's rows, before each tree and after the last.
    [[nodiscard]] const std::vector<double>& means() const noexcept { return means_; }

    /// Notes what all trees predict together.
    core::Status finish(const Library& library, BoosterHandle booster, const PreparedMatrix::State& cells) {
        const auto logs = ask(library, booster, cells, true, 0);
        if (!logs) return propagate(logs);
        double sum = 0.0;
        for (std::size_t i = 0; i < multiples_.size(); ++i) sum += weight(i) * std::exp((*logs)[i]);
        means_.push_back(sum / total_);
        return {};
    }

    /// Grows the next tree. The library takes any tree that it is given slopes for as the first: what it
    /// draws would be the same each time.
    core::Status grow(const Library& library, BoosterHandle booster, const PreparedMatrix::State& cells,
                      const Settings& settings, unsigned round) {
        if (settings.row_share < 1.0 || settings.column_share < 1.0) {
            const std::string seed = std::to_string((settings.seed * (rounds_max + 1) + round) % seed_limit);
            if (auto status = said(library, library.booster_set_parameter(booster, "seed", seed.c_str()),
                                   "taking the settings");
                !status)
                return status;
        }
        const auto logs = ask(library, booster, cells, true, 0);
        if (!logs) return propagate(logs);
        double sum = 0.0;
        for (std::size_t i = 0; i < multiples_.size(); ++i) {
            const float root = std::exp(0.5F * (*logs)[i]), rest = multiples_[i] / root;
            first_[i] = weight(i) * (root - rest);
            second_[i] = weight(i) * 0.5F * (root + rest);
            sum += static_cast<double>(weight(i) * root * root);
        }
        means_.push_back(sum / total_);
        return said(
            library,
            library.booster_boost(booster, cells.handle, first_.data(), second_.data(), first_.size()),
            "growing a tree");
    }

private:
    [[nodiscard]] float weight(std::size_t i) const noexcept { return weights_.empty() ? 1.0F : weights_[i]; }

    std::vector<float> multiples_, weights_, first_, second_;
    std::vector<double> means_;
    double total_ = 0.0;
};

}  // namespace

PreparedMatrix::PreparedMatrix(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
PreparedMatrix::PreparedMatrix(PreparedMatrix&&) noexcept = default;
PreparedMatrix& PreparedMatrix::operator=(PreparedMatrix&&) noexcept = default;
PreparedMatrix::~PreparedMatrix() = default;

std::size_t PreparedMatrix::rows() const noexcept { return state_->rows; }

core::Result<PreparedMatrix> PreparedMatrix::make(const Matrix& matrix, std::span<const double> weights,
                                                  std::span<const double> margins) {
    if (auto status = fits(matrix); !status) return propagate(status);
    if (auto status = valid_weights(weights, matrix.rows); !status) return propagate(status);
    if (auto status = valid_margins(margins, matrix.rows); !status) return propagate(status);
    auto state = std::make_unique<State>();
    state->rows = matrix.rows;
    state->columns = matrix.columns;
    state->weights.assign(weights.begin(), weights.end());
    state->margins = !margins.empty();
    if (matrix.rows == 0) return PreparedMatrix(std::move(state));
    auto loaded = library();
    if (!loaded) return propagate(loaded);
    state->library = *loaded;
    if (auto status = copy_cells(matrix, *state); !status) return propagate(status);
    if (!weights.empty())
        if (auto status = set_floats(*state, "weight", weights, 0.0, 1.0); !status) return propagate(status);
    if (!margins.empty())
        if (auto status = set_floats(*state, "base_margin", margins, 0.0, 1.0); !status)
            return propagate(status);
    return PreparedMatrix(std::move(state));
}

Model::Model(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

core::Result<std::vector<double>> Model::predict(const Matrix& matrix, std::span<const double> margins,
                                                 unsigned rounds) const {
    const auto prepared = PreparedMatrix::make(matrix, {}, margins);
    if (!prepared) return propagate(prepared);
    return predict(*prepared, rounds);
}

core::Result<std::vector<double>> Model::predict(const PreparedMatrix& matrix, unsigned rounds) const {
    const PreparedMatrix::State& cells = matrix.state();
    if (cells.columns != state_->columns)
        return fail(ErrorKind::usage, fmt::format("the model was trained on {} columns and is asked about {}",
                                                  state_->columns, cells.columns));
    if (auto status = margins_suit(cells, state_->logistic); !status) return propagate(status);
    if (cells.rows == 0) return std::vector<double>{};
    const Library& library = *state_->library;
    const auto values = ask(library, state_->booster, cells, false, std::min(rounds, state_->rounds));
    if (!values) return propagate(values);
    std::vector<double> predictions(cells.rows);
    std::transform(*values, *values + cells.rows, predictions.begin(),
                   [&](float value) { return state_->centre + state_->scale * static_cast<double>(value); });
    return predictions;
}

std::span<const double> Model::training_means() const noexcept { return state_->training_means; }

core::Result<std::vector<double>> Model::gain() const {
    const Library& library = *state_->library;
    bst_ulong count = 0, dimensions = 0;
    const char** names = nullptr;
    const bst_ulong* shape = nullptr;
    const float* scores = nullptr;
    if (auto status =
            said(library,
                 library.booster_feature_score(state_->booster, R"({"importance_type": "total_gain"})",
                                               &count, &names, &dimensions, &shape, &scores),
                 "weighing the columns");
        !status)
        return propagate(status);
    std::vector<double> shares(state_->columns, 0.0);
    double total = 0.0;
    for (bst_ulong i = 0; i < count;
         ++i) {  // Unnamed columns are called f0, f1, ...; unused ones are absent.
        const auto column = std::strtoull(names[i] + 1, nullptr, 10);
        if (column >= shares.size())
            return fail(ErrorKind::internal, fmt::format("XGBoost speaks of a column {}", names[i]));
        shares[column] = static_cast<double>(scores[i]);
        total += shares[column];
    }
    if (total > 0.0)
        for (double& share : shares) share /= total;
    return shares;
}

core::Result<Model> train(const Matrix& matrix, std::span<const double> targets,
                          std::span<const double> weights, const Settings& settings, const core::Task& task,
                          std::span<const double> margins) {
    const auto prepared = PreparedMatrix::make(matrix, weights, margins);
    if (!prepared) return propagate(prepared);
    return train(*prepared, targets, settings, task);
}

core::Result<Model> train(const PreparedMatrix& matrix, std::span<const double> targets,
                          const Settings& settings, const core::Task& task) {
    PreparedMatrix::State& cells = matrix.state();
    const bool logistic = settings.objective == Objective::binary_logistic;
    if (auto status = valid(settings); !status) return propagate(status);
    if (auto status = valid_targets(targets, cells.rows, settings.objective); !status)
        return propagate(status);
    if (auto status = margins_suit(cells, logistic); !status) return propagate(status);
    const Library& api = *cells.library;
    auto state = std::make_unique<Model::State>(&api, cells.columns);
    state->rounds = settings.rounds;
    state->logistic = logistic;
    if (!logistic)
        std::tie(state->centre, state->scale) =
            centre_and_scale(targets, cells.weights, settings.objective == Objective::tweedie);
    const double divisor = state->scale > 0.0 ? state->scale : 1.0;
    if (auto status = set_floats(cells, "label", targets, state->centre, divisor); !status)
        return propagate(status);
    if (auto status = said(api, api.booster_create(&cells.handle, 1, &state->booster), "making a model");
        !status)
        return propagate(status);
    const auto names = name_and_start(settings.objective);
    const std::pair<const char*, std::string> parameters[] = {
        {"objective", names.first},
        {"base_score", names.second},
        {"tree_method", "hist"},
        {"max_depth", std::to_string(settings.depth)},
        {"learning_rate", fmt::format("{}", settings.learning_rate)},
        {"min_child_weight", fmt::format("{}", settings.minimum_child_weight)},
        {"subsample", fmt::format("{}", settings.row_share)},
        {"colsample_bytree", fmt::format("{}", settings.column_share)},
        {"seed", std::to_string(settings.seed)},
        {"seed_per_iteration", "1"},  // Draws are a function of seed and round, not of what ran before.
        {"nthread", "1"},             // Sums over threads come out in another order each time.
        {"verbosity", "0"}};
    for (const auto& [name, value] : parameters)
        if (auto status = said(api, api.booster_set_parameter(state->booster, name, value.c_str()),
                               "taking the settings");
            !status)
            return propagate(status);
    std::optional<TweedieSlopes> slopes;
    if (settings.objective == Objective::tweedie) slopes.emplace(targets, divisor, cells.weights);
    for (unsigned round = 0; round < settings.rounds; ++round) {
        if (auto status = task.check(); !status) return propagate(status);
        auto grown =
            slopes ? slopes->grow(api, state->booster, cells, settings, round)
                   : said(api, api.booster_update(state->booster, static_cast<int>(round), cells.handle),
                          "growing a tree");
        if (!grown) return propagate(grown);
    }
    if (slopes) {
        if (auto status = slopes->finish(api, state->booster, cells); !status) return propagate(status);
        for (const double mean : slopes->means()) state->training_means.push_back(state->scale * mean);
    }
    return Model(std::move(state));
}

}  // namespace tristrata::boosting
