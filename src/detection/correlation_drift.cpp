#include "correlation_drift.hpp"

#include "linear_algebra.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/normal_scores.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace tristrata::detection {
namespace {

constexpr std::size_t columns_max = 64;  ///< 2,016 pairs.
constexpr double difference_floor = 0.10;
constexpr std::size_t pairs_named = 10;
constexpr double correlation_limit = 1.0 - 1e-9;  ///< Fisher's z of ±1 is infinite.
constexpr std::uint64_t permutation_stream = UINT64_C(3) << 40u;

/// Sums over rows from which correlations of pairs are made: a missing value takes part in none of them.
struct Sums {
    std::vector<double> products;  ///< Σ a b over rows that have both.
    std::vector<double> squares;   ///< Element (a, b): Σ a² over rows that have b.
    std::vector<double> counts;    ///< Rows that have both.
    Sums operator-(const Sums& other) const {
        Sums out = *this;
        for (std::size_t i = 0; i < products.size(); ++i) {
            out.products[i] -= other.products[i];
            out.squares[i] -= other.squares[i];
            out.counts[i] -= other.counts[i];
        }
        return out;
    }
    Sums operator+(const Sums& other) const {
        Sums out = *this;
        for (std::size_t i = 0; i < products.size(); ++i) {
            out.products[i] += other.products[i];
            out.squares[i] += other.squares[i];
            out.counts[i] += other.counts[i];
        }
        return out;
    }
};

/// Scores of some rows, 0 where missing, and where they are present.
struct Scores {
    Table scores;
    Table present;
    Scores(std::size_t rows, std::size_t columns) : scores(rows, columns), present(rows, columns) {}
};

Sums sums_of(const Scores& rows) {
    Table squared = rows.scores;
    for (double& x : squared.values) x *= x;
    return {cross_products(rows.scores, rows.scores), cross_products(squared, rows.present),
            cross_products(rows.present, rows.present)};
}

Scores rows_of(const Scores& all, const std::vector<std::size_t>& rows) {
    Scores out(rows.size(), all.scores.columns);
    for (std::size_t c = 0; c < all.scores.columns; ++c)
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.scores.column(c)[i] = all.scores.column(c)[rows[i]];
            out.present.column(c)[i] = all.present.column(c)[rows[i]];
        }
    return out;
}

class Pairs {
public:
    explicit Pairs(std::size_t columns) : columns_(columns) {
        for (std::size_t a = 0; a < columns; ++a)
            for (std::size_t b = a + 1; b < columns; ++b) pairs_.emplace_back(a, b);
    }
    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
    [[nodiscard]] std::pair<std::size_t, std::size_t> of(std::size_t pair) const { return pairs_[pair]; }

    [[nodiscard]] std::optional<double> correlation(const Sums& sums, std::size_t pair) const {
        const auto [a, b] = pairs_[pair];
        const double square = sums.squares[a * columns_ + b] * sums.squares[b * columns_ + a];
        if (sums.counts[a * columns_ + b] < 10.0 || !(square > 0.0)) return std::nullopt;
        return std::clamp(sums.products[a * columns_ + b] / std::sqrt(square), -correlation_limit,
                          correlation_limit);
    }
    /// |difference of Fisher's z| over its standard error; 0 where a side has none.
    [[nodiscard]] double difference(const Sums& reference, const Sums& current, std::size_t pair) const {
        const auto before = correlation(reference, pair), after = correlation(current, pair);
        if (!before || !after) return 0.0;
        const auto [a, b] = pairs_[pair];
        const double n = reference.counts[a * columns_ + b], m = current.counts[a * columns_ + b];
        return std::abs(std::atanh(*after) - std::atanh(*before)) /
               std::sqrt(1.0 / (n - 3.0) + 1.0 / (m - 3.0));
    }

private:
    std::size_t columns_;
    std::vector<std::pair<std::size_t, std::size_t>> pairs_;
};

/// Normal scores of each side's own columns, the reference's rows first.
Scores side_scores(const JointSample& sample, const std::vector<std::size_t>& columns) {
    Scores out(sample.reference_rows + sample.current_rows, columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        double* scores = out.scores.column(c);
        double* present = out.present.column(c);
        for (const auto* side : {&sample.columns[columns[c]].reference, &sample.columns[columns[c]].current})
            for (std::size_t i = 0; const double score : stats::normal_scores(present_sorted(*side), *side)) {
                *scores++ = score;
                *present++ = std::isnan((*side)[i++]) ? 0.0 : 1.0;
            }
    }
    return out;
}

std::vector<std::size_t> range(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> rows(end - begin);
    std::iota(rows.begin(), rows.end(), begin);
    return rows;
}

/// Enough draws for alpha over the tests of a table, and no more than are worth their time.
std::uint64_t draws_for(double alpha) {
    return static_cast<std::uint64_t>(std::clamp(std::ceil(20.0 / alpha) - 1.0, 199.0, 1999.0));
}

/// Each pair's p: (1 + draws whose largest difference is at least its own) / (1 + draws).
core::Result<std::vector<double>> permuted(const Scores& all, const Sums& total, const Pairs& pairs,
                                           const std::vector<double>& observed, const Exchange& exchange,
                                           const Setting& setting, const core::Task& task) {
    const std::uint64_t draws = draws_for(setting.plan->alpha);
    std::vector<double> largest(draws, 0.0);
    const bool current_smaller = exchange.current.rows <= exchange.reference.rows;
    auto status =
        core::parallel_for(draws, task.limits.threads, task.stop, [&](std::size_t draw) -> core::Status {
            if (auto alive = task.check(); !alive) return alive;
            const auto sides = drawn_sides(exchange, setting.plan->seed, permutation_stream, draw);
            std::vector<std::size_t> rows;
            for (std::size_t row = 0; row < sides.size(); ++row)
                if (sides[row] == current_smaller) rows.push_back(row);
            const Sums one = sums_of(rows_of(all, rows));
            const Sums rest = total - one;
            for (std::size_t pair = 0; pair < pairs.size(); ++pair)
                largest[draw] = std::max(largest[draw], pairs.difference(rest, one, pair));
            return {};
        });
    if (!status) return propagate(status);
    std::ranges::sort(largest);
    std::vector<double> p;
    for (const double difference : observed) {
        // What rounding parts is a tie.
        const auto above = largest.end() - std::ranges::lower_bound(largest, difference * (1.0 - 1e-9));
        p.push_back((1.0 + static_cast<double>(above)) / (1.0 + static_cast<double>(draws)));
    }
    return p;
}

/// A series a pair: each window's difference from all windows of its class, its own rows among them.
std::vector<stats::WindowSeries> windows_ranked(const Scores& all, const JointSample& sample,
                                                const Setting& setting, const Pairs& pairs) {
    std::vector<Sums> windows;
    std::vector<int> classes;
    for (const Window& window : sample.windows) {
        windows.push_back(sums_of(rows_of(all, range(window.begin, window.end))));
        classes.push_back(window.season_class);
    }
    windows.push_back(
        sums_of(rows_of(all, range(sample.reference_rows, sample.reference_rows + sample.current_rows))));
    classes.push_back(setting.current_class);
    std::vector<stats::WindowSeries> series(pairs.size(), stats::WindowSeries(windows.size()));
    for (std::size_t w = 0; w < windows.size(); ++w) {
        std::optional<Sums> pool;
        std::size_t members = 0;
        for (std::size_t other = 0; other < windows.size(); ++other)
            if (classes[other] == classes[w]) {
                pool = pool ? *pool + windows[other] : windows[other];
                ++members;
            }
        if (members < 2) continue;
        for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
            const auto own = pairs.correlation(windows[w], pair), of_pool = pairs.correlation(*pool, pair);
            if (own && of_pool) series[pair][w] = std::abs(std::atanh(*own) - std::atanh(*of_pool));
        }
    }
    return series;
}

}  // namespace

core::Result<JointEvidence> correlation_evidence(const JointSample& sample, const Setting& setting,
                                                 const core::Task& task) {
    JointEvidence evidence;
    auto& report = evidence.report;
    report.method = "correlation";
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < sample.columns.size(); ++i)
        if (!sample.columns[i].labels) columns.push_back(i);
    std::ranges::stable_sort(columns, [&](std::size_t a, std::size_t b) {
        return sample.columns[a].importance > sample.columns[b].importance;
    });
    if (columns.size() > columns_max) columns.resize(columns_max);
    std::ranges::sort(columns);
    const Exchange exchange = exchange_of(sample, columns, setting);
    report.columns = exchange.columns.size();
    if (exchange.columns.size() < 2) {
        evidence.obstacle =
            exchange.persistent > 0
                ? fmt::format(
                      "of {} of numbers, {} from row to row for too long: take longer windows, or their "
                      "changes",
                      core::plural(columns.size(), "column"),
                      core::plural(exchange.persistent, "repeats itself", "repeat themselves"))
                : "two columns of numbers or booleans are needed";
        evidence.insufficient = exchange.persistent > 0;
        return evidence;
    }
    const Scores all = side_scores(sample, exchange.columns);
    const Sums before = sums_of(rows_of(all, range(0, sample.reference_rows)));
    const Sums after =
        sums_of(rows_of(all, range(sample.reference_rows, sample.reference_rows + sample.current_rows)));
    const Pairs pairs(exchange.columns.size());
    std::vector<double> observed(pairs.size());
    for (std::size_t pair = 0; pair < pairs.size(); ++pair)
        observed[pair] = pairs.difference(before, after, pair);

    std::vector<double> p;
    if (setting.null == Null::chunks) {
        evidence.series = windows_ranked(all, sample, setting, pairs);
    } else {
        auto found = permuted(all, before + after, pairs, observed, exchange, setting, task);
        if (!found) return propagate(found);
        p = std::move(*found);
    }
    std::vector<std::size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto a, auto b) { return observed[a] > observed[b]; });
    for (std::size_t i = 0; i < std::min(pairs_named, order.size()); ++i) {
        const auto [a, b] = pairs.of(order[i]);
        drift::Driver driver;
        driver.columns = {sample.columns[exchange.columns[a]].name, sample.columns[exchange.columns[b]].name};
        driver.reference = pairs.correlation(before, order[i]);
        driver.current = pairs.correlation(after, order[i]);
        if (!p.empty()) driver.p_adjusted = p[order[i]];
        report.drivers.push_back(std::move(driver));
    }
    const auto& top = report.drivers.front();
    const auto moved_by = [](const drift::Driver& driver) {
        return driver.reference && driver.current ? std::abs(*driver.current - *driver.reference) : 0.0;
    };
    for (const auto& driver : report.drivers)
        if (!driver.p_adjusted || *driver.p_adjusted <= setting.plan->alpha)
            evidence.size = std::max(evidence.size, moved_by(driver));
    if (evidence.size == 0.0) evidence.size = moved_by(top);
    evidence.gate = evidence.size >= difference_floor;
    if (!p.empty()) evidence.p = p[order.front()];
    report.test = drift::Test{"max_fisher_z",
                              setting.null == Null::chunks ? "windows" : "permutation",
                              std::string(name(setting.null)),
                              observed[order.front()],
                              evidence.p,
                              std::nullopt};
    report.effect = drift::Effect{"correlation_difference", evidence.size, std::nullopt, std::nullopt};
    if (top.reference && top.current)
        evidence.moved = fmt::format("the correlation of {} and {} went from {:.2f} to {:.2f}",
                                     core::quoted(top.columns[0], 40), core::quoted(top.columns[1], 40),
                                     *top.reference, *top.current);
    return evidence;
}

}  // namespace tristrata::detection
