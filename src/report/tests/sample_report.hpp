#pragma once

#include "tristrata/drift/report.hpp"

#include <string>
#include <utility>

namespace tristrata::report {

/// `columns` columns of 30 bins, every third drifted; the fourth is the worst. The first is called `name`.
inline drift::Report sample_report(std::size_t columns, const std::string& name = "trades") {
    drift::Report report;
    report.created_at = core::Timestamp{1'679'443'200'000'000};
    report.reference.source = "reference.csv";
    report.current.source = "current.csv";
    for (std::size_t i = 0; i < columns; ++i) {
        drift::ColumnReport column;
        column.name = i == 0 ? name : "column_" + std::to_string(i);
        column.verdict = i % 3 == 0 ? drift::Verdict::drift : drift::Verdict::no_drift;
        if (i % 3 == 0) column.severity = i == 3 ? drift::Severity::crit : drift::Severity::warn;
        column.reason = "The median fell from 105,382 to 12,178.";
        column.reference.median = 105382;
        column.current.median = 12178;
        column.test = drift::Test{"ks", "exact", "independent", 0.5, 0.001, 0.002};
        column.effect = drift::Effect{"psi_excess", 0.7, 0.5, 0.9};
        column.measures = {{"psi", 0.8}, {"ks", 0.5}};
        for (int bin = 0; bin < 30; ++bin) {
            column.distribution.edges.push_back(bin);
            column.distribution.reference.push_back(0.03 + 0.001 * bin);
            column.distribution.current.push_back(0.06 - 0.001 * bin);
        }
        column.distribution.edges.push_back(30);
        report.columns.push_back(std::move(column));
    }
    report.summary = drift::summarise(report);
    return report;
}

/// A name that tries to leave its place, on a page, in a terminal and in a file.
inline const std::string hostile_name =
    "<script>document.title='owned'</script>\"'&\n\033[31m\xF0\x9F\xA6\x8A";

/// Every verdict, severity and kind of picture, signals of columns and of the table, notes, and a hostile
/// name.
inline drift::Report varied_report() {
    drift::Report report = sample_report(7, hostile_name);
    report.reference.rows = 1344;
    report.reference.version = "5b2f0c";
    report.current.rows = 1339;
    report.current.version = "a91e77";
    report.plan.null = "auto";
    report.plan.null_reason = "dependent: rows are in order of time";
    report.plan.digest = "89ca92749638";
    report.plan.expected_false_days_a_year = 1.3;
    report.plan.expected_false_days_low = 0;
    report.plan.expected_false_days_high = 4;
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
        auto& column = report.columns[i];
        column.reference.n = 1344;
        column.current.n = 1339;
        column.reference.median = 1000.0 * static_cast<double>(i + 1);
        column.effect->value = 0.1 * static_cast<double>(i + 1);
    }
    auto& category = report.columns[1];
    category.name = "exchange";
    category.kind = drift::Kind::categorical;
    category.sensitive = true;
    category.reference.median = category.current.median = std::nullopt;
    category.reference.mode = category.current.mode = "h:3f9a";
    category.reference.mode_share = 0.63;
    category.current.mode_share = 0.41;
    category.distribution = {{}, {"h:3f9a", "h:77b0"}, {0.63, 0.37}, {0.41, 0.59}};
    category.signals.push_back({drift::SignalKind::new_category, 0.0, 0.02, drift::Verdict::drift,
                                drift::Severity::info, "2 % of current is a label unknown before"});
    auto& thin = report.columns[2];
    thin.name = "close";
    thin.verdict = drift::Verdict::insufficient_data;
    thin.reason = "5 independent values; 30 are needed.";
    thin.test->p = thin.test->p_adjusted = std::nullopt;
    auto& untested = report.columns[4];
    untested.name = "open_time";
    untested.kind = drift::Kind::time;
    untested.role = drift::Role::time;
    untested.verdict = drift::Verdict::not_tested;
    untested.reason = "It orders the rows.";
    untested.reference.median = untested.current.median = std::nullopt;
    untested.test.reset();
    untested.effect.reset();
    untested.measures.clear();
    untested.distribution = {};
    report.signals.push_back({drift::SignalKind::gap, 0.0, 0.0037, drift::Verdict::drift,
                              drift::Severity::info, "5 rows are missing from the regular step"});
    drift::JointTest together;
    together.method = "correlation";
    together.verdict = drift::Verdict::drift;
    together.severity = drift::Severity::warn;
    together.reason = "The correlation of \"a\" and \"b\" went from 0.71 to -0.66.";
    together.reference_rows = 1344;
    together.current_rows = 1339;
    together.columns = 5;
    together.columns_left_out = 2;
    together.test =
        drift::Test{"max_fisher_z", "permutation", "dependent", 9.0, 0.0025, std::optional(0.0075)};
    together.effect = drift::Effect{"correlation_difference", 1.37, std::nullopt, std::nullopt};
    together.drivers = {{{hostile_name, "b"}, 0.71, -0.66, std::nullopt, 0.0025},
                        {{"c"}, std::nullopt, std::nullopt, 0.25, std::nullopt}};
    report.multivariate.push_back(together);
    drift::Groups groups;
    groups.by = "symbol";
    groups.limit = 3;
    groups.tests = 7;
    groups.beyond_limit = 2;
    groups.beyond_limit_reference_rows = 11;
    groups.ungrouped_current_rows = 4;
    for (const char* label : {"BTC", "ETH", "new"}) {
        drift::Group group;
        group.label = groups.groups.empty() ? hostile_name : label;
        group.reference_rows = 700;
        group.current_rows = 600;
        if (groups.groups.size() < 2) group.columns = report.columns;
        if (groups.groups.empty())
            for (auto& column : group.columns) {
                column.verdict = drift::Verdict::no_drift;
                column.severity.reset();
                column.signals.clear();
            }
        if (groups.groups.size() == 2) group.reason = "New: no row of the reference is in this group.";
        drift::conclude(group);
        groups.groups.push_back(std::move(group));
    }
    report.groups = std::move(groups);
    report.notes.emplace_back("sorted by \"open_time\"");
    report.notes.emplace_back("read from " + std::string(90, 'x') + ".csv");
    report.summary = drift::summarise(report);
    return report;
}

}  // namespace tristrata::report
