#include "tristrata/report/junit.hpp"

#include "ordering.hpp"
#include "tristrata/report/table.hpp"

#include <fmt/format.h>

namespace tristrata::report {

std::string to_junit(const drift::Report& report, std::optional<drift::Severity> fail_on) {
    std::size_t tests = 0, failures = 0, skipped = 0;
    std::string cases;
    const auto add = [&](std::string_view name, std::optional<drift::Severity> severity, bool answered,
                         const std::string& message) {
        ++tests;
        cases += fmt::format("    <testcase classname=\"drift\" name=\"{}\"", escaped(name));
        if (fail_on && severity && *severity >= *fail_on) {
            ++failures;
            cases += fmt::format("><failure type=\"{}\" message=\"{}\"/></testcase>\n",
                                 drift::name(*severity), escaped(message));
        } else if (!answered) {
            ++skipped;
            cases += fmt::format("><skipped message=\"{}\"/></testcase>\n", escaped(message));
        } else {
            cases += "/>\n";
        }
    };
    for (const auto& column : report.columns) {
        std::string message = column.reason;
        for (const auto& signal : column.signals)
            if (signal.verdict == drift::Verdict::drift) message += " " + signal.reason + ".";
        const bool answered =
            column.verdict == drift::Verdict::drift || column.verdict == drift::Verdict::no_drift;
        add(column.name, worst_of(column), answered, message);
    }
    for (const auto& test : report.multivariate)
        add(fmt::format("together: {}", test.method), test.severity,
            test.verdict == drift::Verdict::drift || test.verdict == drift::Verdict::no_drift, test.reason);
    if (report.groups)
        for (const auto& group : report.groups->groups) {
            const std::string moved = worst_columns(group);
            add(fmt::format("group: {}={}", report.groups->by, group.label), group.severity,
                group.verdict == drift::Verdict::drift || group.verdict == drift::Verdict::no_drift,
                group.reason + (moved.empty() ? "" : " Worst: " + moved + "."));
        }
    for (const auto& signal : report.signals)
        add(std::string("table: ") + std::string(drift::name(signal.kind)), signal.severity, true,
            signal.reason);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"tristrata drift "
        "check\" tests=\"{}\" "
        "failures=\"{}\" errors=\"0\" skipped=\"{}\" timestamp=\"{}\">\n{}  </testsuite>\n</testsuites>\n",
        tests, failures, skipped, core::to_string(report.created_at).substr(0, 19), cases);
}

}  // namespace tristrata::report
