#include "tristrata/drift/missing.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/drift/source_finding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tristrata::drift {
namespace {

bool is_missing(const Signal& signal, Severity from, const SeverityPolicy& policy) {
    if (signal.verdict != Verdict::drift || is_of_values(signal.kind) ||
        signal.severity.value_or(Severity::info) < from)
        return false;
    // A row of a hundred that is left out is worth a word, and moves nothing by itself.
    return signal.kind != SignalKind::gap ||
           is_much_missing(signal.current.value_or(1.0) - signal.reference.value_or(0.0), policy);
}

std::string sentence_of(const Signal& signal, const ColumnReport& column) {
    return fmt::format("{} of {}: {}", name(signal.kind), core::quoted(column.name), signal.reason);
}

}  // namespace

bool is_much_missing(double share, const SeverityPolicy& policy) {
    return policy.of_signal(SignalKind::missing_share, share).value_or(Severity::info) >= Severity::warn;
}

std::vector<std::string> missing_of(const ColumnReport& column, const SeverityPolicy& policy) {
    std::vector<std::string> all;
    const double now = column.current.missing_share.value_or(1.0);
    if (is_much_missing(now - column.reference.missing_share.value_or(1.0), policy))
        all.push_back(fmt::format("{:.0f} % of {}", 100.0 * now, core::quoted(column.name)));
    for (const Signal& signal : column.signals)
        if (is_missing(signal, Severity::warn, policy)) all.push_back(sentence_of(signal, column));
    return all;
}

std::vector<std::string> missing_of(const Report& report, const SeverityPolicy& policy) {
    std::vector<std::string> all;
    for (const Signal& signal : report.signals)
        if (is_missing(signal, Severity::warn, policy)) all.push_back(signal.reason);
    for (const ColumnReport& column : report.columns)
        for (const Signal& signal : column.signals)
            if (signal.kind == SignalKind::vanished_category && is_missing(signal, Severity::crit, policy))
                all.push_back(sentence_of(signal, column));
    return all;
}

std::string one_text(const std::vector<std::string>& sentences) {
    return fmt::format("{}", fmt::join(sentences, "; "));
}

}  // namespace tristrata::drift
