#include "evidence.hpp"

#include "counts_evidence.hpp"
#include "numeric_evidence.hpp"
#include "quality_signals.hpp"
#include "signals.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"
#include "tristrata/detection/bounds.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace tristrata::detection {
namespace {

using dataset::Column;
using dataset::Type;

void fill_side(drift::ColumnSide& side, const Column& column) {
    side.n = column.rows;
    if (column.type == Type::unsupported) side.missing_share.reset();
    if (column.rows == 0 || column.type == Type::unsupported) return;
    side.missing_share = static_cast<double>(column.missing) / static_cast<double>(column.rows);
    side.infinite_share = static_cast<double>(column.infinite) / static_cast<double>(column.rows);
}

/// Whether the rows come in the order of these times, all but one in a hundred.
bool ascends(const std::vector<std::int64_t>& times) {
    std::size_t pairs = 0, falls = 0;
    std::int64_t before = Column::missing_time;
    for (const auto time : times) {
        if (time == Column::missing_time) continue;
        if (before != Column::missing_time) {
            ++pairs;
            falls += time < before;
        }
        before = time;
    }
    return falls * 100 <= pairs;
}

/// Seconds between neighbouring times, in order of time.
std::vector<double> gaps_of(std::vector<std::int64_t> times) {
    std::erase(times, Column::missing_time);
    std::ranges::sort(times);
    std::vector<double> gaps;
    for (std::size_t i = 1; i < times.size(); ++i)
        gaps.push_back(static_cast<double>(times[i] - times[i - 1]) * 1e-6);
    return gaps;
}

/// The same row by row, in the order of the rows: NaN for the first time and where there is none.
std::vector<double> gaps_by_row(const std::vector<std::int64_t>& times) {
    std::vector<double> gaps(times.size(), std::nan(""));
    std::int64_t before = Column::missing_time;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (times[i] == Column::missing_time) continue;
        if (before != Column::missing_time) gaps[i] = static_cast<double>(times[i] - before) * 1e-6;
        before = times[i];
    }
    return gaps;
}

/// Hours since midnight UTC, row by row; NaN where there is no time.
std::vector<double> hours_of_day(const std::vector<std::int64_t>& times) {
    constexpr std::int64_t day = 86'400'000'000;
    std::vector<double> hours(times.size(), std::nan(""));
    for (std::size_t i = 0; i < times.size(); ++i)
        if (times[i] != Column::missing_time)
            hours[i] = static_cast<double>((times[i] % day + day) % day) / 3.6e9;
    return hours;
}

/// All times the same, where the reference's are not.
void examine_constant_time(Evidence& evidence, const std::vector<std::int64_t>& reference,
                           const std::vector<std::int64_t>& current, const Setting& setting) {
    const auto present = [](std::int64_t time) { return time != Column::missing_time; };
    const auto first = std::ranges::find_if(current, present);
    if (first == current.end() ||
        std::ranges::any_of(current, [&](std::int64_t time) { return present(time) && time != *first; }))
        return;
    Constancy found;
    std::unordered_set<std::int64_t> distinct;
    for (const auto time : reference) {
        if (!present(time)) continue;
        ++found.reference;
        found.others += time != *first ? 1 : 0;
        distinct.insert(time);
    }
    found.distinct = distinct.size();
    found.current = static_cast<std::uint64_t>(std::ranges::count_if(current, present));
    if (setting.null == Null::chunks)
        found.constant_windows = constant_windows<std::int64_t>(reference, setting.windows, present);
    if (auto signal = constant_signal(found, setting)) evidence.report.signals.push_back(std::move(*signal));
}

/// A time column is looked at twice: by the time of day, and, where its rows come in order, by the gaps
/// between them. (Gaps of times that come in no order depend on how many rows were drawn, and on nothing
/// else.) Twice the smaller p, and the effect of that part; under the null `chunks` the two distances are the
/// column's two measures of a window.
void examine_times(Evidence& evidence, const std::vector<std::int64_t>& reference,
                   const std::vector<std::int64_t>& current, const Setting& setting,
                   std::uint64_t column_index) {
    examine_constant_time(evidence, reference, current, setting);
    const bool windows = setting.null == Null::chunks;
    Evidence day;
    day.report = evidence.report;
    day.report.unit = "h of the day";
    examine_numbers(day, hours_of_day(reference), hours_of_day(current), setting, column_index);
    if (!day.moved.empty()) day.moved = "by the time of day " + day.moved;
    if (!ascends(reference) || !ascends(current)) {
        evidence = std::move(day);
        return;
    }
    evidence.report.unit = "s between rows";
    if (windows)
        examine_numbers(evidence, gaps_by_row(reference), gaps_by_row(current), setting, column_index);
    else examine_numbers(evidence, gaps_of(reference), gaps_of(current), setting, column_index);
    const auto tested = [](const Evidence& one) {
        return one.obstacle.empty() && one.report.test.has_value();
    };
    if (!tested(day)) return;
    if (!tested(evidence)) {
        evidence = std::move(day);
        return;
    }
    for (const auto& [name, value] : day.report.measures)
        if (name == "ks") evidence.report.measures.emplace_back("ks_time_of_day", value);
    if (windows) {
        for (std::size_t i = 0; i < evidence.measures.size(); ++i)
            evidence.measures[i].log_third_largest = day.measures[i].log_distance;
        if (day.report.test->statistic.value_or(0.0) > evidence.report.test->statistic.value_or(0.0)) {
            evidence.report.test->statistic = day.report.test->statistic;
            evidence.moved = std::move(day.moved);
        }
        evidence.gate = evidence.gate || day.gate;
        return;
    }
    const double p = std::min(1.0, 2.0 * std::min(*evidence.p, *day.p));
    if (*day.p < *evidence.p) {
        evidence.gate = day.gate;
        evidence.moved = std::move(day.moved);
    }
    evidence.p = p;
    if (evidence.report.test) evidence.report.test->p = p;
}

/// The column as labels and codes, whatever its type: numbers take their shortest digits.
struct Coded {
    std::vector<std::string> labels;
    std::vector<std::uint32_t> reference;
    std::vector<std::uint32_t> current;
};

Coded coded_together(Column reference, Column current, bool sensitive) {
    Coded out;
    std::unordered_map<std::string, std::uint32_t> code_of;
    // Sensitive labels meet as hashes: a saved profile has nothing else of them.
    const auto code = [&](const std::string& label) {
        const auto [at, fresh] = code_of.try_emplace(sensitive ? config::hashed_label(label) : label,
                                                     static_cast<std::uint32_t>(out.labels.size()));
        if (fresh) out.labels.push_back(at->first);
        return at->second;
    };
    const auto take = [&](Column& column, std::vector<std::uint32_t>& codes) {
        if (!column.codes.empty()) {
            std::vector<std::uint32_t> translation(column.labels.size());
            std::ranges::transform(column.labels, translation.begin(), code);
            codes = std::move(column.codes);
            for (auto& c : codes)
                if (c != Column::missing_code) c = translation[c];
            return;
        }
        codes.reserve(column.numbers.size());
        for (const double x : column.numbers)
            codes.push_back(std::isnan(x) ? Column::missing_code : code(category_of(x)));
    };
    take(reference, out.reference);
    take(current, out.current);
    return out;
}

/// Whether the current side can be read as the reference's kind at all.
bool fits(drift::Kind kind, Type reference, Type current) {
    if (current == Type::null || reference == current) return true;
    if (kind == drift::Kind::numeric) return is_number(current);
    if (kind == drift::Kind::categorical)
        return current == Type::text || is_number(current) || current == Type::boolean;
    return false;
}

bool is_numeral(const std::string& label) {
    double number = 0;
    const char* const last = label.data() + label.size();
    return std::from_chars(label.data(), last, number).ptr == last && !label.empty();
}

/// Numbers in place of words, none of which is a numeral: compared as labels, and another type all the same.
/// A source without types (CSV) reads numbers where every value looks like one.
bool became_numbers(const Column& reference, const Column& current) {
    return reference.type == Type::text && is_number(current.type) && !reference.labels.empty() &&
           std::ranges::none_of(reference.labels, is_numeral);
}

}  // namespace

std::string category_of(double number) {
    return std::isinf(number) ? (number > 0 ? "inf" : "-inf") : core::shortest(number);
}

drift::Kind kind_of(Type type, const ColumnPlan& plan) noexcept {
    if (plan.kind && !(plan.kind == drift::Kind::numeric && !is_number(type)) && type != Type::timestamp)
        return *plan.kind;
    switch (type) {
        case Type::integer:
        case Type::real:
            return drift::Kind::numeric;
        case Type::boolean:
            return drift::Kind::boolean;
        case Type::text:
            return drift::Kind::categorical;
        case Type::timestamp:
            return drift::Kind::time;
        case Type::null:
        case Type::unsupported:
            return drift::Kind::unsupported;
    }
    return drift::Kind::unsupported;
}

double lost_to_doubles(const drift::ColumnReport& column, const dataset::Field& field) {
    if (field.type != dataset::Type::integer && !field.foreign_type.starts_with("decimal")) return 0.0;
    double largest = 0.0;
    for (const auto* side : {&column.reference, &column.current})
        for (const auto& end : {side->minimum, side->maximum})
            largest = std::max(largest, std::abs(end.value_or(0.0)));
    constexpr double exact_whole = 9007199254740992.0;
    return largest > exact_whole ? std::nextafter(largest, INFINITY) - largest : 0.0;
}

namespace {

Evidence examined(const dataset::Field& field, Column reference, Column current, const Setting& all_rows,
                  std::uint64_t column_index, PreparedColumn* prepared, const SavedCounts& saved) {
    const bool counts = !std::holds_alternative<std::monostate>(saved);
    const Setting setting = counts ? without_rows(all_rows) : all_rows;
    const ColumnPlan& plan = setting.plan->of(field.name);
    Evidence evidence;
    auto& report = evidence.report;
    report.name = field.name;
    report.role = plan.role;
    report.unit = plan.unit;
    const auto& patterns = setting.plan->patterns;
    const bool sensitive =
        plan.sensitive || patterns.match_any(reference.labels) || patterns.match_any(current.labels);
    report.sensitive = sensitive;
    report.drift_type = drift::drift_type_of(plan.role);
    report.kind = kind_of(reference.type, plan);
    fill_side(report.reference, reference);
    fill_side(report.current, current);
    report.signals = value_signals(reference, current, setting);

    if (field.name == setting.plan->time) {
        report.kind = drift::Kind::time;
        report.role = drift::Role::time;
        evidence.obstacle = "it orders the rows; its gaps, duplicates and order are signals of the table";
        return evidence;
    }
    if (plan.role == drift::Role::key) {
        auto repeats = key_signals(reference, current, setting);
        std::ranges::move(repeats, std::back_inserter(report.signals));
        evidence.obstacle = "a key: its values are names, so that their distribution says nothing";
        return evidence;
    }
    if (reference.type == Type::unsupported) {
        evidence.obstacle =
            fmt::format("its type {} is not one of number, text, boolean or time", field.foreign_type);
        if (current.type != Type::unsupported && current.type != Type::null)
            report.signals.push_back(fired(drift::SignalKind::type_changed, std::nullopt, std::nullopt, 1.0,
                                           fmt::format("the type changed from {} to {}", field.foreign_type,
                                                       dataset::name(current.type)),
                                           *setting.plan));
        return evidence;
    }
    // Before anything that asks for a reference or a number of rows.
    if (report.kind == drift::Kind::numeric)
        if (auto signal = beyond_bounds(current.numbers, plan, *setting.plan))
            report.signals.push_back(std::move(*signal));
    if (plan.kind == drift::Kind::time && is_number(reference.type) && !counts) {
        for (Column* side : {&reference, &current}) {
            if (!is_number(side->type)) continue;
            auto times = dataset::times_of(std::move(*side), side == &reference ? "the reference" : "current",
                                           field.name);
            if (!times) {
                evidence.obstacle = "the plan says kind = \"time\": " + times.error().message;
                return evidence;
            }
            Column read;
            read.type = Type::timestamp;
            read.rows = times->times.size();
            read.missing = static_cast<std::uint64_t>(std::ranges::count(times->times, Column::missing_time));
            read.times = std::move(times->times);
            *side = std::move(read);
        }
        report.kind = drift::Kind::time;
    }
    if (reference.type == Type::null || reference.rows == reference.missing) {
        evidence.obstacle = "the reference holds no value";
        evidence.insufficient = true;
        return evidence;
    }
    if (!fits(report.kind, reference.type, current.type)) {
        const std::string change = fmt::format("the type changed from {} to {}",
                                               dataset::name(reference.type), dataset::name(current.type));
        // A remark quotes a value.
        const bool remarked = !current.remark.empty() && !sensitive;
        report.signals.push_back(fired(drift::SignalKind::type_changed, std::nullopt, std::nullopt, 1.0,
                                       change + (remarked ? "; " + current.remark : ""), *setting.plan));
        evidence.obstacle = change + ", so the values cannot be compared";
        return evidence;
    }
    if (!sensitive && became_numbers(reference, current))
        report.signals.push_back(
            fired(drift::SignalKind::type_changed, std::nullopt, std::nullopt, 1.0,
                  fmt::format("the type changed from {} to {}; the numbers are compared as labels",
                              dataset::name(reference.type), dataset::name(current.type)),
                  *setting.plan));
    if (current.rows == current.missing) {
        evidence.obstacle = "current holds no value";
        evidence.insufficient = true;
        return evidence;
    }
    if (counts) {
        examine_counts(evidence, saved, std::move(current), all_rows, column_index);
        return evidence;
    }
    switch (report.kind) {
        case drift::Kind::numeric:
            examine_numbers(evidence, std::move(reference.numbers), std::move(current.numbers), setting,
                            column_index, prepared, std::move(reference.sorted));
            break;
        case drift::Kind::time:
            examine_times(evidence, reference.times, current.times, setting, column_index);
            break;
        case drift::Kind::categorical:
        case drift::Kind::boolean: {
            const Coded coded = coded_together(std::move(reference), std::move(current), sensitive);
            examine_categories(evidence, coded.labels, coded.reference, coded.current, setting, column_index);
            break;
        }
        case drift::Kind::unsupported:
            evidence.obstacle = "the reference holds no value";
            break;
    }
    return evidence;
}

}  // namespace

Evidence examine(const dataset::Field& field, Column reference, Column current, const Setting& setting,
                 std::uint64_t column_index, PreparedColumn* prepared, const SavedCounts& saved) {
    Evidence evidence =
        examined(field, std::move(reference), std::move(current), setting, column_index, prepared, saved);
    // Whole numbers that doubles cannot tell apart only look like one value.
    if (lost_to_doubles(evidence.report, field) > 0.0)
        std::erase_if(evidence.report.signals,
                      [](const auto& signal) { return signal.kind == drift::SignalKind::constant; });
    return evidence;
}

}  // namespace tristrata::detection
