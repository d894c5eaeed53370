#include "difference.hpp"
#include "peer.hpp"
#include "sentence.hpp"
#include "signals.hpp"

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
            fmt::format("{}: {} of {} chunks alert", test.title, test.alerts, test.chunks.size());
        if (test.score) text += fmt::format(", the largest value {:.3g}", *test.score);
        if (test.lower) text += fmt::format(", lower bound {:.3g}", *test.lower);
        if (test.upper) text += fmt::format(", upper bound {:.3g}", *test.upper);
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
    for (std::size_t i = 0; i < report.columns.size(); ++i)
        judge_column(report.columns[i], findings[i], setting);
    if (plan.engine() != Engine::evidently) return;
    const drift::Summary summary = drift::summarise(report);
    if (summary.tested == 0 || summary.share_drifted < plan.evidently.drift_share) return;
    report.signals.push_back(fired(
        drift::SignalKind::dataset_drift, plan.evidently.drift_share, summary.share_drifted, 1.0,
        fmt::format(
            "{} of {} columns drifted, a share of {:.3g}: at least {:.3g}, so Evidently calls the whole "
            "table drifted",
            summary.drifted, summary.tested, summary.share_drifted, plan.evidently.drift_share),
        plan));
}

}  // namespace tristrata::detection
