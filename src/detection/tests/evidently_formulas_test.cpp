// Evidently's tests against their formulas, written here from its documentation and scipy's over plain
// containers, on small random inputs. The distances of samples stand in evidently_test.cpp.

#include "evidently_tests.hpp"
#include "tristrata/stats/scipy_p.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

using namespace tristrata;

namespace {

using Counts = std::vector<std::uint64_t>;
using Numbers = std::vector<double>;

double real(std::uint64_t count) { return static_cast<double>(count); }
double total(const Counts& counts) {
    return real(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

double scored(std::string_view test, const Counts& a, const Counts& b) {
    detection::EvidentlyColumn column;
    column.counts = {a, b};
    column.n = static_cast<std::uint64_t>(total(a));
    column.m = static_cast<std::uint64_t>(total(b));
    return detection::evidently_score(test, column, stats::Random(1, 1)).score.value_or(NAN);
}
double scored(std::string_view test, const Numbers& a, const Numbers& b) {
    detection::EvidentlyColumn column;
    column.numeric = true;
    column.reference = stats::SortedSample(std::span<const double>(a));
    column.current = stats::SortedSample(std::span<const double>(b));
    column.n = a.size();
    column.m = b.size();
    return detection::evidently_score(test, column, stats::Random(1, 1)).score.value_or(NAN);
}

/// Counts of both sides over the same labels, each of which is seen; each side has a row.
std::pair<Counts, Counts> drawn_counts(std::size_t labels_max) {
    const auto labels = *rc::gen::inRange<std::size_t>(2, labels_max + 1);
    const auto counts = rc::gen::container<Counts>(labels, rc::gen::inRange<std::uint64_t>(0, 13));
    std::pair<Counts, Counts> drawn{*counts, *counts};
    auto& [a, b] = drawn;
    for (std::size_t i = 0; i < labels; ++i)
        if (a[i] + b[i] == 0) ++a[i];
    RC_PRE(total(a) > 0.0 && total(b) > 0.0);
    return drawn;
}

/// Samples of which all values differ.
std::pair<Numbers, Numbers> drawn_numbers(std::size_t least, std::size_t most) {
    const auto n = *rc::gen::inRange<std::size_t>(least, most + 1);
    const auto m = *rc::gen::inRange<std::size_t>(least, most + 1);
    const auto whole = *rc::gen::unique<std::vector<int>>(n + m, rc::gen::inRange(0, 1000));
    std::pair<Numbers, Numbers> drawn;
    for (std::size_t i = 0; i < n + m; ++i)
        (i < n ? drawn.first : drawn.second).push_back(std::sqrt(2.0) * whole[i]);
    return drawn;
}

/// Samples with many ties.
std::pair<Numbers, Numbers> drawn_ties(std::size_t least) {
    const auto value = rc::gen::map(rc::gen::inRange(0, 8), [](int x) { return x * 0.5; });
    const auto n = *rc::gen::inRange<std::size_t>(least, 20), m = *rc::gen::inRange<std::size_t>(least, 20);
    return {*rc::gen::container<Numbers>(n, value), *rc::gen::container<Numbers>(m, value)};
}

Numbers together(const Numbers& a, const Numbers& b) {
    Numbers all = a;
    all.insert(all.end(), b.begin(), b.end());
    return all;
}

/// The share of all ways to split the values into sides of these sizes for which `statistic` is at least the
/// observed one, less `below` it.
template <class Statistic>
double exact_p(const Numbers& a, const Numbers& b, Statistic&& statistic, double below = 1e-9) {
    const Numbers all = together(a, b);
    const double observed = statistic(a, b) - below;
    double splits = 0.0, reached = 0.0;
    for (unsigned mask = 0; mask < 1u << all.size(); ++mask) {
        Numbers left, right;
        for (std::size_t i = 0; i < all.size(); ++i) ((mask >> i & 1u) != 0 ? right : left).push_back(all[i]);
        if (right.size() != b.size()) continue;
        splits += 1.0;
        reached += statistic(left, right) >= observed ? 1.0 : 0.0;
    }
    return reached / splits;
}

double below_or_at(const Numbers& values, double x) {
    return static_cast<double>(std::ranges::count_if(values, [x](double v) { return v <= x; }));
}

/// P(X >= x) of chi-square with whole degrees, by the recursion over the degrees.
double chi_square_survival(double x, std::size_t degrees) {
    if (x <= 0.0) return 1.0;
    const double half = 0.5 * x;
    double term = degrees % 2 == 0 ? std::exp(-half)
                                   : std::sqrt(x) * std::exp(-half) / std::sqrt(std::numbers::pi / 2.0);
    double sum = degrees % 2 == 0 ? term : std::erfc(std::sqrt(half)) + (degrees > 1 ? term : 0.0);
    for (std::size_t k = degrees % 2 == 0 ? 2 : 3; k + 2 <= degrees; k += 2) {
        term *= x / real(k);
        sum += term;
    }
    return sum;
}

double choose(double n, double k) {
    return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0));
}

/// P(the draw has a of the first label), both margins of the 2 x 2 table known.
double hypergeometric(double first, double second, double draws, double a) {
    return choose(first, a) * choose(second, draws - a) / choose(first + second, draws);
}

}  // namespace

RC_GTEST_PROP(EvidentlyCountFormulas, chi_square_takes_the_reference_as_known, ()) {
    const auto [a, b] = drawn_counts(6);
    const double n = total(a), m = total(b);
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double expected = real(a[i]) * m / n;
        sum += (real(b[i]) - expected) * (real(b[i]) - expected) / expected;  // Infinite for a new label.
    }
    const double p = std::isinf(sum) ? 0.0 : chi_square_survival(sum, a.size() - 1);
    RC_ASSERT(std::abs(scored("chisquare", a, b) - p) <= 1e-10);
}

RC_GTEST_PROP(EvidentlyCountFormulas, g_of_sides_of_one_size, ()) {
    auto [a, b] = drawn_counts(6);
    auto& fewer = total(a) < total(b) ? a : b;
    fewer[0] += static_cast<std::uint64_t>(std::abs(total(a) - total(b)));
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (b[i] > 0) sum += 2.0 * real(b[i]) * std::log(real(b[i]) / real(a[i]));
    const double p = std::isinf(sum) ? 0.0 : chi_square_survival(sum, a.size() - 1);
    RC_ASSERT(std::abs(scored("g_test", a, b) - p) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyCountFormulas, z_tests_the_first_label_against_the_rest, ()) {
    const auto [a, b] = drawn_counts(5);
    const double n = total(a), m = total(b);
    const double share = real(a[0] + b[0]) / (n + m);
    RC_PRE(share > 0.0 && share < 1.0);
    const double z =
        (real(a[0]) / n - real(b[0]) / m) / std::sqrt(share * (1.0 - share) * (1.0 / n + 1.0 / m));
    RC_ASSERT(std::abs(scored("z", a, b) - std::erfc(std::abs(z) / std::sqrt(2.0))) <= 1e-10);
}

RC_GTEST_PROP(EvidentlyCountFormulas, fisher_adds_up_the_tables_that_are_no_likelier, ()) {
    auto [a, b] = drawn_counts(2);
    auto& fewer = total(a) < total(b) ? a : b;
    fewer[1] += static_cast<std::uint64_t>(std::abs(total(a) - total(b)));
    const double first = real(a[0] + b[0]), second = real(a[1] + b[1]), n = total(a);
    const double observed = hypergeometric(first, second, n, real(a[0]));
    double p = 0.0;
    for (double x = std::max(0.0, n - second); x <= std::min(n, first); x += 1.0)
        if (const double here = hypergeometric(first, second, n, x); here <= observed * (1.0 + 1e-7))
            p += here;
    RC_ASSERT(std::abs(scored("fisher_exact", a, b) - p) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyCountFormulas, total_variation_by_permutation, ()) {
    const auto [a, b] = drawn_counts(2);
    const double first = real(a[0] + b[0]), second = real(a[1] + b[1]), n = total(a), m = total(b);
    const auto variation = [&](double x) { return std::abs(x / n - (first - x) / m); };
    // The peer takes equal sums for what rounding makes of them: its p lies between that without ties and
    // that with them.
    double beyond = 0.0, reached = 0.0;
    for (double x = std::max(0.0, n - second); x <= std::min(n, first); x += 1.0) {
        const double p = hypergeometric(first, second, n, x), gap = variation(x) - variation(real(a[0]));
        if (gap >= -1e-9) reached += p;
        if (gap > 1e-9) beyond += p;
    }
    // A thousand draws: six standard errors, and a draw.
    const auto reach = [](double p) {
        return 6.0 * std::sqrt(std::max(0.0, p * (1.0 - p)) / 1000.0) + 0.001;
    };
    const double score = scored("TVD", a, b);
    RC_ASSERT(score <= reached + reach(reached));
    RC_ASSERT(score >= beyond - reach(beyond));
}

RC_GTEST_PROP(EvidentlyCountFormulas, divergence_and_hellinger_over_labels, ()) {
    const auto [a, b] = drawn_counts(6);
    const double n = total(a), m = total(b);
    double overlap = 0.0, all_p = 0.0, all_q = 0.0, divergence = 0.0;
    const auto filled = [](double share) { return share > 0.0 ? share : 1e-4; };
    for (std::size_t i = 0; i < a.size(); ++i) {
        overlap += std::sqrt(real(a[i]) / n * real(b[i]) / m);
        all_p += filled(real(a[i]) / n);
        all_q += filled(real(b[i]) / m);
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double p = filled(real(a[i]) / n) / all_p, q = filled(real(b[i]) / m) / all_q;
        divergence += p * std::log(p / q);
    }
    RC_ASSERT(std::abs(scored("kl_div", a, b) - divergence) <= 1e-10);
    RC_ASSERT(std::abs(scored("hellinger", a, b) - std::sqrt(1.0 - std::clamp(overlap, 0.0, 1.0))) <= 1e-7);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, ks_is_the_share_of_all_orderings, ()) {
    const auto [a, b] = drawn_numbers(2, 6);
    const auto distance = [](const Numbers& left, const Numbers& right) {
        double d = 0.0;
        for (const double x : together(left, right))
            d = std::max(d, std::abs(below_or_at(left, x) / real(left.size()) -
                                     below_or_at(right, x) / real(right.size())));
        return d;
    };
    RC_ASSERT(std::abs(scored("ks", a, b) - exact_p(a, b, distance)) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, cramer_von_mises_is_the_share_of_all_orderings, ()) {
    const auto [a, b] = drawn_numbers(2, 6);
    const auto statistic = [](const Numbers& left, const Numbers& right) {
        double sum = 0.0;
        for (const double x : together(left, right)) {
            const double gap =
                below_or_at(left, x) / real(left.size()) - below_or_at(right, x) / real(right.size());
            sum += gap * gap;
        }
        return sum;
    };
    RC_ASSERT(std::abs(scored("cramer_von_mises", a, b) - exact_p(a, b, statistic)) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, mann_whitney_finds_a_rise_only, ()) {
    const auto above = [](const Numbers& left, const Numbers& right) {  // Pairs in which current is above.
        double pairs = 0.0;
        for (const double x : left)
            for (const double y : right) pairs += y > x ? 1.0 : y == x ? 0.5 : 0.0;
        return pairs;
    };
    const auto [a, b] = drawn_numbers(2, 6);
    RC_ASSERT(std::abs(scored("mannw", a, b) - exact_p(a, b, above)) <= 1e-9);
    // With ties the normal distribution, with a half off for continuity and a variance that knows of them.
    const auto [tied, other] = drawn_ties(2);
    const Numbers all = together(tied, other);
    const std::set<double> values(all.begin(), all.end());
    RC_PRE(values.size() > 1 && values.size() < all.size());
    const double n = real(tied.size()), m = real(other.size()), rows = n + m;
    double ties = 0.0;
    for (const double value : values) {
        const auto t = static_cast<double>(std::ranges::count(all, value));
        ties += t * t * t - t;
    }
    const double sd = std::sqrt(n * m / 12.0 * (rows + 1.0 - ties / (rows * (rows - 1.0))));
    const double z = (above(tied, other) - n * m / 2.0 - 0.5) / sd;
    RC_ASSERT(std::abs(scored("mannw", tied, other) - 0.5 * std::erfc(z / std::sqrt(2.0))) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, students_t_pools_the_variances, ()) {
    const auto [a, b] = drawn_numbers(2, 12);
    const auto mean = [](const Numbers& x) {
        return std::accumulate(x.begin(), x.end(), 0.0) / real(x.size());
    };
    const auto squares = [&](const Numbers& x) {
        double sum = 0.0;
        for (const double value : x) sum += (value - mean(x)) * (value - mean(x));
        return sum;
    };
    const double n = real(a.size()), m = real(b.size()), degrees = n + m - 2.0;
    const double variance = (squares(a) + squares(b)) / degrees;
    const double t = std::abs(mean(a) - mean(b)) / std::sqrt(variance * (1.0 / n + 1.0 / m));
    // The middle by Simpson's rule over x = sqrt(degrees) tan(angle): the density is a power of a cosine.
    const double angle = std::atan(t / std::sqrt(degrees));
    constexpr int steps = 2000;
    double middle = 0.0;
    for (int i = 0; i <= steps; ++i) {
        const double weight = i == 0 || i == steps ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        middle += weight * std::pow(std::cos(angle * i / steps), degrees - 1.0);
    }
    middle *= angle / steps / 3.0 *
              std::exp(std::lgamma((degrees + 1.0) / 2.0) - std::lgamma(degrees / 2.0)) /
              std::sqrt(std::numbers::pi);
    RC_ASSERT(std::abs(scored("t_test", a, b) - (1.0 - 2.0 * middle)) <= 1e-8);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, anderson_darling_with_midranks, ()) {
    const auto [a, b] = drawn_ties(1);
    const Numbers all = together(a, b);
    const std::set<double> values(all.begin(), all.end());
    RC_PRE(values.size() > 1 && all.size() > 3);
    const double rows = real(all.size());
    double statistic = 0.0;
    for (const auto* side : {&a, &b}) {
        double inner = 0.0, count = real(side->size());
        for (const double z : values) {
            const auto l = static_cast<double>(std::ranges::count(all, z));
            const auto f = static_cast<double>(std::ranges::count(*side, z));
            const double middle = below_or_at(all, z) - l / 2.0, of_side = below_or_at(*side, z) - f / 2.0;
            const double gap = rows * of_side - count * middle;
            inner += l / rows * gap * gap / (middle * (rows - middle) - rows * l / 4.0);
        }
        statistic += (rows - 1.0) / rows * inner / count;
    }
    // Scholz and Stephens (1987), for two samples.
    const double inverse = 1.0 / real(a.size()) + 1.0 / real(b.size());
    double h = 0.0, g = 0.0;
    for (double i = 1.0; i < rows; i += 1.0) {
        h += 1.0 / i;
        for (double j = i + 1.0; j < rows; j += 1.0) g += 1.0 / ((rows - i) * j);
    }
    const double ca = 4.0 * g - 6.0 + (10.0 - 6.0 * g) * inverse;
    const double cb =
        4.0 * (2.0 * g - 4.0) + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h + 4.0 * g - 6.0;
    const double cc = 4.0 * (6.0 * h + 2.0 * g - 2.0) + 2.0 * (4.0 * h - 4.0 * g + 6.0) +
                      (2.0 * h - 6.0) * inverse + 4.0 * h;
    const double cd = 4.0 * (2.0 * h + 6.0) - 8.0 * h;
    const double variance =
        (((ca * rows + cb) * rows + cc) * rows + cd) / ((rows - 1.0) * (rows - 2.0) * (rows - 3.0));
    const double p = stats::scipy_anderson_darling_p((statistic - 1.0) / std::sqrt(variance));
    RC_ASSERT(std::abs(scored("anderson", a, b) - p) <= 1e-8);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, epps_singleton_in_the_metric_of_both_covariances, ()) {
    const auto [a, b] = drawn_numbers(8, 20);
    const Numbers all = together(a, b);
    const double unit = 0.5 * stats::SortedSample(std::span<const double>(all)).iqr();
    const auto part = [unit](double x, std::size_t i) {
        const double t = (i % 2 == 0 ? 0.4 : 0.8) * x / unit;
        return i < 2 ? std::cos(t) : std::sin(t);
    };
    const auto mean = [&](const Numbers& side, std::size_t i) {
        double sum = 0.0;
        for (const double x : side) sum += part(x, i);
        return sum / real(side.size());
    };
    const double rows = real(all.size());
    std::array<std::array<double, 5>, 4> system{};  // The covariance, and the difference of the means.
    for (std::size_t i = 0; i < 4; ++i) {
        for (const auto* side : {&a, &b})
            for (std::size_t j = 0; j < 4; ++j)
                for (const double x : *side)
                    system[i][j] += rows / real(side->size()) / real(side->size()) *
                                    (part(x, i) - mean(*side, i)) * (part(x, j) - mean(*side, j));
        system[i][4] = mean(a, i) - mean(b, i);
    }
    auto solved = system;
    for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t i = 0; i < 4; ++i) {
            if (i == k) continue;
            const double factor = solved[i][k] / solved[k][k];
            for (std::size_t j = k; j < 5; ++j) solved[i][j] -= factor * solved[k][j];
        }
    double statistic = 0.0;
    for (std::size_t i = 0; i < 4; ++i) statistic += rows * system[i][4] * solved[i][4] / solved[i][i];
    const double n = real(a.size()), m = real(b.size());
    if (std::max(n, m) < 25.0)
        statistic /= 1.0 + std::pow(rows, -0.45) + 10.1 * (std::pow(n, -1.7) + std::pow(m, -1.7));
    RC_ASSERT(std::abs(scored("es", a, b) - chi_square_survival(statistic, 4)) <= 1e-5);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, hellinger_bins_by_the_distinct_values, ()) {
    const auto [a, b] = drawn_numbers(5, 30);
    const Numbers all = together(a, b);
    const double least = std::ranges::min(all), most = std::ranges::max(all);
    const double bins = std::ceil(std::log2(real(all.size())) + 1.0 - 1e-12);
    const auto place_of = [&](double x) { return (x - least) / (most - least) * bins; };
    const auto bin_of = [&](double x) { return std::min(bins - 1.0, std::floor(place_of(x))); };
    // A value on an inner edge falls to either side by its last digit.
    for (const double x : all)
        RC_PRE(x == least || x == most || std::abs(place_of(x) - std::round(place_of(x))) > 1e-9);
    double overlap = 0.0;
    for (double bin = 0.0; bin < bins; bin += 1.0) {
        const auto share = [&](const Numbers& side) {
            return static_cast<double>(
                       std::ranges::count_if(side, [&](double x) { return bin_of(x) == bin; })) /
                   real(side.size());
        };
        overlap += std::sqrt(share(a) * share(b));
    }
    RC_ASSERT(std::abs(scored("hellinger", a, b) - std::sqrt(1.0 - std::clamp(overlap, 0.0, 1.0))) <= 1e-7);
}

RC_GTEST_PROP(EvidentlyNumberFormulas, mmd_is_near_the_share_of_all_splits, ()) {
    const auto [a, b] = drawn_numbers(3, 5);
    Numbers gaps;
    for (const double x : a)
        for (const double y : a) gaps.push_back((x - y) * (x - y));
    std::ranges::sort(gaps);
    // numpy's percentile 50, "nearest": halves to the even rank.
    const double width =
        gaps[static_cast<std::size_t>(std::nearbyint((real(gaps.size()) - 1.0) * 0.5))] / 2.0;
    RC_PRE(width > 0.0);
    const auto mmd = [width](const Numbers& left, const Numbers& right) {
        const auto mean = [width](const Numbers& x, const Numbers& y, bool same) {
            double sum = 0.0;
            for (std::size_t i = 0; i < x.size(); ++i)
                for (std::size_t j = 0; j < y.size(); ++j)
                    if (!same || i != j) sum += std::exp(-(x[i] - y[j]) * (x[i] - y[j]) / (2.0 * width));
            return sum / (real(x.size()) * (real(y.size()) - (same ? 1.0 : 0.0)));
        };
        return mean(left, left, true) + mean(right, right, true) - 2.0 * mean(left, right, false);
    };
    // Splits as far apart as the observed one (its mirror, where n = m) count or not, as the last digit
    // falls.
    const double most = exact_p(a, b, mmd, 1e-5), least = exact_p(a, b, mmd, -1e-5);
    const double score = scored("empirical_mmd", a, b);
    // A hundred draws: six standard errors, and two draws.
    const auto reach = [](double p) { return 6.0 * std::sqrt(p * (1.0 - p) / 100.0) + 0.02; };
    RC_ASSERT(score >= least - reach(least));
    RC_ASSERT(score <= most + reach(most));
}
