#include "difference.hpp"

#include "gates.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::detection {
namespace {

using drift::ColumnReport;
using drift::PeerTest;
using drift::Verdict;

/// A value farther than that from the median, in widths of the middle 90 %, stretches bins and moves means.
/// Not in interquartile ranges: of a column that is three quarters zeros theirs is next to nothing.
constexpr double wild_deviation = 8.0;

std::optional<double> measure_of(const ColumnReport& column, std::string_view name) {
    const auto found = std::ranges::find(column.measures, name, [](const auto& one) { return one.first; });
    return found == column.measures.end() ? std::nullopt : found->second;
}

/// A sentence as a part of another.
std::string clause(std::string sentence) {
    if (!sentence.empty() && sentence.back() == '.') sentence.pop_back();
    return sentence;
}

std::string p_text(double p) { return p < 1e-4 ? "p < 0.0001" : fmt::format("p {:.2g}", p); }

std::string peer_says(const PeerTest& test) {
    if (!test.chunks.empty()) {
        std::string bound = "its p below 0.05";
        if (test.upper) bound = fmt::format("above {:.3g}", *test.upper);
        if (test.lower)
            bound = test.upper ? fmt::format("outside {:.3g} to {:.3g}", *test.lower, *test.upper)
                               : fmt::format("below {:.3g}", *test.lower);
        return fmt::format("{}: {} of {} {}", test.title, test.alerts,
                           core::plural(test.chunks.size(), "chunk"), bound);
    }
    const double threshold = test.upper ? *test.upper : test.lower.value_or(0.0);
    return test.score ? fmt::format("{} {:.3g} against {:.3g}", test.title, *test.score, threshold)
                      : fmt::format("{} has no value (NaN), which is never drift", test.title);
}

bool decides_by_p(const PeerTest& test) { return test.chunks.empty() && test.lower && !test.upper; }

/// How far the farthest value lies, and on which side.
std::optional<std::string> wild_value(const ColumnReport& column, double middle) {
    if (!column.reference.median || !(middle > 0.0)) return std::nullopt;
    double farthest = 0.0;
    std::string_view where;
    for (const auto& [side, name] :
         {std::pair{&column.reference, "the reference"}, {&column.current, "current"}})
        for (const auto& end : {side->minimum, side->maximum})
            if (end && std::abs(*end - *column.reference.median) / middle > farthest) {
                farthest = std::abs(*end - *column.reference.median) / middle;
                where = name;
            }
    if (farthest < wild_deviation) return std::nullopt;
    return fmt::format("a value of {} lies {} times the width of the middle 90 % from the median", where,
                       core::readable(std::round(farthest)));
}

/// What the peer's rule does with rows drawn from the reference itself.
void say_drawn(std::vector<std::string>& facts, const PeerFindings& findings) {
    const auto& drawn = findings.drawn;
    if (drawn.draws == 0) return;
    facts.push_back(fmt::format("of {} batches of {} drawn from the reference itself its rule flags {}",
                                drawn.draws, core::plural(drawn.rows, "row"), drawn.flagged));
}

void say_wild(std::vector<std::string>& facts, const ColumnReport& column, const PeerFindings& findings,
              const PeerTest& test) {
    const auto wild = wild_value(column, findings.middle);
    if (!wild) return;
    const bool binned = test.method == "psi" || test.method == "kl_div" || test.method == "jensenshannon" ||
                        test.method == "jensen_shannon" || test.method == "hellinger" ||
                        (test.method == "kolmogorov_smirnov" && column.reference.n >= 10'000);
    const bool untrimmed = test.method == "wasserstein" || test.method == "ed" || test.method == "t_test";
    if (binned) facts.push_back(*wild + ", and its bins of equal width reach that far");
    else if (untrimmed) facts.push_back(*wild + ", and it weighs every value");
}

void say_dependence(std::vector<std::string>& facts, const ColumnReport& column) {
    if (!column.effective_n_current || !(*column.effective_n_current > 0.0)) return;
    const double present =
        static_cast<double>(column.current.n) * (1.0 - column.current.missing_share.value_or(0.0));
    if (present < 2.0 * *column.effective_n_current) return;
    facts.push_back(
        fmt::format("neighbouring rows are so alike that current's {} are worth {:.2g}; it takes each "
                    "for a draw",
                    core::readable(present), *column.effective_n_current));
}

/// Why our rule does not call it drift.
void say_ours_quiet(std::vector<std::string>& facts, const ColumnReport& column, const Setting& setting) {
    if (!column.test || !column.test->p_adjusted) return;
    const double adjusted = *column.test->p_adjusted;
    if (adjusted > setting.plan->alpha) {
        if (column.test->p && *column.test->p <= setting.plan->alpha)
            facts.push_back(
                fmt::format("our {} alone would do ({}), but it is one of {} columns: {} corrected",
                            column.test->method, p_text(*column.test->p), setting.columns, p_text(adjusted)));
        else
            facts.push_back(
                fmt::format("by our {} chance explains it ({})", column.test->method, p_text(adjusted)));
        return;
    }
    const auto distance = measure_of(column, "ks"), variation = measure_of(column, "total_variation");
    if (distance)
        facts.push_back(
            fmt::format("it is more than chance ({}), but KS {:.3f} is below {}: too little to matter",
                        p_text(adjusted), *distance, ks_floor));
    else if (variation)
        facts.push_back(
            fmt::format("it is more than chance ({}), but total variation {:.3f} is below {}: too little "
                        "to matter",
                        p_text(adjusted), *variation, total_variation_floor));
}

/// Why our rule calls it drift where the peer's does not.
void say_ours_loud(std::vector<std::string>& facts, const ColumnReport& column, const PeerTest& test) {
    if (test.method == "mannw") {
        if (column.reference.median && column.current.median &&
            *column.current.median < *column.reference.median)
            facts.push_back(fmt::format(
                "the median fell from {} to {}, and its Mann-Whitney looks for a rise only",
                core::readable(*column.reference.median), core::readable(*column.current.median)));
    } else if (test.method == "z" && column.reference.distinct > 2) {
        facts.push_back(fmt::format("of {} values its z test counts the first against all others",
                                    column.reference.distinct));
    } else if (!decides_by_p(test)) {
        const auto distance = measure_of(column, "ks"), variation = measure_of(column, "total_variation");
        const auto size = distance ? fmt::format("KS {:.3f}", *distance)
                                   : fmt::format("total variation {:.3f}", variation.value_or(0.0));
        facts.push_back(fmt::format(
            "its threshold knows nothing of the {} rows that show it: {}, {}",
            core::readable(static_cast<double>(column.current.n)), size,
            column.test && column.test->p_adjusted ? p_text(*column.test->p_adjusted) : std::string("no p")));
    }
}

void say_signals(std::vector<std::string>& facts, const ColumnReport& column) {
    for (const auto& signal : column.signals)
        if (signal.verdict == Verdict::drift)
            facts.push_back(fmt::format("a signal that it does not have: {}", clause(signal.reason)));
}

std::string one_text(const std::string& head, const std::vector<std::string>& facts) {
    std::string text = head;
    for (const auto& fact : facts) text += "; " + fact;
    if (!text.ends_with('.')) text += '.';
    return text;
}

}  // namespace

std::string explain_difference(const ColumnReport& column, const PeerFindings& findings,
                               const Setting& setting) {
    const std::string peer(setting.plan->method == "evidently" ? "Evidently" : "NannyML");
    std::vector<std::string> facts;
    const bool ours = column.verdict == Verdict::drift;
    if (findings.tests.empty()) {
        facts.push_back(fmt::format("we say {}: {}", drift::name(column.verdict), clause(column.reason)));
        say_signals(facts, column);
        return one_text(fmt::format("{} does not test it ({})", peer, findings.obstacle), facts);
    }
    const auto loud = std::ranges::find(findings.tests, true, &PeerTest::drifted);
    const bool theirs = loud != findings.tests.end();
    const PeerTest& test = theirs ? *loud : findings.tests.front();
    const std::string head =
        fmt::format("{} says {}, {}", peer, theirs ? "drift" : "no drift", peer_says(test));
    if (column.verdict == Verdict::insufficient_data || column.verdict == Verdict::not_tested) {
        facts.push_back(fmt::format("we cannot know: {}", clause(column.reason)));
        say_drawn(facts, findings);
    } else if (theirs && !ours) {
        say_drawn(facts, findings);
        say_wild(facts, column, findings, test);
        say_dependence(facts, column);
        say_ours_quiet(facts, column, setting);
    } else if (!theirs && ours) {
        say_wild(facts, column, findings, test);
        say_ours_loud(facts, column, test);
    } else {
        facts.push_back(fmt::format("we say the same: {}", clause(column.reason)));
        if (theirs && findings.drawn.flagged > 0) say_drawn(facts, findings);
    }
    say_signals(facts, column);
    return one_text(head, facts);
}

}  // namespace tristrata::detection
