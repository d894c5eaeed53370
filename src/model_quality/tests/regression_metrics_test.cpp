#include "tristrata/model_quality/regression_metrics.hpp"

#include "labelled_sets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata::model_quality;
using testing::HasSubstr;

TEST(RegressionMetrics, worked_example) {
    const std::vector<double> y{1, 2, 4}, predicted{1, 3, 2};
    EXPECT_EQ(*regression_metric(Metric::mae, y, predicted).value, 1.0);
    EXPECT_NEAR(*regression_metric(Metric::mse, y, predicted).value, 5.0 / 3, 1e-15);
    EXPECT_NEAR(*regression_metric(Metric::rmse, y, predicted).value, std::sqrt(5.0 / 3), 1e-15);
    EXPECT_NEAR(*regression_metric(Metric::mape, y, predicted).value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(*regression_metric(Metric::bias, y, predicted).value, -1.0 / 3, 1e-15);
    const double a = std::log(3.0 / 4), b = std::log(5.0 / 3);
    EXPECT_NEAR(*regression_metric(Metric::msle, y, predicted).value, (a * a + b * b) / 3, 1e-15);
}

TEST(RegressionMetrics, a_row_without_a_loss_is_said) {
    const std::vector<double> y{0, 2}, predicted{1, -3}, none;
    EXPECT_THAT(regression_metric(Metric::mape, y, predicted).reason, HasSubstr("1 of 2 targets is 0"));
    EXPECT_THAT(regression_metric(Metric::rmsle, y, predicted).reason, HasSubstr("below 0"));
    EXPECT_EQ(regression_metric(Metric::mae, none, none).reason, "no row");
    const std::vector<double> huge{1e300, 1e300}, less{-1e300, -1e300};
    EXPECT_THAT(regression_metric(Metric::mse, huge, less).reason, HasSubstr("too large"));
}

TEST(RegressionMetrics, the_peers_figures_on_the_car_prices) {
    // nml.perf.reg: mse of the first three chunks of 6,000 rows, printed with three decimals.
    const auto table = sets::read("data/ml/nannyml_monitoring_synthetic_car_price.csv.gz");
    std::vector<double> expected;
    for (const auto& one : sets::golden("peer_test_cases.json"))
        if (one["id"] == "nml.perf.reg") expected = one["expected"].get<std::vector<double>>();
    ASSERT_EQ(expected.size(), 3u);
    for (std::size_t chunk = 0; chunk < 3; ++chunk) {
        const auto y = std::span(table.numbers.at("y_true")).subspan(chunk * 6000, 6000);
        const auto p = std::span(table.numbers.at("y_pred")).subspan(chunk * 6000, 6000);
        EXPECT_NEAR(*regression_metric(Metric::mse, y, p).value, expected[chunk], 5e-4);
    }
}
