#include "tristrata/drift/report.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::drift {
namespace {

constexpr std::size_t columns_named = 5;

/// What was left out of one column, or of one test of several.
struct Lost {
    std::string of;
    std::vector<std::string> what;

    void check(std::optional<double>& number, std::string_view name) {
        if (!number || std::isfinite(*number)) return;
        number.reset();
        what.emplace_back(name);
    }
    void check(std::optional<Test>& test) {
        if (!test) return;
        check(test->statistic, "statistic");
        check(test->p, "p");
        check(test->p_adjusted, "p_adjusted");
    }
    void check(std::optional<Effect>& effect) {
        if (!effect) return;
        check(effect->value, "effect");
        check(effect->low, "effect's low end");
        check(effect->high, "effect's high end");
    }
    void check(std::vector<std::pair<std::string, std::optional<double>>>& measures) {
        for (auto& [name, value] : measures) check(value, name);
    }
};

void check(ColumnSide& side, std::string_view which, Lost& lost) {
    const std::pair<std::string_view, std::optional<double>*> numbers[]{
        {"median", &side.median},
        {"mean", &side.mean},
        {"standard_deviation", &side.standard_deviation},
        {"minimum", &side.minimum},
        {"maximum", &side.maximum},
        {"mode_share", &side.mode_share}};
    for (const auto& [name, number] : numbers) lost.check(*number, fmt::format("{} {}", which, name));
}

void check(Distribution& distribution, Lost& lost) {
    const auto finite = [](const std::vector<double>& numbers) {
        return std::ranges::all_of(numbers, [](double one) { return std::isfinite(one); });
    };
    if (finite(distribution.edges) && finite(distribution.reference) && finite(distribution.current)) return;
    distribution = {};
    lost.what.emplace_back("distribution");
}

void check(std::vector<Signal>& signals, Lost& lost) {
    for (Signal& signal : signals) {
        lost.check(signal.reference, fmt::format("{} of the reference", name(signal.kind)));
        lost.check(signal.current, fmt::format("{} of current", name(signal.kind)));
    }
}

void check(PeerTest& test, Lost& lost) {
    lost.check(test.score, test.method);
    lost.check(test.lower, test.method + "'s lower bound");
    lost.check(test.upper, test.method + "'s upper bound");
    for (PeerChunk& chunk : test.chunks) lost.check(chunk.value, test.method + " of " + chunk.key);
}

void check(ColumnReport& column, Lost& lost) {
    check(column.reference, "reference", lost);
    check(column.current, "current", lost);
    lost.check(column.effective_n_reference, "reference's effective n");
    lost.check(column.effective_n_current, "current's effective n");
    lost.check(column.test);
    lost.check(column.effect);
    lost.check(column.measures);
    check(column.distribution, lost);
    check(column.signals, lost);
    lost.check(column.impact, "impact");
    for (PeerTest& test : column.peer) check(test, lost);
}

void check(JointTest& test, Lost& lost) {
    lost.check(test.test);
    lost.check(test.effect);
    lost.check(test.measures);
    for (Driver& driver : test.drivers) {
        lost.check(driver.reference, "a correlation");
        lost.check(driver.current, "a correlation");
        lost.check(driver.share, "a share");
        lost.check(driver.p_adjusted, "a pair's p");
    }
}

}  // namespace

void leave_out_not_finite(Report& report) {
    std::vector<Lost> all;
    const auto of = [&](std::string what, auto& part) {
        Lost lost{std::move(what), {}};
        check(part, lost);
        if (!lost.what.empty()) all.push_back(std::move(lost));
    };
    of("the table", report.signals);
    for (auto& column : report.columns) of(core::quoted(column.name), column);
    for (auto& test : report.multivariate) of(test.method, test);
    if (report.groups)
        for (auto& group : report.groups->groups)
            for (auto& column : group.columns)
                of(fmt::format("{} in {}", core::quoted(column.name), core::quoted(group.label)), column);
    if (all.empty()) return;
    std::string text;
    for (std::size_t i = 0; i < std::min(all.size(), columns_named); ++i)
        text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", all[i].of, fmt::join(all[i].what, ", "));
    if (all.size() > columns_named)
        text += fmt::format("; and of {} more", core::plural(all.size() - columns_named, "column"));
    report.notes.push_back("left out, for the values are so large or so small that a double does not hold " +
                           ("what they make of: " + text));
}

}  // namespace tristrata::drift
