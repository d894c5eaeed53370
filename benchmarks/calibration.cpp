// How often undrifted data are flagged, and how often drifted data are: calibration [REPEATS] [SEED]. Prints
// Markdown.

#include "tristrata/dataset/memory_source.hpp"

#include "tristrata/detection/check.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tristrata;
using dataset::MemoryColumn;
using dataset::MemorySource;
using stats::Random;

using Numbers = std::vector<double>;
using Labels = std::vector<std::string>;

Numbers drawn(Random& random, std::size_t count, const std::function<double(Random&)>& draw) {
    Numbers values(count);
    for (double& value : values) value = draw(random);
    return values;
}
Labels labels(Random& random, std::size_t count, std::uint64_t k) {
    Labels values(count);
    for (auto& value : values) value = fmt::format("label{}", random.below(k));
    return values;
}
Numbers autoregressive(Random& random, std::size_t count, double phi) {
    Numbers values(count);
    double previous = random.normal();
    const double scale = std::sqrt(1.0 - phi * phi);
    for (double& value : values) value = previous = phi * previous + scale * random.normal();
    return values;
}
Numbers stochastic_volatility(Random& random, std::size_t count) {
    Numbers values = autoregressive(random, count, 0.98);
    for (double& value : values) value = std::exp(0.5 * value) * random.normal();
    return values;
}
std::vector<std::int64_t> quarter_hours(std::size_t count, std::size_t start) {
    std::vector<std::int64_t> times(count);
    for (std::size_t i = 0; i < count; ++i) times[i] = static_cast<std::int64_t>(start + i) * 900'000'000;
    return times;
}

struct Pair {
    std::vector<MemoryColumn> reference;
    std::vector<MemoryColumn> current;
};

/// One row of the table: how a pair is made, and what is wished for.
struct Cell {
    std::string title;
    detection::Null null = detection::Null::independent;
    std::function<Pair(Random&)> make;
    std::string mark;
};

struct Counts {
    std::atomic<std::uint64_t> tested{0};   ///< Columns that have a p-value.
    std::atomic<std::uint64_t> small_p{0};  ///< ... of at most .05.
    std::atomic<std::uint64_t> flagged{0};  ///< Repeats in which any column drifted.
    std::atomic<std::uint64_t> repeats{0};
};

core::Status measure(const Cell& cell, std::uint64_t index, std::uint64_t repeats, std::uint64_t seed,
                     Counts& counts) {
    detection::Plan plan;
    plan.null = cell.null;
    if (cell.null == detection::Null::dependent) plan.time = "time";
    return core::parallel_for(repeats, 2, {}, [&](std::size_t repeat) -> core::Status {
        Random random(seed, index, repeat);
        Pair pair = cell.make(random);
        MemorySource reference(std::move(pair.reference));
        MemorySource current(std::move(pair.current));
        core::Task task;
        task.limits.threads = 1;
        detection::Plan own = plan;
        own.seed = repeat;
        const auto report = detection::check({&reference, std::nullopt}, {&current, std::nullopt}, own,
                                             core::Timestamp{}, task);
        if (!report) return tl::unexpected(report.error());
        bool any = false;
        for (const auto& column : report->columns) {
            if (column.kind == drift::Kind::time) continue;
            any = any || column.verdict == drift::Verdict::drift;
            if (!column.test || !column.test->p) continue;
            ++counts.tested;
            if (*column.test->p <= 0.05) ++counts.small_p;
        }
        ++counts.repeats;
        if (any) ++counts.flagged;
        return {};
    });
}

Cell numeric(std::string title, std::size_t n, std::size_t m, std::function<double(Random&)> draw) {
    return {fmt::format("{}, n {}, m {}", title, n, m), detection::Null::independent,
            [=](Random& random) {
                return Pair{{{"x", drawn(random, n, draw)}}, {{"x", drawn(random, m, draw)}}};
            },
            "p .02 to .06"};
}
Cell categorical(std::uint64_t k, std::size_t n, std::size_t m) {
    return {
        fmt::format("{} categories, n {}, m {}", k, n, m), detection::Null::independent,
        [=](Random& random) { return Pair{{{"x", labels(random, n, k)}}, {{"x", labels(random, m, k)}}}; },
        m >= 3 * k ? "p .02 to .06" : "p at most .06"};
}
Cell dependent(std::string title, std::size_t n, std::size_t m, std::string mark,
               std::function<Numbers(Random&, std::size_t)> draw, double shift) {
    return {fmt::format("{}, n {}, m {}", title, n, m), detection::Null::dependent,
            [=](Random& random) {
                const Numbers all = draw(random, n + m);
                const auto middle = all.begin() + static_cast<std::ptrdiff_t>(n);
                Numbers current(middle, all.end());
                for (double& value : current) value += shift;
                return Pair{{{"time", quarter_hours(n, 0)}, {"x", Numbers(all.begin(), middle)}},
                            {{"time", quarter_hours(m, n)}, {"x", std::move(current)}}};
            },
            std::move(mark)};
}

std::vector<Cell> cells() {
    const auto normal = [](Random& random) { return random.normal(); };
    const auto lognormal = [](Random& random) { return std::exp(random.normal()); };
    const auto zeros = [](double share) {
        return [share](Random& random) { return random.uniform() < share ? 0.0 : std::exp(random.normal()); };
    };
    const auto digits = [](Random& random) { return static_cast<double>(random.below(10)); };
    std::vector<Cell> all;
    const std::pair<std::size_t, std::size_t> sizes[] = {
        {30, 30}, {300, 30}, {1000, 100}, {5000, 300}, {5000, 5000}};
    for (const auto& [n, m] : sizes) {
        all.push_back(numeric("normal", n, m, normal));
        all.push_back(numeric("lognormal", n, m, lognormal));
        all.push_back(numeric("half zeros, half lognormal", n, m, zeros(0.5)));
        all.push_back(numeric("integers 0 to 9", n, m, digits));
        for (const std::uint64_t k : {3u, 10u, 30u, 100u}) all.push_back(categorical(k, n, m));
    }
    all.push_back({"100 columns, 50 normal, 50 of 10 categories, n 1000, m 100", detection::Null::independent,
                   [=](Random& random) {
                       Pair pair;
                       for (int i = 0; i < 100; ++i) {
                           const std::string name = fmt::format("c{}", i);
                           if (i % 2 == 0) {
                               pair.reference.push_back({name, drawn(random, 1000, normal)});
                               pair.current.push_back({name, drawn(random, 100, normal)});
                           } else {
                               pair.reference.push_back({name, labels(random, 1000, 10)});
                               pair.current.push_back({name, labels(random, 100, 10)});
                           }
                       }
                       return pair;
                   },
                   "verdict at most .06"});
    all.push_back({"zeros .9 to .8, n 1000, m 100: power", detection::Null::independent,
                   [=](Random& random) {
                       return Pair{{{"x", drawn(random, 1000, zeros(0.9))}},
                                   {{"x", drawn(random, 100, zeros(0.8))}}};
                   },
                   "verdict at least .6"});
    for (const std::size_t n : {std::size_t{8640}, std::size_t{1344}}) {
        for (const double phi : {0.0, 0.5, 0.9})
            all.push_back(dependent(
                fmt::format("AR(1), phi {}", phi), n, 96, "verdict at most .06",
                [phi](Random& random, std::size_t count) { return autoregressive(random, count, phi); },
                0.0));
        all.push_back(
            dependent("stochastic volatility", n, 96, "verdict at most .06", stochastic_volatility, 0.0));
        // 0.6 times the power of the z test that knows the true standard error: .653 and .625.
        all.push_back(dependent(
            "AR(1), phi 0.9, shifted by 1 sd: power", n, 96,
            n > 5000 ? "verdict at least .392" : "verdict at least .375",
            [](Random& random, std::size_t count) { return autoregressive(random, count, 0.9); }, 1.0));
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t repeats = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    fmt::print(
        "{} repeats a row, seed {}\n\n| data | p at most .05 | verdict drift | mark |\n|---|---|---|---|\n",
        repeats, seed);
    std::uint64_t index = 0;
    for (const Cell& cell : cells()) {
        Counts counts;
        if (const auto status = measure(cell, index++, repeats, seed, counts); !status) {
            fmt::print(stderr, "{}: {}\n", cell.title, status.error().message);
            return 3;
        }
        const auto share = [](std::uint64_t part, std::uint64_t whole) {
            return whole == 0 ? std::string("none")
                              : fmt::format("{:.4f}", static_cast<double>(part) / static_cast<double>(whole));
        };
        fmt::print("| {} | {} | {} | {} |\n", cell.title, share(counts.small_p, counts.tested),
                   share(counts.flagged, counts.repeats), cell.mark);
        std::fflush(stdout);
    }
    return 0;
}
