#include "multivariate.hpp"

#include "correlation_drift.hpp"
#include "domain_classifier.hpp"
#include "pca_reconstruction.hpp"
#include "sentence.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/correction.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {
namespace {

using core::ErrorKind;

/// Under chunks a test's p is the best of its measures, all measures of all tests ranked together.
std::vector<std::optional<double>> ranked(std::vector<JointEvidence>& tests, const Setting& setting) {
    std::vector<stats::WindowSeries> series;
    std::vector<std::size_t> test_of;
    for (std::size_t i = 0; i < tests.size(); ++i)
        for (const auto& one : tests[i].series) {
            series.push_back(one);
            test_of.push_back(i);
        }
    std::vector<std::optional<double>> p(tests.size());
    if (series.empty()) return p;
    const auto all = stats::chunk_adjusted_p(series, 1, setting.windows.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i] ||
            1.0 / (1.0 + static_cast<double>(all[i]->compared)) > setting.plan->alpha * (1 + 1e-12))
            continue;
        auto& best = p[test_of[i]];
        best = std::min(best.value_or(1.0), all[i]->p);
    }
    for (std::size_t i = 0; i < tests.size(); ++i)
        if (!p[i] && tests[i].obstacle.empty()) {
            tests[i].insufficient = true;
            tests[i].obstacle = "too few windows of the reference hold rows enough to be ranked";
        }
    return p;
}

void decide(JointEvidence& one, std::optional<double> p_adjusted, const Setting& setting) {
    auto& report = one.report;
    if (!one.obstacle.empty() || !p_adjusted) {
        report.verdict = one.insufficient ? drift::Verdict::insufficient_data : drift::Verdict::not_tested;
        report.reason = sentence(one.obstacle);
        return;
    }
    if (report.test) report.test->p_adjusted = p_adjusted;
    const std::string moved = one.moved.empty() ? "" : one.moved + "; ";
    const bool beyond_chance = *p_adjusted <= setting.plan->alpha;
    report.verdict = beyond_chance && one.gate ? drift::Verdict::drift : drift::Verdict::no_drift;
    if (!beyond_chance) report.reason = moved + chance_explains(*p_adjusted, setting.plan->alpha);
    else if (!one.gate)
        report.reason =
            fmt::format("{}more than chance ({}), but too little to matter", moved, p_text(*p_adjusted));
    else {
        report.severity = setting.plan->severity.of_joint_test(report.method, one.size);
        report.reason =
            fmt::format("{}chance does not explain it ({} after correction)", moved, p_text(*p_adjusted));
    }
    report.reason = sentence(report.reason);
}

}  // namespace

core::Result<std::vector<drift::JointTest>> test_together(const JointSample& sample, const Setting& setting,
                                                          const core::Task& task) {
    std::vector<JointEvidence> tests(3);
    tests[0].report.method = "pca_reconstruction";
    tests[1].report.method = "domain_classifier";
    tests[2].report.method = "correlation";
    if (sample.reference_rows < joint_rows_min || sample.current_rows < joint_rows_min) {
        for (auto& test : tests) {
            test.insufficient = true;
            test.obstacle =
                fmt::format("{} of the reference and {} of current; {} a side are needed",
                            core::plural(sample.reference_rows, "row"), sample.current_rows, joint_rows_min);
        }
    } else {
        tests[0] = pca_evidence(sample, setting);
        for (const auto& [at, test] :
             {std::pair{1, &classifier_evidence}, std::pair{2, &correlation_evidence}}) {
            auto found = (*test)(sample, setting, task);
            if (found) {
                tests[static_cast<std::size_t>(at)] = std::move(*found);
                continue;
            }
            if (found.error().kind == ErrorKind::cancelled) return propagate(found);
            tests[static_cast<std::size_t>(at)].obstacle = found.error().message;
        }
    }
    std::vector<std::optional<double>> p;
    if (setting.null == Null::chunks) {
        p = ranked(tests, setting);
    } else {
        for (const auto& test : tests) p.push_back(test.obstacle.empty() ? test.p : std::nullopt);
        p = stats::benjamini_hochberg(p);
    }
    std::vector<drift::JointTest> reports;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        auto& report = tests[i].report;
        decide(tests[i], p[i], setting);
        if (report.reference_rows == 0) report.reference_rows = sample.reference_rows;
        if (report.current_rows == 0) report.current_rows = sample.current_rows;
        report.columns_left_out = sample.left_out + sample.columns.size() - report.columns;
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace tristrata::detection
