#include "tristrata/model_quality/estimate.hpp"

#include "blocks.hpp"
#include "labelled_sets.hpp"
#include "tristrata/model_quality/calibration.hpp"
#include "tristrata/model_quality/regression_metrics.hpp"
#include "tristrata/stats/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <ctime>

using namespace tristrata;
using namespace tristrata::model_quality;
using testing::HasSubstr;

namespace {

core::Task two_threads() {
    core::Task task;
    task.limits.threads = 2;
    return task;
}

/// One metric of one set beside NannyML's, on the same chunks: means of absolute errors and of widths.
struct Beside {
    double ours = 0, theirs = 0, floor = 0, width = 0, their_width = 0;
    int inside = 0, their_inside = 0, chunks = 0;
};

/// Held against the peer's golden figures, chunk by chunk. TRISTRATA_MARKS=1 in the environment prints the
/// tables of docs/statistics/cbpe.md and dle.md.
class Marks {
public:
    Marks(std::string set, const std::vector<Metric>& metrics) : set_(std::move(set)), metrics_(metrics) {
        golden_ = sets::golden("nannyml_estimates.json")["sets"][set_]["metrics"];
    }
    ~Marks() {
        if (std::getenv("TRISTRATA_MARKS") == nullptr) return;
        for (const auto& [metric, row] : rows_)
            std::printf("| %s, %s | %.4g | %.4g | %.4g | %d of %d | %d | %.3g | %.3g |\n", set_.c_str(),
                        std::string(name(metric)).c_str(), row.ours / row.chunks, row.theirs / row.chunks,
                        row.floor / row.chunks, row.inside, row.chunks, row.their_inside,
                        row.width / row.chunks, row.their_width / row.chunks);
    }
    void add(std::size_t chunk, const std::vector<Estimate>& estimates,
             const std::vector<Measured>& realised) {
        ASSERT_EQ(estimates.size(), metrics_.size());
        for (std::size_t m = 0; m < metrics_.size(); ++m) {
            const auto& theirs = golden_[std::string(name(metrics_[m]))];
            if (!realised[m].value || !estimates[m].estimated.value || theirs["realised"][chunk].is_null())
                continue;
            const double truth = *realised[m].value;
            // Theirs takes equal scores of average_precision as they come; what is realised is else the same.
            EXPECT_NEAR(truth, theirs["realised"][chunk].get<double>(), 1e-9 * std::max(1.0, std::abs(truth)))
                << name(metrics_[m]) << ", chunk " << chunk;
            auto& row = rows_[metrics_[m]];
            ++row.chunks;
            row.ours += std::abs(*estimates[m].estimated.value - truth);
            row.theirs += std::abs(theirs["estimated"][chunk].get<double>() - truth);
            row.floor += *estimates[m].floor;
            row.width += *estimates[m].high - *estimates[m].low;
            const double low = theirs["low"][chunk], high = theirs["high"][chunk];
            row.their_width += high - low;
            row.inside += *estimates[m].low <= truth && truth <= *estimates[m].high;
            row.their_inside += low <= truth && truth <= high;
        }
    }
    /// At most 1.1 times their error in each metric, and nine chunks of ten in each band.
    void hold() const {
        for (const auto& [metric, row] : rows_) {
            EXPECT_LE(row.ours, 1.1 * row.theirs) << set_ << ", " << name(metric);
            EXPECT_GE(row.inside, std::floor(0.9 * row.chunks)) << set_ << ", " << name(metric);
        }
        EXPECT_EQ(rows_.size(), metrics_.size());
    }
    /// Below their error wherever that is above one and a half of the floor.
    void hold_below() const {
        for (const auto& [metric, row] : rows_)
            if (row.theirs > 1.5 * row.floor) {
                EXPECT_LT(row.ours, row.theirs) << set_ << ", " << name(metric);
            }
    }

private:
    std::string set_;
    std::vector<Metric> metrics_;
    nlohmann::json golden_;
    std::map<Metric, Beside> rows_;
};

const std::vector<Metric> classification{Metric::accuracy,         Metric::precision, Metric::recall,
                                         Metric::specificity,      Metric::f1,        Metric::roc_auc,
                                         Metric::average_precision};
const std::vector<Metric> regression{Metric::mae,  Metric::mape, Metric::mse,
                                     Metric::rmse, Metric::msle, Metric::rmsle};

void estimate_classifier(Marks& marks, const std::string& set, const std::string& y_true,
                         const std::vector<std::string>& features, std::size_t chunk_rows, std::size_t k) {
    const auto reference =
        sets::read("data/ml/" + set.substr(0, set.find('*')) + "reference" + set.substr(set.find('*') + 1));
    const auto current =
        sets::read("data/ml/" + set.substr(0, set.find('*')) + "monitoring" + set.substr(set.find('*') + 1));
    const auto labels = [&](const sets::Table& table, const std::string& column) {
        if (k == 2) return sets::classes(table.numbers.at(column));
        std::vector<std::uint32_t> out;
        for (std::size_t i = 0; i < table.rows; ++i)
            out.push_back(static_cast<std::uint32_t>(table.word(column, i)[0] - 'a'));
        return out;
    };
    const auto scores = [&](const sets::Table& table) {
        return k == 2 ? sets::both_classes(table.numbers.at("y_pred_proba"))
                      : sets::by_row(table, {"y_pred_proba_a", "y_pred_proba_b", "y_pred_proba_c"});
    };
    const auto truth_reference = labels(reference, y_true), truth_current = labels(current, y_true);
    const auto said_reference = labels(reference, "y_pred"), said_current = labels(current, "y_pred");
    const auto scores_reference = scores(reference), scores_current = scores(current);
    const auto cells = sets::encoded(reference, current, features);
    const std::size_t width = features.size();
    const auto fitted = Cbpe::fit({reference.rows, k, said_reference, scores_reference}, truth_reference,
                                  {cells.reference, reference.rows, width, boosting::Order::by_row},
                                  classification, {}, two_threads());
    ASSERT_TRUE(fitted) << fitted.error().message;
    const ClassRows all{current.rows, k, said_current, scores_current};
    for (std::size_t chunk = 0, begin = 0; begin < current.rows; ++chunk, begin += chunk_rows) {
        const auto part = all.part(begin, std::min(begin + chunk_rows, current.rows));
        const auto estimates =
            fitted->estimate(part,
                             {std::span(cells.current).subspan(begin * width, part.rows * width), part.rows,
                              width, boosting::Order::by_row},
                             chunk);
        ASSERT_TRUE(estimates) << estimates.error().message;
        const auto truth = truth_of(std::span(truth_current).subspan(begin, part.rows), k);
        marks.add(chunk, *estimates, ClassMetrics(part).values(classification, truth));
    }
}

}  // namespace

TEST(Choose, the_simplest_within_one_standard_error_of_the_least) {
    // Means 3, 2.05, 2: the differences of the second to the third are .1, 0, .05, of error .029; of the
    // first 1.
    const std::vector<std::vector<double>> errors{{3, 3, 3}, {2.1, 2.0, 2.05}, {2, 2, 2}};
    EXPECT_EQ(choose(errors, 0.0), 2u);
    EXPECT_EQ(choose(errors, 1.0), 2u);
    EXPECT_EQ(choose(errors, 2.0), 1u);
}

TEST(Band, holds_its_four_parts) {
    Estimate one;
    one.metric = Metric::mae;
    one.estimated = Measured::of(10.0);
    set_band(one, 3.0, 16.0, 12.0, 5.0);  // 9 + 16 + (.5 * 2)^2 + (.2 * 5)^2 = 27
    EXPECT_NEAR(*one.high, 10.0 + 1.959963984540054 * std::sqrt(27.0), 1e-12);
    EXPECT_NEAR(*one.low, std::max(0.0, 10.0 - 1.959963984540054 * std::sqrt(27.0)), 1e-12);
    one.metric = Metric::roc_auc;
    one.estimated = Measured::of(0.99);
    set_band(one, 0.01, 0.0, std::nullopt, std::nullopt);
    EXPECT_EQ(*one.high, 1.0) << "a share ends at 1";
}

TEST(Cbpe, scores_that_say_the_truth_are_taken_as_they_are) {
    stats::Random random(3, 0);
    std::vector<double> scores;
    std::vector<std::uint32_t> label, said;
    for (int i = 0; i < 5000; ++i) {
        const double p = random.uniform();
        scores.insert(scores.end(), {1 - p, p});
        label.push_back(random.uniform() < p ? 1u : 0u);
        said.push_back(p >= 0.5 ? 1u : 0u);
    }
    const ClassRows rows{5000, 2, said, scores};
    const auto fitted =
        Cbpe::fit(rows, label, {{}, 5000, 0, boosting::Order::by_row}, classification, {}, {});
    ASSERT_TRUE(fitted) << fitted.error().message;
    EXPECT_EQ(fitted->chosen().name, "the scores as they are");
    const auto estimates = fitted->estimate(rows.part(0, 2000), {{}, 2000, 0, boosting::Order::by_row}, 0);
    ASSERT_TRUE(estimates);
    // A uniform score is right with probability max(p, 1 - p): .75.
    EXPECT_NEAR(*(*estimates)[0].estimated.value, 0.75, 0.01);
    EXPECT_NEAR(*(*estimates)[0].sampling_error, std::sqrt((0.75 * 0.25 - 1.0 / 48) / 2000), 0.002);
    EXPECT_NEAR(*(*estimates)[0].floor / *(*estimates)[0].sampling_error, 0.8, 0.08);
}

TEST(Cbpe, says_the_mean_of_what_the_folds_calibrators_say) {
    stats::Random random(5, 0);
    constexpr std::size_t n = 1000;
    std::vector<double> scores, of_one, truth;
    std::vector<std::uint32_t> label, said;
    for (std::size_t i = 0; i < n; ++i) {
        const double p = random.uniform();
        scores.insert(scores.end(), {1 - p, p});
        of_one.push_back(p);
        label.push_back(random.uniform() < p * p ? 1u : 0u);  // Far too sure: the scores do not hold.
        truth.push_back(label.back());
        said.push_back(p >= 0.5 ? 1u : 0u);
    }
    const ClassRows rows{n, 2, said, scores};
    const boosting::Matrix none{{}, n, 0, boosting::Order::by_row};
    const auto fitted = Cbpe::fit(rows, label, none, classification, {}, {});
    ASSERT_TRUE(fitted) << fitted.error().message;
    ASSERT_EQ(fitted->chosen().name, "isotonic");
    const auto probabilities = fitted->probabilities(rows, none);
    ASSERT_TRUE(probabilities);
    std::vector<double> expected(n);
    for (std::size_t fold = 0; fold < folds; ++fold) {
        std::vector<double> known, came;
        for (std::size_t i = 0; i < n; ++i)
            if (i < n * fold / folds || i >= n * (fold + 1) / folds) {
                known.push_back(of_one[i]);
                came.push_back(truth[i]);
            }
        const Isotonic one(known, came);
        for (std::size_t i = 0; i < n; ++i) expected[i] += one(of_one[i]) / static_cast<double>(folds);
    }
    for (std::size_t i = 0; i < n; ++i) {
        EXPECT_NEAR((*probabilities)[2 * i + 1], expected[i], 1e-12);
        EXPECT_NEAR((*probabilities)[2 * i] + (*probabilities)[2 * i + 1], 1.0, 1e-12);
    }
}

TEST(Cbpe, too_few_rows_are_an_error) {
    const std::vector<double> scores(20, 0.5);
    const std::vector<std::uint32_t> label(10, 1), said(10, 1);
    const auto fitted =
        Cbpe::fit({10, 2, said, scores}, label, {{}, 10, 0, boosting::Order::by_row}, classification, {}, {});
    ASSERT_FALSE(fitted);
    EXPECT_THAT(fitted.error().message, HasSubstr("10 rows with a label"));
}

TEST(Cbpe, the_simulated_classifier_beside_nannyml) {
    Marks marks("simulated_binary", classification);
    estimate_classifier(marks, "simulated_*_binary.csv.gz", "y_true", {"x1", "x2", "x3"}, 2000, 2);
    marks.hold();
    marks.hold_below();
}

TEST(Cbpe, the_simulated_three_classes_beside_nannyml) {
    Marks marks("simulated_three_classes", classification);
    estimate_classifier(marks, "simulated_*_three_classes.csv.gz", "y_true", {"x1", "x2", "x3"}, 2000, 3);
    marks.hold();
    marks.hold_below();
}

TEST(Cbpe, the_hotel_bookings_beside_nannyml) {
    Marks marks("hotel_booking", classification);
    estimate_classifier(marks, "nannyml_*_hotel_booking.csv.gz", "is_canceled",
                        {"hotel",
                         "lead_time",
                         "stays_in_weekend_nights",
                         "stays_in_week_nights",
                         "adults",
                         "children",
                         "babies",
                         "meal",
                         "country",
                         "market_segment",
                         "distribution_channel",
                         "is_repeated_guest",
                         "previous_cancellations",
                         "previous_bookings_not_canceled",
                         "reserved_room_type",
                         "assigned_room_type",
                         "booking_changes",
                         "deposit_type",
                         "agent",
                         "company",
                         "days_in_waiting_list",
                         "customer_type",
                         "adr",
                         "parking_spaces",
                         "total_of_special_requests"},
                        3493, 2);
    marks.hold();
    marks.hold_below();
}

TEST(Dle, the_car_prices_beside_nannyml) {
    const auto reference = sets::read("data/ml/nannyml_reference_synthetic_car_price.csv.gz");
    const auto current = sets::read("data/ml/nannyml_monitoring_synthetic_car_price.csv.gz");
    const auto cells = sets::encoded(
        reference, current,
        {"car_age", "km_driven", "price_new", "accident_count", "door_count", "fuel", "transmission"});
    const auto begun = std::clock();
    const auto fitted = Dle::fit(reference.numbers.at("y_true"), reference.numbers.at("y_pred"),
                                 {cells.reference, reference.rows, 7, boosting::Order::by_row}, regression,
                                 {}, two_threads());
    const double seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    ASSERT_TRUE(fitted) << fitted.error().message;
    if (std::getenv("TRISTRATA_MARKS") != nullptr) std::printf("fitted in %.2f CPU s\n", seconds);
    Marks marks("car_price", regression);
    for (std::size_t chunk = 0; chunk < 10; ++chunk) {
        const auto y = std::span(current.numbers.at("y_true")).subspan(chunk * 6000, 6000);
        const auto p = std::span(current.numbers.at("y_pred")).subspan(chunk * 6000, 6000);
        const auto estimates = fitted->estimate(
            p,
            {std::span(cells.current).subspan(chunk * 6000 * 7, 6000 * 7), 6000, 7, boosting::Order::by_row});
        ASSERT_TRUE(estimates) << estimates.error().message;
        std::vector<Measured> realised;
        for (const auto metric : regression) realised.push_back(regression_metric(metric, y, p));
        marks.add(chunk, *estimates, realised);
    }
    marks.hold();
    marks.hold_below();
}

namespace {

/// A regression that is right on average, and errs the more the larger x is: the mean of |e| given x is
/// known. The second column says nothing.
struct Spreading {
    std::vector<double> cells, truth, predicted;
    double mean_error = 0.0, mean_square = 0.0;
    Spreading(std::uint64_t seed, std::size_t rows, double moved) {
        stats::Random random(seed, 0);
        for (std::size_t i = 0; i < rows; ++i) {
            const double x = random.uniform() * (1.0 - moved) + moved, deviation = std::exp(3.0 * x);
            double normal = -6.0;
            for (int k = 0; k < 12; ++k) normal += random.uniform();
            cells.insert(cells.end(), {x, random.uniform()});
            predicted.push_back(1000.0 + 50.0 * x);
            truth.push_back(predicted.back() + deviation * normal);
            // Mean |e| of a sum of twelve uniforms, against its deviation of 1.
            mean_error += 0.7969 * deviation / static_cast<double>(rows);
            mean_square += deviation * deviation / static_cast<double>(rows);
        }
    }
    [[nodiscard]] boosting::Matrix matrix() const {
        return {cells, truth.size(), 2, boosting::Order::by_row};
    }
};

}  // namespace

TEST(Dle, follows_columns_that_move_to_where_losses_are_larger) {
    const Spreading reference(1, 20000, 0.0);
    const auto fitted = Dle::fit(reference.truth, reference.predicted, reference.matrix(),
                                 {{Metric::mae, Metric::mse, Metric::rmse}}, {}, two_threads());
    ASSERT_TRUE(fitted) << fitted.error().message;
    for (const double moved : {0.0, 0.4, 0.7}) {
        const Spreading now(2, 5000, moved);
        const auto estimates = fitted->estimate(now.predicted, now.matrix());
        ASSERT_TRUE(estimates);
        EXPECT_NEAR(*(*estimates)[0].estimated.value / now.mean_error, 1.0, 0.04) << moved;
        EXPECT_NEAR(*(*estimates)[1].estimated.value / now.mean_square, 1.0, 0.08) << moved;
        EXPECT_NEAR(*(*estimates)[2].estimated.value, std::sqrt(*(*estimates)[1].estimated.value), 1e-9);
    }
}

TEST(Dle, says_of_the_reference_what_came_true_there_on_any_number_of_threads) {
    const Spreading reference(3, 3000, 0.0);
    std::vector<std::optional<double>> before;
    for (const unsigned threads : {1u, 3u}) {
        core::Task task;
        task.limits.threads = threads;
        const auto fitted =
            Dle::fit(reference.truth, reference.predicted, reference.matrix(), regression, {}, task);
        ASSERT_TRUE(fitted) << fitted.error().message;
        const auto estimates = fitted->estimate(reference.predicted, reference.matrix());
        ASSERT_TRUE(estimates);
        for (std::size_t m = 0; m < regression.size(); ++m) {
            const auto value = (*estimates)[m].estimated.value;
            EXPECT_NEAR(*value, *regression_metric(regression[m], reference.truth, reference.predicted).value,
                        1e-9 * *value)
                << name(regression[m]);
            if (threads == 1) before.push_back(value);
            else EXPECT_EQ(value, before[m]);
        }
    }
}

TEST(Dle, a_regression_that_never_errs_is_said_never_to_err) {
    std::vector<double> y(300);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = 1.0 + static_cast<double>(i % 17);
    const boosting::Matrix matrix{y, 300, 1, boosting::Order::by_row};
    const auto fitted = Dle::fit(y, y, matrix, regression, {}, {});
    ASSERT_TRUE(fitted) << fitted.error().message;
    const auto estimates = fitted->estimate(y, matrix);
    ASSERT_TRUE(estimates);
    for (const auto& one : *estimates) {
        EXPECT_EQ(*one.estimated.value, 0.0) << name(one.metric);
        EXPECT_EQ(*one.high, 0.0) << name(one.metric);
    }
}

TEST(Dle, a_metric_without_a_loss_has_no_estimate_but_a_reason) {
    std::vector<double> y(200), p(200), x(200);
    for (std::size_t i = 0; i < 200; ++i) {
        x[i] = static_cast<double>(i);
        p[i] = static_cast<double>(i % 7);
        y[i] = p[i] + (i % 2 == 0 ? 1.0 : 0.0);  // Some targets are 0.
    }
    const auto fitted =
        Dle::fit(y, p, {x, 200, 1, boosting::Order::by_row}, {{Metric::mape, Metric::mae}}, {}, {});
    ASSERT_TRUE(fitted) << fitted.error().message;
    const auto estimates = fitted->estimate(p, {x, 200, 1, boosting::Order::by_row});
    ASSERT_TRUE(estimates);
    EXPECT_THAT((*estimates)[0].estimated.reason, HasSubstr("targets are 0"));
    EXPECT_NEAR(*(*estimates)[1].estimated.value, 0.5, 0.1);
    const auto nobody = fitted->estimate({}, {{}, 0, 1, boosting::Order::by_row});
    ASSERT_TRUE(nobody);
    EXPECT_EQ((*nobody)[1].estimated.reason, "no row");
}
