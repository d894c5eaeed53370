#include "method_table.hpp"

#include "method_grid.hpp"

#include "tristrata/detection/check.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::benchmarks {
namespace {

using detection::Engine;
using detection::Method;
using detection::Plan;

constexpr double size_max = 0.06;      ///< The mark of our tests.
constexpr double usual_rows = 2200.0;  ///< Up to so many rows of both sides a generator has all repeats.
constexpr std::uint64_t least_repeats = 20;
constexpr std::uint64_t kernel_divisor = 8;    ///< A permutation of kernels costs so many times more.
constexpr double kernel_pairs = 4e6;           ///< ... and grows with the pairs of values.
constexpr std::size_t nannyml_chunks_min = 6;  ///< NannyML warns of fewer in the reference.

/// Which table a column stands in.
enum class Family : std::uint8_t { tests, distances, kernels };

/// What became of a method's checks of one generator.
struct Tally {
    std::atomic<std::uint64_t> answered{0};  ///< Neither refused nor without a number.
    std::atomic<std::uint64_t> flagged{0};
    std::atomic<std::uint64_t> small_p{0};  ///< Ours: p of at most .05, with whatever effect.
    std::uint64_t repeats = 0;
};

/// One column of a table.
struct Heading {
    std::string text;
    Family family;
    bool ours = false;
};

/// One check of a pair; NannyML's fills several columns.
struct Contender {
    std::vector<Heading> columns;
    bool numeric;
    std::function<void(Plan&, const Generator&)> configure;
    std::function<bool(const Generator&)> fits;  ///< Whether it can be asked at all.
};

bool takes(const Method& method, bool numeric) {
    return std::ranges::find(method.kinds, numeric ? drift::Kind::numeric : drift::Kind::categorical) !=
           method.kinds.end();
}

bool is_default_of_a_kind(std::string_view name) {
    return name == "ks" || name == "two_part" || name == "chi_square";
}

std::string_view sign(detection::Rule rule) {
    switch (rule) {
        case detection::Rule::below:
            return "p <";
        case detection::Rule::at_or_below:
            return "p ≤";
        case detection::Rule::above:
            return ">";
        case detection::Rule::at_or_above:
            return "≥";
        case detection::Rule::none:
            break;
    }
    return "";
}

bool always(const Generator&) { return true; }

void add_ours(std::vector<Contender>& all, bool numeric) {
    all.push_back({{{"**ours**", Family::tests, true}, {"ours or a signal", Family::tests}},
                   numeric,
                   [](Plan&, const Generator&) {},
                   always});
    for (const Method& method : detection::methods())
        if (method.engine == Engine::tristrata && method.has_p && takes(method, numeric) &&
            !is_default_of_a_kind(method.name))
            all.push_back(
                {{{std::string(method.name), method.name == "mmd" ? Family::kernels : Family::tests, true}},
                 numeric,
                 [name = method.name, numeric](Plan& plan, const Generator&) {
                     (numeric ? plan.tests.numeric : plan.tests.categorical) = std::string(name);
                 },
                 [nulls = method.nulls](const Generator& generator) {
                     return !generator.in_order || nulls.find(" dependent") != std::string_view::npos;
                 }});
}

void add_evidently(std::vector<Contender>& all, bool numeric) {
    all.push_back({{{"E default", Family::tests}},
                   numeric,
                   [](Plan& plan, const Generator&) { plan.method = "evidently"; },
                   always});
    for (const Method& method : detection::methods()) {
        if (method.engine != Engine::evidently || !takes(method, numeric)) continue;
        const auto family = method.name == "empirical_mmd" ? Family::kernels
                            : method.has_p                 ? Family::tests
                                                           : Family::distances;
        all.push_back(
            {{{fmt::format("E {} {} {}", method.name, sign(method.rule), method.threshold), family}},
             numeric,
             [name = method.name](Plan& plan, const Generator&) {
                 plan.method = "evidently";
                 plan.evidently.method = std::string(name);
             },
             always});
    }
}

void add_nannyml(std::vector<Contender>& all, bool numeric) {
    std::vector<std::string> names;
    for (const Method& method : detection::methods())
        if (method.engine == Engine::nannyml && takes(method, numeric)) names.emplace_back(method.name);
    for (const bool ten : {true, false}) {
        std::vector<Heading> columns;
        for (const auto& name : names)
            columns.push_back(
                {fmt::format("N {}, {}", name, ten ? "ten chunks" : "chunks of m"), Family::distances});
        all.push_back({std::move(columns), numeric,
                       [names, ten, numeric](Plan& plan, const Generator& generator) {
                           plan.method = "nannyml";
                           (numeric ? plan.nannyml.continuous_methods : plan.nannyml.categorical_methods) =
                               names;
                           if (!ten) plan.nannyml.chunking = dataset::BySize{generator.m};
                       },
                       [ten](const Generator& generator) {
                           return ten || generator.n / generator.m >= nannyml_chunks_min;
                       }});
    }
}

std::vector<Contender> contenders(bool numeric, bool native_alone) {
    std::vector<Contender> all;
    add_ours(all, numeric);
    if (native_alone) return all;
    add_evidently(all, numeric);
    add_nannyml(all, numeric);
    return all;
}

std::uint64_t repeats_of(const Generator& generator, Family family, std::uint64_t asked) {
    const auto rows = static_cast<double>(generator.n + generator.m);
    const auto scaled = [](std::uint64_t count, double by) {
        return static_cast<std::uint64_t>(static_cast<double>(count) * std::min(1.0, by));
    };
    if (family != Family::kernels)
        return std::max(scaled(asked, usual_rows / rows), std::min(asked, least_repeats));
    const std::uint64_t least = std::min<std::uint64_t>(asked, least_repeats / 5);
    return std::max(scaled(asked / kernel_divisor, kernel_pairs / (rows * rows)), least);
}

bool fired(const std::vector<drift::Signal>& signals) {
    return std::ranges::any_of(signals,
                               [](const auto& signal) { return signal.verdict == drift::Verdict::drift; });
}

/// Writes what a report says of the column into the tallies of its contender.
void count(const drift::Report& report, Engine engine, std::span<Tally> tallies) {
    const auto column = std::ranges::find(report.columns, "x", &drift::ColumnReport::name);
    if (engine != Engine::tristrata) {
        for (std::size_t i = 0; i < column->peer.size(); ++i) {
            const auto& test = column->peer[i];
            if (test.score) ++tallies[i].answered;
            if (test.drifted) ++tallies[i].flagged;
        }
        return;
    }
    const bool drifted = column->verdict == drift::Verdict::drift;
    if (column->test && column->test->p) {
        ++tallies[0].answered;
        if (*column->test->p <= 0.05) ++tallies[0].small_p;
    }
    if (drifted) ++tallies[0].flagged;
    if (tallies.size() == 1) return;
    ++tallies[1].answered;
    if (drifted || fired(column->signals) || fired(report.signals)) ++tallies[1].flagged;
}

core::Status measure(const Generator& generator, const Contender& contender, std::uint64_t index,
                     std::uint64_t repeats, std::uint64_t seed, std::span<Tally> tallies) {
    Plan plan;
    plan.null = generator.in_order ? detection::Null::dependent : detection::Null::independent;
    if (generator.in_order) plan.time = "time";
    contender.configure(plan, generator);
    for (Tally& tally : tallies) tally.repeats = repeats;
    return core::parallel_for(repeats, 2, {}, [&](std::size_t repeat) -> core::Status {
        stats::Random random(seed, index, repeat);
        Pair pair = generator.make(random);
        dataset::MemorySource reference(std::move(pair.reference));
        dataset::MemorySource current(std::move(pair.current));
        core::Task task;
        task.limits.threads = 1;
        Plan own = plan;
        own.seed = repeat;
        const auto report = detection::check({&reference, std::nullopt}, {&current, std::nullopt}, own,
                                             core::Timestamp{}, task);
        if (!report) return propagate(report);
        count(*report, plan.engine(), tallies);
        return {};
    });
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// One row of the tables: what every column says of one generator.
struct Row {
    const Generator* generator;
    std::vector<Tally> tallies;
};

/// The share flagged; of ours where it differs the share of small p before it; "–" where there is no answer.
std::string cell(const Tally& tally, bool ours, bool drifts) {
    if (tally.answered == 0) return "–";
    const double flagged = share(tally.flagged, tally.repeats);
    std::string text = fmt::format("{:.3f}", flagged);
    if (ours) {
        const double small = share(tally.small_p, tally.repeats);
        if (tally.small_p != tally.flagged) text = fmt::format("{:.3f} → {}", small, text);
        if (!drifts && small > size_max) text = fmt::format("**{}**", text);
    }
    if (tally.answered < tally.repeats)
        text += fmt::format(" ({:.2f} answered)", share(tally.answered, tally.repeats));
    return text;
}

void print_table(const std::vector<Row>& rows, const std::vector<Heading>& headings, Family family,
                 bool drifts) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < headings.size(); ++i)
        if (i == 0 || headings[i].family == family) shown.push_back(i);
    fmt::print("\n| data | n | m | repeats |");
    for (const std::size_t i : shown) fmt::print(" {} |", headings[i].text);
    fmt::print("\n|---|---|---|---|");
    for (std::size_t i = 0; i < shown.size(); ++i) fmt::print("---|");
    fmt::print("\n");
    for (const Row& row : rows) {
        if (row.generator->drifts != drifts) continue;
        std::uint64_t repeats = 0;  // Of the family's, where not each was asked.
        for (const std::size_t i : shown)
            if (headings[i].family == family) repeats = std::max(repeats, row.tallies[i].repeats);
        fmt::print("| {} | {} | {} | {} |", row.generator->title, row.generator->n, row.generator->m,
                   repeats);
        for (const std::size_t i : shown) fmt::print(" {} |", cell(row.tallies[i], headings[i].ours, drifts));
        fmt::print("\n");
    }
}

/// Whether a test of ours is larger than its mark, by more than chance explains at so many repeats.
bool far_outside(const Row& row, const std::vector<Heading>& headings) {
    if (row.generator->drifts) return false;
    for (std::size_t i = 0; i < headings.size(); ++i) {
        const Tally& tally = row.tallies[i];
        if (!headings[i].ours || tally.repeats == 0) continue;
        const double reach =
            3.0 * std::sqrt(size_max * (1.0 - size_max) / static_cast<double>(tally.repeats));
        if (share(tally.small_p, tally.repeats) > size_max + reach) return true;
    }
    return false;
}

constexpr std::array family_names{"Tests", "Distances and bounds", "Kernels"};

}  // namespace

int print_method_tables(std::uint64_t repeats, std::uint64_t seed, bool native_alone) {
    fmt::print("at most {} repeats a row, seed {}\n", repeats, seed);
    const auto grid = method_grid();
    bool outside = false;
    for (const bool numeric : {true, false}) {
        const auto all = contenders(numeric, native_alone);
        std::vector<Heading> headings;
        for (const Contender& one : all)
            headings.insert(headings.end(), one.columns.begin(), one.columns.end());
        std::vector<Row> rows;
        for (std::size_t index = 0; index < grid.size(); ++index) {
            const Generator& generator = grid[index];
            if (generator.numeric != numeric || (native_alone && !generator.quick)) continue;
            Row row{&generator, std::vector<Tally>(headings.size())};
            std::size_t first = 0;
            for (const Contender& one : all) {
                const auto tallies = std::span(row.tallies).subspan(first, one.columns.size());
                first += one.columns.size();
                if (!one.fits(generator)) continue;
                const auto count = repeats_of(generator, one.columns.front().family, repeats);
                if (const auto status = measure(generator, one, index, count, seed, tallies); !status) {
                    fmt::print(stderr, "{}: {}\n", generator.title, status.error().message);
                    return 3;
                }
            }
            outside = outside || far_outside(row, headings);
            rows.push_back(std::move(row));
            fmt::print(stderr, "{} of {}\n", index + 1, grid.size());
        }
        for (const Family family : {Family::tests, Family::distances, Family::kernels}) {
            if (std::ranges::none_of(headings, [&](const auto& heading) { return heading.family == family; }))
                continue;
            for (const bool drifts : {false, true}) {
                if (native_alone && drifts) continue;
                fmt::print("\n{}, {}, {} drift\n", family_names[static_cast<std::size_t>(family)],
                           numeric ? "numbers" : "labels", drifts ? "with" : "without");
                print_table(rows, headings, family, drifts);
            }
        }
    }
    return outside ? 1 : 0;
}

}  // namespace tristrata::benchmarks
