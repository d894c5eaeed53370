#include "tristrata/analyzer/judgement.hpp"

#include "findings.hpp"
#include "tristrata/core/secret.hpp"

#include <fmt/format.h>
#include <cmath>

// Of a source itself: that it gave no answer, that its clock is another.
namespace tristrata::analyzer {

using drift::DriftType;
using drift::Severity;
using drift::SignalKind;

Judgement judge_failure(const Definition& definition, const core::Error& error, std::uint64_t failures,
                        core::Timestamp to) {
    Judgement judgement;
    judgement.analyzer = definition.name;
    judgement.to = to;
    judgement.from = {to.microseconds - definition.window.microseconds};
    judgement.failure = error.kind;
    judgement.reason = fmt::format("no answer from {}: {}", shown(definition.place),
                                   core::without_credentials(error.message));
    const auto size = static_cast<double>(failures);
    Findings(definition, judgement, {})
        .add({.type = DriftType::data_quality,
              .metric = "source_" + definition.metric,
              .what = "source",
              .reference = 0.0,
              .current = size,
              .severity =
                  definition.plan.severity.of_signal(SignalKind::freshness, size).value_or(Severity::warn),
              .reason = judgement.reason,
              .measured = "failures in a row"});
    return judgement;
}

Judgement judge_clock(const Definition& definition, core::Duration ahead, core::Timestamp to) {
    Judgement judgement;
    judgement.analyzer = definition.name;
    judgement.to = to;
    judgement.from = {to.microseconds - definition.window.microseconds};
    const core::Duration size{std::abs(ahead.microseconds)};
    judgement.verdict = drift::Verdict::drift;
    judgement.reason = fmt::format(
        "the clock of {} is {} {} this host's: its rows stand in the wrong windows", shown(definition.place),
        core::to_string(size), ahead.microseconds > 0 ? "ahead of" : "behind");
    const double windows =
        static_cast<double>(size.microseconds) / static_cast<double>(definition.window.microseconds);
    Findings(definition, judgement, {})
        .add({.type = DriftType::data_quality,
              .metric = "clock_skew_" + definition.place.store + definition.place.url,
              .what = "clock_skew",
              .reference = 0.0,
              .current = static_cast<double>(ahead.microseconds) / 1e6,
              .severity =
                  definition.plan.severity.of_signal(SignalKind::freshness, windows).value_or(Severity::warn),
              .reason = judgement.reason,
              .measured = "seconds"});
    return judgement;
}

}  // namespace tristrata::analyzer
