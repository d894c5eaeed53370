#include "verdict.hpp"

#include "gates.hpp"
#include "sentence.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/correction.hpp"
#include "tristrata/stats/windows.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace tristrata::detection {
namespace {

/// Where every window measures the same as current there is nothing to rank, and no evidence: how many
/// windows of the reference hold the column, or nothing where some window differs.
std::optional<std::size_t> windows_alike(const std::vector<WindowMeasure>& measures) {
    if (measures.empty() || !measures.back().log_distance) return std::nullopt;
    std::size_t held = 0;
    for (std::size_t i = 0; i + 1 < measures.size(); ++i) {
        if (!measures[i].log_distance) continue;
        if (std::abs(*measures[i].log_distance - *measures.back().log_distance) > 1e-9) return std::nullopt;
        ++held;
    }
    return held;
}

/// Corrected p-values; a column that too few windows hold cannot reach alpha, and gets an obstacle in its
/// place.
std::vector<std::optional<double>> adjusted(std::vector<Evidence>& evidence, const Setting& setting) {
    if (setting.null == Null::chunks) {
        std::vector<stats::WindowSeries> series;
        for (const Evidence& one : evidence) {
            stats::WindowSeries distance, tail;
            const bool tested = one.obstacle.empty() && one.report.test.has_value();
            for (const WindowMeasure& measure : one.measures) {
                distance.push_back(tested ? measure.log_distance : std::nullopt);
                tail.push_back(tested ? measure.log_third_largest : std::nullopt);
            }
            series.push_back(std::move(distance));
            series.push_back(std::move(tail));
        }
        std::vector<int> classes;
        for (const Window& window : setting.windows) classes.push_back(window.season_class);
        classes.push_back(setting.current_class);
        auto ranked = stats::chunk_adjusted_p(series, 2, setting.windows.size(), classes);
        std::vector<std::optional<double>> p(evidence.size());
        for (std::size_t i = 0; i < evidence.size(); ++i) {
            const bool tested = evidence[i].obstacle.empty() && evidence[i].report.test.has_value();
            if (!tested) continue;
            if (!ranked[i])
                if (const auto held = windows_alike(evidence[i].measures))
                    ranked[i] = stats::ChunkP{1.0, *held, 1.0 / (1.0 + static_cast<double>(*held)), *held};
            const std::size_t compared = ranked[i] ? ranked[i]->compared : 0;
            const auto reaches = [&](double smallest) {
                return smallest <= setting.plan->alpha * (1.0 + 1e-12);
            };
            if (ranked[i] && reaches(ranked[i]->smallest)) {
                p[i] = ranked[i]->p;
                continue;
            }
            evidence[i].insufficient = true;
            if (ranked[i] && reaches(1.0 / (1.0 + static_cast<double>(compared)))) {
                evidence[i].obstacle = fmt::format(
                    "only {} of the reference's {} {} of current's season class: no change, however large, "
                    "would "
                    "rank below p = {:.2g}, and alpha is {}; take a longer reference, or a season with fewer "
                    "classes",
                    ranked[i]->alike, core::plural(setting.windows.size(), "window"),
                    ranked[i]->alike == 1 ? "is" : "are", ranked[i]->smallest, setting.plan->alpha);
                continue;
            }
            evidence[i].obstacle = fmt::format(
                "{} of the reference's {} as much of this column as current does; {:.0f} are needed for "
                "alpha "
                "{}",
                compared == 0 ? "none" : fmt::format("{}", compared),
                core::plural(setting.windows.size(), compared == 1 ? "window holds" : "window hold",
                             compared == 1 ? "windows holds" : "windows hold"),
                std::ceil(1.0 / setting.plan->alpha - 1e-9) - 1.0, setting.plan->alpha);
        }
        return p;
    }
    std::vector<std::optional<double>> p;
    for (const Evidence& one : evidence) p.push_back(one.p);
    return stats::benjamini_hochberg(p);
}

/// How large a drift is, as a clause: by PSI, and by what the gate looked at where PSI shows nothing.
std::string size_text(const drift::ColumnReport& report) {
    if (!report.effect || !report.effect->value) return "";
    if (*report.effect->value < 0.005) {
        const auto ks =
            std::ranges::find(report.measures, "ks", &std::pair<std::string, std::optional<double>>::first);
        if (ks != report.measures.end() && ks->second)
            return fmt::format(", KS distance {:.2f}, though PSI is not above its undrifted mean",
                               *ks->second);
    }
    return fmt::format(", PSI {:.2f} above its undrifted mean", *report.effect->value);
}

void decide(Evidence& one, std::optional<double> p_adjusted, const Setting& setting) {
    auto& report = one.report;
    if (!one.obstacle.empty() || !p_adjusted) {
        report.verdict = one.insufficient ? drift::Verdict::insufficient_data : drift::Verdict::not_tested;
        report.reason = sentence(one.obstacle);
        return;
    }
    if (report.test) report.test->p_adjusted = p_adjusted;
    const std::string moved = one.moved.empty() ? "" : one.moved + "; ";
    if (*p_adjusted > setting.plan->alpha) {
        report.verdict = drift::Verdict::no_drift;
        report.reason = sentence(moved + chance_explains(*p_adjusted, setting.plan->alpha));
        return;
    }
    if (!one.gate) {
        report.verdict = drift::Verdict::no_drift;
        report.reason = sentence(
            fmt::format("{}more than chance ({}), but too little to matter", moved, p_text(*p_adjusted)));
        return;
    }
    report.verdict = drift::Verdict::drift;
    const auto excess = report.effect ? report.effect->value : std::nullopt;
    const auto low = report.effect ? report.effect->low : std::nullopt;
    report.severity = setting.plan->severity.of_distribution(excess, low);
    report.reason = sentence(fmt::format("{}chance does not explain it ({} after correction){}", moved,
                                         p_text(*p_adjusted), size_text(report)));
}

}  // namespace

std::vector<drift::ColumnReport> judge(std::vector<Evidence> evidence, const Setting& setting) {
    for (Evidence& one : evidence) {
        const auto& test = one.report.test;
        const bool finite = (!one.p || std::isfinite(*one.p)) &&
                            (!test || !test->statistic || std::isfinite(*test->statistic));
        if (finite) continue;
        one.obstacle = fmt::format("its values are too large or too small for the arithmetic of {}",
                                   test ? test->method : "the test");
        one.insufficient = true;
        one.p.reset();
        one.report.test.reset();
    }
    const auto p_adjusted = adjusted(evidence, setting);
    std::vector<drift::ColumnReport> columns;
    columns.reserve(evidence.size());
    for (std::size_t i = 0; i < evidence.size(); ++i) {
        decide(evidence[i], p_adjusted[i], setting);
        columns.push_back(std::move(evidence[i].report));
    }
    return columns;
}

void weigh(std::vector<drift::ColumnReport>& columns, const Plan& plan) {
    for (auto& column : columns) {
        column.importance = plan.of(column.name).importance.value_or(1.0);
        const bool tested =
            column.verdict == drift::Verdict::drift || column.verdict == drift::Verdict::no_drift;
        const auto effect = drift::effect_size(column);
        if (tested && effect) column.impact = *effect * column.importance;
    }
}

}  // namespace tristrata::detection
