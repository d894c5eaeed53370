#include "servers/prometheus_server.hpp"
#include "tristrata/analyzer/answer.hpp"
#include "tristrata/analyzer/judgement.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace tristrata::analyzer {
namespace {

using core::ErrorKind;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::int64_t minute = 60'000'000, an_hour = 60 * minute;

/// A day and a half of samples a minute: jobs a and b (b ends an hour before the end), a histogram, 12,000
/// series of a moment.
class PrometheusRespondent : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_ =
            std::filesystem::temp_directory_path() / ("prometheus_respondent_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        end_ = {(core::system_clock().now().microseconds / an_hour - 3) * an_hour};
        std::ofstream text(folder_ / "history.txt");
        text << "# TYPE load gauge\n";
        for (const char* job : {"a", "b"})
            for (int i = -36 * 60; i <= 0; ++i) {
                if (*job == 'b' && i > -60) continue;
                text << fmt::format("load{{job=\"{}\"}} {} {}\n", job, 10 + (i * i) % 7, seconds(i));
            }
        text << "# TYPE took histogram\n";
        for (const auto& [bound, share] : {std::pair{"0.1", 0.5}, {"0.2", 0.9}, {"+Inf", 1.0}})
            for (int i = -36 * 60; i <= 0; ++i)
                text << fmt::format("took_bucket{{le=\"{}\"}} {} {}\n", bound, share * 100.0 * (i + 36 * 60),
                                    seconds(i));
        text << "# TYPE many gauge\n";
        for (int i = 0; i < 12'000; ++i) text << fmt::format("many{{i=\"{}\"}} 1 {}\n", i, seconds(0));
        text << "# EOF\n";
        text.close();
        server_ = std::make_unique<servers::PrometheusServer>((folder_ / "history.txt").string());
    }
    static void TearDownTestSuite() {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    static std::int64_t seconds(int minutes) { return end_.microseconds / 1'000'000 + 60 * minutes; }

    static Definition definition(const std::string& query) {
        Definition one;
        one.name = one.metric = "x";
        one.place.kind = SourceKind::promql;
        one.place.url = server_->url();
        one.query = query;
        one.window = one.every = {an_hour};
        one.step = {5 * minute};
        one.reference_windows = 30;
        one.reference_min = 20;
        one.timeout = {10'000'000};
        one.rows_max = 100'000;
        one.series_max = 1000;
        one.module = "m";
        one.drift_type = drift::DriftType::latency_drift;
        return one;
    }
    static core::Result<Answer> ask(const Definition& one, core::Timestamp to = end_) {
        return (*open_prometheus(one.place))->ask(one, reference_of(one, to).from, to, {});
    }
    static core::Error refusal(const Definition& one) {
        const auto answer = ask(one);
        EXPECT_FALSE(answer.has_value()) << one.query;
        return answer ? core::Error{} : answer.error();
    }

    static std::unique_ptr<servers::PrometheusServer> server_;
    static std::filesystem::path folder_;
    static core::Timestamp end_;
};
std::unique_ptr<servers::PrometheusServer> PrometheusRespondent::server_;
std::filesystem::path PrometheusRespondent::folder_;
core::Timestamp PrometheusRespondent::end_{};

TEST_F(PrometheusRespondent, a_row_is_the_step_that_ends_where_it_is_evaluated) {
    Definition one = definition("load{job=\"a\"}");
    const auto answer = ask(one);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    ASSERT_EQ(answer->rows(), 31u * 12u);
    EXPECT_EQ(answer->times.front(), reference_of(one, end_).from.microseconds);
    EXPECT_EQ(answer->times.back(), end_.microseconds - 5 * minute);
    EXPECT_DOUBLE_EQ(answer->numbers.front().values.back(), 10.0);  // Of the last minute: i = 0.
    const auto said = judge(one, *answer, end_, {});
    EXPECT_EQ(said.rows, 12u);
    EXPECT_EQ(said.reference_windows, 30u);
}

TEST_F(PrometheusRespondent, a_quantile_of_a_histogram_is_a_query_like_any_other) {
    const auto answer = ask(definition("histogram_quantile(0.7, sum by (le) (rate(took_bucket[5m])))"));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_NEAR(answer->numbers.front().values.back(), 0.15, 1e-6);  // Half way between 50 % and 90 %.
}

TEST_F(PrometheusRespondent, an_instant_query_is_evaluated_once_a_window) {
    Definition one = definition("sum(load)");
    one.evaluation = Evaluation::instant;
    one.step = one.window;
    const auto answer = ask(one);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->rows(), 31u);
    EXPECT_EQ(answer->times.back(), end_.microseconds - an_hour);
    EXPECT_EQ(judge(one, *answer, end_, {}).rows, 1u);
}

TEST_F(PrometheusRespondent, a_series_that_went_stale_did_not_report) {
    Definition one = definition("load");
    one.expects = {{{"job", "a"}}, {{"job", "b"}}, {{"job", "c"}}};
    const auto answer = ask(one);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    std::vector<std::string> metrics;
    for (const auto& event : judge(one, *answer, end_, {}).events) metrics.push_back(event.metric);
    EXPECT_THAT(metrics, Contains("absent_x[job=c]"));
    EXPECT_THAT(metrics, ::testing::Not(Contains("absent_x[job=a]")));
    // Within five minutes of its last sample a Prometheus still answers with it: b is missed one window
    // later.
    metrics.clear();
    one.window = one.every = {an_hour / 2};
    one.reference_windows = 60;
    for (const auto& event : judge(one, *ask(one), end_, {}).events) metrics.push_back(event.metric);
    EXPECT_THAT(metrics, Contains("absent_x[job=b]"));
}

TEST_F(PrometheusRespondent, no_series_scalars_and_nan_are_told_apart) {
    const auto none = ask(definition("nothing_of_that_name"));
    ASSERT_TRUE(none.has_value()) << none.error().message;
    EXPECT_EQ(none->rows(), 0u);
    EXPECT_THAT(judge(definition("x"), *none, end_, {}).reason, HasSubstr("no data"));
    const auto nan = ask(definition("load{job=\"a\"} * NaN"));
    ASSERT_TRUE(nan.has_value()) << nan.error().message;
    EXPECT_TRUE(std::isnan(nan->numbers.front().values.back()));
    const auto infinite = ask(definition("load{job=\"a\"} / 0"));
    ASSERT_TRUE(infinite.has_value()) << infinite.error().message;
    EXPECT_TRUE(std::isinf(infinite->numbers.front().values.back()));
    Definition scalar = definition("scalar(load{job=\"a\"})");
    scalar.evaluation = Evaluation::instant;
    scalar.step = scalar.window;
    const auto answer = ask(scalar);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_THAT(answer->notes, Contains(HasSubstr("a scalar, which has no labels")));
    EXPECT_EQ(answer->rows(), 31u);
}

TEST_F(PrometheusRespondent, too_many_series_and_mistakes_are_refused_in_words) {
    Definition many = definition("many");
    many.evaluation = Evaluation::instant;
    many.step = many.window;
    EXPECT_EQ(refusal(many).kind, ErrorKind::limit_exceeded);
    EXPECT_THAT(refusal(many).message, HasSubstr("12000 series, more than its series_max 1000"));
    EXPECT_EQ(refusal(definition("sum(load")).kind, ErrorKind::usage);
    EXPECT_THAT(refusal(definition("sum(load")).message, HasSubstr("bad_data"));
    EXPECT_EQ(refusal(definition("\"text\"")).kind, ErrorKind::usage);
    EXPECT_EQ(refusal(definition("load + on (job) group_left () many")).kind, ErrorKind::usage);
}

TEST_F(PrometheusRespondent, a_slow_query_is_cut_and_a_silent_server_is_unavailable) {
    // Prometheus looks at its clock at each step of an operator, and not at all within a function of a range.
    Definition slow = definition("sum(quantile_over_time(0.9, (load + load)[1d:1s]))");
    slow.timeout = {20'000};
    const auto cut = refusal(slow);
    EXPECT_EQ(cut.kind, ErrorKind::cancelled) << cut.message;
    EXPECT_THAT(cut.message, HasSubstr("cut at its timeout"));
    server_->stop();
    Definition one = definition("load");
    one.timeout = {100'000};
    const auto silent = refusal(one);
    server_->start();
    EXPECT_EQ(silent.kind, ErrorKind::unavailable) << silent.message;
    EXPECT_TRUE(ask(definition("load")).has_value());
}

TEST_F(PrometheusRespondent, the_clocks_of_one_machine_agree) {
    const auto ahead = (*open_prometheus(definition("x").place))->ahead({});
    ASSERT_TRUE(ahead.has_value()) << ahead.error().message;
    EXPECT_LT(std::abs(ahead->microseconds), 5'000'000);
}

}  // namespace
}  // namespace tristrata::analyzer
