#include "multivariate.hpp"

#include "comparing.hpp"
#include "correlation_drift.hpp"
#include "domain_classifier.hpp"
#include "linear_algebra.hpp"
#include "pca_reconstruction.hpp"
#include "tristrata/sources/open.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

using namespace tristrata;
using namespace tristrata::checking;
using detection::JointColumn;
using detection::JointEvidence;
using detection::JointSample;
using detection::Null;

namespace {

/// Columns x and y, standard normal with this correlation, and z that has nothing to do with them.
JointSample linked(std::size_t n, std::size_t m, double before, double after, std::uint64_t stream,
                   double neighbours = 0.0) {
    JointSample sample;
    sample.reference_rows = n;
    sample.current_rows = m;
    for (const char* name : {"x", "y", "z"}) sample.columns.push_back({name, false, 1.0, {}, {}});
    stats::Random random(4242, stream);
    double kept[3]{};
    const auto fill = [&](std::size_t rows, double correlation, std::vector<double> JointColumn::* side) {
        for (std::size_t i = 0; i < rows; ++i) {
            for (double& x : kept)
                x = neighbours * x + std::sqrt(1.0 - neighbours * neighbours) * random.normal();
            (sample.columns[0].*side).push_back(kept[0]);
            (sample.columns[1].*side)
                .push_back(correlation * kept[0] + std::sqrt(1.0 - correlation * correlation) * kept[1]);
            (sample.columns[2].*side).push_back(kept[2]);
        }
    };
    fill(n, before, &JointColumn::reference);
    fill(m, after, &JointColumn::current);
    return sample;
}

detection::Setting setting_of(const detection::Plan& plan, Null null = Null::independent) {
    detection::Setting setting;
    setting.plan = &plan;
    setting.null = null;
    setting.ordered = null != Null::independent;
    return setting;
}

const drift::JointTest& joint(const drift::Report& report, std::string_view method) {
    for (const auto& one : report.multivariate)
        if (one.method == method) return one;
    ADD_FAILURE() << method;
    return report.multivariate.front();
}

std::filesystem::path golden(const char* name) {
    return std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden" / name;
}

}  // namespace

TEST(LinearAlgebra, components_of_two_columns_are_their_sum_and_difference) {
    detection::Table table(4, 2);
    const double x[]{1, 2, 3, 4}, y[]{1, 3, 2, 4};
    std::copy_n(x, 4, table.column(0));
    std::copy_n(y, 4, table.column(1));
    const auto fitted = detection::principal_components(table, 0.65, 2);
    ASSERT_EQ(fitted.components, 1u);
    EXPECT_NEAR(fitted.basis[0], std::sqrt(0.5), 1e-12);
    EXPECT_NEAR(fitted.basis[1], std::sqrt(0.5), 1e-12);
    EXPECT_DOUBLE_EQ(fitted.means[0], 2.5);
    EXPECT_NEAR(fitted.scales[0], std::sqrt(1.25), 1e-12);
    // What the sum does not hold is the difference: |x - y| / sqrt(2), in standard deviations.
    const auto errors = detection::reconstruction_errors(fitted, table);
    EXPECT_NEAR(errors[0], 0.0, 1e-12);
    EXPECT_NEAR(errors[1], 1.0 / std::sqrt(1.25) / std::sqrt(2.0), 1e-12);
    const auto products = detection::cross_products(table, table);
    EXPECT_EQ(products, (std::vector<double>{30, 29, 29, 30}));
}

TEST(PcaReconstruction, gives_the_weeks_that_nannyml_tests) {
    auto source = sources::open_source(golden("inputs/nannyml_sample_drift_data.csv.gz").string(), {}, {});
    ASSERT_TRUE(source) << source.error().message;
    std::vector<std::size_t> fields;
    for (const char* name : {"f1", "f2", "f3", "f4"}) fields.push_back(*(*source)->schema().find(name));
    auto columns = dataset::read_columns(**source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    constexpr std::size_t reference_rows = 10'080, week = 1008;
    // nml.pca.week of tests/golden/peer_test_cases.json, to the tolerance of its test.
    constexpr double expected[]{0.795939312162986, 0.7840110463966236, 0.8119098730091425, 0.7982130082187159,
                                0.807815521612754};
    for (std::size_t w = 0; w < 5; ++w) {
        std::vector<JointColumn> sample;
        for (const auto& column : *columns) {
            JointColumn one{"", column.type == dataset::Type::text, 1.0, {}, {}};
            const auto value = [&](std::size_t row) {
                return one.labels ? static_cast<double>(column.codes[row]) : column.numbers[row];
            };
            for (std::size_t row = 0; row < reference_rows; ++row) one.reference.push_back(value(row));
            for (std::size_t row = w * week; row < (w + 1) * week; ++row) one.current.push_back(value(row));
            sample.push_back(std::move(one));
        }
        const auto means = detection::mean_reconstruction_errors(sample);
        ASSERT_TRUE(means.current);
        EXPECT_NEAR(*means.current, expected[w], 1e-5 * expected[w]) << "week " << w;
    }
}

TEST(AreaUnderRoc, counts_pairs_with_ties_half) {
    EXPECT_DOUBLE_EQ(detection::area_under_roc({0.1, 0.4, 0.35, 0.8}, {false, false, true, true}), 0.75);
    EXPECT_DOUBLE_EQ(detection::area_under_roc({1, 1, 1}, {true, false, false}), 0.5);
    EXPECT_DOUBLE_EQ(detection::area_under_roc({1, 2}, {true, true}), 0.5);
    // The definition, pair by pair.
    stats::Random random(1, 1);
    for (int repeat = 0; repeat < 50; ++repeat) {
        std::vector<double> scores;
        std::vector<bool> labels;
        for (int i = 0; i < 30; ++i) {
            scores.push_back(static_cast<double>(random.below(8)));
            labels.push_back(random.below(3) == 0);
        }
        double sum = 0.0, pairs = 0.0;
        for (std::size_t i = 0; i < scores.size(); ++i)
            for (std::size_t j = 0; j < scores.size(); ++j)
                if (labels[i] && !labels[j]) {
                    pairs += 1.0;
                    sum += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
                }
        EXPECT_DOUBLE_EQ(detection::area_under_roc(scores, labels), pairs > 0.0 ? sum / pairs : 0.5);
    }
}

TEST(Multivariate, a_correlation_that_flips_under_equal_margins_is_found_by_all_three) {
    const auto before = linked(2000, 1000, 0.7, -0.7, 1);
    detection::Plan plan;
    plan.multivariate = true;
    std::vector<MemoryColumn> reference, current;
    for (const auto& column : before.columns) {
        reference.push_back({column.name, column.reference});
        current.push_back({column.name, column.current});
    }
    const auto report = compare(reference, current, plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->summary.drifted, 0u) << "no single column can see it";
    ASSERT_EQ(report->multivariate.size(), 3u);
    for (const auto& test : report->multivariate) {
        EXPECT_EQ(test.verdict, Verdict::drift) << test.method << ": " << test.reason;
        EXPECT_GE(test.severity, drift::Severity::warn) << test.method;
        EXPECT_EQ(test.columns, 3u);
    }
    const auto& pair = joint(*report, "correlation").drivers.front();
    EXPECT_EQ(pair.columns, (std::vector<std::string>{"x", "y"}));
    EXPECT_NEAR(*pair.reference, 0.7, 0.05);
    EXPECT_NEAR(*pair.current, -0.7, 0.05);
    EXPECT_NE(joint(*report, "domain_classifier").drivers.front().columns.front(), "z");
    const auto json = drift::to_json(*report);
    EXPECT_EQ(json, drift::to_json(*compare(reference, current, plan, 4)));
    const auto back = drift::parse_report(json);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(drift::to_json(*back), json);
}

TEST(Multivariate, what_happens_to_one_column_alone_is_no_change_of_correlation) {
    auto sample = linked(1000, 600, 0.6, 0.6, 2);
    for (double& x : sample.columns[0].current) x = std::exp(3.0 + 2.0 * x);
    sample.columns[1].current[5] = std::numeric_limits<double>::infinity();
    sample.columns[2].reference[7] = 1e300;
    const detection::Plan plan;
    const auto evidence = detection::correlation_evidence(sample, setting_of(plan), {});
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_GT(*evidence->p, 0.05);
    EXPECT_NEAR(*evidence->report.drivers.front().current, *evidence->report.drivers.front().reference, 0.15);
}

TEST(Multivariate, missing_values_take_part_in_no_pair) {
    auto sample = linked(2000, 1200, 0.8, 0.8, 3);
    stats::Random random(5, 5);
    for (auto& column : sample.columns)
        for (auto* side : {&column.reference, &column.current})
            for (double& x : *side)
                if (random.below(4) == 0) x = std::nan("");
    const detection::Plan plan;
    const auto evidence = detection::correlation_evidence(sample, setting_of(plan), {});
    ASSERT_TRUE(evidence);
    const auto pair = std::ranges::find(evidence->report.drivers, std::vector<std::string>{"x", "y"},
                                        &drift::Driver::columns);
    ASSERT_NE(pair, evidence->report.drivers.end());
    EXPECT_NEAR(*pair->reference, 0.8, 0.03);
    EXPECT_NEAR(*pair->current, 0.8, 0.03);
    EXPECT_GT(*evidence->p, 0.05);
}

TEST(Multivariate, hard_columns_cost_the_others_nothing) {
    detection::Plan plan;
    plan.multivariate = true;
    plan.column["id"].role = drift::Role::key;
    std::vector<std::string> names;
    for (int i = 0; i < 400; ++i) names.push_back("n" + std::to_string(i));
    const std::vector<MemoryColumn> table{{"x", normal(400, 1)},
                                          {"y", normal(400, 2)},
                                          {"same", std::vector<double>(400, 3.0)},
                                          {"void", std::vector<double>(400, std::nan(""))},
                                          {"names", names},
                                          {"labels", labels(400, 3, {"a", "b"})},
                                          {"id", normal(400, 4)}};
    const auto report = compare(table, table, plan);
    ASSERT_TRUE(report) << report.error().message;
    for (const auto& test : report->multivariate) {
        EXPECT_EQ(test.verdict, Verdict::no_drift) << test.method << ": " << test.reason;
        EXPECT_EQ(test.columns + test.columns_left_out, 7u);
        EXPECT_EQ(test.columns, test.method == "correlation" ? 2u : 3u);
    }
}

TEST(Multivariate, too_few_rows_or_columns_are_an_answer) {
    detection::Plan plan;
    plan.multivariate = true;
    const auto few = compare({{"x", normal(400, 1)}, {"y", normal(400, 2)}},
                             {{"x", normal(99, 3)}, {"y", normal(99, 4)}}, plan);
    for (const auto& test : few->multivariate) {
        EXPECT_EQ(test.verdict, Verdict::insufficient_data);
        EXPECT_NE(test.reason.find("100 a side are needed"), std::string::npos) << test.reason;
    }
    const auto edge = compare({{"x", normal(400, 1)}, {"y", normal(400, 2)}},
                              {{"x", normal(100, 3)}, {"y", normal(100, 4)}}, plan);
    for (const auto& test : edge->multivariate) EXPECT_EQ(test.verdict, Verdict::no_drift) << test.reason;
    const auto one = compare({{"x", normal(400, 1)}}, {{"x", normal(400, 3)}}, plan);
    EXPECT_EQ(joint(*one, "pca_reconstruction").verdict, Verdict::not_tested);
    EXPECT_EQ(joint(*one, "correlation").verdict, Verdict::not_tested);
    EXPECT_EQ(joint(*one, "domain_classifier").verdict, Verdict::no_drift);
}

TEST(Multivariate, the_reason_tells_the_errors_that_were_compared) {
    detection::Plan plan;
    plan.multivariate = true;
    // By NannyML's definition, which keeps every direction of two columns, both means are a rounding error.
    const auto report = compare({{"x", normal(2000, 1)}, {"s", labels(2000, 2, {"a", "b"})}},
                                {{"x", normal(500, 3, 1.0)}, {"s", labels(500, 4, {"a", "b"})}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    const auto& test = joint(*report, "pca_reconstruction");
    ASSERT_EQ(test.verdict, Verdict::drift);
    EXPECT_NE(test.reason.find("mean error"), std::string::npos) << test.reason;
    EXPECT_EQ(test.reason.find("e-"), std::string::npos) << test.reason;
}

TEST(Multivariate, a_sample_spreads_over_the_rows_and_is_the_same_for_all_columns) {
    const auto rows = detection::spread_rows(1'000'000, 1000, 1, 2);
    ASSERT_EQ(rows.size(), 1000u);
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i] / 1000, i);
    EXPECT_EQ(rows, detection::spread_rows(1'000'000, 1000, 1, 2));
    EXPECT_NE(rows, detection::spread_rows(1'000'000, 1000, 2, 2));
    EXPECT_EQ(detection::spread_rows(3, 5, 1, 2), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Multivariate, blocks_are_four_tau_long_and_up_to_ten_where_current_has_twenty_all_the_same) {
    stats::Random random(9, 9);
    JointColumn column{"x", false, 1.0, {}, {}};
    double at = 0.0;
    for (int i = 0; i < 5000; ++i) column.reference.push_back(at = 0.8 * at + random.normal());
    detection::Setting setting;
    const auto length_of = [&](std::size_t rows, detection::Null null) {
        setting.null = null;
        detection::JointSample sample;
        column.current.assign(rows, 0.0);
        sample.columns = {column};
        sample.reference_rows = column.reference.size();
        sample.current_rows = rows;
        const auto exchange = detection::exchange_of(sample, {0}, setting);
        EXPECT_EQ(exchange.columns.size(), 1u);
        const double taus = null == detection::Null::dependent ? exchange.tau : 1.0;
        return static_cast<double>(rows) / static_cast<double>(exchange.current.count) / taus;
    };
    using enum detection::Null;
    const double tau = detection::persistence_of(column.reference, 1000);
    const auto rows_of = [tau](double taus) { return static_cast<std::size_t>(taus * tau); };
    EXPECT_NEAR(length_of(rows_of(60.0), dependent), 4.0, 0.4) << "no block fewer than before";
    EXPECT_NEAR(length_of(rows_of(120.0), dependent), 6.0, 0.6) << "a twentieth of current";
    EXPECT_NEAR(length_of(rows_of(600.0), dependent), 10.0, 1.0);
    EXPECT_EQ(length_of(500, independent), 1.0);
}

TEST(Multivariate, undrifted_tables_are_seldom_flagged) {
    // 5 % of 150 are 7.5; 16 and more have a chance of .004. The benchmark counts more of them, and the
    // classifier.
    const detection::Plan plan;
    for (const Null null : {Null::independent, Null::dependent}) {
        std::size_t errors = 0, correlations = 0;
        for (std::uint64_t repeat = 0; repeat < 150; ++repeat) {
            const auto sample =
                linked(500, 250, 0.6, 0.6, 1000 + repeat, null == Null::dependent ? 0.3 : 0.0);
            const auto setting = setting_of(plan, null);
            errors += *detection::pca_evidence(sample, setting).p <= 0.05;
            correlations += *detection::correlation_evidence(sample, setting, {})->p <= 0.05;
        }
        EXPECT_LE(errors, 15u) << detection::name(null);
        EXPECT_LE(correlations, 15u) << detection::name(null);
        EXPECT_GE(errors + correlations, 2u) << "a test that never fires is no test";
    }
}
