#include "evidently_tests.hpp"
#include "peer.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <variant>

namespace tristrata::detection {
namespace {

using dataset::Column;
using dataset::Type;

constexpr std::size_t integer_categories_max = 10;        ///< Line 0.7, of current.
constexpr std::size_t legacy_integer_categories_max = 5;  ///< Line 0.4, of the reference.
constexpr double text_share = 0.5;                        ///< More distinct strings than that are text.
constexpr std::uint64_t p_values_max =
    1000;                                  ///< Up to so many reference values a p decides, then a distance.
constexpr std::size_t few_values_max = 5;  ///< Numbers with so few distinct values are taken for categories.

enum class EvidentlyKind : std::uint8_t { numeric, categorical, text };
/// The kind, or why Evidently does not test the column.
using KindOrReason = std::variant<EvidentlyKind, std::string>;

/// Distinct values that are neither missing nor infinite.
std::size_t distinct_values(const Column& column) {
    if (!is_number(column.type)) {
        std::vector<bool> seen(column.labels.size(), false);
        for (const auto code : column.codes)
            if (code != Column::missing_code) seen[code] = true;
        return static_cast<std::size_t>(std::ranges::count(seen, true));
    }
    const stats::SortedSample sample(std::span<const double>(column.numbers));
    std::size_t count = 0;
    const auto values = sample.values();
    for (std::size_t i = 0; i < values.size(); ++i) count += i == 0 || values[i] != values[i - 1];
    return count;
}

KindOrReason kind_of_text(const dataset::Field& field, const Column& current, EvidentlyLine line) {
    const bool categories = line == EvidentlyLine::legacy || field.foreign_type.starts_with("dictionary");
    const auto present = static_cast<double>(current.rows - current.missing);
    return categories || static_cast<double>(distinct_values(current)) <= text_share * present
               ? EvidentlyKind::categorical
               : EvidentlyKind::text;
}

std::string why_text_is_not_tested(const Column& current) {
    return fmt::format(
        "text: {} of current's {} values are distinct, more than half, so that Evidently trains a classifier "
        "on their words; that is no test of a table's column and is not done here; give it kind = "
        "\"categorical\" in the plan to compare its labels",
        core::readable(static_cast<double>(distinct_values(current))), current.rows - current.missing);
}

/// Line 0.7 goes by the type that pandas gives current's column.
KindOrReason kind_in_current_line(const dataset::Field& field, const Column& current) {
    switch (current.type) {
        case Type::real:
            if (field.foreign_type.starts_with("decimal"))
                return std::string("decimals are of no kind that Evidently 0.7 knows; it leaves them out");
            return EvidentlyKind::numeric;
        case Type::integer:
            if (current.missing > 0) return EvidentlyKind::numeric;  // pandas makes floats of them.
            if (field.foreign_type.starts_with("uint"))
                return std::string(
                    "unsigned numbers are of no kind that Evidently 0.7 knows; it leaves them out");
            return distinct_values(current) <= integer_categories_max ? EvidentlyKind::categorical
                                                                      : EvidentlyKind::numeric;
        case Type::boolean:
            if (current.missing > 0)
                return std::string(
                    "booleans with missing values are of no kind that Evidently 0.7 knows; it leaves them "
                    "out");
            return EvidentlyKind::categorical;
        case Type::text:
            return kind_of_text(field, current, EvidentlyLine::current);
        case Type::timestamp:
            return std::string("Evidently does not test times");
        case Type::null:
            return std::string("current holds no value: Evidently would end its report with an error");
        case Type::unsupported:
            break;
    }
    return fmt::format("its type {} is none that Evidently tests", field.foreign_type);
}

KindOrReason kind_in_legacy_line(const dataset::Field& field, const Column& reference, const Column& current,
                                 drift::Role role) {
    if (current.type == Type::timestamp) return std::string("Evidently does not test times");
    if (current.type == Type::null)
        return std::string("current holds no value: Evidently would end its report with an error");
    if (current.type == Type::unsupported)
        return fmt::format("its type {} is none that Evidently tests", field.foreign_type);
    if (!is_number(current.type)) return EvidentlyKind::categorical;
    const std::size_t in_reference = is_number(reference.type) ? distinct_values(reference) : 0;
    const std::size_t distinct = in_reference != 0 ? in_reference : distinct_values(current);
    const bool few = distinct <= legacy_integer_categories_max;
    const bool whole = current.type == Type::integer && current.missing == 0;
    if (role == drift::Role::target) return few ? EvidentlyKind::categorical : EvidentlyKind::numeric;
    if (role == drift::Role::prediction && few && !whole) {
        // Scores between 0 and 1 stay numbers, however few there are.
        const auto beyond = [](double x) { return x > 1.0 || x < 0.0; };
        return std::ranges::any_of(current.numbers, beyond) ? EvidentlyKind::categorical
                                                            : EvidentlyKind::numeric;
    }
    return whole && few ? EvidentlyKind::categorical : EvidentlyKind::numeric;
}

KindOrReason kind_for(const dataset::Field& field, const Column& reference, const Column& current,
                      const Plan& plan) {
    const ColumnPlan& column = plan.of(field.name);
    if (column.kind == drift::Kind::numeric) {
        if (is_number(reference.type) && is_number(current.type)) return EvidentlyKind::numeric;
        return std::string(
            "the plan says numeric, and there are other values: Evidently would end its report");
    }
    if (column.kind == drift::Kind::categorical || column.kind == drift::Kind::boolean)
        return EvidentlyKind::categorical;
    return plan.evidently.line == EvidentlyLine::legacy
               ? kind_in_legacy_line(field, reference, current, column.role)
               : kind_in_current_line(field, current);
}

/// Counts over the distinct values of both sides, in the order in which Python sorts them.
ValueCounts ordered_counts(const Column& reference, const Column& current) {
    if (is_number(reference.type)) {
        EvidentlyColumn numbers;
        numbers.numeric = true;
        numbers.reference = stats::SortedSample(std::span<const double>(reference.numbers));
        numbers.current = stats::SortedSample(std::span<const double>(current.numbers));
        return numbers.value_counts();
    }
    std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> counts;
    const auto add = [&](const Column& column, auto side) {
        std::vector<std::uint64_t> of_code(column.labels.size(), 0);
        for (const auto code : column.codes)
            if (code != Column::missing_code) ++of_code[code];
        for (std::size_t code = 0; code < of_code.size(); ++code)
            if (of_code[code] > 0) side(counts[column.labels[code]]) += of_code[code];
    };
    add(reference, [](auto& pair) -> auto& { return pair.first; });
    add(current, [](auto& pair) -> auto& { return pair.second; });
    ValueCounts out;
    for (const auto& [label, pair] : counts) {
        out.reference.push_back(pair.first);
        out.current.push_back(pair.second);
    }
    return out;
}

EvidentlyColumn column_of(const Column& reference, const Column& current, EvidentlyKind kind) {
    EvidentlyColumn column;
    column.numeric = kind == EvidentlyKind::numeric;
    if (column.numeric) {
        column.reference = stats::SortedSample(std::span<const double>(reference.numbers));
        column.current = stats::SortedSample(std::span<const double>(current.numbers));
        column.n = column.reference.size();
        column.m = column.current.size();
    } else {
        column.counts = ordered_counts(reference, current);
        const auto total = [](const std::vector<std::uint64_t>& side) {
            return std::accumulate(side.begin(), side.end(), std::uint64_t{0});
        };
        column.n = total(column.counts.reference);
        column.m = total(column.counts.current);
    }
    return column;
}

std::string_view default_test(const EvidentlyColumn& column) {
    const std::size_t distinct = column.distinct();
    const bool as_numbers = column.numeric && distinct > few_values_max;
    if (column.n > p_values_max) return as_numbers ? "wasserstein" : "jensenshannon";
    if (as_numbers) return "ks";
    return distinct > 2 ? "chisquare" : "z";
}

/// A column's own, then its kind's, then that of all; absent: the default.
template <class Value>
std::optional<Value> first_of(const std::optional<Value>& own, const std::optional<Value>& of_kind,
                              const std::optional<Value>& of_all) {
    return own ? own : of_kind ? of_kind : of_all;
}

bool drifts(const Method& method, double score, double threshold) {
    switch (method.rule) {
        case Rule::below:
            return score < threshold;
        case Rule::at_or_below:
            return score <= threshold;
        case Rule::above:
            return score > threshold;
        case Rule::at_or_above:
            return score >= threshold;
        case Rule::none:
            break;
    }
    return false;
}

/// How many values, or pairs of them, the draws of a column may look at.
constexpr double drawn_work_max = 2e7;
constexpr std::size_t draws_max = 40, draws_min = 10;

/// A batch of current's size, drawn from the reference with replacement.
EvidentlyColumn drawn_batch(const EvidentlyColumn& column, stats::Random& random) {
    EvidentlyColumn batch = column;
    if (column.numeric) {
        std::vector<double> values(column.m);
        for (double& x : values) x = column.reference.values()[random.below(column.n)];
        batch.current = stats::SortedSample(std::move(values));
        return batch;
    }
    std::vector<std::uint64_t> up_to(column.counts.reference.size());
    std::partial_sum(column.counts.reference.begin(), column.counts.reference.end(), up_to.begin());
    std::ranges::fill(batch.counts.current, 0);
    for (std::uint64_t i = 0; i < column.m; ++i) {
        const auto at = std::ranges::upper_bound(up_to, random.below(column.n));
        ++batch.counts.current[static_cast<std::size_t>(at - up_to.begin())];
    }
    return batch;
}

DrawnBatches draw_batches(const EvidentlyColumn& column, const Method& method, double threshold,
                          stats::Random random) {
    DrawnBatches drawn;
    const auto n = static_cast<double>(column.n), m = static_cast<double>(column.m);
    double work = n + 8.0 * m;
    if (method.name == "ks" && std::max(n, m) <= 1e4) work += n * m;
    if (method.name == "empirical_mmd") work += 100.0 * (n + m) * (n + m);
    if (method.name == "TVD") work += 1000.0 * static_cast<double>(column.distinct());
    const auto draws = std::min(draws_max, static_cast<std::size_t>(drawn_work_max / work));
    if (draws < draws_min) return drawn;
    drawn.rows = column.m;
    drawn.draws = draws;
    for (std::size_t i = 0; i < draws; ++i) {
        const auto score = evidently_score(method.name, drawn_batch(column, random), random);
        drawn.flagged += score.score && drifts(method, *score.score, threshold);
    }
    return drawn;
}

}  // namespace

PeerFindings find_by_evidently(const dataset::Field& field, const Column& reference, const Column& current,
                               const Setting& setting, std::uint64_t column_index) {
    PeerFindings findings;
    const Plan& plan = *setting.plan;
    const ColumnPlan& own = plan.of(field.name);
    if (field.name == plan.time || own.role == drift::Role::time || own.role == drift::Role::key) {
        findings.obstacle = "times and identifiers are not among the columns that Evidently tests";
        return findings;
    }
    const KindOrReason decided = kind_for(field, reference, current, plan);
    if (const auto* reason = std::get_if<std::string>(&decided)) {
        findings.obstacle = *reason;
        return findings;
    }
    const auto kind = std::get<EvidentlyKind>(decided);
    if (kind == EvidentlyKind::text) {
        findings.obstacle = why_text_is_not_tested(current);
        findings.text = true;
        return findings;
    }
    if (is_number(reference.type) != is_number(current.type)) {
        findings.obstacle = fmt::format("the type changed from {} to {}", dataset::name(reference.type),
                                        dataset::name(current.type));
        return findings;
    }
    EvidentlyColumn column = column_of(reference, current, kind);
    if (column.n == 0 || column.m == 0) {
        findings.obstacle = fmt::format("{} holds no value: Evidently would end its report with an error",
                                        column.n == 0 ? "the reference" : "current");
        return findings;
    }
    const EvidentlyOptions& options = plan.evidently;
    const auto wanted =
        first_of(own.test, column.numeric ? options.num_method : options.cat_method, options.method);
    const Method* method =
        find_method(wanted ? std::string_view(*wanted) : default_test(column), Engine::evidently);
    const auto expected = column.numeric ? drift::Kind::numeric : drift::Kind::categorical;
    if (wanted && std::ranges::find(method->kinds, expected) == method->kinds.end()) {
        findings.obstacle =
            fmt::format("Evidently's test {} does not take {} columns: it would end its report", method->name,
                        drift::name(expected));
        return findings;
    }
    const double threshold =
        first_of(own.threshold, column.numeric ? options.num_threshold : options.cat_threshold,
                 options.threshold)
            .value_or(method->threshold);
    // A stream of its own: our tests draw from the column's.
    const auto score = evidently_score(method->name, column, stats::Random(plan.seed, column_index, 2));
    if (!score.failure.empty()) {
        findings.obstacle = score.ends ? fmt::format("{}: Evidently would end its report here", score.failure)
                                       : score.failure;
        return findings;
    }
    drift::PeerTest test;
    test.method = method->name;
    test.title = method->title;
    test.score = score.score;
    test.rule = rule_text(method->rule);
    (method->rule == Rule::below || method->rule == Rule::at_or_below ? test.lower : test.upper) = threshold;
    test.drifted = score.score && drifts(*method, *score.score, threshold);
    findings.tests.push_back(std::move(test));
    if (plan.explain_difference) {
        findings.drawn = draw_batches(column, *method, threshold, stats::Random(plan.seed, column_index, 3));
        if (column.numeric) findings.middle = column.reference.middle();
    } else if (column.numeric) {
        findings.sorted.emplace(std::vector<WindowMeasure>{}, std::move(column.reference),
                                std::move(column.current));
    }
    return findings;
}

}  // namespace tristrata::detection
