#include "tristrata/model_quality/sampling_error.hpp"

#include "labelled_sets.hpp"
#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::model_quality;

namespace {

/// The peer's printed figure, four decimals, for a chunk of 50 rows.
double printed(const std::string& id) {
    for (const auto& one : sets::golden("peer_test_cases.json"))
        if (one["id"] == id) return one["expected"].get<double>();
    ADD_FAILURE() << id;
    return 0.0;
}
constexpr double half_digit = 5e-5;
const double root = std::sqrt(50.0);

/// The classifier of one of the golden inputs.
struct Input {
    std::vector<std::uint32_t> label, said;
    std::vector<double> scores, truth;
    std::size_t classes;
    Input(const std::string& file, std::size_t k) : classes(k) {
        const auto table = sets::read("golden/inputs/" + file);
        label = sets::classes(table.numbers.at("y_true"));
        if (table.numbers.contains("y_pred")) said = sets::classes(table.numbers.at("y_pred"));
        if (table.numbers.contains("y_pred_proba"))
            scores = sets::both_classes(table.numbers.at("y_pred_proba"));
        if (table.numbers.contains("p0")) scores = sets::by_row(table, {"p0", "p1", "p2"});
        truth = truth_of(label, k);
    }
    [[nodiscard]] ClassMetrics metrics() const { return ClassMetrics({label.size(), classes, said, scores}); }
    [[nodiscard]] double error(Metric metric) const {
        return *sampling_scale(metric, metrics(), truth, 0).value / root;
    }
};

}  // namespace

TEST(SamplingError, worked_example) {
    std::vector<std::uint32_t> said(100, 1), label(100, 1);
    std::fill(label.begin(), label.begin() + 10, 0u);
    const ClassMetrics metrics({100, 2, said, {}});
    EXPECT_NEAR(*sampling_scale(Metric::accuracy, metrics, truth_of(label, 2), 0).value, 0.3, 1e-12);
    EXPECT_NEAR(0.3 / root, 0.0424, 5e-5);
}

TEST(SamplingError, the_peers_printed_figures_for_two_classes) {
    const Input rates("nml_se_binary_pred.csv.gz", 2);
    EXPECT_NEAR(rates.error(Metric::precision), printed("nml.se.bin.precision"), half_digit);
    EXPECT_NEAR(rates.error(Metric::specificity), printed("nml.se.bin.specificity"), half_digit);
    // Theirs holds the placements of the rarer class alone; ours adds those of the other, and is the larger.
    const Input ranks("nml_se_binary_auroc.csv.gz", 2);
    const auto p = placements(ranks.metrics(), 1, ranks.truth);
    ASSERT_TRUE(p);
    const double theirs =
        p->positive_share > 0.5 ? p->negatives / (1 - p->positive_share) : p->positives / p->positive_share;
    EXPECT_NEAR(std::sqrt(theirs) / root, printed("nml.se.bin.auroc"), half_digit);
    EXPECT_GT(ranks.error(Metric::roc_auc), printed("nml.se.bin.auroc"));
}

TEST(SamplingError, the_peers_printed_figures_for_three_classes) {
    const Input rates("nml_se_multiclass_pred.csv.gz", 3);
    EXPECT_NEAR(rates.error(Metric::recall), printed("nml.se.mc.recall"), half_digit);
    EXPECT_NEAR(rates.error(Metric::accuracy), printed("nml.se.mc.accuracy"), half_digit);
    // Theirs takes f1 for r = tp / (tp + fp + fn) where there are several classes; is_what_many_samples_show
    // holds ours.
    const auto cells = rates.metrics().confusion(rates.truth);
    double squares = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        double seen = -cells[k * 3 + k];
        for (std::size_t j = 0; j < 3; ++j) seen += cells[k * 3 + j] + cells[j * 3 + k];
        const double r = cells[k * 3 + k] / seen;
        squares += r * (1 - r) / (seen / static_cast<double>(rates.label.size()));
    }
    EXPECT_NEAR(std::sqrt(squares) / 3 / root, printed("nml.se.mc.f1"), half_digit);
    // And 1.2 in place of the placements of the more frequent class.
    const Input ranks("nml_se_multiclass_auroc.csv.gz", 3);
    double positives = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        const auto p = placements(ranks.metrics(), k, ranks.truth);
        ASSERT_TRUE(p);
        positives += p->positive_share > 0.5 ? p->negatives / (1 - p->positive_share)
                                             : p->positives / p->positive_share;
    }
    EXPECT_NEAR(1.2 * std::sqrt(positives) / 3 / root, printed("nml.se.mc.auroc"), half_digit);
}

TEST(SamplingError, the_peers_printed_figures_for_a_regression) {
    const auto table = sets::read("golden/inputs/nml_se_regression.csv.gz");
    const auto error = [&](Metric metric) {
        return *sampling_scale(metric, table.numbers.at("y_true"), table.numbers.at("y_pred")).value / root;
    };
    EXPECT_NEAR(error(Metric::mae), printed("nml.se.reg.mae"), half_digit);
    EXPECT_NEAR(error(Metric::mse), printed("nml.se.reg.mse"), half_digit);
    EXPECT_NEAR(error(Metric::rmse), printed("nml.se.reg.rmse"), half_digit);
}

TEST(SamplingError, is_what_many_samples_show) {
    // 400 samples of 300 rows: the deviation of a deviation is 3.5 %; four of them on either side.
    const auto draw = [](std::uint64_t replicate, std::size_t n, std::vector<std::uint32_t>& said,
                         std::vector<std::uint32_t>& label, std::vector<double>& scores) {
        stats::Random random(5, 0, replicate);
        for (std::size_t i = 0; i < n; ++i) {
            const double p = random.uniform();
            label.push_back(random.uniform() < p * 0.6 ? 1u : 0u);
            said.push_back(p > 0.7 ? 1u : 0u);
            scores.insert(scores.end(), {1 - p, p});
        }
    };
    const std::vector<Metric> wanted{Metric::accuracy, Metric::precision,         Metric::recall,  Metric::f1,
                                     Metric::roc_auc,  Metric::average_precision, Metric::log_loss};
    std::vector<std::vector<double>> values(wanted.size());
    for (std::uint64_t replicate = 1; replicate <= 400; ++replicate) {
        std::vector<std::uint32_t> said, label;
        std::vector<double> scores;
        draw(replicate, 300, said, label, scores);
        const auto found = ClassMetrics({300, 2, said, scores}).values(wanted, truth_of(label, 2));
        for (std::size_t m = 0; m < wanted.size(); ++m) values[m].push_back(*found[m].value);
    }
    std::vector<std::uint32_t> said, label;
    std::vector<double> scores;
    draw(0, 20'000, said, label, scores);
    const ClassMetrics large({20'000, 2, said, scores});
    for (std::size_t m = 0; m < wanted.size(); ++m) {
        double mean = 0, squares = 0;
        for (const double v : values[m]) mean += v / 400;
        for (const double v : values[m]) squares += (v - mean) * (v - mean) / 399;
        const double stated =
            *sampling_scale(wanted[m], large, truth_of(label, 2), 0).value / std::sqrt(300.0);
        // The bootstrap of average_precision has a deviation of 7 % of its own.
        EXPECT_NEAR(std::sqrt(squares) / stated, 1.0, wanted[m] == Metric::average_precision ? 0.32 : 0.15)
            << name(wanted[m]);
    }
}
