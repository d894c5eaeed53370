// How often the tests of all columns together flag undrifted data, and find a change that no column shows
// alone: multivariate_calibration [REPEATS] [SEED] [ROW]: only the rows whose titles begin so. Prints
// Markdown; ends with 1 where a share lies outside its mark by more than three standard errors of the run,
// with 2 where no title does.

#include "tristrata/dataset/memory_source.hpp"

#include "tristrata/detection/check.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace tristrata;
using dataset::MemoryColumn;
using stats::Random;

/// How the rows of four columns are made: the first two are linked, the others are not.
struct Rows {
    double correlation = 0.6;
    double neighbours = 0.0;  ///< AR(1) of each column.
    bool heavy = false;    ///< A common scale a row: tails that come together, a copula that is not normal.
    bool rounded = false;  ///< Ties: tenths.
};

std::vector<MemoryColumn> table(Random& random, std::size_t rows, const Rows& how, std::size_t start) {
    std::array<std::vector<double>, 4> columns;
    std::array<double, 4> kept{};
    for (double& x : kept) x = random.normal();
    std::vector<std::int64_t> times;
    for (std::size_t row = 0; row < rows; ++row) {
        times.push_back(static_cast<std::int64_t>(start + row) * 900'000'000);
        for (double& x : kept)
            x = how.neighbours * x + std::sqrt(1.0 - how.neighbours * how.neighbours) * random.normal();
        const double scale = how.heavy ? std::exp(0.7 * random.normal()) : 1.0;
        const double second =
            how.correlation * kept[0] + std::sqrt(1.0 - how.correlation * how.correlation) * kept[1];
        const std::array<double, 4> values{kept[0], second, kept[2], kept[3]};
        for (std::size_t c = 0; c < 4; ++c) {
            const double value = scale * values[c];
            columns[c].push_back(how.rounded ? std::round(10.0 * value) / 10.0 : value);
        }
    }
    return {{"t", times}, {"a", columns[0]}, {"b", columns[1]}, {"c", columns[2]}, {"d", columns[3]}};
}

struct Cell {
    std::string title;
    detection::Null null;
    std::size_t reference_rows, current_rows;
    Rows before, after;
    bool drifts;
};

std::vector<Cell> cells() {
    using enum detection::Null;
    const Rows plain, tailed{0.6, 0.0, true, false}, tied{0.6, 0.0, false, true},
        near{0.6, 0.5, false, false};
    const Rows flipped{-0.6, 0.0, false, false}, near_flipped{-0.6, 0.5, false, false};
    return {
        {"normal, n 600, m 300", independent, 600, 300, plain, plain, false},
        {"tails that come together, n 600, m 300", independent, 600, 300, tailed, tailed, false},
        {"rounded to tenths, n 600, m 300", independent, 600, 300, tied, tied, false},
        {"AR(1) φ 0.5, `dependent`, n 1344, m 384", dependent, 1344, 384, near, near, false},
        {"AR(1) φ 0.5, `chunks`, 24 windows of 100", chunks, 2400, 100, near, near, false},
        {"correlation .6 becomes -.6, n 600, m 300", independent, 600, 300, plain, flipped, true},
        {"the same, AR(1) φ 0.5, `dependent`, n 1344, m 384", dependent, 1344, 384, near, near_flipped, true},
        {"the same, `chunks`, 24 windows of 100", chunks, 2400, 100, near, near_flipped, true},
    };
}

constexpr std::array methods{"pca_reconstruction", "domain_classifier", "correlation"};
constexpr double alpha = 0.05;

struct Counts {
    std::array<std::atomic<std::uint64_t>, 3> small_p{};
    std::array<std::atomic<std::uint64_t>, 3> tested{};
    std::array<std::atomic<std::uint64_t>, 3> drifted{};  ///< p corrected, and large enough to matter.
    std::atomic<std::uint64_t> any_joint = 0;
    std::atomic<std::uint64_t> any_column = 0;
};

core::Status measure(const Cell& cell, std::uint64_t stream, std::uint64_t repeats, std::uint64_t seed,
                     Counts& counts) {
    return core::parallel_for(
        repeats, std::max(1u, std::thread::hardware_concurrency()), {},
        [&](std::size_t repeat) -> core::Status {
            Random random(seed, stream, repeat);
            detection::Plan plan;
            plan.null = cell.null;
            plan.alpha = alpha;
            plan.seed = seed + repeat;
            plan.multivariate = true;
            if (cell.null == detection::Null::independent) plan.column["t"].ignore = true;
            else plan.time = "t";
            dataset::MemorySource reference(table(random, cell.reference_rows, cell.before, 0));
            dataset::MemorySource current(table(random, cell.current_rows, cell.after, cell.reference_rows));
            core::Task task;
            task.limits.threads = 1;
            const auto report = detection::check({&reference, std::nullopt}, {&current, std::nullopt}, plan,
                                                 core::Timestamp{0}, task);
            if (!report) return propagate(report);
            bool any = false;
            for (std::size_t i = 0; i < methods.size(); ++i)
                for (const auto& test : report->multivariate) {
                    if (test.method != methods[i] || !test.test) continue;
                    const auto p =
                        cell.null == detection::Null::chunks ? test.test->p_adjusted : test.test->p;
                    if (!p) continue;
                    ++counts.tested[i];
                    if (*p <= alpha) ++counts.small_p[i];
                    if (test.verdict != drift::Verdict::drift) continue;
                    ++counts.drifted[i];
                    any = true;
                }
            if (any) ++counts.any_joint;
            if (report->summary.drifted > 0) ++counts.any_column;
            return {};
        });
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t repeats = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const std::string_view wanted = argc > 3 ? argv[3] : "";
    const auto all = cells();
    const auto is_wanted = [&](const Cell& cell) { return cell.title.starts_with(wanted); };
    if (std::ranges::none_of(all, is_wanted)) {
        fmt::print(stderr, "multivariate_calibration: no row's title begins with '{}'\n", wanted);
        return 2;
    }
    fmt::print(
        "{} repeats a row, seed {}; p at most .05 → drift\n\n| data | PCA | classifier | correlation | any "
        "of the "
        "three drifts | a column drifts | mark | |\n|---|---|---|---|---|---|---|---|\n",
        repeats, seed);
    bool far_outside = false;
    for (std::size_t row = 0; row < all.size(); ++row) {  // Each draws from the stream of its place.
        const Cell& cell = all[row];
        if (!is_wanted(cell)) continue;
        Counts counts;
        if (const auto status = measure(cell, row, repeats, seed, counts); !status) {
            fmt::print(stderr, "{}: {}\n", cell.title, status.error().message);
            return 3;
        }
        const double low = cell.drifts ? 0.8 : 0.0, high = cell.drifts ? 1.0 : 0.06;
        const double bound = cell.drifts ? low : high;
        const double reach = 3.0 * std::sqrt(bound * (1.0 - bound) / static_cast<double>(repeats));
        bool met = true;
        const auto hold = [&](double share) {
            met = met && share >= low && share <= high;
            far_outside = far_outside || share < low - reach || share > high + reach;
        };
        std::string shares;
        for (std::size_t i = 0; i < methods.size(); ++i) {
            const double share = counts.tested[i] == 0 ? 0.0
                                                       : static_cast<double>(counts.small_p[i]) /
                                                             static_cast<double>(counts.tested[i]);
            shares +=
                counts.tested[i] == 0
                    ? " no p |"
                    : fmt::format(" {:.3f} → {:.3f} |", share,
                                  static_cast<double>(counts.drifted[i]) / static_cast<double>(repeats));
            if (!cell.drifts) hold(share);  // Not each of the three has to see each change: one of them has.
        }
        const auto of = [&](std::uint64_t count) {
            return static_cast<double>(count) / static_cast<double>(repeats);
        };
        if (cell.drifts) hold(of(counts.any_joint));
        fmt::print("| {} |{} {:.3f} | {:.3f} | {} | {} |\n", cell.title, shares, of(counts.any_joint),
                   of(counts.any_column), cell.drifts ? "any at least .8" : "each at most .06",
                   met ? "met" : "**missed**");
        std::fflush(stdout);
    }
    return far_outside ? 1 : 0;
}
