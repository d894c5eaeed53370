#include "native_tests.hpp"

#include "gates.hpp"
#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/cramer_von_mises.hpp"
#include "tristrata/stats/epps_singleton.hpp"
#include "tristrata/stats/g_test.hpp"
#include "tristrata/stats/kuiper.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/mmd.hpp"
#include "tristrata/stats/proportions.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/t_test.hpp"
#include "tristrata/stats/test_dependence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace tristrata::detection {
namespace {

using stats::SortedSample;
using stats::TestOutcome;
using stats::TestResult;

constexpr std::size_t few_distinct = 100;
/// Below so many values a side Epps and Singleton's p and Welch's, and below so many expected counts that of
/// G, are too small (docs/statistics/epps_singleton.md, welch.md, g_test.md).
constexpr std::size_t few_values = 1000;
constexpr double few_expected = 20.0;

/// Everything a test of numbers may ask for.
struct Numbers {
    const SortedSample& reference;
    const SortedSample& current;
    const std::optional<PairedCounts>& counts;  ///< Where there are ties.
    std::uint64_t draws;
    stats::Random random;

    [[nodiscard]] double n() const { return static_cast<double>(reference.size()); }
    [[nodiscard]] double m() const { return static_cast<double>(current.size()); }
};

TestOutcome cramer_von_mises(const Numbers& of) {
    if (of.counts)
        return stats::cramer_von_mises_permutation_test(of.counts->reference, of.counts->current, of.draws,
                                                        of.random);
    return stats::cramer_von_mises_test(of.reference, of.current);
}
TestOutcome kuiper(const Numbers& of) {
    if (of.counts)
        return stats::kuiper_permutation_test(of.counts->reference, of.counts->current, of.draws, of.random);
    return stats::kuiper_test(of.reference, of.current);
}
TestOutcome mann_whitney(const Numbers& of) { return stats::mann_whitney_test(of.reference, of.current); }
TestOutcome welch(const Numbers& of) {
    if (std::min(of.reference.size(), of.current.size()) < few_values)
        return stats::welch_permutation_test(of.reference, of.current, of.draws, of.random);
    return stats::welch_t_test(of.reference, of.current);
}
TestOutcome epps_singleton(const Numbers& of) {
    if (std::min(of.reference.size(), of.current.size()) < few_values)
        return stats::epps_singleton_permutation_test(of.reference, of.current, of.draws, of.random);
    return stats::epps_singleton_test(of.reference, of.current);
}
TestOutcome mmd(const Numbers& of) {
    stats::MmdSettings settings;
    settings.draws = of.draws;
    const auto outcome = stats::mmd_test(stats::Points{of.reference.values(), 1},
                                         stats::Points{of.current.values(), 1}, settings, of.random);
    if (const auto* test = std::get_if<stats::MmdResult>(&outcome))
        return TestResult{test->statistic, test->p, "permutation"};
    return std::get<stats::Undefined>(outcome);
}

/// The statistic where rows are worth n / tau, and its p of tau; without a p where there is no statistic.
struct AtTau {
    double statistic = 0.0;
    std::function<double(double)> p;
};

AtTau cramer_von_mises_at(const Numbers& of, double mean_ratio) {
    const auto found = stats::cramer_von_mises_moments(of.reference, of.current);
    const auto* moments = std::get_if<stats::CramerVonMisesMoments>(&found);
    if (moments == nullptr) return {};
    return {moments->statistic, [m = *moments, mean_ratio](double tau) {
                return stats::cramer_von_mises_asymptotic_p(m, mean_ratio * tau, tau);
            }};
}
AtTau kuiper_at(const Numbers& of, double) {
    const auto v = stats::value_of(stats::kuiper_distance(of.reference, of.current));
    if (!v) return {};
    return {*v, [v = *v, n = of.n(), m = of.m()](double tau) {
                return stats::kuiper_asymptotic_p(v, n / tau, m / tau);
            }};
}
AtTau mann_whitney_at(const Numbers& of, double) {
    const auto found = stats::mann_whitney_counts(of.reference, of.current);
    const auto* counts = std::get_if<stats::MannWhitneyCounts>(&found);
    if (counts == nullptr) return {};
    return {counts->u, [c = *counts](double tau) {
                return stats::mann_whitney_asymptotic_p(c, stats::Alternative::two_sided, tau);
            }};
}
AtTau welch_at(const Numbers& of, double) {
    const auto found = stats::welch_statistic(of.reference, of.current);
    const auto* welch = std::get_if<stats::WelchStatistic>(&found);
    if (welch == nullptr) return {};
    return {welch->t, [w = *welch](double tau) { return stats::welch_p(w, tau); }};
}
AtTau epps_singleton_at(const Numbers& of, double) {
    const auto found = stats::epps_singleton_pooled_statistic(of.reference, of.current);
    const auto* epps = std::get_if<stats::EppsSingletonStatistic>(&found);
    if (epps == nullptr) return {};
    return {epps->statistic,
            [e = *epps](double tau) { return stats::chi_square_survival(e.statistic / tau, e.degrees); }};
}

using Worth = std::variant<RowsWorth, stats::Undefined>;

Worth worth_of(const std::variant<stats::Dependence, stats::Undefined>& outcome) {
    if (const auto* found = std::get_if<stats::Dependence>(&outcome)) return RowsWorth{*found};
    return std::get<stats::Undefined>(outcome);
}
Worth cramer_von_mises_worth(std::span<const double> ordered, std::size_t window) {
    const auto outcome = stats::cramer_von_mises_dependence(ordered, window);
    if (const auto* found = std::get_if<stats::CramerVonMisesDependence>(&outcome))
        return RowsWorth{found->of_deviation, found->mean_ratio};
    return std::get<stats::Undefined>(outcome);
}
Worth kuiper_worth(std::span<const double> ordered, std::size_t window) {
    return worth_of(stats::kuiper_dependence(ordered, window));
}
Worth epps_singleton_worth(std::span<const double> ordered, std::size_t window) {
    return worth_of(stats::epps_singleton_dependence(ordered, window));
}
Worth mann_whitney_worth(std::span<const double> ordered, std::size_t window) {
    return worth_of(stats::mann_whitney_dependence(ordered, window));
}
Worth welch_worth(std::span<const double> ordered, std::size_t window) {
    return worth_of(stats::autocorrelation_time_of_mean(ordered, window));
}

struct NumberRow {
    std::string_view name;
    TestOutcome (*independent)(const Numbers&);
    AtTau (*at)(const Numbers&, double mean_ratio);        ///< Null where it knows independent only.
    Worth (*worth)(std::span<const double>, std::size_t);  ///< Null where it has none.
};
constexpr std::array number_rows{
    NumberRow{"cramer_von_mises", cramer_von_mises, cramer_von_mises_at, cramer_von_mises_worth},
    NumberRow{"kuiper", kuiper, kuiper_at, kuiper_worth},
    NumberRow{"mann_whitney", mann_whitney, mann_whitney_at, mann_whitney_worth},
    NumberRow{"welch", welch, welch_at, welch_worth},
    NumberRow{"epps_singleton", epps_singleton, epps_singleton_at, epps_singleton_worth},
    NumberRow{"mmd", mmd, nullptr, nullptr},
};

}  // namespace

std::optional<PairedCounts> paired_counts(std::span<const double> a, std::span<const double> b) {
    PairedCounts counts;
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        if (counts.reference.size() == few_distinct - 1) return std::nullopt;
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t i0 = i, j0 = j;
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
        counts.reference.push_back(i - i0);
        counts.current.push_back(j - j0);
    }
    // Where no value stands twice the exact distribution is known.
    if (counts.reference.size() == a.size() + b.size()) return std::nullopt;
    return counts;
}

std::optional<std::string_view> chosen_test(const Plan& plan, const drift::ColumnReport& column) {
    // A peer's test may bear the name of one of ours; a column of times is looked at in a way of its own.
    if (plan.engine() != Engine::tristrata || column.kind == drift::Kind::time) return std::nullopt;
    const auto& own = plan.of(column.name).test;
    const auto& of_kind = column.kind == drift::Kind::numeric ? plan.tests.numeric : plan.tests.categorical;
    const auto& chosen = own ? own : of_kind;
    return chosen ? std::optional<std::string_view>(*chosen) : std::nullopt;
}

RowsWorth rows_worth(std::string_view test, std::span<const double> ordered, std::size_t window,
                     const stats::Dependence& of_deciles) {
    const auto* row = std::ranges::find(number_rows, test, &NumberRow::name);
    if (row == number_rows.end() || row->worth == nullptr) return {of_deciles};
    const auto outcome = row->worth(ordered, window);
    const auto* found = std::get_if<RowsWorth>(&outcome);
    return found != nullptr ? *found : RowsWorth{of_deciles};
}

TestOutcome number_test(std::string_view test, const SortedSample& reference, const SortedSample& current,
                        const Setting& setting, const std::optional<RowsWorth>& worth,
                        std::uint64_t column_index) {
    const auto* row = std::ranges::find(number_rows, test, &NumberRow::name);
    if (row == number_rows.end() || (worth && row->at == nullptr)) return stats::Undefined::not_applicable;
    const auto counts = worth ? std::nullopt : paired_counts(reference.values(), current.values());
    const Numbers numbers{reference, current, counts, permutation_draws(setting),
                          stats::Random(setting.plan->seed, column_index)};
    if (!worth) return row->independent(numbers);
    const AtTau at = row->at(numbers, worth->mean_ratio);
    if (!at.p) return row->independent(numbers);  // It says why there is no statistic.
    return TestResult{at.statistic, stats::averaged_p(at.p, worth->dependence), "asymptotic"};
}

TestOutcome label_test(std::string_view test, std::span<const std::uint64_t> reference,
                       std::span<const std::uint64_t> current, const Setting& setting,
                       const std::optional<stats::Dependence>& dependence, std::uint64_t column_index) {
    TestOutcome outcome = stats::Undefined::not_applicable;
    std::function<double(double, double)> at;
    if (test == "g") {
        const bool sparse = stats::min_expected_count(reference, current) < few_expected;
        if (sparse) {
            const stats::Random random(setting.plan->seed, column_index);
            const std::uint64_t draws = permutation_draws(setting);
            return dependence ? stats::g_permutation_test(reference, current, draws, random, *dependence)
                              : stats::g_permutation_test(reference, current, draws, random);
        }
        outcome = stats::g_test(reference, current);
        std::size_t labels = 0;
        for (std::size_t i = 0; i < reference.size(); ++i) labels += reference[i] + current[i] > 0;
        at = [labels](double statistic, double tau) {
            return stats::chi_square_survival(statistic / tau, static_cast<double>(labels - 1));
        };
    } else if (test == "z_proportions") {
        // Of both sides together: the label that is most frequent in one is so by chance too, and less
        // frequent in the other.
        std::size_t most = 0;
        for (std::size_t i = 1; i < reference.size(); ++i)
            if (reference[i] + current[i] > reference[most] + current[most]) most = i;
        const auto n = std::accumulate(reference.begin(), reference.end(), std::uint64_t{0});
        const auto m = std::accumulate(current.begin(), current.end(), std::uint64_t{0});
        outcome = stats::two_proportions_z_test(reference[most], n - reference[most], current[most],
                                                m - current[most]);
        at = [](double statistic, double tau) {
            return std::erfc(std::abs(statistic) / std::sqrt(2.0 * tau));
        };
    }
    auto* result = std::get_if<TestResult>(&outcome);
    if (!dependence || result == nullptr) return outcome;
    const double statistic = result->statistic;
    result->p = stats::averaged_p([&](double tau) { return at(statistic, tau); }, *dependence);
    return outcome;
}

void record_test(Evidence& evidence, std::string_view method, const TestOutcome& outcome,
                 const Setting& setting) {
    const auto* test = std::get_if<TestResult>(&outcome);
    if (test == nullptr) {
        evidence.obstacle = std::string(stats::describe(std::get<stats::Undefined>(outcome)));
        evidence.insufficient = true;
        return;
    }
    evidence.p = test->p;
    evidence.report.test = drift::Test{std::string(method),
                                       std::string(test->how),
                                       std::string(name(setting.null)),
                                       test->statistic,
                                       test->p,
                                       std::nullopt};
}

}  // namespace tristrata::detection
