#include "difference.hpp"
#include "peer.hpp"
#include "sentence.hpp"
#include "signals.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <variant>

namespace tristrata::detection {
namespace {

using drift::ColumnReport;
using drift::PeerTest;
using drift::Verdict;

/// "Wasserstein distance (normed) 0.54 >= 0.1", "K-S p_value 0.2 > 0.05".
std::string told(const PeerTest& test) {
    if (!test.chunks.empty()) {
        std::string text =
            fmt::format("{}: {} of {} {}", test.title, test.alerts, core::plural(test.chunks.size(), "chunk"),
                        test.alerts == 1 ? "alerts" : "alert");
        if (test.score) text += fmt::format(", the largest value {:.3g}", *test.score);
        if (test.lower) text += fmt::format(", lower bound {:.3g}", *test.lower);
        if (test.upper) text += fmt::format(", upper bound {:.3g}", *test.upper);
        if (!test.reason.empty()) text += ", " + test.reason;
        return text;
    }
    if (!test.score) return fmt::format("{} is NaN, which is never drift", test.title);
    const double threshold = test.upper ? *test.upper : test.lower.value_or(0.0);
    // The rule's own sign where it holds; its opposite where not.
    const bool strict = test.rule.find('=') == std::string::npos;
    const bool above = test.drifted == test.upper.has_value();
    const bool with_equal = strict != test.drifted;
    const std::string_view sign = above ? (with_equal ? ">=" : ">") : (with_equal ? "<=" : "<");
    return fmt::format("{} {:.4g} {} {:.4g}", test.title, *test.score, sign, threshold);
}

void judge_column(ColumnReport& column, PeerFindings& findings, const Setting& setting) {
    if (setting.plan->explain_difference)
        column.difference = drift::Difference{column.verdict, column.severity, column.reason,
                                              explain_difference(column, findings, setting)};
    column.severity.reset();
    column.signals.clear();
    if (!setting.plan->explain_difference) {
        column.test.reset();
        column.effect.reset();
        column.measures.clear();
        column.impact.reset();
        column.effective_n_reference.reset();
        column.effective_n_current.reset();
    }
    column.peer = std::move(findings.tests);
    if (column.peer.empty()) {
        column.verdict = Verdict::not_tested;
        column.reason = sentence(findings.obstacle);
        return;
    }
    const bool drifted = std::ranges::any_of(column.peer, &PeerTest::drifted);
    column.verdict = drifted ? Verdict::drift : Verdict::no_drift;
    if (drifted) column.severity = setting.plan->severity.of_peer();
    std::string reason;
    for (const PeerTest& test : column.peer) reason += (reason.empty() ? "" : "; ") + told(test);
    column.reason = sentence(reason);
}

/// Evidently's verdict of the table: the share of drifted columns, among them those that are not tested here:
/// of text, and those that a profile keeps as counts. What it says of them is not known, so that the share
/// lies between the one without and the one with all of them.
void judge_table(drift::Report& report, std::uint64_t text, std::uint64_t as_counts, const Plan& plan) {
    const drift::Summary summary = drift::summarise(report);
    const std::uint64_t unknown = text + as_counts, counted = summary.tested + unknown;
    if (counted == 0) return;
    const auto share_of = [&](std::uint64_t drifted) {
        return static_cast<double>(drifted) / static_cast<double>(counted);
    };
    const double share = share_of(summary.drifted), with_them = share_of(summary.drifted + unknown);
    const double allowed = plan.evidently.drift_share;
    if (share >= allowed) {
        report.signals.push_back(fired(
            drift::SignalKind::dataset_drift, allowed, share, 1.0,
            fmt::format("{} of {} drifted, a share of {:.3g}: at least {:.3g}, so Evidently calls the whole "
                        "table drifted",
                        summary.drifted, core::plural(counted, "column"), share, allowed),
            plan));
    }
    if (unknown == 0) return;
    const std::string_view outcome =
        share >= allowed       ? "the table drifted by its rule whatever it says of them"
        : with_them >= allowed ? "whether the table drifted by its rule depends on them"
                               : "the table did not drift by its rule whatever it says of them";
    std::string kinds = text == 0 ? "" : fmt::format("{} of text", text);
    if (as_counts > 0)
        kinds +=
            fmt::format("{}{} of which the profile keeps counts", kinds.empty() ? "" : " and ", as_counts);
    report.notes.push_back(fmt::format(
        "Evidently counts columns too that are not tested here ({}, of {}): a share of {:.3g} to {:.3g} "
        "drifted, and from {:.3g} on it calls the whole table drifted: {}",
        kinds, counted, share, with_them, allowed, outcome));
}

/// Chunks by count are of current's length on one side and of the reference's on the other: the bounds are
/// the spread of the longer ones.
void note_unequal_chunks(drift::Report& report, const Plan& plan) {
    const auto* by_count = std::get_if<dataset::ByCount>(&plan.nannyml.chunking);
    if (by_count == nullptr || by_count->chunks == 0) return;
    const std::uint64_t before = report.reference.rows / by_count->chunks;
    const std::uint64_t after = report.current.rows / by_count->chunks;
    // A spread that is a tenth wider is no matter beside bounds from ten chunks.
    if (before == 0 || after == 0 || 1.2 * static_cast<double>(after) >= static_cast<double>(before)) return;
    report.notes.push_back(fmt::format(
        "NannyML's chunks hold {} of the reference and {} of current: shorter chunks scatter more than its "
        "bounds allow for, so that they alert without drift; chunk_size = {} under [nannyml] in the plan "
        "cuts both sides alike",
        core::plural(before, "row"), core::plural(after, "row"), after));
}

}  // namespace

PeerFindings find_by_peer(const dataset::Field& field, const dataset::Column& reference,
                          const dataset::Column& current, const Setting& setting,
                          std::uint64_t column_index) {
    return setting.plan->engine() == Engine::evidently
               ? find_by_evidently(field, reference, current, setting, column_index)
               : find_by_nannyml(field, reference, current, setting, column_index);
}

core::Status prepare_for_peer(Setting& setting, const std::vector<std::int64_t>& reference_times,
                              const std::vector<std::int64_t>& current_times) {
    if (setting.plan->explain_difference && setting.plan->engine() == Engine::tristrata)
        return core::fail(core::ErrorKind::usage,
                          "--explain-difference sets our verdict beside a peer's; add --method evidently or "
                          "nannyml");
    if (setting.plan->engine() == Engine::nannyml && reference_times.empty() &&
        std::holds_alternative<dataset::ByPeriod>(setting.plan->nannyml.chunking))
        return core::fail(core::ErrorKind::usage,
                          "chunks by period need the column that holds the time; name it with --time");
    if (setting.plan->engine() != Engine::nannyml || reference_times.empty() || current_times.empty())
        return {};
    const auto& chunking = setting.plan->nannyml.chunking;
    auto before = dataset::cut_into_chunks(reference_times.size(), reference_times, chunking);
    if (!before) return propagate(before);
    auto after = dataset::cut_into_chunks(current_times.size(), current_times, chunking);
    if (!after) return propagate(after);
    setting.reference_chunks = std::move(*before);
    setting.current_chunks = std::move(*after);
    return {};
}

void judge_by_peer(drift::Report& report, std::vector<PeerFindings> findings, const Setting& setting) {
    const Plan& plan = *setting.plan;
    for (const auto& signal : report.signals)
        if (signal.kind == drift::SignalKind::column_added && plan.engine() == Engine::evidently)
            report.notes.push_back(signal.reason + ": Evidently 0.7 would end its report with an error");
    report.signals.clear();
    report.plan.expected_false_days_a_year.reset();
    report.plan.expected_false_days_low.reset();
    report.plan.expected_false_days_high.reset();
    const auto text = static_cast<std::uint64_t>(std::ranges::count_if(findings, &PeerFindings::text));
    const auto as_counts =
        static_cast<std::uint64_t>(std::ranges::count_if(findings, &PeerFindings::counted));
    for (std::size_t i = 0; i < report.columns.size(); ++i)
        judge_column(report.columns[i], findings[i], setting);
    if (plan.engine() == Engine::evidently) judge_table(report, text, as_counts, plan);
    else note_unequal_chunks(report, plan);
}

}  // namespace tristrata::detection
