#include "tristrata/model_quality/quality.hpp"

#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/stats/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace tristrata;
using namespace tristrata::model_quality;
using dataset::MemoryColumn;
using dataset::MemorySource;
using testing::HasSubstr;

namespace {

/// A calibrated model whose labels are those of `honest` of its rows, and the other way round in the rest.
struct Model {
    std::vector<double> id, p, said, truth;
    explicit Model(std::size_t rows, double honest = 1.0, std::uint64_t seed = 1) {
        stats::Random random(20240607, seed);
        for (std::size_t i = 0; i < rows; ++i) {
            id.push_back(static_cast<double>(i));
            p.push_back(random.uniform());
            said.push_back(p.back() >= 0.5 ? 1 : 0);
            const double right = random.uniform() < honest ? p.back() : 1 - p.back();
            truth.push_back(random.uniform() < right ? 1 : 0);
        }
    }
    [[nodiscard]] MemorySource source(bool with_truth = true) const {
        std::vector<MemoryColumn> columns{{"id", id}, {"p", p}, {"y_pred", said}};
        if (with_truth) columns.push_back({"y_true", truth});
        return MemorySource(std::move(columns));
    }
};

QualityPlan binary() {
    QualityPlan plan;
    plan.y_proba = {"p"};
    plan.key = "id";
    return plan;
}

core::Result<QualityReport> checked(MemorySource reference, MemorySource current, const QualityPlan& plan,
                                    dataset::Source* labels = nullptr) {
    return check({&reference, std::nullopt}, {&current, std::nullopt}, labels, plan, {}, {});
}

std::string message(const core::Result<QualityReport>& report) {
    return report ? "" : report.error().message;
}

const MetricRow& row_of(const QualityReport& report, Metric metric, std::size_t chunk = 0) {
    return *std::ranges::find(report.chunks[chunk].metrics, metric, &MetricRow::metric);
}

}  // namespace

TEST(QualityCheck, a_model_that_stayed_as_it_was_is_not_flagged_and_one_that_fell_is) {
    const Model before(4000), same(2000, 1.0, 2), fallen(2000, 0.6, 3);
    const auto calm = checked(before.source(), same.source(), binary());
    ASSERT_TRUE(calm) << calm.error().message;
    EXPECT_EQ(calm->problem, Problem::binary);
    EXPECT_EQ(calm->drifted, 0u);
    EXPECT_FALSE(calm->severity);
    const auto worse = checked(before.source(), fallen.source(), binary());
    ASSERT_TRUE(worse);
    EXPECT_EQ(row_of(*worse, Metric::roc_auc).verdict, drift::Verdict::drift);
    EXPECT_EQ(row_of(*worse, Metric::roc_auc).severity, drift::Severity::crit);
    ASSERT_TRUE(worse->chunks[0].calibration);
    EXPECT_EQ(worse->chunks[0].calibration->verdict, drift::Verdict::drift);
    EXPECT_EQ(worse->severity, drift::Severity::crit);
}

TEST(QualityCheck, unchanged_models_are_flagged_as_often_as_alpha_says) {
    int any = 0;
    constexpr int runs = 60;
    for (std::uint64_t run = 0; run < runs; ++run) {
        const Model before(1500, 1.0, 100 + 2 * run), now(500, 1.0, 101 + 2 * run);
        const auto report = checked(before.source(), now.source(), binary());
        ASSERT_TRUE(report);
        any += report->drifted > 0;
    }
    // One side of .05 over metrics that go together, so at most .05: 7 of 60 is beyond three standard errors.
    EXPECT_LE(any, 7);
}

TEST(QualityCheck, labels_come_late_and_are_joined_by_key) {
    const Model before(500), now(200, 1.0, 2);
    MemorySource labels(
        {{"id", std::vector<double>{5, 7, 9, 900}}, {"y_true", std::vector<double>{1, 0, 1, 1}}});
    const auto report = checked(before.source(), now.source(false), binary(), &labels);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->chunks[0].labelled, 3u);
    EXPECT_EQ(report->chunks[0].rows, 200u);
    EXPECT_THAT(report->notes, testing::Contains(HasSubstr("3 of 200 rows")));
    EXPECT_THAT(report->notes, testing::Contains(HasSubstr("1 label belongs to no row")));
    EXPECT_EQ(row_of(*report, Metric::accuracy).verdict, drift::Verdict::insufficient_data);
    MemorySource twice({{"id", std::vector<double>{5, 5}}, {"y_true", std::vector<double>{1, 0}}});
    EXPECT_THAT(message(checked(before.source(), now.source(false), binary(), &twice)),
                HasSubstr("stands in rows 1 and 2"));
    MemorySource strange({{"id", std::vector<double>{-1}}, {"y_true", std::vector<double>{1}}});
    EXPECT_THAT(message(checked(before.source(), now.source(false), binary(), &strange)),
                HasSubstr("no key of"));
    auto keyless = binary();
    keyless.key = "";
    EXPECT_THAT(message(checked(before.source(), now.source(false), keyless, &labels)), HasSubstr("--key"));
}

TEST(QualityCheck, what_is_no_probability_or_no_class_is_named_with_its_row) {
    const Model before(200);
    Model now(50, 1.0, 2);
    now.p[6] = 1.5;
    EXPECT_THAT(message(checked(before.source(), now.source(), binary())),
                HasSubstr("row 7, column \"p\": 1.5 is no probability"));
    now = Model(50, 1.0, 2);
    now.truth[3] = 7;
    EXPECT_THAT(message(checked(before.source(), now.source(), binary())),
                HasSubstr("row 4, column \"y_true\": the class \"7\""));
    const auto three = [](double last) {
        return MemorySource({{"a", std::vector<double>{.5, .2}},
                             {"b", std::vector<double>{.3, .2}},
                             {"c", std::vector<double>{.2, last}},
                             {"y_pred", std::vector<std::string>{"a", "c"}},
                             {"y_true", std::vector<std::string>{"a", "b"}}});
    };
    QualityPlan plan;
    plan.y_proba = {"a=a", "b=b", "c=c"};
    EXPECT_THAT(message(checked(three(.9), three(.6), plan)),
                HasSubstr("row 2: the probabilities of its 3 classes sum to 1.3"));
    plan.y_proba = {"a=a", "c=c"};
    EXPECT_THAT(message(checked(three(.6), three(.6), plan)), HasSubstr("holds the class \"b\""));
    plan.y_proba = {"pp"};
    EXPECT_THAT(message(checked(before.source(), before.source(), plan)), HasSubstr("did you mean \"p\"?"));
}

TEST(QualityCheck, a_chunk_of_one_row_and_one_without_a_class_say_so) {
    const Model before(500);
    Model now(101, 1.0, 2);
    std::fill(now.truth.begin(), now.truth.begin() + 50, 0.0);
    auto plan = binary();
    plan.chunking = dataset::BySize{50, dataset::Remainder::keep};
    const auto report = checked(before.source(), now.source(), plan);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->chunks.size(), 3u);
    EXPECT_EQ(row_of(*report, Metric::recall, 0).verdict, drift::Verdict::not_tested);
    EXPECT_THAT(row_of(*report, Metric::recall, 0).reason, HasSubstr("no row is of the class \"1\""));
    EXPECT_EQ(row_of(*report, Metric::accuracy, 2).verdict, drift::Verdict::insufficient_data);
    EXPECT_THAT(row_of(*report, Metric::accuracy, 2).reason, HasSubstr("1 of the 30 labelled rows"));
}

TEST(QualityCheck, a_regression_needs_numbers) {
    const std::vector<double> y{1, 2, 3}, p{1, 2, 4};
    const auto numbers = [&] { return MemorySource({{"y_true", y}, {"y_pred", p}}); };
    const auto report = checked(numbers(), numbers(), {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problem, Problem::regression);
    EXPECT_NEAR(*row_of(*report, Metric::mae).realised.value, 1.0 / 3, 1e-15);
    MemorySource words({{"y_true", std::vector<std::string>{"x", "y", "z"}}, {"y_pred", p}});
    EXPECT_THAT(message(checked(numbers(), std::move(words), {})),
                HasSubstr("a regression needs numbers, found text such as \"x\""));
}

TEST(QualityCheck, a_column_that_is_not_there_is_answered_with_what_names_it) {
    const auto told = [](const char* column, QualityPlan plan) {
        const auto table = [&] {
            return MemorySource({{"id", std::vector<double>{1, 2}}, {column, std::vector<double>{0, 1}}});
        };
        return message(checked(table(), table(), std::move(plan)));
    };
    QualityPlan by_id;
    by_id.y_pred = "id";
    EXPECT_THAT(told("y_true", {}),
                HasSubstr("no column \"y_pred\"; it has \"id\", \"y_true\"; --y-pred names the "
                          "column of the predictions, --y-proba that of the probabilities"));
    EXPECT_THAT(told("outcome", by_id),
                HasSubstr("no column \"y_true\"; it has \"id\", \"outcome\"; --y-true names the "
                          "column of what came true"));
    EXPECT_THAT(told("y_tru", by_id), HasSubstr("did you mean \"y_tru\"? --y-true names"));
}

TEST(QualityCheck, a_reference_without_two_classes_is_told_in_a_sentence) {
    const auto told = [](const std::vector<double>& y, const std::vector<double>& p) {
        const auto table = [&] { return MemorySource({{"y_true", y}, {"y_pred", p}}); };
        auto plan = binary();
        plan.y_proba.clear();
        return message(checked(table(), table(), plan));
    };
    EXPECT_THAT(told({NAN, NAN}, {NAN, NAN}),
                HasSubstr("no row of the reference has a label in \"y_true\"; a reference is"));
    EXPECT_THAT(told({1, 1}, {1, 1}),
                HasSubstr("every label of the reference in \"y_true\" is \"1\": where there is one"));
    EXPECT_THAT(told({0, 1, 1}, {.25, .5, .75}),
                HasSubstr("if the second holds probabilities, --y-proba in place of --y-pred"));
    const auto swapped = [&] {
        return MemorySource(
            {{"y_true", std::vector<double>{.25, .5, .75}}, {"p", std::vector<double>{0, 1, 1}}});
    };
    auto plan = binary();
    plan.y_proba = {"p"};
    EXPECT_THAT(message(checked(swapped(), swapped(), plan)),
                HasSubstr("are --y-true and --y-proba the wrong way round?"));
}

TEST(QualityExtremes, numbers_near_the_ends_of_a_double_give_a_whole_report) {
    stats::Random random(20240607, 9);
    const auto side = [&](double value, std::size_t at) {
        std::vector<double> truth, predicted, x;
        for (std::size_t i = 0; i < 200; ++i) {
            truth.push_back(10.0 + random.normal());
            predicted.push_back(truth.back() + random.normal());
            x.push_back(random.normal());
        }
        if (at < 200) truth[at] = value;
        else if (at < 400) predicted[at - 200] = value;
        else std::ranges::fill(truth, value);
        return MemorySource({{"x", x}, {"y_pred", predicted}, {"y_true", truth}});
    };
    QualityPlan plan;
    plan.problem = Problem::regression;
    plan.chunking = dataset::BySize{100};
    std::size_t reports = 0;
    for (const double value : {1e-160, 5e-324, 1e76, 1e78, 1e154, 1e200, 1.7976931348623157e308, -1e300})
        for (const std::size_t at : {std::size_t{5}, std::size_t{205}, std::size_t{400}})
            for (const bool in_reference : {false, true})
                for (const bool estimating : {false, true}) {
                    MemorySource reference = side(in_reference ? value : 10.0, in_reference ? at : 0);
                    MemorySource current = side(in_reference ? 10.0 : value, in_reference ? 0 : at);
                    const auto report =
                        estimating ? estimate({&reference, {}}, {&current, {}}, nullptr, plan, {}, {})
                                   : check({&reference, {}}, {&current, {}}, nullptr, plan, {}, {});
                    if (!report) continue;  // Said in a sentence.
                    ++reports;
                    const std::string json = to_json(*report);
                    EXPECT_EQ(json.find("not_finite"), std::string::npos)
                        << value << " at " << at << (in_reference ? " of the reference" : "");
                    const auto back = parse_quality(json);
                    ASSERT_TRUE(back) << back.error().message;
                    EXPECT_EQ(to_json(*back), json);
                }
    EXPECT_GE(reports, 80u) << "most are answered";
}

TEST(QualityExtremes, a_band_that_fits_no_double_is_absent_and_the_verdict_says_why) {
    std::vector<double> truth, predicted;
    stats::Random random(20240607, 10);
    for (std::size_t i = 0; i < 300; ++i) {
        truth.push_back(10.0 + random.normal());
        predicted.push_back(truth.back() + random.normal());
    }
    auto wild = truth;
    wild[5] = 1e-160;  // mape then holds a loss of 1e161, whose square fits no double.
    QualityPlan plan;
    plan.problem = Problem::regression;
    const auto report = checked(MemorySource({{"y_pred", predicted}, {"y_true", truth}}),
                                MemorySource({{"y_pred", predicted}, {"y_true", wild}}), plan);
    ASSERT_TRUE(report) << message(report);
    const auto& mape = row_of(*report, Metric::mape);
    ASSERT_TRUE(mape.realised.value);
    EXPECT_GT(*mape.realised.value, 1e150);
    ASSERT_TRUE(mape.high) << "its spread is there: taken of what a power of two leaves";
    EXPECT_GT(*mape.high, *mape.realised.value);
    auto huge = truth;
    huge[5] = 1e160;
    const auto lost = checked(MemorySource({{"y_pred", predicted}, {"y_true", truth}}),
                              MemorySource({{"y_pred", predicted}, {"y_true", huge}}), plan);
    ASSERT_TRUE(lost) << message(lost);
    const auto& mse = row_of(*lost, Metric::mse);
    EXPECT_FALSE(mse.realised.value);
    EXPECT_NE(mse.realised.reason.find("too large"), std::string::npos) << mse.realised.reason;
    EXPECT_EQ(mse.verdict, drift::Verdict::not_tested);
}

TEST(QualityEstimate, is_the_same_on_any_number_of_threads_and_needs_no_label) {
    const Model before(2000), now(1000, 1.0, 2);
    std::string first;
    for (const unsigned threads : {1u, 2u}) {
        auto reference = before.source(), current = now.source(false);
        core::Task task;
        task.limits.threads = threads;
        auto plan = binary();
        plan.chunking = dataset::ByCount{4};
        const auto report =
            estimate({&reference, std::nullopt}, {&current, std::nullopt}, nullptr, plan, {}, task);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->drifted, 0u);
        EXPECT_FALSE(row_of(*report, Metric::accuracy).realised.value);
        EXPECT_NEAR(*row_of(*report, Metric::accuracy).estimate->estimated.value, 0.75, 0.03);
        const auto text = to_json(*report);
        EXPECT_EQ(nlohmann::json::parse(text)["schema"], "tristrata.quality_report/1");
        const auto back = parse_quality(text);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_TRUE(back->columns) << "not all of it is here";
        EXPECT_EQ(to_json(*back), text) << "what it wrote, read back";
        if (first.empty()) first = text;
        EXPECT_EQ(text, first);
    }
}

TEST(QualityJson, is_read_back_as_it_was_written_and_what_is_none_is_refused_with_the_place) {
    EXPECT_EQ(parse_quality("no").error().kind, core::ErrorKind::invalid_input);
    EXPECT_EQ(parse_quality(R"({"schema":"tristrata.quality_report/9"})").error().kind,
              core::ErrorKind::conflict);
    const Model before(400), now(400, 1.0, 2);
    auto reference = before.source(), current = now.source();
    const auto report = check({&reference, {}}, {&current, {}}, nullptr, binary(), {}, {});
    ASSERT_TRUE(report) << report.error().message;
    const auto back = parse_quality(to_json(*report));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(back->columns && back->chunks[0].calibration && !back->chunks[0].confusion.empty());
    EXPECT_EQ(to_json(*back), to_json(*report));
    const auto refused = [json = to_json(*report)](std::string_view old, std::string_view with) {
        auto text = json;
        text.replace(text.find(old), old.size(), with);
        const auto changed = parse_quality(text);
        return changed ? std::string("read") : changed.error().message;
    };
    EXPECT_EQ(refused("\"check\"", "\"guess\""),
              "not a quality report: at /kind: expected \"check\" or \"estimate\"");
    EXPECT_EQ(refused("\"accuracy\"", "\"luck\""),
              "not a quality report: at /reference_metrics/0/metric: expected the name of a metric");
    EXPECT_EQ(refused("\"confusion\"", "\"confused\""),
              "not a quality report: at /chunks/0: the member \"confusion\" is missing");
}

TEST(QualityEstimate, takes_no_row_number_as_a_feature_and_says_so_unless_it_is_named) {
    const Model before(2000), now(1000, 1.0, 2);
    auto plan = binary();
    plan.key = "";
    const auto notes_of = [&] {
        auto reference = before.source(), current = now.source();
        const auto report =
            estimate({&reference, std::nullopt}, {&current, std::nullopt}, nullptr, plan, {}, {});
        EXPECT_TRUE(report) << report.error().message;
        return report ? report->notes : std::vector<std::string>();
    };
    EXPECT_THAT(notes_of(), testing::Contains(HasSubstr("\"id\" is no feature unless --features names it")));
    plan.key = "id";
    EXPECT_THAT(notes_of(),
                testing::ElementsAre("no features, as target, prediction, probability, key or time: "
                                     "\"id\", \"p\", \"y_pred\", \"y_true\""));
    plan.features = {"id"};
    EXPECT_THAT(notes_of(), testing::IsEmpty());
}

TEST(SeverityOfGap, thresholds_hold_on_the_edge) {
    const auto policy = drift::SeverityPolicy::defaults();
    EXPECT_EQ(severity_of_gap(policy, 0.0499, 0.04), drift::Severity::info);
    EXPECT_EQ(severity_of_gap(policy, 0.05, 0.04), drift::Severity::warn);
    EXPECT_EQ(severity_of_gap(policy, 0.10, 0.0499), drift::Severity::warn) << "its near end must reach warn";
    EXPECT_EQ(severity_of_gap(policy, 0.10, 0.05), drift::Severity::crit);
    EXPECT_EQ(severity_of_gap(policy, 0.90, std::nullopt), drift::Severity::warn);
}

TEST(QualityFindings, one_finding_is_one_event_however_often_it_is_pushed) {
    const Model before(4000), fallen(2000, 0.6, 3);
    const auto report = checked(before.source(), fallen.source(), binary());
    ASSERT_TRUE(report);
    const auto found = findings(*report, "m", "r"), again = findings(*report, "m", "r"),
               other = findings(*report, "n", "r");
    ASSERT_EQ(found.size(), report->drifted);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].id, again[i].id);
        EXPECT_NE(found[i].id, other[i].id);
        EXPECT_TRUE(nlohmann::json::parse(found[i].payload).is_object());
    }
}
