#include "pca_reconstruction.hpp"

#include "gates.hpp"
#include "linear_algebra.hpp"
#include "numeric_evidence.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/normal_scores.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {
namespace {

constexpr double explained_share = 0.65;

/// Rows of the reference that the components are fitted on: every other stretch of this many rows, so that
/// both halves see all of its time.
constexpr std::size_t stretch_rows = 50;

bool fits(std::size_t row) { return row / stretch_rows % 2 == 0; }

template <class Keep>
Table scores_of(const std::vector<std::vector<double>>& columns, std::size_t rows, Keep&& keep) {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < rows; ++row) kept += keep(row) ? 1 : 0;
    Table table(kept, columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        double* out = table.column(c);
        for (std::size_t row = 0; row < rows; ++row)
            if (keep(row)) *out++ = columns[c][row];
    }
    return table;
}

double mean_of(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double x : values) sum += x;
    return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

bool in_a_window(const std::vector<Window>& windows, std::size_t row) {
    return std::ranges::any_of(windows,
                               [&](const Window& window) { return row >= window.begin && row < window.end; });
}

/// The errors of all rows: components and scores from the rows that `fitted_on` names.
template <class Keep>
std::pair<std::vector<double>, std::vector<double>> errors_of(const JointSample& sample, Keep&& fitted_on,
                                                              bool current_too) {
    std::vector<std::vector<double>> reference, current;
    for (const JointColumn& column : sample.columns) {
        std::vector<double> fit;
        for (std::size_t row = 0; row < column.reference.size(); ++row)
            if (fitted_on(row)) fit.push_back(column.reference[row]);
        if (current_too) fit.insert(fit.end(), column.current.begin(), column.current.end());
        const auto sorted = present_sorted(fit);
        reference.push_back(stats::normal_scores(sorted, column.reference));
        current.push_back(stats::normal_scores(sorted, column.current));
    }
    const auto all = [](std::size_t) { return true; };
    Table fit = scores_of(reference, sample.reference_rows, fitted_on);
    const Table before = scores_of(reference, sample.reference_rows, all);
    const Table after = scores_of(current, sample.current_rows, all);
    if (current_too) {
        Table both(fit.rows + after.rows, fit.columns);
        for (std::size_t c = 0; c < fit.columns; ++c) {
            std::copy_n(fit.column(c), fit.rows, both.column(c));
            std::copy_n(after.column(c), after.rows, both.column(c) + fit.rows);
        }
        fit = std::move(both);
    }
    const auto components = principal_components(fit, explained_share, sample.columns.size() - 1);
    return {reconstruction_errors(components, before), reconstruction_errors(components, after)};
}

}  // namespace

JointEvidence pca_evidence(const JointSample& sample, const Setting& setting) {
    JointEvidence evidence;
    auto& report = evidence.report;
    report.method = "pca_reconstruction";
    report.columns = sample.columns.size();
    if (sample.columns.size() < 2) {
        evidence.obstacle = "two columns are needed that can be looked at together";
        return evidence;
    }
    const auto means = mean_reconstruction_errors(sample.columns);
    report.measures = {{"mean_error_reference", means.reference}, {"mean_error_current", means.current}};
    double mean_before = 0.0, mean_after = 0.0;  // Of the errors that are compared here.
    if (setting.null == Null::chunks) {
        const auto [before, after] =
            errors_of(sample, [&](std::size_t row) { return in_a_window(sample.windows, row); }, true);
        mean_before = mean_of(before);
        mean_after = mean_of(after);
        Setting own = setting;
        own.windows = sample.windows;
        stats::WindowSeries distance, tail;
        for (const auto& measure : window_measures(before, after, own)) {
            distance.push_back(measure.log_distance);
            tail.push_back(measure.log_third_largest);
        }
        const auto moved = stats::value_of(stats::ks_distance(stats::SortedSample(std::span(before)),
                                                              stats::SortedSample(std::span(after))));
        evidence.size = moved.value_or(0.0);
        evidence.gate = evidence.size >= ks_floor;
        evidence.series = {std::move(distance), std::move(tail)};
        report.test = drift::Test{"ks", "windows", "chunks", moved, std::nullopt, std::nullopt};
    } else {
        const auto [before, after] = errors_of(sample, fits, false);
        std::vector<double> held;
        for (std::size_t row = 0; row < before.size(); ++row)
            if (!fits(row)) held.push_back(before[row]);
        mean_before = mean_of(held);
        mean_after = mean_of(after);
        const stats::SortedSample reference{std::span<const double>(held)};
        const stats::SortedSample current{std::span<const double>(after)};
        const auto distance = stats::value_of(stats::ks_distance(reference, current));
        std::optional<stats::Dependence> dependence;
        if (setting.null == Null::dependent) {
            const auto outcome = stats::integrated_autocorrelation_time(held, after.size());
            if (const auto* found = std::get_if<stats::Dependence>(&outcome)) dependence = *found;
        }
        Evidence enough_rows;
        if (!distance ||
            !enough(enough_rows, held.size(), after.size(), dependence ? dependence->tau : 1.0)) {
            evidence.obstacle = "of the rows' errors, " + enough_rows.obstacle;
            evidence.insufficient = true;
            return evidence;
        }
        const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
        stats::TestOutcome outcome = stats::ks_test(*distance, reference.size(), current.size());
        if (dependence)
            outcome = stats::TestResult{
                *distance,
                stats::averaged_p(
                    [&](double tau) { return stats::ks_asymptotic_p(*distance, n / tau, m / tau); },
                    *dependence),
                "asymptotic"};
        const auto* test = std::get_if<stats::TestResult>(&outcome);
        if (test == nullptr) {
            evidence.obstacle = std::string(stats::describe(std::get<stats::Undefined>(outcome)));
            evidence.insufficient = true;
            return evidence;
        }
        evidence.p = test->p;
        evidence.size = *distance;
        evidence.gate = *distance >= ks_floor;
        report.test = drift::Test{
            "ks", std::string(test->how), std::string(name(setting.null)), distance, test->p, std::nullopt};
    }
    report.effect = drift::Effect{"ks_of_errors", evidence.size, std::nullopt, std::nullopt};
    evidence.moved = fmt::format(
        "rows lie {} the reference's main directions {} before (mean error {} against {})",
        mean_after > mean_before   ? "farther from"
        : mean_after < mean_before ? "nearer to"
                                   : "as far from",
        mean_after == mean_before ? "as" : "than", core::readable(mean_after), core::readable(mean_before));
    return evidence;
}

ReconstructionMeans mean_reconstruction_errors(const std::vector<JointColumn>& columns) {
    if (columns.empty()) return {};
    const std::size_t n = columns.front().reference.size(), m = columns.front().current.size();
    Table reference(n, columns.size()), current(m, columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const JointColumn& column = columns[c];
        const auto present = present_sorted(column.reference);
        const auto count_of = [&](double x) {
            return static_cast<double>(std::ranges::equal_range(present, x).size());
        };
        double fill = mean_of(present);
        if (column.labels) {
            double most = 0.0;
            for (const double x : present)
                if (count_of(x) > most) {
                    most = count_of(x);
                    fill = x;
                }
        }
        const auto share_of = [&](double x) {  // Missing values count for the label that stands in for them.
            const auto absent = static_cast<double>(n - present.size());
            return n == 0 ? 0.0 : (count_of(x) + (x == fill ? absent : 0.0)) / static_cast<double>(n);
        };
        const auto encode = [&](const std::vector<double>& values, double* out) {
            for (const double x : values) {
                const double value = std::isnan(x) ? fill : x;
                *out++ = column.labels ? share_of(value) : value;
            }
        };
        encode(column.reference, reference.column(c));
        encode(column.current, current.column(c));
    }
    for (const Table* table : {&reference, &current})
        if (!std::ranges::all_of(table->values, [](double x) { return std::isfinite(x); })) return {};
    const auto components = principal_components(reference, explained_share, columns.size());
    ReconstructionMeans means;
    if (n > 0) means.reference = mean_of(reconstruction_errors(components, reference));
    if (n > 0 && m > 0) means.current = mean_of(reconstruction_errors(components, current));
    return means;
}

}  // namespace tristrata::detection
