// How often undrifted data are flagged, and how often drifted data are: calibration [REPEATS [SEED
// [checks | signals | methods | native]]]. Prints as Markdown a table of our checks and one of our signals
// (checks, signals: only this one); or tables of every method, ours and the peers', side by side (methods),
// or of our tests alone on the quick rows (native). Without an argument all that the pages hold. Ends with 1
// where a share lies outside its mark by more than three standard errors of the run.

#include "draws.hpp"
#include "method_table.hpp"

#include "tristrata/detection/check.hpp"
#include "tristrata/stats/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tristrata;
using namespace tristrata::benchmarks;
using dataset::MemorySource;
using stats::Random;

/// What a share is wished to lie between.
struct Mark {
    enum class Of { p, verdict, any } of;
    double low;
    double high;

    [[nodiscard]] bool asked() const { return low > 0.0 || high < 1.0; }
    [[nodiscard]] std::string text() const {
        const auto* what = of == Of::p ? "p" : of == Of::verdict ? "verdict" : "any";
        if (!asked()) return "";
        if (low <= 0.0) return fmt::format("{} at most {:.3g}", what, high);
        if (high >= 1.0) return fmt::format("{} at least {:.3g}", what, low);
        return fmt::format("{} {:.3g} to {:.3g}", what, low, high);
    }
};

/// One row of the table: how a pair is made, and what is wished for.
struct Cell {
    std::string title;
    detection::Null null = detection::Null::independent;
    std::function<Pair(Random&)> make;
    Mark mark;
    std::uint64_t repeats_divisor = 1;  ///< Those that tell as much with a fifth of the repeats.
};

struct Counts {
    std::atomic<std::uint64_t> tested{0};   ///< Columns that have a p-value.
    std::atomic<std::uint64_t> small_p{0};  ///< ... of at most .05.
    std::atomic<std::uint64_t> flagged{0};  ///< Repeats in which any column drifted.
    std::atomic<std::uint64_t> any{0};      ///< ... or any signal fired, of a column or of the table.
    std::atomic<std::uint64_t> repeats{0};
};

core::Status measure(const Cell& cell, std::uint64_t index, std::uint64_t repeats, std::uint64_t seed,
                     Counts& counts) {
    detection::Plan plan;
    plan.null = cell.null;
    return core::parallel_for(repeats, 2, {}, [&](std::size_t repeat) -> core::Status {
        Random random(seed, index, repeat);
        Pair pair = cell.make(random);
        const bool in_order = pair.reference.front().name == "time";
        MemorySource reference(std::move(pair.reference));
        MemorySource current(std::move(pair.current));
        core::Task task;
        task.limits.threads = 1;
        detection::Plan own = plan;
        own.seed = repeat;
        if (in_order) own.time = "time";
        const auto report = detection::check({&reference, std::nullopt}, {&current, std::nullopt}, own,
                                             core::Timestamp{}, task);
        if (!report) return tl::unexpected(report.error());
        const auto fired = [](const std::vector<drift::Signal>& signals) {
            return std::ranges::any_of(
                signals, [](const auto& signal) { return signal.verdict == drift::Verdict::drift; });
        };
        bool drifted = false, signalled = fired(report->signals);
        for (const auto& column : report->columns) {
            signalled = signalled || fired(column.signals);
            if (column.kind == drift::Kind::time) continue;
            drifted = drifted || column.verdict == drift::Verdict::drift;
            if (!column.test || !column.test->p) continue;
            ++counts.tested;
            if (*column.test->p <= 0.05) ++counts.small_p;
        }
        ++counts.repeats;
        if (drifted) ++counts.flagged;
        if (drifted || signalled) ++counts.any;
        return {};
    });
}

constexpr Mark size_with_power{Mark::Of::p, 0.02, 0.06};
constexpr Mark size_alone{Mark::Of::p, 0.0, 0.06};
constexpr Mark size_of_verdict{Mark::Of::verdict, 0.0, 0.06};
constexpr Mark size_of_any{Mark::Of::any, 0.0, 0.06};

Cell numeric(std::string title, std::size_t n, std::size_t m, std::function<double(Random&)> draw) {
    return {fmt::format("{}, n {}, m {}", title, n, m), detection::Null::independent,
            [=](Random& random) {
                return Pair{{{"x", drawn(random, n, draw)}}, {{"x", drawn(random, m, draw)}}};
            },
            size_with_power};
}
Cell categorical(std::uint64_t k, std::size_t n, std::size_t m) {
    return {
        fmt::format("{} categories, n {}, m {}", k, n, m), detection::Null::independent,
        [=](Random& random) { return Pair{{{"x", labels(random, n, k)}}, {{"x", labels(random, m, k)}}}; },
        m >= 3 * k ? size_with_power : size_alone};
}
Cell series(detection::Null null, std::string title, std::size_t n, std::size_t m, Mark mark,
            std::function<Numbers(Random&, std::size_t)> draw, double shift) {
    return {fmt::format("`{}`, {}, n {}, m {}", detection::name(null), title, n, m), null,
            [=](Random& random) {
                const Numbers all = draw(random, n + m);
                const auto middle = all.begin() + static_cast<std::ptrdiff_t>(n);
                Numbers current(middle, all.end());
                for (double& value : current) value += shift;
                return Pair{{{"time", quarter_hours(n, 0)}, {"x", Numbers(all.begin(), middle)}},
                            {{"time", quarter_hours(m, n)}, {"x", std::move(current)}}};
            },
            mark};
}
/// A hundred columns, `categories_of(index)` of them a column's labels, 0 for numbers.
Cell hundred(std::string title, std::function<std::uint64_t(int)> categories_of) {
    return {
        title + ", n 1000, m 100", detection::Null::independent,
        [=](Random& random) {
            Pair pair;
            for (int i = 0; i < 100; ++i) {
                const std::string name = fmt::format("c{}", i);
                for (auto& [side, rows] : {std::pair{&pair.reference, 1000u}, {&pair.current, 100u}}) {
                    if (const auto k = categories_of(i)) side->push_back({name, labels(random, rows, k)});
                    else side->push_back({name, drawn(random, rows, [](Random& r) { return r.normal(); })});
                }
            }
            return pair;
        },
        size_of_verdict, 5};
}

/// One column without drift, in which a signal could be seen: `draw` makes a side of so many rows.
Cell one_column(std::string title, std::size_t n, std::size_t m,
                std::function<Values(Random&, std::size_t)> draw) {
    return {fmt::format("{}, n {}, m {}", title, n, m), detection::Null::independent,
            [=](Random& random) {
                auto reference = draw(random, n);
                return Pair{{{"x", std::move(reference)}}, {{"x", draw(random, m)}}};
            },
            size_of_any};
}
/// Labels of which all but one have so small a share.
Cell rare_label(double share, std::size_t n, std::size_t m) {
    return one_column(fmt::format("a label of share {}", share), n, m,
                      [share](Random& random, std::size_t count) -> Values {
                          Labels values(count);
                          for (auto& value : values) value = random.uniform() < share ? "rare" : "usual";
                          return values;
                      });
}
/// Labels of shares 1 / rank: most of them are seen rarely or never.
Cell long_tail(std::uint64_t k, std::size_t n, std::size_t m) {
    return one_column(fmt::format("{} labels of shares 1 / rank", k), n, m,
                      [k](Random& random, std::size_t count) -> Values {
                          const double all = std::log(static_cast<double>(k) + 1.0);
                          Labels values(count);
                          for (auto& value : values)
                              value =
                                  fmt::format("label{:.0f}", std::floor(std::exp(random.uniform() * all)));
                          return values;
                      });
}
/// Numbers of which so large a share is marked: missing, infinite, or not the usual one.
Cell marked_numbers(std::string title, double share, double mark, bool constant, std::size_t n,
                    std::size_t m) {
    return one_column(std::move(title), n, m, [=](Random& random, std::size_t count) -> Values {
        return drawn(random, count, [=](Random& r) {
            const double value = constant ? 1.0 : r.normal();
            return r.uniform() < share ? mark : value;
        });
    });
}
/// Times on a step of a second at which so large a share of the rows is missing, and another stands twice.
Cell times_with_gaps(detection::Null null, double missing, double twice, std::size_t n, std::size_t m,
                     double stays = 0.0) {
    return {
        fmt::format("`{}`, a share of {} of the times missing{}, {} twice, n {}, m {}", detection::name(null),
                    missing, stays > 0.0 ? " in runs of 10" : "", twice, n, m),
        null,
        [=](Random& random) {
            std::int64_t at = 0;
            bool out = false;
            const auto side = [&](std::size_t rows) {
                std::vector<std::int64_t> times;
                while (times.size() < rows) {
                    at += 1'000'000;
                    const double enters = missing * (1.0 - stays) / (1.0 - missing);
                    out = random.uniform() < (out && stays > 0.0 ? stays : stays > 0.0 ? enters : missing);
                    if (out) continue;
                    times.push_back(at);
                    if (random.uniform() < twice) times.push_back(at);
                }
                times.resize(rows);
                return times;
            };
            Pair pair;
            for (auto& [columns, rows] : {std::pair{&pair.reference, n}, {&pair.current, m}}) {
                columns->push_back({"time", side(rows)});
                columns->push_back({"x", drawn(random, rows, [](Random& r) { return r.normal(); })});
            }
            return pair;
        },
        size_of_any};
}

/// The power of the z test for means that knows the standard error of an AR(1) process of variance 1.
double z_power(double phi, double n, double m, double shift) {
    const auto variance_of_mean = [phi](double rows) {
        return ((1.0 + phi) / (1.0 - phi) -
                2.0 * phi * (1.0 - std::pow(phi, rows)) / (rows * (1.0 - phi) * (1.0 - phi))) /
               rows;
    };
    const double z = shift / std::sqrt(variance_of_mean(n) + variance_of_mean(m));
    return 0.5 * std::erfc((1.959964 - z) / std::sqrt(2.0)) +
           0.5 * std::erfc((1.959964 + z) / std::sqrt(2.0));
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
    all.push_back(hundred("100 numeric columns", [](int) { return std::uint64_t{0}; }));
    all.push_back(hundred("100 columns of 10 categories", [](int) { return std::uint64_t{10}; }));
    all.push_back(hundred("100 columns, every other numeric, the rest of 10 categories",
                          [](int index) { return index % 2 == 0 ? std::uint64_t{0} : std::uint64_t{10}; }));
    all.push_back({"zeros .9 to .8, n 1000, m 100: power",
                   detection::Null::independent,
                   [=](Random& random) {
                       return Pair{{{"x", drawn(random, 1000, zeros(0.9))}},
                                   {{"x", drawn(random, 100, zeros(0.8))}}};
                   },
                   {Mark::Of::verdict, 0.6, 1.0}});
    const auto phi_of = [](double phi) {
        return [phi](Random& random, std::size_t count) { return autoregressive(random, count, phi); };
    };
    for (const std::size_t n : {std::size_t{8640}, std::size_t{1344}})
        for (const auto null : {detection::Null::dependent, detection::Null::chunks}) {
            if (null == detection::Null::chunks && n < 20u * 96u) continue;  // 14 windows cannot reach 5 %.
            for (const double phi : {0.0, 0.5, 0.9})
                all.push_back(
                    series(null, fmt::format("AR(1) φ {}", phi), n, 96, size_of_verdict, phi_of(phi), 0.0));
            all.push_back(
                series(null, "stochastic volatility", n, 96, size_of_verdict, stochastic_volatility, 0.0));
            const double least = 0.6 * z_power(0.9, static_cast<double>(n), 96.0, 1.0);
            all.push_back(series(null, "AR(1) φ 0.9, shifted by 1 sd: power", n, 96,
                                 {Mark::Of::verdict, null == detection::Null::dependent ? least : 0.0, 1.0},
                                 phi_of(0.9), 1.0));
        }
    all.push_back(rare_label(0.003, 300, 30));
    all.push_back(rare_label(0.01, 100, 100));
    all.push_back(rare_label(0.01, 1000, 1000));
    all.push_back(long_tail(30, 300, 30));
    all.push_back(long_tail(300, 1000, 100));
    all.push_back(long_tail(3000, 5000, 5000));
    all.push_back(marked_numbers("all but .003 of the numbers are 1", 0.003, 7.0, true, 300, 30));
    all.push_back(marked_numbers("5 % of the numbers missing", 0.05, std::nan(""), false, 300, 30));
    all.push_back(marked_numbers("5 % of the numbers missing", 0.05, std::nan(""), false, 1000, 1000));
    all.push_back(marked_numbers("1 % of the numbers infinite", 0.01, INFINITY, false, 1000, 100));
    for (const auto null : {detection::Null::independent, detection::Null::dependent}) {
        all.push_back(times_with_gaps(null, 0.02, 0.02, 1000, 100));
        all.push_back(times_with_gaps(null, 0.002, 0.002, 1000, 100));
    }
    all.push_back(times_with_gaps(detection::Null::dependent, 0.05, 0.0, 1000, 100, 0.9));
    all.push_back(times_with_gaps(detection::Null::chunks, 0.02, 0.02, 4000, 100));
    // Where the z test finds nearly all; the variance of the volatile values is exp(2 sd^2), here sd .5.
    for (const std::size_t n : {std::size_t{8640}, std::size_t{1344}}) {
        const auto power = [&](std::string_view title, auto draw, double phi, double sd) {
            all.push_back(series(
                detection::Null::dependent, fmt::format("{}, shifted by 1 sd: power", title), n, 96,
                {Mark::Of::verdict, 0.6 * z_power(phi, static_cast<double>(n), 96.0, 1.0), 1.0}, draw, sd));
            all.back().repeats_divisor = 5;
        };
        power("AR(1) φ 0", phi_of(0.0), 0.0, 1.0);
        power("AR(1) φ 0.5", phi_of(0.5), 0.5, 1.0);
        power("stochastic volatility", stochastic_volatility, 0.0, std::exp(0.25));
    }
    return all;
}

/// Prints a table of our checks, of our signals, or both, and returns what the program ends with.
int print_own_tables(std::uint64_t repeats, std::uint64_t seed, std::string_view wanted) {
    const bool signals_alone = wanted == "signals";
    const bool power_alone = wanted == "power";
    fmt::print(
        "{} repeats a row (a fifth of them for 100 columns, and for the power of the last rows), seed {}\n\n",
        repeats, seed);
    if (!signals_alone)
        fmt::print("| data | p at most .05 | verdict drift | mark | |\n|---|---|---|---|---|\n");
    bool far_outside = false, first_of_signals = true;
    // Each cell draws from the stream of its place in the list, whichever table it stands in.
    std::vector<std::pair<std::uint64_t, Cell>> rows;
    for (Cell& cell : cells()) rows.emplace_back(rows.size(), std::move(cell));
    std::ranges::stable_partition(rows, [](const auto& one) { return one.second.mark.of != Mark::Of::any; });
    for (const auto& [row, cell] : rows) {
        const bool of_signals = cell.mark.of == Mark::Of::any;
        if (signals_alone && !of_signals) continue;
        if (wanted == "checks" && of_signals) continue;
        if (power_alone && cell.title.find(": power") == std::string::npos) continue;
        Counts counts;
        if (const auto status =
                measure(cell, row, std::max<std::uint64_t>(1, repeats / cell.repeats_divisor), seed, counts);
            !status) {
            fmt::print(stderr, "{}: {}\n", cell.title, status.error().message);
            return 3;
        }
        const auto share = [](std::uint64_t part, std::uint64_t whole) {
            return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
        };
        const double p = share(counts.small_p, counts.tested),
                     verdict = share(counts.flagged, counts.repeats), any = share(counts.any, counts.repeats);
        const double marked = of_signals ? any : cell.mark.of == Mark::Of::p ? p : verdict;
        const auto tries = static_cast<double>(cell.mark.of == Mark::Of::p ? counts.tested : counts.repeats);
        const auto reach = [&](double bound) {
            return 3.0 * std::sqrt(bound * (1.0 - bound) / std::max(1.0, tries));
        };
        const bool met = marked >= cell.mark.low && marked <= cell.mark.high;
        // A test that never had a p is no test, however few tries its bound is held to.
        far_outside = far_outside || (cell.mark.asked() && tries == 0.0) ||
                      marked < cell.mark.low - reach(cell.mark.low) ||
                      marked > cell.mark.high + reach(cell.mark.high);
        if (of_signals && std::exchange(first_of_signals, false))
            fmt::print("{}| data | verdict drift | any column or signal | mark | |\n|---|---|---|---|---|\n",
                       signals_alone ? "" : "\n");
        const auto mark = cell.mark.text(), said = std::string(!cell.mark.asked() ? ""
                                                               : met              ? "met"
                                                                                  : "**missed**");
        if (of_signals)
            fmt::print("| {} | {:.4f} | {:.4f} | {} | {} |\n", cell.title, verdict, any, mark, said);
        else
            fmt::print("| {} | {} | {:.4f} | {} | {} |\n", cell.title,
                       counts.tested == 0 ? "no p of its own" : fmt::format("{:.4f}", p), verdict, mark,
                       said);
        std::fflush(stdout);
    }
    return far_outside ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    // Without an argument: what both pages hold, each table at the size that it states.
    if (argc == 1)
        return std::max({print_own_tables(10'000, 1, "checks"), print_own_tables(2'000, 1, "signals"),
                         print_method_tables(400, 1, false)});
    const std::uint64_t repeats = std::strtoull(argv[1], nullptr, 10);
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const std::string_view wanted = argc > 3 ? argv[3] : "";
    if (wanted == "methods" || wanted == "native")
        return print_method_tables(repeats, seed, wanted == "native");
    if (wanted.empty() || wanted == "checks" || wanted == "power" || wanted == "signals")
        return print_own_tables(repeats, seed, wanted);
    fmt::print(stderr, "calibration: no part '{}'; expected checks, power, signals, methods or native\n",
               wanted);
    return 2;
}
