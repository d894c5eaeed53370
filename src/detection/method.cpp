#include "tristrata/detection/method.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace tristrata::detection {
namespace {

using drift::Kind;
constexpr std::array numeric{Kind::numeric, Kind::time};
constexpr std::array categorical{Kind::categorical, Kind::boolean};
constexpr std::array any{Kind::numeric, Kind::time, Kind::categorical, Kind::boolean};

// A peer's page says what its formula is, and where it errs.
constexpr std::array numbers{Kind::numeric};
constexpr std::array labels{Kind::categorical, Kind::boolean};
constexpr std::array both{Kind::numeric, Kind::categorical, Kind::boolean};
constexpr std::string_view peers_page = "../compatibility.md";

constexpr Method evidently(std::string_view name, std::string_view title, std::span<const Kind> kinds,
                           SummaryKind needs, Rule rule, double threshold) {
    const bool has_p = rule == Rule::below || rule == Rule::at_or_below;
    return {name, title, kinds, needs, has_p, "", "", peers_page, Engine::evidently, rule, threshold};
}

constexpr Method nannyml(std::string_view name, std::string_view title, std::span<const Kind> kinds,
                         SummaryKind needs) {
    return {name, title, kinds, needs, name == "chi2", "", "", peers_page, Engine::nannyml, Rule::none, 0.0};
}

constexpr std::array table{
    Method{"ks", "Kolmogorov-Smirnov", numeric, SummaryKind::sample, true, "independent dependent chunks",
           "ks >= 0.05", "ks.md"},
    Method{"two_part", "Share of the modal value and KS of the rest", numeric, SummaryKind::sample, true,
           "independent dependent", "ks >= 0.05, or the share by the categorical rule", "two_part.md"},
    Method{"chi_square", "Two-sample chi-square", categorical, SummaryKind::counts, true,
           "independent dependent", "total_variation >= 0.05, or one category's share by a factor >= 1.25",
           "chi_square.md"},
    Method{"cramer_von_mises", "Cramér-von Mises", numeric, SummaryKind::sample, true,
           "independent dependent", "ks >= 0.05", "cramer_von_mises.md"},
    Method{"kuiper", "Kuiper", numeric, SummaryKind::sample, true, "independent dependent", "ks >= 0.05",
           "kuiper.md"},
    Method{"mann_whitney", "Mann-Whitney, two-sided", numeric, SummaryKind::sample, true,
           "independent dependent", "ks >= 0.05", "mann_whitney.md"},
    Method{"welch", "Welch's t", numeric, SummaryKind::sample, true, "independent dependent", "ks >= 0.05",
           "welch.md"},
    Method{"epps_singleton", "Epps-Singleton", numeric, SummaryKind::sample, true, "independent dependent",
           "ks >= 0.05", "epps_singleton.md"},
    Method{"mmd", "Maximum mean discrepancy, by permutation", numeric, SummaryKind::sample, true,
           "independent", "ks >= 0.05", "mmd.md"},
    Method{"g", "G test", categorical, SummaryKind::counts, true, "independent dependent",
           "total_variation >= 0.05, or one category's share by a factor >= 1.25", "g_test.md"},
    Method{"z_proportions", "z test of the most frequent label's share", categorical, SummaryKind::counts,
           true, "independent dependent",
           "total_variation >= 0.05, or one category's share by a factor >= 1.25", "proportions.md"},
    Method{"psi", "Population stability index", any, SummaryKind::histogram, false, "", "index", "psi.md"},
    Method{"psi_excess", "PSI minus its mean without drift", any, SummaryKind::histogram, false, "", "index",
           "psi.md"},
    Method{"wasserstein", "Trimmed Wasserstein distance", numeric, SummaryKind::sample, false, "",
           "reference interquartile ranges", "wasserstein.md"},
    Method{"anderson_darling", "Anderson-Darling, two samples", numeric, SummaryKind::sample, false, "",
           "standardised statistic", "anderson_darling.md"},
    Method{"third_largest", "Third-largest robust deviation of current", numeric, SummaryKind::sample, false,
           "", "reference interquartile ranges", "robust_deviation.md"},
    Method{"jensen_shannon", "Jensen-Shannon distance, base 2", any, SummaryKind::histogram, false, "",
           "0 to 1", "jensen_shannon.md"},
    Method{"total_variation", "Total variation", any, SummaryKind::histogram, false, "", "0 to 1",
           "total_variation.md"},
    Method{"energy", "Energy coefficient", numeric, SummaryKind::sample, false, "", "0 to 1", "energy.md"},
    Method{"kl", "Kullback-Leibler divergence", any, SummaryKind::histogram, false, "", "nats",
           "kl_divergence.md"},
    Method{"hellinger", "Hellinger distance", any, SummaryKind::histogram, false, "", "0 to 1",
           "hellinger.md"},
    Method{"bhattacharyya", "Bhattacharyya distance", any, SummaryKind::histogram, false, "", "nats",
           "bhattacharyya.md"},
    Method{"l_infinity", "Largest difference of one share", any, SummaryKind::histogram, false, "", "0 to 1",
           "l_infinity.md"},
    Method{"histogram_intersection", "Complement of the histograms' intersection", any,
           SummaryKind::histogram, false, "", "0 to 1", "histogram_intersection.md"},
    Method{"cramers_v", "Cramér's V, corrected for its bias", categorical, SummaryKind::counts, false, "",
           "0 to 1", "cramers_v.md"},
    // Evidently's tests of tables, 0.4 to 0.7: names, titles, rules and thresholds are its own.
    evidently("ks", "K-S p_value", numbers, SummaryKind::sample, Rule::at_or_below, 0.05),
    evidently("z", "Z-test p_value", labels, SummaryKind::counts, Rule::below, 0.05),
    evidently("chisquare", "chi-square p_value", labels, SummaryKind::counts, Rule::below, 0.05),
    evidently("wasserstein", "Wasserstein distance (normed)", numbers, SummaryKind::sample, Rule::at_or_above,
              0.1),
    evidently("jensenshannon", "Jensen-Shannon distance", both, SummaryKind::histogram, Rule::at_or_above,
              0.1),
    evidently("kl_div", "Kullback-Leibler divergence", both, SummaryKind::histogram, Rule::at_or_above, 0.1),
    evidently("psi", "PSI", both, SummaryKind::histogram, Rule::at_or_above, 0.1),
    evidently("hellinger", "Hellinger distance", both, SummaryKind::histogram, Rule::at_or_above, 0.1),
    evidently("ed", "Energy-distance", numbers, SummaryKind::sample, Rule::above, 0.1),
    evidently("anderson", "Anderson-Darling", numbers, SummaryKind::sample, Rule::below, 0.1),
    evidently("cramer_von_mises", "Cramer-von Mises", numbers, SummaryKind::sample, Rule::at_or_below, 0.1),
    evidently("es", "Epps-Singleton", numbers, SummaryKind::sample, Rule::below, 0.05),
    evidently("mannw", "Mann-Whitney U-rank test", numbers, SummaryKind::sample, Rule::below, 0.05),
    evidently("t_test", "t_test", numbers, SummaryKind::sample, Rule::below, 0.05),
    evidently("empirical_mmd", "empirical_mmd", numbers, SummaryKind::sample, Rule::below, 0.1),
    evidently("g_test", "g_test", labels, SummaryKind::counts, Rule::below, 0.1),
    evidently("fisher_exact", "Fisher's Exact test", labels, SummaryKind::counts, Rule::below, 0.1),
    evidently("TVD", "Total-Variation-Distance", labels, SummaryKind::counts, Rule::below, 0.1),
    // NannyML's univariate methods: bounds come from the reference's chunks, not from a threshold.
    nannyml("jensen_shannon", "Jensen-Shannon distance", both, SummaryKind::histogram),
    nannyml("kolmogorov_smirnov", "Kolmogorov-Smirnov statistic", numbers, SummaryKind::sample),
    nannyml("wasserstein", "Wasserstein distance", numbers, SummaryKind::sample),
    nannyml("hellinger", "Hellinger distance", both, SummaryKind::histogram),
    nannyml("chi2", "Chi2 statistic", labels, SummaryKind::counts),
    nannyml("l_infinity", "L-Infinity distance", labels, SummaryKind::counts),
};

}  // namespace

std::span<const Method> methods() noexcept { return table; }

const Method* find_method(std::string_view name, Engine engine) noexcept {
    const auto* row = std::ranges::find_if(
        table, [&](const Method& method) { return method.engine == engine && method.name == name; });
    return row == table.end() ? nullptr : row;
}

std::string_view name(Engine engine) noexcept {
    switch (engine) {
        case Engine::tristrata:
            return "tristrata";
        case Engine::evidently:
            return "evidently";
        case Engine::nannyml:
            return "nannyml";
    }
    return "tristrata";
}

core::Result<Engine> parse_engine(std::string_view text) {
    std::vector<std::string> known;
    for (const auto engine : {Engine::tristrata, Engine::evidently, Engine::nannyml}) {
        if (name(engine) == text) return engine;
        known.emplace_back(name(engine));
    }
    const auto near = core::nearest(text, known);
    return core::fail(
        core::ErrorKind::usage,
        fmt::format("the method is {}; expected tristrata, evidently or nannyml{}", core::quoted(text),
                    near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

std::string_view rule_text(Rule rule) noexcept {
    switch (rule) {
        case Rule::none:
            return "";
        case Rule::below:
            return "score < threshold";
        case Rule::at_or_below:
            return "score <= threshold";
        case Rule::above:
            return "score > threshold";
        case Rule::at_or_above:
            return "score >= threshold";
    }
    return "";
}

}  // namespace tristrata::detection
