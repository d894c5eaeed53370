#include "tristrata/analyzer/judgement.hpp"

#include "fake_respondent.hpp"
#include "tristrata/analyzer/backtest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace tristrata::analyzer {
namespace {

using drift::DriftType;
using drift::Severity;
using drift::Verdict;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::hour_us;
using testing::hourly;
using ::testing::IsEmpty;
using testing::regular;

constexpr core::Timestamp end{500'000 * hour_us};

Answer before_end(const std::function<double(std::int64_t, double)>& value = {}) {
    return regular(reference_of(hourly(), end).from, end, value);
}
bool in_window(std::int64_t time) { return time >= end.microseconds - hour_us; }
bool every_type(std::string_view /*module*/, DriftType /*type*/) { return true; }

std::vector<std::string> metrics(const Judgement& judgement) {
    std::vector<std::string> names;
    for (const auto& event : judgement.events) names.push_back(event.metric);
    return names;
}

TEST(Judgement, a_window_like_those_before_it_is_no_finding) {
    const auto said = judge(hourly(), before_end(), end, {});
    EXPECT_EQ(said.verdict, Verdict::no_drift) << said.reason;
    EXPECT_THAT(said.events, IsEmpty());
    EXPECT_EQ(said.rows, 12u);
    EXPECT_EQ(said.reference_windows, 48u);
}

TEST(Judgement, a_window_that_stands_out_is_an_event_of_the_drift_type_with_its_policy) {
    const auto said =
        judge(hourly("p99"), before_end([](std::int64_t t, double v) { return in_window(t) ? v * 1.3 : v; }),
              end, {});
    ASSERT_EQ(said.verdict, Verdict::drift) << said.reason;
    ASSERT_THAT(metrics(said), ::testing::Contains("p99"));
    const auto& event = said.events.front();
    EXPECT_EQ(event.drift_type, DriftType::latency_drift);
    EXPECT_EQ(event.module, "m");
    EXPECT_EQ(event.time, end);
    EXPECT_GE(*event.severity,
              Severity::warn);  // 30 % lies between 0.2 and 0.5; the distribution may say more.
    EXPECT_NEAR(*event.current_value / *event.reference_value, 1.3, 0.05);
    EXPECT_THAT(event.payload, HasSubstr("\"analyzer\":\"p99\""));
    EXPECT_THAT(event.payload, HasSubstr("\"layer\":\"execution\""));
    EXPECT_THAT(drift::words_of({{}, {}, {}, "m", event.drift_type, "p99", {}, {}, {}, {}, event.payload, {}})
                    .sentence,
                HasSubstr(""));
}

TEST(Judgement, the_same_window_is_the_same_rows) {
    const auto moved = before_end([](std::int64_t t, double v) { return in_window(t) ? v * 2 : v; });
    const auto once = judge(hourly(), moved, end, {}), again = judge(hourly(), moved, end, {});
    ASSERT_THAT(once.events, ::testing::Not(IsEmpty()));
    EXPECT_EQ(once.events.front().event_id, again.events.front().event_id);
    EXPECT_EQ(once.events.front().payload, again.events.front().payload);
    EXPECT_NE(judge(hourly("b"), moved, end, {}).events.front().event_id, once.events.front().event_id);
}

TEST(Judgement, nothing_at_all_is_an_event) {
    const auto said =
        judge(hourly(), regular(reference_of(hourly(), end).from, {end.microseconds - hour_us}), end, {});
    ASSERT_THAT(metrics(said), ElementsAre("row_count_a"));
    EXPECT_EQ(said.events.front().drift_type, DriftType::volume_drift);
    EXPECT_EQ(said.events.front().severity, Severity::crit);
    EXPECT_THAT(said.reason, HasSubstr("no data"));
    Definition quiet = hourly();
    quiet.rows_min = 0;
    EXPECT_THAT(judge(quiet, {}, end, {}).events, IsEmpty());
}

TEST(Judgement, too_few_are_an_event_of_the_share_that_is_missing) {
    Definition one = hourly();
    one.rows_min = 20;
    const auto said = judge(one, before_end(), end, {});
    ASSERT_THAT(metrics(said), ElementsAre("row_count_a"));
    EXPECT_EQ(said.events.front().severity, Severity::warn);  // 12 of 20: 0.4 is below 0.5.
    one.rows_min = 24;
    EXPECT_EQ(judge(one, before_end(), end, {}).severity(), Severity::crit);  // On the edge.
}

TEST(Judgement, each_combination_that_did_not_report_is_an_event) {
    Definition one = hourly();
    for (const char* fold : {"1", "2", "3"}) one.expects.push_back({{"fold_id", fold}});
    Answer answer = before_end();
    answer.labels.push_back({"fold_id", {}});
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        const bool missing = in_window(answer.times[i]) && i % 3 == 1;
        answer.labels.front().values.push_back(missing ? "1" : std::to_string(i % 3 + 1));
        // Fold 3 says something that is no number.
        if (in_window(answer.times[i]) && i % 3 == 2)
            answer.numbers.front().values[i] = std::numeric_limits<double>::quiet_NaN();
    }
    const auto said = judge(one, answer, end, {});
    const auto names = metrics(said);
    EXPECT_THAT(names, ::testing::Contains("absent_a[fold_id=2]"));
    EXPECT_THAT(names, ::testing::Contains("absent_a[fold_id=3]"));
    EXPECT_THAT(names, ::testing::Not(::testing::Contains("absent_a[fold_id=1]")));
    EXPECT_EQ(said.events.front().drift_type, DriftType::data_quality);
    EXPECT_EQ(said.severity(), Severity::crit);
    answer.labels.clear();
    EXPECT_THAT(judge(one, answer, end, {}).reason, HasSubstr("the query gives no column \"fold_id\""));
}

TEST(Judgement, what_moved_where_rows_or_labels_are_missing_says_what_is_missing) {
    Definition one = hourly("p99");
    const Answer answer = before_end([](std::int64_t t, double v) { return in_window(t) ? v * 1.3 : v; });
    const auto moved = [&] {
        const auto said = judge(one, answer, end, {});
        const auto found = std::ranges::find(said.events, "p99", &drift::EventRequest::metric);
        return found == said.events.end() ? std::string("no event") : found->payload;
    };
    EXPECT_THAT(moved(), ::testing::Not(HasSubstr("\"missing\"")));
    one.rows_min = 24;
    EXPECT_THAT(moved(), HasSubstr("\"missing\":\"too few: 12 rows in the window, expected 24 or more\""));
    // Every third number of the window did not come.
    int number = 0;
    const auto holes = judge(hourly("p99"), before_end([&](std::int64_t t, double v) {
                                 if (!in_window(t)) return v;
                                 return ++number % 3 == 0 ? std::nan("") : v * 1.3;
                             }),
                             end, {});
    const auto found = std::ranges::find(holes.events, "p99", &drift::EventRequest::metric);
    ASSERT_NE(found, holes.events.end());
    EXPECT_THAT(found->payload, HasSubstr("\"missing\":"));
}

TEST(Judgement, a_p_that_is_small_is_held_against_its_alpha) {
    // Of 48 windows at alpha 0.0119..., which is two a week.
    EXPECT_THAT(judge(hourly(), before_end(), end, {}).reason,
                HasSubstr(" after correction, above alpha 0.0"));
    Definition usual = hourly();
    usual.alpha = 0.05;
    EXPECT_THAT(judge(usual, before_end(), end, {}).reason, ::testing::Not(HasSubstr("alpha")));
}

TEST(Judgement, a_window_of_one_value_says_what_would_look_at_it) {
    Definition one = hourly();
    const auto sparse = [](Answer answer) {
        Answer first;
        first.numbers.push_back({answer.numbers.front().name, {}});
        for (std::size_t i = 0; i < answer.rows(); i += 12) {
            first.times.push_back(answer.times[i]);
            first.numbers.front().values.push_back(answer.numbers.front().values[i]);
        }
        return first;
    };
    const Answer answer =
        sparse(before_end([](std::int64_t t, double v) { return in_window(t) ? v * 100 : v; }));
    const auto said = judge(one, answer, end, {});
    EXPECT_EQ(said.verdict, Verdict::insufficient_data);
    EXPECT_THAT(said.reason, HasSubstr("1 value in current; 5 are needed"));
    EXPECT_THAT(said.reason,
                HasSubstr("take a longer one, or minimum and maximum, which look at each value"));
    one.evaluation = Evaluation::instant;
    EXPECT_THAT(judge(one, answer, end, {}).reason,
                HasSubstr("take a longer one, evaluation = \"range\", or"));
    one.bounds.maximum = 1000.0;
    one.has_bounds = true;
    EXPECT_EQ(judge(one, answer, end, {}).verdict, Verdict::drift) << "the bound is looked at";
}

TEST(Judgement, too_few_windows_before_are_no_verdict) {
    const auto said = judge(hourly(), regular({end.microseconds - 10 * hour_us}, end), end, {});
    EXPECT_EQ(said.verdict, Verdict::insufficient_data);
    EXPECT_THAT(said.reason, HasSubstr("9 windows with rows before this one, expected 20 or more"));
    EXPECT_THAT(said.events, IsEmpty());
}

TEST(Judgement, a_dead_dispersion_needs_no_long_reference) {
    Definition one = hourly();
    one.has_bounds = true;
    one.bounds.dispersion_min = 0.001;
    const auto dead = [](std::int64_t t, double v) { return in_window(t) ? 1.000291 : v; };
    const auto said = judge(one, regular({end.microseconds - 4 * hour_us}, end, dead), end, {});
    EXPECT_THAT(metrics(said), ::testing::Contains("constant_a")) << said.reason;
    EXPECT_GE(said.severity(), Severity::warn);
}

TEST(Judgement, missing_and_infinite_values_are_signals_not_silence) {
    const auto inf = std::numeric_limits<double>::infinity();
    const auto said = judge(
        hourly(), before_end([&](std::int64_t t, double v) { return in_window(t) ? inf : v; }), end, {});
    EXPECT_THAT(metrics(said), ::testing::Contains("infinite_share_a")) << said.reason;
    const auto none = judge(hourly(), before_end([&](std::int64_t t, double v) {
                                return in_window(t) ? std::numeric_limits<double>::quiet_NaN() : v;
                            }),
                            end, {});
    EXPECT_THAT(metrics(none), ::testing::Contains("missing_share_a")) << none.reason;
}

TEST(Judgement, bounds_are_the_windows_own_however_few_its_rows) {
    Definition one = hourly();
    one.has_bounds = true;
    one.bounds.minimum = 0.5;
    const auto at = [&](double value) {
        Answer answer;
        answer.times = {end.microseconds - hour_us / 2};
        answer.numbers = {{"a", {value}}};
        return judge(one, answer, end, {});
    };
    const auto low = at(0.04);
    EXPECT_THAT(metrics(low), ElementsAre("range_" + one.metric)) << low.reason;
    EXPECT_EQ(low.verdict, Verdict::drift);
    EXPECT_THAT(low.reason, HasSubstr("1 of 1 value beyond the bounds: 1 below 0.5, down to 0.04"));
    EXPECT_THAT(at(0.93).events, IsEmpty()) << "the side without a bound has none";
    EXPECT_THAT(metrics(at(std::numeric_limits<double>::infinity())), IsEmpty());
    one.bounds.maximum = 1.0;
    EXPECT_THAT(at(std::numeric_limits<double>::infinity()).reason, HasSubstr("1 above 1, up to inf"));
    EXPECT_THAT(at(1.0).events, IsEmpty()) << "on the bound";
    // What opened without a reference ends without one.
    Answer calm;
    calm.times = {end.microseconds - hour_us / 2};
    calm.numbers = {{"a", {0.93}}};
    const auto good = judge(one, calm, end, {}, every_type).good;
    EXPECT_TRUE(
        std::ranges::any_of(good, [&](const auto& event) { return event.metric == "range_" + one.metric; }));
    one.bounds.maximum.reset();
    const auto few = judge(one,
                           regular({end.microseconds - 3 * hour_us}, end,
                                   [](std::int64_t t, double) { return in_window(t) ? 0.4 : 9.0; }),
                           end, {});
    EXPECT_THAT(metrics(few), ElementsAre("range_" + one.metric)) << few.reason;
    const auto recovered =
        judge(one, before_end([](std::int64_t t, double) { return in_window(t) ? 9.0 : 0.4; }), end, {});
    for (const auto& event : recovered.events)
        EXPECT_NE(event.metric, "range_" + one.metric) << recovered.reason;
}

TEST(Judgement, rows_without_a_number_are_no_data) {
    const auto nothing = judge(
        hourly(), before_end([](std::int64_t, double) { return std::numeric_limits<double>::quiet_NaN(); }),
        end, {});
    EXPECT_THAT(metrics(nothing), ElementsAre("row_count_" + hourly().metric)) << nothing.reason;
    EXPECT_THAT(nothing.reason, HasSubstr("without a number in the window"));
}

TEST(Judgement, what_was_looked_at_and_was_good_is_told_under_the_names_of_what_could_be_bad) {
    const auto names = [](const Judgement& judgement) {
        std::set<std::pair<DriftType, std::string>> all;
        for (const auto& event : judgement.good) {
            EXPECT_EQ(event.severity, Severity::info);
            EXPECT_TRUE(event.event_id) << event.metric;
            all.emplace(event.drift_type, event.metric);
        }
        return all;
    };
    const auto bad =
        judge(hourly(), before_end([](std::int64_t t, double v) { return in_window(t) ? v + 50 : v; }), end,
              {}, every_type);
    ASSERT_FALSE(bad.events.empty());
    const auto calm = names(judge(hourly(), before_end(), end, {}, every_type));
    for (const auto& event : bad.events)
        EXPECT_TRUE(calm.contains({event.drift_type, event.metric})) << event.metric;
    EXPECT_TRUE(calm.contains({DriftType::volume_drift, "row_count_" + hourly().metric}));
    EXPECT_TRUE(calm.contains({DriftType::data_quality, "source_" + hourly().metric}));
    for (const auto& event : bad.events)
        EXPECT_FALSE(names(bad).contains({event.drift_type, event.metric})) << event.metric << " is not both";
    const auto nothing = judge(hourly(), Answer{}, end, {}, every_type);
    EXPECT_EQ(names(nothing).size(), 1u) << "its source answers, and nothing else can be said";
}

TEST(Judgement, what_was_good_is_made_only_of_types_that_somebody_asked_for_and_each_is_asked_once) {
    std::vector<DriftType> asked;
    const auto said = judge(hourly(), before_end(), end, {}, [&](std::string_view module, DriftType type) {
        EXPECT_EQ(module, "m");
        asked.push_back(type);
        return type == DriftType::volume_drift;
    });
    ASSERT_EQ(said.verdict, Verdict::no_drift);
    EXPECT_THAT(asked, ::testing::UnorderedElementsAre(DriftType::data_quality, DriftType::volume_drift,
                                                       DriftType::latency_drift, DriftType::data_drift));
    ASSERT_THAT(said.good, ::testing::Not(IsEmpty()));
    for (const auto& event : said.good) EXPECT_EQ(event.drift_type, DriftType::volume_drift) << event.metric;
    EXPECT_THAT(judge(hourly(), before_end(), end, {}).good, IsEmpty()) << "nobody asked";
    EXPECT_THAT(said.good.front().payload,
                HasSubstr("\"query_sha256\":\"" + core::sha256(hourly().query) + "\""));
}

TEST(Judgement, a_source_without_an_answer_is_a_finding_that_grows) {
    const core::Error error{core::ErrorKind::unavailable, "postgresql://u:secret@h/d does not answer", {}};
    const auto first = judge_failure(hourly(), error, 1, end), third = judge_failure(hourly(), error, 3, end);
    EXPECT_EQ(first.severity(), Severity::warn);
    EXPECT_EQ(third.severity(), Severity::crit);
    EXPECT_EQ(first.events.front().drift_type, DriftType::data_quality);
    EXPECT_THAT(first.events.front().payload, ::testing::Not(HasSubstr("secret")));
}

TEST(Judgement, a_clock_apart_by_windows_is_worse_than_by_seconds) {
    EXPECT_EQ(judge_clock(hourly(), {10'000'000}, end).severity(), Severity::info);
    EXPECT_EQ(judge_clock(hourly(), {-4 * hour_us}, end).severity(), Severity::crit);
    EXPECT_THAT(judge_clock(hourly(), {-4 * hour_us}, end).reason, HasSubstr("behind this host's"));
}

TEST(AnalyzerBacktest, windows_are_judged_as_on_their_day) {
    const core::Timestamp from{end.microseconds - 72 * hour_us};
    const auto moved = [](std::int64_t t, double v) { return in_window(t) ? v * 2 : v; };
    testing::FakeRespondent respondent(
        [&](const Definition&, core::Timestamp a, core::Timestamp b) { return regular(a, b, moved); });
    const auto result = backtest(hourly(), respondent, from, end, {});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->judgements.size(), 72u);
    const auto direct = judge(hourly(), before_end(moved), end, {});
    ASSERT_THAT(direct.events, ::testing::Not(IsEmpty()));
    EXPECT_EQ(result->judgements.back().events.front().payload, direct.events.front().payload);
    EXPECT_GE(result->alerts, 1u);
    EXPECT_EQ(result->episodes_a_week, std::nullopt) << "three days say nothing of a week";
    const auto of_a_week =
        backtest(hourly(), respondent, core::Timestamp{end.microseconds - 14 * 24 * hour_us}, end, {});
    ASSERT_TRUE(of_a_week.has_value()) << of_a_week.error().message;
    EXPECT_EQ(of_a_week->episodes_a_week, static_cast<double>(of_a_week->episodes) / 2.0);
    EXPECT_FALSE(backtest(hourly(), respondent, end, end, {}).has_value());
}

}  // namespace
TEST(WindowEnd, is_a_delay_behind_each_multiple_of_every_also_before_the_epoch) {
    const auto end_at = [](std::int64_t now) { return window_end({1'000}, {10}, {now}).microseconds; };
    EXPECT_EQ(end_at(5'010), 5'000);
    EXPECT_EQ(end_at(5'009), 4'000);
    EXPECT_EQ(end_at(5'000), 4'000);
    EXPECT_EQ(end_at(9), -1'000);
    EXPECT_EQ(end_at(-990), -1'000);
    EXPECT_EQ(end_at(-991), -2'000);
}

TEST(Judgement, a_thin_window_among_those_before_hides_nothing) {
    const core::Timestamp again{end.microseconds - hour_us};
    Answer answer = regular({end.microseconds - 49 * hour_us}, end, [&](std::int64_t time, double value) {
        return time >= again.microseconds ? 3 * value + 10 : value;
    });
    // Of one window the column is there once, of another never.
    bool is_first = true;
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        const std::int64_t hours = (end.microseconds - answer.times[i] - 1) / hour_us;
        if (hours != 20 && hours != 30) continue;
        if (hours == 20 && std::exchange(is_first, false)) continue;
        for (auto& column : answer.numbers) column.values[i] = std::nan("");
    }
    const Judgement found = judge(hourly(), answer, end, {});
    ASSERT_EQ(found.reference_windows, 48u);
    EXPECT_EQ(found.verdict, Verdict::drift) << found.reason;
    EXPECT_THAT(found.reason, HasSubstr("chance does not explain it"));
}

/// Three times as high from `since` on, but for what lies behind `until`.
auto raised(core::Timestamp since, core::Timestamp until) {
    return [=](std::int64_t time, double value) {
        return time >= since.microseconds && time < until.microseconds ? 3 * value + 10 : value;
    };
}

TEST(Judgement, what_lasts_is_held_against_the_windows_before_it_began) {
    const core::Timestamp since{end.microseconds - 30 * hour_us};
    const auto lasting = raised({since.microseconds - hour_us}, end);
    const std::vector<core::TimeRange> bad{{since, {}}};
    const auto reference = reference_of(hourly(), end, bad);
    EXPECT_EQ(reference.to.microseconds, since.microseconds - hour_us);
    const Judgement anchored = judge(hourly(), regular(reference.from, end, lasting), end, {}, {}, bad);
    EXPECT_EQ(anchored.verdict, Verdict::drift) << anchored.reason;
    EXPECT_EQ(anchored.reference_from, reference.from);
    ASSERT_EQ(anchored.notes.size(), 1u);
    EXPECT_THAT(anchored.notes.front(), HasSubstr("are no reference"));
    EXPECT_NE(judge(hourly(), before_end(lasting), end, {}).verdict, Verdict::drift) << "thirty of its own";
}

TEST(Judgement, what_comes_back_is_not_held_against_what_it_was_before) {
    const core::Timestamp first{end.microseconds - 60 * hour_us}, last{end.microseconds - 40 * hour_us};
    const core::Timestamp again{end.microseconds - hour_us};
    const auto twice = [&](std::int64_t time, double value) {
        const double once = raised({first.microseconds - hour_us}, last)(time, value);
        return raised(again, end)(time, once);
    };
    const std::vector<core::TimeRange> bad{{first, last}};
    const auto reference = reference_of(hourly(), end, bad);
    const auto answer = regular(reference.from, end, twice);
    const Judgement found = judge(hourly(), answer, end, {}, {}, bad);
    EXPECT_EQ(found.verdict, Verdict::drift) << found.reason;
    EXPECT_EQ(found.reference_windows, hourly().reference_windows) << "as many as ever";
    EXPECT_NE(judge(hourly(), answer, end, {}).verdict, Verdict::drift) << "twenty-one were as high";
}

TEST(Judgement, where_too_few_windows_would_be_left_bad_ones_are_a_reference) {
    const core::Timestamp since{end.microseconds - 40 * hour_us};
    const std::vector<core::TimeRange> bad{{since, {}}};
    // Nothing lies before the incident but two windows.
    const auto answer =
        regular({since.microseconds - 3 * hour_us}, end, raised({end.microseconds - hour_us}, end));
    const Judgement found = judge(hourly(), answer, end, {}, {}, bad);
    EXPECT_EQ(found.verdict, Verdict::drift) << found.reason;
    EXPECT_THAT(found.notes, Contains(HasSubstr("without them there are 2, expected 20 or more")));
}

}  // namespace tristrata::analyzer
