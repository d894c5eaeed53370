#include "tristrata/boosting/trees.hpp"

#include "library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <thread>

using namespace tristrata;
using namespace tristrata::boosting;
using testing::HasSubstr;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Matrix column_of(const std::vector<double>& values) { return {values, values.size(), 1, Order::by_column}; }

/// x in [0, 1) on a grid, and a second column that says nothing.
struct Step {
    std::vector<double> cells;
    std::vector<double> targets;
    explicit Step(std::size_t rows, double height = 1.0) : cells(2 * rows), targets(rows) {
        for (std::size_t i = 0; i < rows; ++i) {
            cells[i] = static_cast<double>(i) / static_cast<double>(rows);
            cells[rows + i] = static_cast<double>(i * 7919 % 101);
            targets[i] = cells[i] < 0.5 ? 0.0 : height;
        }
    }
    [[nodiscard]] Matrix matrix() const { return {cells, targets.size(), 2, Order::by_column}; }
};

}  // namespace

TEST(Trees, worked_example) {
    const std::vector<double> x{1, 2, 3, 4}, y{0, 0, 10, 10};
    Settings settings;
    settings.rounds = 1;
    settings.learning_rate = 1.0;
    settings.minimum_child_weight = 0;
    const auto model = train(column_of(x), y, {}, settings, {});
    ASSERT_TRUE(model) << model.error().message;
    const std::vector<double> asked{2.9, 3.0};
    const auto predicted = model->predict(column_of(asked));
    ASSERT_TRUE(predicted) << predicted.error().message;
    EXPECT_LT((*predicted)[0], (*predicted)[1]);
    // Leaves of two rows at -1 and 1 sd are shrunk by λ = 1: ∓2/3 of the deviation 5 about the mean 5.
    EXPECT_NEAR((*predicted)[0], 5.0 - 10.0 / 3.0, 1e-5);
    EXPECT_NEAR((*predicted)[1], 5.0 + 10.0 / 3.0, 1e-5);
}

TEST(Trees, a_step_is_learned_and_the_column_that_makes_it_is_named) {
    const Step step(1000, 50.0);
    const auto model = train(step.matrix(), step.targets, {}, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto predicted = model->predict(step.matrix());
    ASSERT_TRUE(predicted);
    for (std::size_t i = 0; i < step.targets.size(); ++i) EXPECT_NEAR((*predicted)[i], step.targets[i], 0.1);
    const auto gain = model->gain();
    ASSERT_TRUE(gain);
    EXPECT_NEAR((*gain)[0] + (*gain)[1], 1.0, 1e-9);
    EXPECT_GT((*gain)[0], 0.999);
}

TEST(Trees, a_probability_is_learned) {
    const Step step(1000);
    Settings settings;
    settings.objective = Objective::binary_logistic;
    const auto model = train(step.matrix(), step.targets, {}, settings, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto predicted = model->predict(step.matrix());
    ASSERT_TRUE(predicted);
    for (std::size_t i = 0; i < step.targets.size(); ++i) {
        EXPECT_GE((*predicted)[i], 0.0);
        EXPECT_LE((*predicted)[i], 1.0);
        EXPECT_NEAR((*predicted)[i], step.targets[i], 0.05);
    }
}

TEST(Trees, a_mean_that_is_never_below_zero_is_learned_by_multiplying) {
    // One row in four is 4 e^(8 x), the others 0: the mean is e^(8 x), from 1 to nearly 3,000.
    std::vector<double> x(8000), y(8000, 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<double>(i / 80) / 100.0;
        if (i % 4 == 0) y[i] = 4.0 * std::exp(8.0 * x[i]);
    }
    Settings settings;
    settings.objective = Objective::tweedie;
    settings.rounds = 200;
    settings.depth = 4;
    for (const double unit : {1.0, 1e-12, 1e9}) {
        std::vector<double> targets(y);
        for (double& target : targets) target *= unit;
        const auto model = train(column_of(x), targets, {}, settings, {});
        ASSERT_TRUE(model) << model.error().message;
        const auto predicted = model->predict(column_of(x));
        ASSERT_TRUE(predicted);
        for (std::size_t i = 0; i < x.size(); i += 80) {
            EXPECT_GT((*predicted)[i], 0.0);
            EXPECT_NEAR((*predicted)[i] / unit / std::exp(8.0 * x[i]), 1.0, 0.15) << x[i];
        }
    }
}

TEST(Trees, each_tree_of_either_mean_draws_rows_of_its_own) {
    // Neighbours say nothing of each other: only rows that were drawn are known.
    std::vector<double> x(60), y(60);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<double>(i);
        y[i] = i % 2 == 0 ? 1.0 : 3.0;
    }
    Settings settings;
    settings.rounds = 200;
    settings.depth = 10;
    settings.minimum_child_weight = 0;
    settings.row_share = 0.3;
    for (const auto objective : {Objective::squared_error, Objective::tweedie}) {
        settings.objective = objective;
        const auto model = train(column_of(x), y, {}, settings, {});
        ASSERT_TRUE(model) << model.error().message;
        const auto predicted = model->predict(column_of(x));
        ASSERT_TRUE(predicted);
        int known = 0;
        for (std::size_t i = 0; i < x.size(); ++i) known += std::abs((*predicted)[i] - y[i]) < 0.6;
        EXPECT_GT(known, 54) << static_cast<int>(objective);
        EXPECT_EQ(*train(column_of(x), y, {}, settings, {})->predict(column_of(x)), *predicted);
    }
}

TEST(Trees, rows_and_columns_may_stand_in_either_order) {
    const Step step(200);
    std::vector<double> by_row(step.cells.size());
    for (std::size_t i = 0; i < 200; ++i)
        for (std::size_t c = 0; c < 2; ++c) by_row[2 * i + c] = step.cells[c * 200 + i];
    const auto a = train(step.matrix(), step.targets, {}, {}, {});
    const auto b = train({by_row, 200, 2, Order::by_row}, step.targets, {}, {}, {});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(*a->predict(step.matrix()), *b->predict({by_row, 200, 2, Order::by_row}));
}

TEST(Trees, missing_cells_are_a_value_of_their_own) {
    std::vector<double> x(300), y(300);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = i % 3 == 0 ? missing : static_cast<double>(i);
        y[i] = i % 3 == 0 ? 4.0 : 1.0;
    }
    const auto model = train(column_of(x), y, {}, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto predicted = model->predict(column_of(x));
    ASSERT_TRUE(predicted);
    EXPECT_NEAR((*predicted)[0], 4.0, 0.01);
    EXPECT_NEAR((*predicted)[1], 1.0, 0.01);
    const std::vector<double> none(50, missing), targets(50, 3.0);
    const auto nothing = train(column_of(none), targets, {}, {}, {});
    ASSERT_TRUE(nothing) << nothing.error().message;
    EXPECT_EQ((*nothing->predict(column_of(none)))[0], 3.0);
}

TEST(Trees, infinite_and_huge_cells_are_the_ends_of_a_column) {
    const std::vector<double> x{-infinity, -1e300, -1, 0, 1, 1e300, infinity, infinity};
    const std::vector<double> y{0, 0, 0, 0, 9, 9, 9, 9};
    Settings settings;
    settings.minimum_child_weight = 0;
    const auto model = train(column_of(x), y, {}, settings, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto predicted = model->predict(column_of(x));
    ASSERT_TRUE(predicted);
    EXPECT_NEAR((*predicted)[0], 0.0, 0.1);
    EXPECT_NEAR((*predicted)[7], 9.0, 0.1);
}

TEST(Trees, a_constant_target_is_predicted_as_it_is) {
    const std::vector<double> x{1, 2, 3, 4, 5};
    for (const double constant : {0.0, 0.1, -7.25, 1e9}) {
        const std::vector<double> y(5, constant);
        const auto model = train(column_of(x), y, {}, {}, {});
        ASSERT_TRUE(model) << model.error().message;
        const auto predicted = model->predict(column_of(x));
        ASSERT_TRUE(predicted);
        for (const double value : *predicted) EXPECT_EQ(value, constant);
        EXPECT_EQ(*model->gain(), std::vector<double>{0.0});
    }
    Settings settings;
    settings.objective = Objective::tweedie;
    for (const double constant : {0.0, 0.5, 1e9}) {
        const std::vector<double> y(5, constant);
        const auto model = train(column_of(x), y, {}, settings, {});
        ASSERT_TRUE(model) << model.error().message;
        const auto predicted = model->predict(column_of(x));
        ASSERT_TRUE(predicted);
        for (const double value : *predicted) EXPECT_EQ(value, constant);
    }
    settings.objective = Objective::binary_logistic;
    const std::vector<double> ones(5, 1.0);
    const auto model = train(column_of(x), ones, {}, settings, {});
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_GT((*model->predict(column_of(x)))[0], 0.5);
}

TEST(Trees, a_far_mean_costs_no_digits) {
    Step step(1000);
    for (double& target : step.targets) target = 1e9 + 0.001 * target;
    const auto model = train(step.matrix(), step.targets, {}, {}, {});
    ASSERT_TRUE(model);
    const auto predicted = model->predict(step.matrix());
    ASSERT_TRUE(predicted);
    EXPECT_NEAR((*predicted)[0] - 1e9, 0.0, 1e-5);
    EXPECT_NEAR((*predicted)[999] - 1e9, 0.001, 1e-5);
}

TEST(Trees, a_row_that_weighs_nothing_teaches_nothing) {
    const std::vector<double> x{1, 1, 2, 2}, y{0, 100, 10, -100}, weights{1, 0, 1, 0};
    Settings settings;
    settings.minimum_child_weight = 0;
    settings.rounds = 300;
    const auto model = train(column_of(x), y, weights, settings, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto predicted = model->predict(column_of(x));
    ASSERT_TRUE(predicted);
    EXPECT_NEAR((*predicted)[0], 0.0, 0.01);
    EXPECT_NEAR((*predicted)[2], 10.0, 0.01);
}

TEST(Trees, the_same_seed_gives_the_same_bytes_on_one_thread_and_beside_others) {
    const Step step(5000);
    Settings settings;
    settings.rounds = 20;
    settings.row_share = 0.5;
    settings.column_share = 0.5;
    settings.seed = 7;
    const auto run = [&] {
        const auto model = train(step.matrix(), step.targets, {}, settings, {});
        return model ? *model->predict(step.matrix()) : std::vector<double>{};
    };
    const auto alone = run();
    ASSERT_EQ(alone.size(), 5000u);
    std::vector<std::vector<double>> together(3);
    ASSERT_TRUE(core::parallel_for(3, 2, {}, [&](std::size_t i) -> core::Status {
        together[i] = run();
        return {};
    }));
    for (const auto& one : together) EXPECT_EQ(one, alone);
    settings.seed = 8;
    EXPECT_NE(run(), alone);
}

TEST(Trees, input_that_cannot_be_learned_from_is_an_error) {
    const std::vector<double> none, one{1.0}, two{1.0, 2.0}, half{0.5, 1.0}, no_number{missing, 1.0};
    const auto message = [](const auto& result) { return result ? std::string() : result.error().message; };
    EXPECT_THAT(message(train({none, 0, 1}, none, {}, {}, {})), HasSubstr("at least one row"));
    EXPECT_THAT(message(train({none, 2, 0}, two, {}, {}, {})), HasSubstr("at least one column"));
    EXPECT_THAT(message(train({two, 3, 1}, two, {}, {}, {})), HasSubstr("3 rows and 1 columns has 3 values"));
    EXPECT_THAT(message(train(column_of(two), one, {}, {}, {})), HasSubstr("as many targets, found 1"));
    EXPECT_THAT(message(train(column_of(two), two, one, {}, {})), HasSubstr("as many weights or none"));
    EXPECT_THAT(message(train(column_of(two), no_number, {}, {}, {})), HasSubstr("target of row 1 is nan"));
    EXPECT_THAT(message(train(column_of(two), two, no_number, {}, {})), HasSubstr("weight of row 1 is nan"));
    const std::vector<double> nothing{0.0, 0.0};
    EXPECT_THAT(message(train(column_of(two), two, nothing, {}, {})), HasSubstr("every row weighs 0"));
    Settings settings;
    settings.objective = Objective::binary_logistic;
    EXPECT_THAT(message(train(column_of(two), half, {}, settings, {})), HasSubstr("expected 0 or 1"));
    const std::vector<double> below{1.0, -1.0};
    settings.objective = Objective::tweedie;
    EXPECT_THAT(message(train(column_of(two), below, {}, settings, {})),
                HasSubstr("target of row 2 is -1; expected a finite number, 0 or more"));
    EXPECT_THAT(message(train(column_of(two), two, {}, settings, {}, two)), HasSubstr("starts from margins"));
    settings = {};
    settings.learning_rate = missing;
    EXPECT_THAT(message(train(column_of(two), two, {}, settings, {})), HasSubstr("learning_rate"));
    settings = {};
    settings.rounds = 0;
    EXPECT_THAT(message(train(column_of(two), two, {}, settings, {})), HasSubstr("rounds must be"));
}

TEST(Trees, a_model_is_asked_about_as_many_columns_as_it_knows) {
    const Step step(50);
    const auto model = train(step.matrix(), step.targets, {}, {}, {});
    ASSERT_TRUE(model);
    const std::vector<double> one{1.0};
    const auto wrong = model->predict(column_of(one));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("trained on 2 columns and is asked about 1"));
    const auto nobody = model->predict({{}, 0, 2});
    ASSERT_TRUE(nobody);
    EXPECT_TRUE(nobody->empty());
}

TEST(Trees, margins_are_where_the_trees_begin) {
    const std::vector<double> x(40, 1.0), margins(40, std::log(0.2 / 0.8));
    std::vector<double> y(40, 0.0);
    std::fill(y.begin(), y.begin() + 8, 1.0);  // One in five: the margins say so already.
    Settings settings;
    settings.objective = Objective::binary_logistic;
    const auto model = train(column_of(x), y, {}, settings, {}, margins);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_NEAR((*model->predict(column_of(x), margins))[0], 0.2, 1e-3);
    EXPECT_NEAR((*model->predict(column_of(x), std::vector<double>(40, 0.0)))[0], 0.5, 1e-3);
    EXPECT_FALSE(train(column_of(x), y, {}, {}, {}, margins)) << "squared error has no margins";
    EXPECT_FALSE(model->predict(column_of(x), std::vector<double>(3, 0.0)));
}

TEST(Trees, a_prediction_may_stop_after_some_trees) {
    const Step step(200);
    Settings ten;
    ten.rounds = 10;
    const auto all = train(step.matrix(), step.targets, {}, {}, {});
    const auto few = train(step.matrix(), step.targets, {}, ten, {});
    ASSERT_TRUE(all && few);
    EXPECT_EQ(*all->predict(step.matrix(), {}, 10), *few->predict(step.matrix()));
    EXPECT_NE(*all->predict(step.matrix()), *few->predict(step.matrix()));
}

TEST(Trees, rows_prepared_once_teach_several_models_as_rows_of_their_own_do) {
    const Step step(400);
    std::vector<double> falling(step.targets.size());
    for (std::size_t i = 0; i < falling.size(); ++i) falling[i] = 7.0 - 3.0 * step.cells[i];
    const auto rows = PreparedMatrix::make(step.matrix());
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->rows(), 400u);
    for (const auto& targets : {step.targets, falling, step.targets}) {
        const auto shared = train(*rows, targets, {}, {}), own = train(step.matrix(), targets, {}, {}, {});
        ASSERT_TRUE(shared && own);
        EXPECT_EQ(*shared->predict(*rows), *own->predict(step.matrix())) << "of rows that were trained on";
        EXPECT_EQ(*shared->predict(step.matrix()), *own->predict(step.matrix()));
    }
}

TEST(Trees, prepared_rows_may_be_asked_about_in_any_order_of_rounds_and_models) {
    const Step step(300);
    std::vector<double> margins(300);
    for (std::size_t i = 0; i < margins.size(); ++i) margins[i] = static_cast<double>(i % 5) - 2.0;
    Settings settings;
    settings.objective = Objective::binary_logistic;
    settings.rounds = 30;
    const auto rows = PreparedMatrix::make(step.matrix(), {}, margins);
    ASSERT_TRUE(rows) << rows.error().message;
    const auto model = train(*rows, step.targets, settings, {});
    const auto other = train(step.matrix(), step.targets, {}, settings, {});
    ASSERT_TRUE(model && other);
    for (const unsigned rounds : {5u, 10u, 30u, 10u, 0u, 1u, 0u}) {
        EXPECT_EQ(*model->predict(*rows, rounds), *model->predict(step.matrix(), margins, rounds)) << rounds;
        EXPECT_EQ(*other->predict(*rows, rounds), *other->predict(step.matrix(), margins, rounds)) << rounds;
    }
}

TEST(Trees, the_weights_of_prepared_rows_count_in_every_training) {
    const std::vector<double> x{1, 1, 2, 2}, y{0, 100, 10, -100}, other{4, 0, 4, 0}, weights{1, 0, 1, 0};
    Settings settings;
    settings.minimum_child_weight = 0;
    settings.rounds = 300;
    const auto rows = PreparedMatrix::make(column_of(x), weights);
    ASSERT_TRUE(rows) << rows.error().message;
    const auto first = train(*rows, y, settings, {}), second = train(*rows, other, settings, {});
    ASSERT_TRUE(first && second);
    EXPECT_NEAR((*first->predict(*rows))[0], 0.0, 0.01);
    EXPECT_NEAR((*first->predict(*rows))[2], 10.0, 0.01);
    EXPECT_NEAR((*second->predict(*rows))[1], 4.0, 0.01);
}

TEST(Trees, a_stop_is_heard_between_two_trees) {
    const Step step(50);
    std::stop_source source;
    source.request_stop();
    core::Task task;
    task.stop = source.get_token();
    const auto model = train(step.matrix(), step.targets, {}, {}, task);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().kind, core::ErrorKind::cancelled);
}

TEST(Library, one_that_is_absent_is_an_error_that_names_the_package) {
    const auto absent = load_library("libxgboost.so.absent");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, core::ErrorKind::unavailable);
    EXPECT_THAT(absent.error().message, HasSubstr("libxgboost0"));
    const auto other = load_library("libm.so.6");
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, HasSubstr("has no function XGBGetLastError"));
}
