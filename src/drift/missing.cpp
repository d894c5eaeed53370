#include "tristrata/drift/missing.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/drift/source_finding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

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

/// Values that repeat another one of their side, as a share of those that are there.
double repeats_of(const ColumnSide& side) {
    const double values = static_cast<double>(side.n) * (1.0 - side.missing_share.value_or(1.0));
    // Who makes a report of counts alone does not know it.
    return values > 0.0 && side.distinct > 0
               ? std::max(0.0, 1.0 - static_cast<double>(side.distinct) / values)
               : 0.0;
}

/// Of numbers that hardly ever repeated one another: a quarter of them does now.
std::optional<std::string> stuck(const ColumnReport& column) {
    constexpr double repeat_by_nature = 0.05, stuck_from = 0.25;
    const double before = repeats_of(column.reference), now = repeats_of(column.current);
    if (column.kind != Kind::numeric || before > repeat_by_nature || now - before < stuck_from)
        return std::nullopt;
    return fmt::format("{:.0f} % of {} repeat another value, where {:.0f} % did: stuck, copied or filled in",
                       100.0 * now, core::quoted(column.name), 100.0 * before);
}

}  // namespace

std::optional<std::string> filled_in(const ColumnReport& column, const SeverityPolicy& policy) {
    const auto &before = column.reference, &now = column.current;
    if (column.kind != Kind::numeric || !before.mode_share || !now.mode_share) return std::nullopt;
    // What a twentieth of the reference holds is its own, as counts, flags and codes are.
    constexpr double own_share = 0.05, by_nature = 2.5, times = 4.0;
    const auto peak = [](const ColumnSide& side) {
        return *side.mode_share * static_cast<double>(side.distinct);
    };
    if (*before.mode_share >= own_share || peak(now) <= times * std::max(by_nature, peak(before)) ||
        !is_much_missing(*now.mode_share - *before.mode_share, policy))
        return std::nullopt;
    return fmt::format(
        "{:.0f} % of {} are one value, where of the reference no more than {:.2g} % were: stuck, copied "
        "or filled in",
        100.0 * *now.mode_share, core::quoted(column.name), 100.0 * *before.mode_share);
}

std::optional<std::string> held_in_turns(const ColumnReport& column) {
    constexpr double distinct_min = 50.0, own_share = 0.05, doubtful = 0.2, alike = 3.0;
    const auto &before = column.reference, &now = column.current;
    const auto steps_before = static_cast<double>(before.distinct);
    const auto distinct = static_cast<double>(now.distinct);
    if (column.kind != Kind::numeric || steps_before < distinct_min || now.distinct == 0 ||
        before.mode_share.value_or(1.0) >= own_share)
        return std::nullopt;
    // Values on steps that scatter a tenth as far hold a tenth as many of them.
    const double spread_before = before.standard_deviation.value_or(0.0);
    const double spread = now.standard_deviation.value_or(spread_before);
    const double steps = steps_before * (spread_before > 0.0 ? std::min(1.0, spread / spread_before) : 1.0);
    if (steps <= 1.0) return std::nullopt;
    const double values = static_cast<double>(now.n) * (1.0 - now.missing_share.value_or(1.0));
    const double could_be = steps * -std::expm1(values * std::log1p(-1.0 / steps));
    // Of those that are held or replayed each comes about as often; of a body with a long tail it does not,
    // and its reference's tail is most of its different values.
    if (distinct >= doubtful * could_be || now.mode_share.value_or(0.0) * distinct > alike)
        return std::nullopt;
    return fmt::format(
        "{} of {} are {} different values, where so many could be {:.0f}: held in turns, or a few of them "
        "replayed",
        core::plural(static_cast<std::uint64_t>(std::llround(values)), "value"), core::quoted(column.name),
        now.distinct, could_be);
}

std::optional<std::string> filled_in_label(const ColumnReport& column) {
    constexpr double filled_from = 0.25;
    const auto& labels = column.distribution.labels;
    const auto &before = column.distribution.reference, &now = column.distribution.current;
    if (column.kind != Kind::categorical) return std::nullopt;
    // The most frequent of both sides stand first, so that it is one of eight; the last may be all others.
    const std::size_t first = std::min({std::size_t{8}, labels.size(), before.size(), now.size()});
    for (std::size_t i = 0; i < first; ++i)
        if (before[i] == 0.0 && now[i] >= filled_from)
            return fmt::format(
                "{:.0f} % of {} are {}, which the reference never held: a new name, or filled in where none "
                "came",
                100.0 * now[i], core::quoted(column.name), core::quoted(labels[i], 40));
    return std::nullopt;
}

std::optional<std::string> replaced(const ColumnReport& column, const SeverityPolicy& policy) {
    if (auto found = filled_in(column, policy)) return found;
    if (auto found = held_in_turns(column)) return found;
    return filled_in_label(column);
}

bool is_much_missing(double share, const SeverityPolicy& policy) {
    return policy.of_signal(SignalKind::missing_share, share).value_or(Severity::info) >= Severity::warn;
}

std::vector<std::string> missing_of(const ColumnReport& column, const SeverityPolicy& policy) {
    std::vector<std::string> all;
    const double now = column.current.missing_share.value_or(1.0);
    if (is_much_missing(now - column.reference.missing_share.value_or(1.0), policy))
        all.push_back(fmt::format("{:.0f} % of {}", 100.0 * now, core::quoted(column.name)));
    for (const Signal& signal : column.signals)
        // A source that is frozen shows one value alone: until people have looked, it did not come.
        if (is_missing(signal, Severity::warn, policy) ||
            (signal.kind == SignalKind::constant && signal.verdict == Verdict::drift))
            all.push_back(sentence_of(signal, column));
    if (const auto found = stuck(column)) all.push_back(*found);
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
