#include "tristrata/model_quality/estimate.hpp"

#include "blocks.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/model_quality/calibration.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::model_quality {
namespace {

constexpr std::array<unsigned, 5> rounds{10, 20, 40, 80, 160};
constexpr std::size_t raw = 0, isotonic = 1, first_trees = 2;
constexpr unsigned draws = 200;
constexpr double margin_limit = 1e-4;  ///< Isotonic answers of 0 and 1 have no log-odds.

double log_odds(double p) {
    p = std::clamp(p, margin_limit, 1.0 - margin_limit);
    return std::log(p / (1.0 - p));
}

/// Rows whose probabilities sum to 1; a row without any is even.
void normalise(std::vector<double>& table, std::size_t classes) {
    for (std::size_t at = 0; at < table.size(); at += classes) {
        double sum = 0.0;
        for (std::size_t k = 0; k < classes; ++k) sum += table[at + k];
        for (std::size_t k = 0; k < classes; ++k)
            table[at + k] = sum > 0.0 ? table[at + k] / sum : 1.0 / static_cast<double>(classes);
    }
}

/// One class against the rest; of a binary problem class 1 only.
struct ClassModel {
    Isotonic calibrated;
    std::optional<boosting::Model> trees;
};

/// Everything a fit learns from some rows.
struct Calibrator {
    std::size_t classes = 2, columns = 0;
    std::vector<ClassModel> models;  ///< Of classes 1 .. (binary) or 0 .. (multiclass).

    [[nodiscard]] std::size_t first() const { return classes == 2 ? 1 : 0; }

    /// Answers of the isotonic step and, for each count in `counts`, of that many trees behind it; they
    /// ascend.
    [[nodiscard]] core::Result<std::vector<std::vector<double>>> answers(
        std::span<const double> scores, std::span<const double> table,
        std::span<const unsigned> counts) const {
        const std::size_t n = scores.size() / classes;
        std::vector<std::vector<double>> out(1 + counts.size(), std::vector<double>(scores.size()));
        for (std::size_t k = first(); k < classes; ++k) {
            const ClassModel& model = models[k - first()];
            std::vector<double> margins(n);
            const auto put = [&](std::vector<double>& into, std::size_t row, double p) {
                into[row * classes + k] = p;
                if (classes == 2) into[row * 2] = 1.0 - p;
            };
            for (std::size_t i = 0; i < n; ++i) {
                const double p = model.calibrated(scores[i * classes + k]);
                put(out[0], i, p);
                margins[i] = log_odds(p);
            }
            if (counts.empty()) continue;
            const auto rows =
                boosting::PreparedMatrix::make({table, n, columns, boosting::Order::by_row}, {}, margins);
            if (!rows) return propagate(rows);
            for (std::size_t c = 0; c < counts.size(); ++c) {
                const auto said = model.trees->predict(*rows, counts[c]);
                if (!said) return propagate(said);
                for (std::size_t i = 0; i < n; ++i) put(out[1 + c], i, (*said)[i]);
            }
        }
        if (classes > 2)
            for (auto& one : out) normalise(one, classes);
        return out;
    }
};

core::Result<Calibrator> learn(std::span<const double> scores, std::span<const double> truth,
                               std::size_t classes, std::span<const double> table, std::size_t columns,
                               std::uint64_t seed, const core::Task& task) {
    Calibrator out;
    out.classes = classes;
    out.columns = columns;
    const std::size_t n = scores.size() / classes;
    std::vector<double> score(n), mine(n), margins(n);
    for (std::size_t k = out.first(); k < classes; ++k) {
        for (std::size_t i = 0; i < n; ++i) {
            score[i] = scores[i * classes + k];
            mine[i] = truth[i * classes + k];
        }
        ClassModel model;
        model.calibrated = Isotonic(score, mine);
        if (columns > 0) {
            for (std::size_t i = 0; i < n; ++i) margins[i] = log_odds(model.calibrated(score[i]));
            boosting::Settings settings;
            settings.objective = boosting::Objective::binary_logistic;
            settings.rounds = rounds.back();
            settings.depth = 4;
            settings.minimum_child_weight = 20;
            settings.seed = seed;
            auto grown = boosting::train({table, n, columns, boosting::Order::by_row}, mine, {}, settings,
                                         task, margins);
            if (!grown) return propagate(grown);
            model.trees = std::move(*grown);
        }
        out.models.push_back(std::move(model));
    }
    return out;
}

double squared_error(std::span<const double> said, std::span<const double> truth, std::size_t classes) {
    double sum = 0.0;
    for (std::size_t i = 0; i < said.size(); ++i) sum += (said[i] - truth[i]) * (said[i] - truth[i]);
    return sum / (static_cast<double>(said.size()) / static_cast<double>(classes)) /
           (classes == 2 ? 2.0 : 1.0);
}

/// Features, then the log-odds of each score.
std::vector<double> table_of(const boosting::Matrix& features, std::span<const double> scores) {
    std::vector<double> odds(scores.size());
    std::ranges::transform(scores, odds.begin(), log_odds);
    return beside(features, odds, scores.size() / std::max<std::size_t>(features.rows, 1));
}

/// What chance makes of each metric where truths are drawn with these probabilities.
struct Chance {
    double deviation = 0.0;
    double distance = 0.0;  ///< Mean |drawn - expected|.
};
std::vector<Chance> chance_of(const ClassMetrics& metrics, std::span<const double> probabilities,
                              std::span<const Metric> wanted, std::span<const Measured> expected,
                              std::uint64_t seed, std::uint64_t stream) {
    const std::size_t classes = metrics.rows().classes, n = metrics.rows().rows;
    std::vector<double> truth(n * classes), count(wanted.size()), sum(wanted.size()), squares(wanted.size());
    for (unsigned draw = 0; draw < draws; ++draw) {
        stats::Random random(seed, stream, draw);
        std::ranges::fill(truth, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            double left = random.uniform();
            std::size_t k = 0;
            while (k + 1 < classes && left >= probabilities[i * classes + k])
                left -= probabilities[i * classes + k++];
            truth[i * classes + k] = 1.0;
        }
        const auto values = metrics.values(wanted, truth);
        for (std::size_t m = 0; m < wanted.size(); ++m)
            if (values[m].value && expected[m].value) {
                const double off = *values[m].value - *expected[m].value;
                count[m] += 1.0;
                sum[m] += std::abs(off);
                squares[m] += off * off;
            }
    }
    std::vector<Chance> out(wanted.size());
    for (std::size_t m = 0; m < wanted.size(); ++m)
        if (count[m] > 0.0) out[m] = {std::sqrt(squares[m] / count[m]), sum[m] / count[m]};
    return out;
}

}  // namespace

struct Cbpe::State {
    std::vector<Metric> wanted;
    std::uint64_t seed = 0;
    std::size_t classes = 2;
    std::size_t feature_columns = 0;
    std::vector<Calibrator> calibrators;  ///< One a fold: what the other four taught.
    std::vector<Candidate> candidates;
    std::size_t chosen = isotonic;
    std::vector<std::optional<double>> reference;
    std::vector<double> block_error;

    /// The chosen probabilities, and those of the simpler estimator (isotonic, or the scores as they are):
    /// means over the folds' calibrators.
    [[nodiscard]] core::Result<std::pair<std::vector<double>, std::vector<double>>> both(
        std::span<const double> scores, const boosting::Matrix& features) const {
        std::vector<unsigned> counts;
        if (chosen >= first_trees) counts.push_back(rounds[chosen - first_trees]);
        const auto table = counts.empty() ? std::vector<double>{} : table_of(features, scores);
        std::vector<std::vector<double>> mean(1 + counts.size(), std::vector<double>(scores.size()));
        for (const Calibrator& calibrator : calibrators) {
            const auto said = calibrator.answers(scores, table, counts);
            if (!said) return propagate(said);
            for (std::size_t c = 0; c < mean.size(); ++c)
                for (std::size_t i = 0; i < scores.size(); ++i)
                    mean[c][i] += (*said)[c][i] / static_cast<double>(calibrators.size());
        }
        if (chosen == raw) return std::pair{std::vector<double>(scores.begin(), scores.end()), mean.front()};
        return std::pair{mean.back(), mean.front()};
    }
};

Cbpe::Cbpe(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Cbpe::Cbpe(Cbpe&&) noexcept = default;
Cbpe& Cbpe::operator=(Cbpe&&) noexcept = default;
Cbpe::~Cbpe() = default;

const std::vector<Candidate>& Cbpe::candidates() const noexcept { return state_->candidates; }
const Candidate& Cbpe::chosen() const noexcept { return state_->candidates[state_->chosen]; }

core::Result<Cbpe> Cbpe::fit(const ClassRows& reference, std::span<const std::uint32_t> labels,
                             const boosting::Matrix& features, std::span<const Metric> wanted,
                             const EstimatorSettings& settings, const core::Task& task) {
    const std::size_t n = reference.rows, classes = reference.classes;
    if (n < reference_rows_min)
        return core::fail(
            core::ErrorKind::invalid_input,
            fmt::format("the reference has {} with a label and probabilities; calibration needs at least {}",
                        core::plural(n, "row"), reference_rows_min));
    auto state = std::make_unique<State>();
    state->wanted.assign(wanted.begin(), wanted.end());
    state->seed = settings.seed;
    state->classes = classes;
    state->feature_columns = features.columns;
    const auto truth = truth_of(labels, classes);
    const bool with_trees = features.columns > 0;
    const auto table = with_trees ? table_of(features, reference.scores) : std::vector<double>{};
    const std::size_t columns = with_trees ? features.columns + classes : 0;
    const std::span<const unsigned> counts(rounds.data(), with_trees ? rounds.size() : 0);

    const std::size_t tried = first_trees + counts.size();
    std::vector<std::vector<double>> errors(tried, std::vector<double>(folds));
    std::vector<std::vector<double>> out_of_fold(tried, std::vector<double>(n * classes));
    state->calibrators.resize(folds);
    const auto fold = [&](std::size_t index) -> core::Status {
        const auto [begin, end] = stretch(n, index, folds);
        auto part = learn(without(reference.scores, classes, begin, end), without(truth, classes, begin, end),
                          classes, without(table, columns, begin, end), columns, settings.seed, task);
        if (!part) return propagate(part);
        const auto scores = reference.scores.subspan(begin * classes, (end - begin) * classes);
        auto said =
            part->answers(scores, std::span(table).subspan(begin * columns, (end - begin) * columns), counts);
        if (!said) return propagate(said);
        said->insert(said->begin(), std::vector<double>(scores.begin(), scores.end()));
        for (std::size_t c = 0; c < tried; ++c) {
            errors[c][index] =
                squared_error((*said)[c], std::span(truth).subspan(begin * classes, scores.size()), classes);
            std::ranges::copy((*said)[c],
                              out_of_fold[c].begin() + static_cast<std::ptrdiff_t>(begin * classes));
        }
        state->calibrators[index] = std::move(*part);
        return {};
    };
    if (auto status = core::parallel_for(folds, task.limits.threads, task.stop, fold); !status)
        return propagate(status);
    for (std::size_t c = 0; c < tried; ++c) {
        double mean = 0.0;
        for (const double one : errors[c]) mean += one / static_cast<double>(folds);
        state->candidates.push_back({c == raw ? "the scores as they are"
                                     : c == isotonic
                                         ? "isotonic"
                                         : fmt::format("isotonic and {} trees", rounds[c - first_trees]),
                                     mean});
    }
    state->chosen = choose(errors, 1.0);

    // The estimator's own error: blocks of the reference that it had not seen.
    std::vector<BlockError> blocks(wanted.size());
    for (std::size_t block = 0; block < error_blocks; ++block) {
        const auto [begin, end] = stretch(n, block, error_blocks);
        const ClassMetrics metrics(reference.part(begin, end));
        const auto part = [&](const std::vector<double>& all) {
            return std::span(all).subspan(begin * classes, (end - begin) * classes);
        };
        const auto said = part(out_of_fold[state->chosen]);
        const auto expected = metrics.values(wanted, said), realised = metrics.values(wanted, part(truth));
        const auto chance = chance_of(metrics, said, wanted, expected, settings.seed, ~std::uint64_t{block});
        for (std::size_t m = 0; m < wanted.size(); ++m)
            if (expected[m].value && realised[m].value)
                blocks[m].add(*expected[m].value, *realised[m].value,
                              chance[m].deviation * chance[m].deviation);
    }
    const ClassMetrics whole_metrics(reference);
    const auto realised = whole_metrics.values(wanted, truth);
    for (std::size_t m = 0; m < wanted.size(); ++m) {
        state->reference.push_back(realised[m].value);
        state->block_error.push_back(blocks[m].variance());
    }
    return Cbpe(std::move(state));
}

core::Result<std::vector<double>> Cbpe::probabilities(const ClassRows& rows,
                                                      const boosting::Matrix& features) const {
    auto both = state_->both(rows.scores, features);
    if (!both) return propagate(both);
    return std::move(both->first);
}

core::Result<std::vector<Estimate>> Cbpe::estimate(const ClassRows& rows, const boosting::Matrix& features,
                                                   std::uint64_t stream) const {
    const auto both = state_->both(rows.scores, features);
    if (!both) return propagate(both);
    const ClassMetrics metrics(rows);
    const auto expected = metrics.values(state_->wanted, both->first);
    const auto simpler = metrics.values(state_->wanted, both->second);
    const auto chance = chance_of(metrics, both->first, state_->wanted, expected, state_->seed, stream);
    std::vector<Estimate> out;
    for (std::size_t m = 0; m < state_->wanted.size(); ++m) {
        Estimate one;
        one.metric = state_->wanted[m];
        one.estimated = expected[m];
        if (one.estimated.value) {
            one.floor = chance[m].distance;
            set_band(one, chance[m].deviation, state_->block_error[m], simpler[m].value,
                     state_->reference[m]);
        }
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace tristrata::model_quality
