#include "ordering.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <tuple>

namespace tristrata::report {

std::optional<drift::Severity> worst_of(const drift::ColumnReport& column) {
    std::optional<drift::Severity> worst = column.severity;
    for (const auto& signal : column.signals)
        if (signal.severity && (!worst || *signal.severity > *worst)) worst = signal.severity;
    return worst;
}

namespace {

int rank_of(std::optional<drift::Severity> worst, drift::Verdict verdict) {
    if (worst) return 2 - static_cast<int>(*worst);
    if (verdict == drift::Verdict::insufficient_data) return 3;
    return verdict == drift::Verdict::no_drift ? 4 : 5;
}

}  // namespace

std::vector<const drift::ColumnReport*> by_severity(const std::vector<drift::ColumnReport>& reports) {
    std::vector<const drift::ColumnReport*> columns;
    for (const auto& column : reports) columns.push_back(&column);
    // Of two columns of one severity the one that drifted itself comes first, then the larger impact.
    std::ranges::stable_sort(columns, {}, [](const drift::ColumnReport* column) {
        const bool drifted = column->verdict == drift::Verdict::drift;
        const double effect =
            column->impact.value_or(column->effect ? column->effect->value.value_or(0.0) : 0.0);
        return std::tuple(rank_of(worst_of(*column), column->verdict), !drifted, drifted ? -effect : 0.0);
    });
    return columns;
}

std::vector<const drift::ColumnReport*> by_severity(const drift::Report& report) {
    return by_severity(report.columns);
}

std::vector<const drift::Group*> by_severity(const drift::Groups& groups) {
    std::vector<const drift::Group*> ordered;
    for (const auto& group : groups.groups) ordered.push_back(&group);
    std::ranges::stable_sort(
        ordered, {}, [](const drift::Group* group) { return rank_of(group->severity, group->verdict); });
    return ordered;
}

std::string groups_line(const drift::Groups& groups) {
    std::size_t drifted = 0;
    for (const auto& group : groups.groups) drifted += group.verdict == drift::Verdict::drift;
    std::string text =
        fmt::format("{} of {} drifted, {} corrected together", drifted,
                    core::plural(groups.groups.size(), "group"), core::plural(groups.tests, "test"));
    if (groups.beyond_limit > 0)
        text += fmt::format(
            "; beyond the limit of {}, {} with {} of the reference and {} of current {} not "
            "looked at",
            groups.limit, core::plural(groups.beyond_limit, "group"),
            core::plural(groups.beyond_limit_reference_rows, "row"),
            core::plural(groups.beyond_limit_current_rows, "row"), groups.beyond_limit == 1 ? "was" : "were");
    if (groups.ungrouped_reference_rows + groups.ungrouped_current_rows > 0)
        text += fmt::format("; {} of the reference and {} of current name no group",
                            core::plural(groups.ungrouped_reference_rows, "row"),
                            core::plural(groups.ungrouped_current_rows, "row"));
    return text + ".";
}

std::string joint_scope(const drift::JointTest& test) {
    std::string text = fmt::format(
        "({} of the reference, {} of current, {}", core::plural(test.reference_rows, "row"),
        core::readable(static_cast<double>(test.current_rows)), core::plural(test.columns, "column"));
    if (test.columns_left_out > 0)
        text += fmt::format("; {} left out", core::plural(test.columns_left_out, "was", "were"));
    return text + ")";
}

std::string driver_text(const drift::Driver& driver) {
    std::string text;
    for (const auto& column : driver.columns)
        text += (text.empty() ? "" : " and ") + core::quoted(column, 40);
    if (driver.reference && driver.current)
        text += fmt::format(": correlation {:.2f} to {:.2f}", *driver.reference, *driver.current);
    if (driver.share) text += fmt::format(": {:.0f} % of what tells them apart", 100.0 * *driver.share);
    if (driver.p_adjusted) text += fmt::format(" (p = {:.2g})", *driver.p_adjusted);
    return text;
}

std::string worst_columns(const drift::Group& group) {
    constexpr std::size_t named = 4;
    std::string text;
    std::size_t count = 0;
    for (const auto* column : by_severity(group.columns)) {
        const auto worst = worst_of(*column);
        if (!worst) break;
        if (++count <= named)
            text += fmt::format("{}{} ({})", count > 1 ? ", " : "", column->name, drift::name(*worst));
    }
    if (count > named) text += fmt::format(" and {} more", count - named);
    return text;
}

std::string value_of(const drift::ColumnSide& side, const std::string& unit) {
    if (side.median) return core::readable(*side.median) + (unit.empty() ? "" : " " + unit);
    // Of a hashed label the digits tell it from others.
    constexpr std::string_view hashed = "sha256:";
    if (side.mode && side.mode->starts_with(hashed))
        return fmt::format("#{} {:.3g} %", side.mode->substr(hashed.size(), 8),
                           100.0 * side.mode_share.value_or(0.0));
    if (side.mode)
        return fmt::format("{} {:.3g} %", core::quoted(*side.mode, 24),
                           100.0 * side.mode_share.value_or(0.0));
    return "-";
}

std::string false_alarms_text(const drift::PlanSummary& plan, std::string_view tests) {
    if (!plan.expected_false_days_a_year) return "";
    const double alarms = *plan.expected_false_days_a_year;
    const std::string number =
        alarms < 100.0 ? fmt::format("{:.2g}", alarms) : core::readable(std::round(alarms));
    std::string text = fmt::format("A year of such {} without drift raises about {} false alarm{}", tests,
                                   number, number == "1" ? "" : "s");
    if (plan.expected_false_days_low && plan.expected_false_days_high)
        text +=
            fmt::format(" ({:.0f} to {:.0f})", *plan.expected_false_days_low, *plan.expected_false_days_high);
    return text;
}

bool by_peer_alone(const drift::Report& report) {
    return report.plan.method != "tristrata" && report.multivariate.empty() &&
           std::ranges::none_of(report.columns, [](const drift::ColumnReport& column) {
               return column.test || column.effect || column.difference;
           });
}

std::string rules_text(const drift::PlanSummary& plan) {
    return plan.method == "nannyml"
               ? "NannyML's: each column's chunks against its thresholds, nothing corrected over columns"
               : "Evidently's: each column by one test against one threshold, nothing corrected over columns";
}

PeerNumbers peer_numbers(const drift::ColumnReport& column) {
    PeerNumbers numbers;
    if (column.peer.empty()) return numbers;
    const auto drifted = std::ranges::find_if(column.peer, &drift::PeerTest::drifted);
    const drift::PeerTest& test = drifted == column.peer.end() ? column.peer.front() : *drifted;
    numbers.sorted_by = test.score;
    numbers.threshold_sorted_by = test.upper ? test.upper : test.lower;
    if (test.score) numbers.value = fmt::format("{:.4g}", *test.score);
    if (test.lower && test.upper)
        numbers.threshold = fmt::format("{:.3g} to {:.3g}", *test.lower, *test.upper);
    else if (numbers.threshold_sorted_by)
        numbers.threshold = fmt::format("{:.3g}", *numbers.threshold_sorted_by);
    return numbers;
}

std::string two_digits(double value) {
    const std::string text = fmt::format("{:.2f}", value);
    return text == "-0.00" ? "0.00" : text;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string delay_text(const std::optional<std::string>& key, const std::optional<core::Duration>& delay) {
    if (!key || !delay) return "never";
    return fmt::format("{} later (end of {})", core::to_string(*delay), *key);
}

}  // namespace tristrata::report
