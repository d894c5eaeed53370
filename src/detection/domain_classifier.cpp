#include "domain_classifier.hpp"

#include "tristrata/boosting/trees.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::detection {
namespace {

constexpr std::size_t folds = 5;
constexpr double area_floor = 0.55;
constexpr std::size_t drivers_named = 10;
constexpr std::size_t exceedances_enough = 10;
constexpr std::size_t draws_a_batch = 20;
constexpr std::size_t cells_a_side = 50'000;  ///< Of a training table: every draw trains five of them.
constexpr std::uint64_t permutation_stream = UINT64_C(4) << 40u;
constexpr std::uint64_t fold_stream = UINT64_C(5) << 40u;

boosting::Settings settings() {
    boosting::Settings trees;
    trees.objective = boosting::Objective::binary_logistic;
    trees.rounds = 20;
    trees.depth = 3;
    trees.learning_rate = 0.3;
    return trees;
}

/// Rows and columns of both sides, the reference's rows first; NaN where missing.
struct Cells {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;  ///< By column.
};

Cells taken(const Cells& all, const std::vector<std::size_t>& rows) {
    Cells out{rows.size(), all.columns, {}};
    out.values.reserve(rows.size() * all.columns);
    for (std::size_t c = 0; c < all.columns; ++c)
        for (const auto row : rows) out.values.push_back(all.values[c * all.rows + row]);
    return out;
}

boosting::Matrix matrix_of(const Cells& cells) {
    return {cells.values, cells.rows, cells.columns, boosting::Order::by_column};
}

struct Told {
    double area = 0.5;
    std::vector<double> gain;  ///< Of each column, mean over folds.
};

/// Predictions for the rows of each fold from trees trained on the other folds. Rows that share a block share
/// a fold.
core::Result<Told> tell_apart(const Cells& cells, const std::vector<bool>& labels,
                              const std::vector<std::size_t>& fold_of, bool with_gain,
                              const core::Task& task) {
    Told told;
    told.gain.assign(cells.columns, 0.0);
    std::vector<double> scores(cells.rows, 0.5);
    for (std::size_t fold = 0; fold < folds; ++fold) {
        std::vector<std::size_t> train, test;
        std::vector<double> targets;
        for (std::size_t row = 0; row < cells.rows; ++row) {
            (fold_of[row] == fold ? test : train).push_back(row);
            if (fold_of[row] != fold) targets.push_back(labels[row] ? 1.0 : 0.0);
        }
        if (train.empty() || test.empty()) continue;
        const Cells training = taken(cells, train), testing = taken(cells, test);
        auto model = boosting::train(matrix_of(training), targets, {}, settings(), task);
        if (!model) return propagate(model);
        auto predicted = model->predict(matrix_of(testing));
        if (!predicted) return propagate(predicted);
        for (std::size_t i = 0; i < test.size(); ++i) scores[test[i]] = (*predicted)[i];
        if (!with_gain) continue;
        auto gain = model->gain();
        if (!gain) return propagate(gain);
        for (std::size_t c = 0; c < cells.columns; ++c)
            told.gain[c] += (*gain)[c] / static_cast<double>(folds);
    }
    told.area = area_under_roc(scores, labels);
    return told;
}

/// The blocks of either label are dealt to the folds in a drawn order, so that every fold holds as many of
/// them: where folds differ, their predictions cannot be compared, and a false label looks worse than none.
std::vector<std::size_t> deal_folds(const Exchange& exchange, const std::vector<bool>& labels,
                                    std::uint64_t seed, std::uint64_t draw) {
    struct Block {
        std::size_t begin, end;
    };
    std::vector<Block> blocks[2];
    std::size_t offset = 0;
    for (const Blocks* side : {&exchange.reference, &exchange.current}) {
        for (std::size_t block = 0; block < side->count; ++block) {
            const std::size_t begin = offset + side->begin(block);
            blocks[labels[begin] ? 1 : 0].push_back({begin, offset + side->begin(block + 1)});
        }
        offset += side->rows;
    }
    std::vector<std::size_t> fold_of(offset, 0);
    stats::Random random(seed, fold_stream, draw);
    std::size_t dealt = 0;
    for (auto& order : blocks) {
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
        for (const Block& block : order)
            std::fill(fold_of.begin() + static_cast<std::ptrdiff_t>(block.begin),
                      fold_of.begin() + static_cast<std::ptrdiff_t>(block.end), dealt++ % folds);
    }
    return fold_of;
}

/// How often, of so many draws, permuted labels are told apart at least as well; it ends early once the
/// answer is known to be no.
struct Draws {
    std::size_t exceeded = 0;
    std::size_t made = 0;
};

core::Result<Draws> permuted(const Cells& cells, double observed, const Exchange& exchange,
                             const Setting& setting, const core::Task& task) {
    const auto draws =
        static_cast<std::size_t>(std::clamp(std::ceil(5.0 / setting.plan->alpha) - 1.0, 59.0, 999.0));
    Draws done;
    while (done.made < draws && done.exceeded < exceedances_enough) {
        const std::size_t batch = std::min(draws_a_batch, draws - done.made);
        std::vector<char> exceeds(batch, 0);
        auto status =
            core::parallel_for(batch, task.limits.threads, task.stop, [&](std::size_t index) -> core::Status {
                if (auto alive = task.check(); !alive) return alive;
                const std::uint64_t draw = done.made + index;
                const auto labels = drawn_sides(exchange, setting.plan->seed, permutation_stream, draw);
                const auto fold_of = deal_folds(exchange, labels, setting.plan->seed, draw + 1);
                auto told = tell_apart(cells, labels, fold_of, false, task);
                if (!told) return propagate(told);
                exceeds[index] = told->area >= observed ? 1 : 0;
                return {};
            });
        if (!status) return propagate(status);
        // In the order of the draws, so that the batches cannot be seen.
        for (std::size_t i = 0; i < batch && done.exceeded < exceedances_enough; ++i) {
            ++done.made;
            done.exceeded += static_cast<std::size_t>(exceeds[i]);
        }
    }
    return done;
}

/// The sample with fewer rows, spread over it, and its windows.
JointSample thinned(const JointSample& sample, std::size_t rows_a_side, std::uint64_t seed) {
    JointSample out;
    const auto before = spread_rows(sample.reference_rows, rows_a_side, seed, fold_stream + 1);
    const auto after = spread_rows(sample.current_rows, rows_a_side, seed, fold_stream + 2);
    for (const JointColumn& column : sample.columns) {
        JointColumn kept{column.name, column.labels, column.importance, {}, {}};
        for (const auto row : before) kept.reference.push_back(column.reference[row]);
        for (const auto row : after) kept.current.push_back(column.current[row]);
        out.columns.push_back(std::move(kept));
    }
    out.reference_rows = before.size();
    out.current_rows = after.size();
    const auto position = [&](std::size_t row) {
        return static_cast<std::size_t>(std::ranges::lower_bound(before, row) - before.begin());
    };
    for (const Window& window : sample.windows)
        out.windows.push_back({position(window.begin), position(window.end), window.season_class});
    return out;
}

Cells cells_of(const JointSample& sample, const std::vector<std::size_t>& columns) {
    Cells cells{sample.reference_rows + sample.current_rows, columns.size(), {}};
    cells.values.reserve(cells.rows * cells.columns);
    for (const auto index : columns)
        for (const auto* side : {&sample.columns[index].reference, &sample.columns[index].current})
            cells.values.insert(cells.values.end(), side->begin(), side->end());
    return cells;
}

/// Every window told apart from the other windows of its class; current's area last.
core::Result<stats::WindowSeries> windows_told_apart(const Cells& cells, const JointSample& sample,
                                                     const Setting& setting, const core::Task& task) {
    std::vector<Window> parts = sample.windows;
    parts.push_back(
        {sample.reference_rows, sample.reference_rows + sample.current_rows, setting.current_class});
    stats::WindowSeries series(parts.size());
    auto status = core::parallel_for(
        parts.size(), task.limits.threads, task.stop, [&](std::size_t index) -> core::Status {
            if (auto alive = task.check(); !alive) return alive;
            std::vector<std::size_t> rows;
            std::vector<bool> labels;
            for (std::size_t other = 0; other < parts.size(); ++other) {
                if (parts[other].season_class != parts[index].season_class) continue;
                for (std::size_t row = parts[other].begin; row < parts[other].end; ++row) {
                    rows.push_back(row);
                    labels.push_back(other == index);
                }
            }
            const auto own = static_cast<std::size_t>(std::ranges::count(labels, true));
            if (own < folds || rows.size() - own < folds) return {};
            std::vector<std::size_t> fold_of(rows.size());
            stats::Random random(setting.plan->seed, fold_stream + 3, index);
            // Stratified: each label's rows are dealt in a drawn order.
            std::size_t dealt = 0;
            for (const bool label : {false, true}) {
                std::vector<std::size_t> order;
                for (std::size_t i = 0; i < rows.size(); ++i)
                    if (labels[i] == label) order.push_back(i);
                for (std::size_t i = order.size(); i > 1; --i)
                    std::swap(order[i - 1], order[random.below(i)]);
                for (const auto i : order) fold_of[i] = dealt++ % folds;
            }
            auto told = tell_apart(taken(cells, rows), labels, fold_of, false, task);
            if (!told) return propagate(told);
            series[index] = told->area;
            return {};
        });
    if (!status) return propagate(status);
    return series;
}

}  // namespace

double area_under_roc(const std::vector<double>& scores, const std::vector<bool>& labels) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
    double below = 0.0, above_sum = 0.0, positives = 0.0;
    for (std::size_t i = 0; i < order.size();) {
        double tied = 0.0, tied_positives = 0.0;
        std::size_t j = i;
        for (; j < order.size() && scores[order[j]] == scores[order[i]]; ++j)
            (labels[order[j]] ? tied_positives : tied) += 1.0;
        above_sum += tied_positives * (below + 0.5 * tied);
        below += tied;
        positives += tied_positives;
        i = j;
    }
    return positives > 0.0 && below > 0.0 ? above_sum / (positives * below) : 0.5;
}

core::Result<JointEvidence> classifier_evidence(const JointSample& whole, const Setting& setting,
                                                const core::Task& task) {
    JointEvidence evidence;
    auto& report = evidence.report;
    report.method = "domain_classifier";
    const std::size_t rows_a_side =
        std::clamp<std::size_t>(cells_a_side / std::max<std::size_t>(1, whole.columns.size()), 250, 2500);
    const JointSample sample = thinned(whole, rows_a_side, setting.plan->seed);
    report.reference_rows = sample.reference_rows;
    report.current_rows = sample.current_rows;
    std::vector<std::size_t> columns(sample.columns.size());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    const Exchange exchange = exchange_of(sample, columns, setting);
    report.columns = exchange.columns.size();
    if (exchange.columns.empty()) {
        evidence.obstacle =
            exchange.persistent > 0
                ? fmt::format("{} from row to row for too long: take longer windows, or their changes",
                              core::plural(exchange.persistent, "column repeats itself",
                                           "columns, all of them, repeat themselves"))
                : "no column can be looked at together with others";
        evidence.insufficient = exchange.persistent > 0;
        return evidence;
    }
    const Cells cells = cells_of(sample, exchange.columns);
    std::vector<bool> labels(cells.rows, false);
    std::fill(labels.begin() + static_cast<std::ptrdiff_t>(sample.reference_rows), labels.end(), true);
    const auto fold_of = deal_folds(exchange, labels, setting.plan->seed, 0);
    auto told = tell_apart(cells, labels, fold_of, true, task);
    if (!told) return propagate(told);

    std::string how = "permutation";
    if (setting.null == Null::chunks) {
        auto series = windows_told_apart(cells, sample, setting, task);
        if (!series) return propagate(series);
        evidence.series = {std::move(*series)};
        how = "windows";
    } else {
        auto draws = permuted(cells, told->area, exchange, setting, task);
        if (!draws) return propagate(draws);
        evidence.p =
            draws->exceeded >= exceedances_enough
                ? static_cast<double>(draws->exceeded) / static_cast<double>(draws->made)
                : (1.0 + static_cast<double>(draws->exceeded)) / (1.0 + static_cast<double>(draws->made));
    }
    evidence.size = told->area;
    evidence.gate = told->area >= area_floor;
    report.test =
        drift::Test{"auc", how, std::string(name(setting.null)), told->area, evidence.p, std::nullopt};
    report.effect = drift::Effect{"auc", told->area, std::nullopt, std::nullopt};
    std::vector<std::size_t> order(exchange.columns.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto a, auto b) { return told->gain[a] > told->gain[b]; });
    for (std::size_t i = 0; i < std::min(drivers_named, order.size()); ++i) {
        if (!(told->gain[order[i]] > 0.0)) break;
        drift::Driver driver;
        driver.columns = {sample.columns[exchange.columns[order[i]]].name};
        driver.share = told->gain[order[i]];
        report.drivers.push_back(std::move(driver));
    }
    evidence.moved =
        fmt::format("rows of current are told from the reference's with an AUC of {:.3f}", told->area);
    if (!report.drivers.empty())
        evidence.moved += fmt::format(", {:.0f} % of it by {}", 100.0 * *report.drivers.front().share,
                                      core::quoted(report.drivers.front().columns[0], 40));
    return evidence;
}

}  // namespace tristrata::detection
