#include "yearly.hpp"

#include "evidence.hpp"
#include "gates.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/stats/conformal.hpp"
#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace tristrata::detection {
namespace {

constexpr std::uint64_t smoothing_stream = 0x79656172;  ///< Apart from the streams of the columns' tests.

/// Measures one chunk and all of its reference, column by column.
class Growing {
public:
    Growing(const ChunkedTable& table, const Plan& plan) : table_(table), plan_(plan) {
        rolling_.resize(table.columns());
        for (std::size_t i = 0; i < table.columns(); ++i)
            if (const auto* sorted = table.sorted(i)) rolling_[i].emplace(*sorted);
    }

    core::Result<std::vector<stats::WindowSeries>> series(const std::vector<std::size_t>& reference,
                                                          std::size_t current, const core::Task& task) {
        std::vector<stats::WindowSeries> out(2 * table_.columns());
        auto status = core::parallel_for(table_.columns(), task.limits.threads, task.stop,
                                         [&](std::size_t column) -> core::Status {
                                             if (auto going = task.check(); !going) return going;
                                             for (const auto& one : measures(column, reference, current)) {
                                                 out[2 * column].push_back(one.log_distance);
                                                 out[2 * column + 1].push_back(one.log_third_largest);
                                             }
                                             return {};
                                         });
        if (!status) return propagate(status);
        return out;
    }

private:
    std::vector<WindowMeasure> measures(std::size_t column, const std::vector<std::size_t>& reference,
                                        std::size_t current) {
        const auto& field = table_.field(column);
        if (field.name == plan_.time || plan_.of(field.name).role == drift::Role::key) return {};
        if (rolling_[column]) {
            const bool enough =
                static_cast<double>((*table_.sorted(column))[current].size()) >= current_values_min;
            return enough ? rolling_[column]->measures_of(reference, current) : std::vector<WindowMeasure>{};
        }
        Setting setting;
        setting.plan = &plan_;
        setting.null = Null::chunks;
        setting.ordered = true;
        setting.columns = table_.columns();
        setting.brief = true;
        const std::size_t begin = table_.chunk(reference.front()).begin;
        for (const std::size_t i : reference)
            setting.windows.push_back(
                {table_.chunk(i).begin - begin, table_.chunk(i).end - begin, table_.season_class(i)});
        setting.current_class = table_.season_class(current);
        auto evidence = examine(field, table_.rows_of(column, reference.front(), reference.back()),
                                table_.rows_of(column, current, current), setting, column);
        return evidence.obstacle.empty() && evidence.report.test ? std::move(evidence.measures)
                                                                 : std::vector<WindowMeasure>{};
    }

    const ChunkedTable& table_;
    const Plan& plan_;
    std::vector<std::optional<RollingWindows>> rolling_;
};

}  // namespace

core::Status run_yearly(const ChunkedTable& table, const Plan& plan, const std::string& question,
                        const std::vector<std::string>& contents,
                        const std::map<std::string, const drift::BacktestChunk*, std::less<>>& known,
                        drift::Backtest& result, const core::Task& task) {
    std::vector<std::size_t> whole;
    for (std::size_t i = 0; i < table.chunks(); ++i)
        if (result.chunks[i].use != drift::ChunkUse::unused) whole.push_back(i);
    Growing growing(table, plan);
    stats::MixtureMartingale martingale;
    std::size_t begun = 0;  // The first chunk since the last alarm, as an index into `whole`.
    std::string inputs = question;
    for (std::size_t k = 0; k < whole.size(); ++k) {
        auto& row = result.chunks[whole[k]];
        inputs += contents[whole[k]];
        inputs = core::sha256(inputs);
        if (row.use != drift::ChunkUse::tested) continue;
        const auto found = known.find(row.key);
        const bool taken =
            found != known.end() && found->second->yearly && found->second->yearly->inputs == inputs;
        if (taken) {
            row.yearly = found->second->yearly;
            result.yearly_reused.push_back(whole[k]);
        } else {
            drift::YearlyStep step;
            step.inputs = inputs;
            std::optional<stats::WindowRank> rank;
            if (k > begun) {
                const std::vector<std::size_t> reference(whole.begin() + static_cast<std::ptrdiff_t>(begun),
                                                         whole.begin() + static_cast<std::ptrdiff_t>(k));
                auto series = growing.series(reference, whole[k], task);
                if (!series) return propagate(series);
                std::vector<int> classes;
                for (const std::size_t i : reference) classes.push_back(table.season_class(i));
                classes.push_back(table.season_class(whole[k]));
                rank = stats::newest_window_rank(*series, 2, classes);
            }
            const double u = 1.0 - stats::Random(plan.seed, smoothing_stream, k).uniform();
            step.p = stats::smoothed_p(rank.value_or(stats::WindowRank{}), u);
            if (rank) step.column = table.field(rank->column).name;
            row.yearly = std::move(step);
        }
        auto& step = *row.yearly;
        martingale.update(step.p);
        step.log_evidence = martingale.log_evidence();
        step.alarm = step.log_evidence >= -std::log(plan.alpha);
        if (step.alarm) {
            martingale = {};
            begun = k + 1;
            if (!taken)
                result.summary.severity =
                    std::max(result.summary.severity, std::optional(drift::Severity::warn));
        }
        if (task.progress != nullptr) task.progress->advanced("chunks of the year", k + 1, whole.size());
    }
    return {};
}

}  // namespace tristrata::detection
