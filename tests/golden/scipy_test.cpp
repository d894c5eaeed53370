// What scipy says of samples with every trap in them (recipes/scipy_tests.py). Ours is the same, or better
// where a comment says how.
#include "tristrata/stats/anderson_darling.hpp"
#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/cramer_von_mises.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/energy.hpp"
#include "tristrata/stats/epps_singleton.hpp"
#include "tristrata/stats/g_test.hpp"
#include "tristrata/stats/goodness_of_fit.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/mann_whitney.hpp"
#include "tristrata/stats/scipy_p.hpp"
#include "tristrata/stats/t_test.hpp"
#include "tristrata/stats/wasserstein.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

using namespace tristrata::stats;

namespace {

using Numbers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

const nlohmann::json& scipy() {
    static const nlohmann::json file = [] {
        std::ifstream stream(std::string(TRISTRATA_GOLDEN) + "/scipy_tests.json");
        return nlohmann::json::parse(stream);
    }();
    return file;
}

std::optional<Numbers> figures(const TestOutcome& outcome) {
    const auto* test = std::get_if<TestResult>(&outcome);
    if (test == nullptr || !std::isfinite(test->statistic)) return std::nullopt;
    return Numbers{test->statistic, test->p};
}
std::optional<Numbers> figures(const Statistic& statistic) {
    const auto* value = std::get_if<double>(&statistic);
    return value == nullptr ? std::nullopt : std::optional(Numbers{*value});
}

/// The same figures to so many parts, or no answer on both sides. p below 1e-12 of scipy is what is left
/// of 1.
void expect_same(const std::optional<Numbers>& ours, const nlohmann::json& theirs, double parts,
                 double p_floor = 0.0) {
    ASSERT_EQ(ours.has_value(), !theirs.is_null());
    if (!ours) return;
    const auto expected = theirs.get<Numbers>();
    ASSERT_EQ(ours->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR((*ours)[i], expected[i], parts * std::abs(expected[i]) + std::max(p_floor, 1e-300))
            << "figure " << i;
}

bool has_ties(const Numbers& a, const Numbers& b) {
    Numbers all(a);
    all.insert(all.end(), b.begin(), b.end());
    std::ranges::sort(all);
    return std::ranges::adjacent_find(all) != all.end();
}

bool is_constant(const Numbers& values) {
    return std::ranges::all_of(values, [&](double x) { return x == values.front(); });
}

}  // namespace

TEST(Scipy, tests_of_samples) {
    for (const auto& one : scipy()["samples"]) {
        SCOPED_TRACE(one["name"].get<std::string>());
        const auto x = one["reference"].get<Numbers>(), y = one["current"].get<Numbers>();
        const SortedSample a(x), b(y);
        const auto& theirs = one["scipy"];
        const bool ties = has_ties(x, y), constants = is_constant(x) && is_constant(y);
        expect_same(figures(ks_test(a, b)), theirs["ks"], 1e-11);
        expect_same(figures(scipy_cramer_von_mises_test(a, b)), theirs["cramer_von_mises"], 1e-9, 1e-12);
        // Mid-ranks make T grow with the ties, and the series of p ends at terms of 1e-7.
        if (!ties) expect_same(figures(cramer_von_mises_test(a, b)), theirs["cramer_von_mises"], 1e-9, 1e-8);
        // scipy has no exact p where there are ties.
        if (!ties || std::min(x.size(), y.size()) > 8) {
            expect_same(figures(mann_whitney_test(a, b)), theirs["mann_whitney"], 1e-11);
            expect_same(figures(mann_whitney_test(a, b, Alternative::less)), theirs["mann_whitney_less"],
                        1e-11);
        }
        // Thirty times .1 has a variance there, and a p of .03 against twenty times .1.
        if (constants) {
            EXPECT_EQ(std::get<Undefined>(welch_t_test(a, b)), Undefined::constant_sample);
            EXPECT_EQ(std::get<Undefined>(student_t_test(a, b)), Undefined::constant_sample);
            EXPECT_EQ(std::get<Undefined>(epps_singleton_test(a, b)), Undefined::constant_sample);
        } else {
            // 9 digits in the file of a mean of a million, and a t whose p has hundreds of e-folds.
            expect_same(figures(welch_t_test(a, b)), theirs["welch"], 1e-9);
            expect_same(figures(student_t_test(a, b)), theirs["student"], 1e-9);
            expect_same(figures(epps_singleton_test(a, b)), theirs["epps_singleton"], 1e-7, 1e-15);
        }
        expect_same(figures(energy_distance(a, b)), theirs["energy_distance"], 1e-11);
        expect_same(figures(wasserstein_distance(a, b)), theirs["wasserstein_distance"], 1e-11);
        if (!theirs["anderson_darling"].is_null()) {
            const auto test = std::get<TestResult>(anderson_darling_test(a, b));
            expect_same(Numbers{test.statistic, scipy_anderson_darling_p(test.statistic)},
                        theirs["anderson_darling"], 1e-9);
        }
    }
}

TEST(Scipy, tests_and_distances_of_counts) {
    for (const auto& one : scipy()["counts"]) {
        SCOPED_TRACE(one["name"].get<std::string>());
        const auto a = one["reference"].get<Counts>(), b = one["current"].get<Counts>();
        const auto& theirs = one["scipy"];
        expect_same(figures(chi_square_test(a, b)), theirs["chi_square"], 1e-11, 1e-14);
        expect_same(figures(yates_chi_square_test(a, b)), theirs["yates"], 1e-11, 1e-14);
        expect_same(figures(g_test(a, b)), theirs["g"], 1e-11, 1e-12);
        expect_same(figures(one_sample_chi_square_test(a, b)), theirs["one_sample_chi_square"], 1e-11, 1e-14);
        expect_same(figures(one_sample_g_test(a, b)), theirs["one_sample_g"], 1e-9, 1e-12);
        expect_same(figures(jensen_shannon(a, b)), theirs["jensen_shannon"], 1e-11, 1e-7);
        const Numbers p(a.begin(), a.end()), q(b.begin(), b.end());
        expect_same(figures(kl_divergence(p, q)), theirs["kl_divergence"], 1e-11, 1e-15);
    }
}
