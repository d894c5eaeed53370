#include "tristrata/report/junit.hpp"

#include "ordering.hpp"
#include "tristrata/drift/dataset_verdict.hpp"
#include "tristrata/report/junit_suite.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::report {
namespace {

/// The cases of one command, a failure from a severity on.
class Suite {
public:
    Suite(std::string_view command, std::string_view noun, std::optional<drift::Severity> fail_on)
        : suite_(command, noun), fail_on_(fail_on) {}

    /// What was looked at: a file, or a query.
    void describe(std::string_view side, const drift::Side& data) { suite_.describe(side, data.source); }

    void add(std::string_view name, std::optional<drift::Severity> severity, bool answered,
             const std::string& message) {
        const bool failed = fail_on_ && severity && *severity >= *fail_on_;
        suite_.add(name,
                   failed      ? JUnitSuite::Ending::failed
                   : !answered ? JUnitSuite::Ending::skipped
                               : JUnitSuite::Ending::passed,
                   failed ? drift::name(*severity) : "", message);
    }

    void add(std::string_view name, drift::Verdict verdict, std::optional<drift::Severity> severity,
             const std::string& message) {
        add(name, severity, verdict == drift::Verdict::drift || verdict == drift::Verdict::no_drift, message);
    }

    [[nodiscard]] std::string finish(core::Timestamp created_at) const { return suite_.finish(created_at); }

private:
    JUnitSuite suite_;
    std::optional<drift::Severity> fail_on_;
};

/// Columns with what their signals say, and the table as a whole.
void add_columns(Suite& suite, std::string_view before, const drift::Report& report) {
    for (const auto& column : report.columns) {
        std::string message = column.reason;
        for (const auto& signal : column.signals)
            if (signal.verdict == drift::Verdict::drift) message += " " + signal.reason + ".";
        suite.add(fmt::format("{}{}", before, column.name), column.verdict, worst_of(column), message);
    }
    if (const auto dataset = drift::judge_dataset(report.columns); dataset.weighted)
        suite.add("table: importance of drifted columns", dataset.severity, true,
                  fmt::format("columns with {:.3g} % of the tested importance drifted",
                              100.0 * dataset.weighted_share_drifted));
    for (const auto& signal : report.signals) {
        // Every column that was added is a case, and only the reason tells which it is.
        const bool of_a_column = signal.kind == drift::SignalKind::column_added;
        suite.add(fmt::format("table: {}{}", drift::name(signal.kind),
                              of_a_column ? fmt::format(": {}", signal.reason) : ""),
                  signal.severity, true, signal.reason);
    }
}

/// What fired in a chunk, and that nothing did.
std::string message_of(const drift::BacktestChunk& chunk) {
    std::string text;
    for (const auto& finding : chunk.findings) {
        std::string_view what = finding.signal ? drift::name(*finding.signal) : std::string_view("drift");
        text += fmt::format("{}{}{} ({}): {}", text.empty() ? "" : "; ", finding.column,
                            finding.column.empty() ? std::string(what) : fmt::format(" {}", what),
                            drift::name(finding.severity), finding.reason);
    }
    return text.empty() ? "nothing fired" : text;
}

}  // namespace

std::string to_junit(const drift::Report& report, std::optional<drift::Severity> fail_on) {
    Suite suite("drift check", "drift", fail_on);
    suite.describe("reference", report.reference);
    suite.describe("current", report.current);
    add_columns(suite, "", report);
    for (const auto& test : report.multivariate)
        suite.add(fmt::format("together: {}", test.method), test.verdict, test.severity, test.reason);
    if (report.groups)
        for (const auto& group : report.groups->groups) {
            const std::string moved = worst_columns(group);
            suite.add(fmt::format("group: {}={}", report.groups->by, group.label), group.verdict,
                      group.severity, group.reason + (moved.empty() ? "" : " Worst: " + moved + "."));
        }
    return suite.finish(report.created_at);
}

std::string to_junit(const drift::Backtest& backtest, std::optional<drift::Severity> fail_on) {
    Suite suite("drift backtest", "backtest", fail_on);
    suite.describe("data", backtest.source);
    const auto taken_over = [](const std::vector<std::size_t>& ascending, std::size_t chunk) {
        return std::ranges::binary_search(ascending, chunk);
    };
    constexpr std::string_view earlier = "taken over from the state: ";
    for (std::size_t i = 0; i < backtest.chunks.size(); ++i) {
        const auto& chunk = backtest.chunks[i];
        if (chunk.use == drift::ChunkUse::reference) continue;
        if (chunk.use == drift::ChunkUse::unused) {
            suite.add(chunk.key, std::nullopt, false, chunk.reason);
            continue;
        }
        std::optional<drift::Severity> worst;
        for (const auto& finding : chunk.findings) worst = std::max(worst, std::optional(finding.severity));
        const bool answered = chunk.columns_tested > 0;
        const std::string message = answered || worst ? message_of(chunk) : "no column could be tested";
        if (taken_over(backtest.reused, i))
            suite.add(chunk.key, std::nullopt, false, fmt::format("{}{}", earlier, message));
        else suite.add(chunk.key, worst, answered, message);
        if (!chunk.yearly || !chunk.yearly->alarm) continue;
        const std::string name = fmt::format("lasting change {}", chunk.key);
        const std::string alarm = fmt::format("{} stands out most", chunk.yearly->column);
        if (taken_over(backtest.yearly_reused, i))
            suite.add(name, std::nullopt, false, fmt::format("{}{}", earlier, alarm));
        else suite.add(name, drift::Severity::warn, true, alarm);
    }
    return suite.finish(backtest.created_at);
}

std::string to_junit(const model_quality::QualityReport& report, std::optional<drift::Severity> fail_on) {
    Suite suite(report.estimated ? "quality estimate" : "quality check", "quality", fail_on);
    suite.describe("reference", report.reference);
    suite.describe("current", report.current);
    for (const auto& chunk : report.chunks) {
        for (const auto& row : chunk.metrics)
            suite.add(fmt::format("{} {}", model_quality::name(row.metric), chunk.key), row.verdict,
                      row.severity, row.reason);
        if (chunk.calibration)
            suite.add(fmt::format("calibration_error {}", chunk.key), chunk.calibration->verdict,
                      chunk.calibration->severity, chunk.calibration->reason);
    }
    if (report.columns) add_columns(suite, "column: ", *report.columns);
    return suite.finish(report.created_at);
}

}  // namespace tristrata::report
