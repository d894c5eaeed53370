#include "comparing.hpp"
#include "tristrata/dataset/no_row.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace tristrata;
using namespace tristrata::checking;

TEST(Check, a_shift_is_drift_and_its_absence_is_not) {
    const auto report = compare({{"still", normal(2000, 1)}, {"moved", normal(2000, 2)}},
                                {{"still", normal(800, 3)}, {"moved", normal(800, 4, 1.0)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift);
    EXPECT_EQ(column(*report, "moved").verdict, Verdict::drift);
    EXPECT_EQ(column(*report, "moved").severity, drift::Severity::crit);
    EXPECT_NE(column(*report, "moved").reason.find("rose"), std::string::npos);
    EXPECT_EQ(report->summary.drifted, 1u);
    EXPECT_EQ(report->plan.null_reason.rfind("independent", 0), 0u);
}

TEST(Check, one_wild_value_on_either_side_changes_no_verdict) {
    for (const double shift : {0.0, 2.0}) {
        auto reference = normal(1000, 5), current = normal(300, 6, shift);
        const auto plain = compare({{"x", reference}}, {{"x", current}})->columns[0].verdict;
        reference[3] = 1e6;
        EXPECT_EQ(compare({{"x", reference}}, {{"x", current}})->columns[0].verdict, plain);
        reference[3] = 0.0;
        current[3] = 1e6;
        EXPECT_EQ(compare({{"x", reference}}, {{"x", current}})->columns[0].verdict, plain);
    }
}

TEST(Check, the_same_bytes_come_out_on_any_number_of_threads) {
    std::vector<MemoryColumn> reference, current;
    for (std::uint64_t i = 0; i < 12; ++i) {
        reference.push_back({"c" + std::to_string(i), labels(300, i, {"a", "b", "c", "d", "e", "f", "g"})});
        current.push_back(
            {"c" + std::to_string(i), labels(20, 100 + i, {"a", "b", "c", "d", "e", "f", "g"})});
    }
    EXPECT_EQ(drift::to_json(*compare(reference, current, {}, 1)),
              drift::to_json(*compare(reference, current, {}, 4)));
}

TEST(Check, categories_that_change_come_and_go_are_named) {
    const auto report =
        compare({{"c", labels(2000, 1, {"a", "b", "gone"})}}, {{"c", labels(1000, 2, {"a", "b", "new"})}});
    const auto& c = report->columns[0];
    EXPECT_EQ(c.verdict, Verdict::drift);
    EXPECT_TRUE(has_signal(c, drift::SignalKind::new_category));
    EXPECT_TRUE(has_signal(c, drift::SignalKind::vanished_category));
    const auto same =
        compare({{"c", labels(2000, 3, {"a", "b", "c"})}}, {{"c", labels(1000, 4, {"a", "b", "c"})}});
    EXPECT_EQ(same->columns[0].verdict, Verdict::no_drift);
    EXPECT_FALSE(has_signal(same->columns[0], drift::SignalKind::new_category));
}

TEST(Check, a_zero_inflated_column_is_looked_at_in_two_parts) {
    stats::Random random(3, 3);
    const auto inflated = [&](std::size_t n, double zeros, double scale) {
        std::vector<double> values(n);
        for (auto& x : values) x = random.uniform() < zeros ? 0.0 : scale * std::exp(random.normal());
        return values;
    };
    const auto zeros = compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.7, 1)}});
    EXPECT_EQ(zeros->columns[0].test->method, "two_part");
    EXPECT_EQ(zeros->columns[0].verdict, Verdict::drift);
    EXPECT_EQ(compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.9, 5)}})->columns[0].verdict,
              Verdict::drift);
    EXPECT_EQ(compare({{"x", inflated(2000, 0.9, 1)}}, {{"x", inflated(600, 0.9, 1)}})->columns[0].verdict,
              Verdict::no_drift);
}

TEST(Check, a_column_that_was_replaced_as_a_whole_is_crit_in_either_direction) {
    const auto repeated = [](std::vector<double> values) {
        std::vector<double> rows;
        for (int i = 0; i < 600; ++i) rows.push_back(values[static_cast<std::size_t>(i) % values.size()]);
        return rows;
    };
    std::vector<double> zeros = repeated({0.0}), below = normal(600, 9, -50.0);
    for (std::size_t i = 0; i < zeros.size(); i += 40) zeros[i] = 1.0 + static_cast<double>(i);
    const std::vector<std::pair<std::vector<double>, std::vector<double>>> replaced{
        {repeated({5}), repeated({6})},
        {repeated({1}), normal(600, 8, 100.0)},
        {zeros, below},
        {repeated({.5, 1.5, 2.5}), repeated({0, 1, 2})}};
    for (const auto& [one, other] : replaced)
        for (const bool back : {false, true}) {
            const auto report = compare({{"x", back ? other : one}}, {{"x", back ? one : other}});
            ASSERT_TRUE(report) << report.error().message;
            EXPECT_EQ(column(*report, "x").verdict, Verdict::drift);
            EXPECT_EQ(column(*report, "x").severity, drift::Severity::crit) << column(*report, "x").reason;
        }
}

TEST(Check, small_samples_without_ties_have_an_exact_p_whatever_the_seed) {
    for (const std::uint64_t seed : {0u, 1u, 2u}) {
        detection::Plan plan;
        plan.seed = seed;
        const auto report = compare({{"x", normal(40, 3)}}, {{"x", normal(40, 4, 0.4)}}, plan);
        ASSERT_TRUE(report) << report.error().message;
        ASSERT_TRUE(column(*report, "x").test);
        EXPECT_EQ(column(*report, "x").test->how, "exact");
        const auto ks =
            stats::ks_test(stats::SortedSample(normal(40, 3)), stats::SortedSample(normal(40, 4, 0.4)));
        EXPECT_EQ(column(*report, "x").test->p, std::get<stats::TestResult>(ks).p);
    }
}

TEST(Check, missing_and_infinite_values_are_signals_of_their_own) {
    auto current = normal(1000, 7);
    for (std::size_t i = 0; i < 300; ++i) current[i] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 300; i < 320; ++i) current[i] = std::numeric_limits<double>::infinity();
    const auto report = compare({{"x", normal(2000, 8)}}, {{"x", current}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::no_drift) << "the values that are there did not move";
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::missing_share));
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::infinite_share));
    EXPECT_EQ(report->summary.severity, drift::Severity::crit);
}

TEST(Check, a_column_that_became_constant_drifts_and_says_so) {
    const auto report = compare({{"x", normal(2000, 9)}}, {{"x", std::vector<double>(500, 1.000291)}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::drift);
    EXPECT_TRUE(has_signal(report->columns[0], drift::SignalKind::constant));
    EXPECT_EQ(compare({{"x", std::vector<double>(500, 3)}}, {{"x", std::vector<double>(500, 3)}})
                  ->columns[0]
                  .verdict,
              Verdict::no_drift);
}

TEST(Check, words_that_became_numbers_are_another_type_and_numerals_are_not) {
    const auto words = compare({{"side", labels(500, 1, {"BUY", "SELL"})}}, {{"side", normal(200, 2)}});
    ASSERT_TRUE(words) << words.error().message;
    EXPECT_EQ(words->columns[0].verdict, Verdict::drift);
    EXPECT_TRUE(has_signal(words->columns[0], drift::SignalKind::type_changed));
    const auto numerals =
        compare({{"fold", labels(500, 1, {"1", "2.5", "other"})}}, {{"fold", std::vector<double>(200, 1.0)}});
    EXPECT_FALSE(has_signal(numerals->columns[0], drift::SignalKind::type_changed));
}

TEST(Check, one_bad_column_never_costs_the_others) {
    const auto report = compare({{"good", normal(500, 1)},
                                 {"typed", normal(500, 2)},
                                 {"gone", normal(500, 3)},
                                 {"void", std::vector<double>(500, NAN)}},
                                {{"good", normal(200, 4)},
                                 {"typed", labels(200, 5, {"a", "b"})},
                                 {"void", normal(200, 6)},
                                 {"extra", normal(200, 7)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "good").verdict, Verdict::no_drift);
    EXPECT_EQ(column(*report, "typed").verdict, Verdict::not_tested);
    EXPECT_TRUE(has_signal(column(*report, "typed"), drift::SignalKind::type_changed));
    EXPECT_TRUE(has_signal(column(*report, "gone"), drift::SignalKind::column_removed));
    EXPECT_EQ(column(*report, "void").verdict, Verdict::insufficient_data);
    ASSERT_EQ(report->signals.size(), 1u);
    EXPECT_EQ(report->signals[0].kind, drift::SignalKind::column_added);
}

TEST(Check, too_little_data_is_an_answer) {
    const auto report = compare({{"x", normal(29, 1)}}, {{"x", normal(100, 2)}});
    EXPECT_EQ(report->columns[0].verdict, Verdict::insufficient_data);
    EXPECT_NE(report->columns[0].reason.find("30 are needed"), std::string::npos)
        << report->columns[0].reason;
    EXPECT_EQ(compare({{"x", normal(30, 1)}}, {{"x", normal(5, 2)}})->columns[0].verdict, Verdict::no_drift)
        << "on the edge";
    EXPECT_EQ(compare({{"x", normal(30, 1)}}, {{"x", normal(4, 2)}})->columns[0].verdict,
              Verdict::insufficient_data);
}

TEST(Check, a_side_without_a_row_is_an_error_and_not_too_little_data) {
    const auto nothing = compare({{"x", normal(100, 1)}}, {{"x", normal(0, 2)}});
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, core::ErrorKind::invalid_input);
    EXPECT_EQ(nothing.error().foreign_code, dataset::no_row_code);
    EXPECT_NE(nothing.error().message.find("holds no row"), std::string::npos) << nothing.error().message;
    const auto without_reference = compare({{"x", normal(0, 1)}}, {{"x", normal(100, 2)}});
    ASSERT_FALSE(without_reference);
    EXPECT_NE(without_reference.error().foreign_code, dataset::no_row_code);
    EXPECT_TRUE(compare({{"x", normal(100, 1)}}, {{"x", normal(1, 2)}}));
}

TEST(Check, a_season_without_the_time_of_the_rows_is_an_error) {
    detection::Plan plan;
    plan.season = detection::Season::weekend;
    const auto report = compare({{"x", normal(100, 1)}}, {{"x", normal(100, 2)}}, plan);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, core::ErrorKind::usage);
    EXPECT_NE(report.error().message.find("season weekend needs the time"), std::string::npos);
}

TEST(Check, roles_decide_the_drift_type_and_keys_are_left_alone) {
    detection::Plan plan;
    plan.column["p"].role = drift::Role::prediction;
    plan.column["id"].role = drift::Role::key;
    const auto report = compare({{"p", normal(500, 1)}, {"id", normal(500, 2)}},
                                {{"p", normal(300, 3, 2)}, {"id", normal(300, 4, 9)}}, plan);
    EXPECT_EQ(column(*report, "p").drift_type, drift::DriftType::prediction_drift);
    EXPECT_EQ(column(*report, "id").verdict, Verdict::not_tested);
}

TEST(Check, labels_of_a_sensitive_column_never_leave_it) {
    detection::Plan plan;
    plan.column["c"].sensitive = true;
    const auto report =
        compare({{"c", labels(500, 1, {"alice", "bob"})}}, {{"c", labels(300, 2, {"alice", "carol"})}}, plan);
    const std::string json = drift::to_json(*report);
    for (const char* name : {"alice", "bob", "carol"}) EXPECT_EQ(json.find(name), std::string::npos) << name;
}

TEST(Check, a_million_labels_are_names_and_not_categories) {
    std::vector<std::string> ids;
    for (int i = 0; i < 1'000'000; ++i) ids.push_back("id" + std::to_string(i));
    const auto many = compare({{"id", ids}}, {{"id", ids}});
    ids.resize(20'000);
    const auto once = compare({{"id", ids}}, {{"id", ids}});
    for (const auto* report : {&*many, &*once}) {
        const auto& id = report->columns[0];
        EXPECT_EQ(id.verdict, Verdict::not_tested);
        for (const char* word : {"distinct values", "role = \"key\"", "ignore = true", "hash"})
            EXPECT_NE(id.reason.find(word), std::string::npos) << id.reason;
    }
    EXPECT_NE(many->columns[0].reason.find("1,000,000"), std::string::npos) << many->columns[0].reason;
    EXPECT_NE(once->columns[0].reason.find("stands once"), std::string::npos) << once->columns[0].reason;
}

TEST(Check, twenty_thousand_labels_that_repeat_are_compared_in_a_blink) {
    std::vector<std::string> words;
    for (int i = 0; i < 20'000; ++i) words.push_back("shop " + std::to_string(i));
    const auto half = std::vector<std::string>(words.begin(), words.begin() + 14'000);
    const auto report = compare({{"still", labels(100'000, 1, words)}, {"moved", labels(100'000, 2, words)}},
                                {{"still", labels(40'000, 3, words)}, {"moved", labels(40'000, 4, half)}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift) << column(*report, "still").reason;
    EXPECT_EQ(column(*report, "moved").verdict, Verdict::drift) << column(*report, "moved").reason;
    EXPECT_EQ(column(*report, "moved").test->how, "moments");
}

TEST(Check, asks_that_cannot_be_met_are_refused) {
    EXPECT_EQ(compare({{"a", normal(50, 1)}}, {{"b", normal(50, 2)}}).error().kind,
              core::ErrorKind::invalid_input);
    detection::Plan plan;
    plan.null = detection::Null::dependent;
    EXPECT_NE(compare({{"a", normal(50, 1)}}, {{"a", normal(50, 2)}}, plan).error().message.find("--time"),
              std::string::npos);
    plan = {};
    plan.alpha = 2;
    EXPECT_FALSE(compare({{"a", normal(50, 1)}}, {{"a", normal(50, 2)}}, plan));
    plan = {};
    plan.columns = {"tradse"};
    EXPECT_NE(compare({{"trades", normal(50, 1)}}, {{"trades", normal(50, 2)}}, plan)
                  .error()
                  .message.find("did you mean \"trades\"?"),
              std::string::npos);
}

TEST(Check, a_percentage_of_nearly_nothing_is_left_out) {
    const auto reason = [](double median, double shift) {
        return compare({{"x", normal(2000, 1, median)}}, {{"x", normal(2000, 2, median + shift)}})
            ->columns[0]
            .reason;
    };
    EXPECT_EQ(reason(0.0, 1.0).find('%'), std::string::npos) << reason(0.0, 1.0);
    EXPECT_NE(reason(1.0, 1.0).find("%)"), std::string::npos) << reason(1.0, 1.0);
    EXPECT_EQ(reason(-1.0, 2.0).find('%'), std::string::npos) << "across zero: " << reason(-1.0, 2.0);
    EXPECT_EQ(reason(1000.0, 1.0).find('%'), std::string::npos) << "it rounds to 0: " << reason(1000.0, 1.0);
}

TEST(Check, a_bound_of_a_column_without_numbers_is_said_not_to_be_looked_at) {
    detection::Plan plan;
    plan.column["word"].minimum = 2.0;
    plan.column["x"].minimum = -100.0;
    const auto report = compare({{"word", labels(200, 1, {"a", "b"})}, {"x", normal(200, 2)}},
                                {{"word", labels(200, 3, {"a", "b"})}, {"x", normal(200, 4)}}, plan);
    ASSERT_TRUE(report);
    EXPECT_EQ(
        std::ranges::count_if(report->notes,
                              [](const auto& note) { return note.find("bounds of") != std::string::npos; }),
        1);
    EXPECT_NE(report->notes.front().find("\"word\""), std::string::npos);
}

TEST(Check, what_looks_like_a_mix_up_is_noted) {
    const auto noted = [](const core::Result<drift::Report>& report, std::string_view words) {
        return report && std::ranges::any_of(report->notes, [&](const std::string& note) {
                   return note.find(words) != std::string::npos;
               });
    };
    const std::vector<MemoryColumn> one{{"x", normal(200, 2)}}, other{{"x", normal(200, 4)}};
    const auto hours = [](std::int64_t from) {
        std::vector<std::int64_t> times(200);
        for (std::size_t i = 0; i < times.size(); ++i)
            times[i] = (from + static_cast<std::int64_t>(i)) * 3'600'000'000;
        return MemoryColumn{"at", std::move(times)};
    };
    detection::Plan plan;
    plan.time = "at";
    const std::vector<MemoryColumn> early{hours(0), one[0]}, late{hours(1000), other[0]};
    EXPECT_TRUE(noted(compare(late, early, plan), "are the two the wrong way round?"));
    EXPECT_FALSE(noted(compare(early, late, plan), "are the two the wrong way round?"));

    detection::Plan chosen;
    chosen.tests.categorical = "g";
    EXPECT_TRUE(
        noted(compare(one, other, chosen), "the test g of categorical columns was not used: there is none"));
    chosen.tests.numeric = "welch";
    chosen.tests.categorical.reset();
    EXPECT_FALSE(noted(compare(one, other, chosen), "was not used"));
}

TEST(Check, where_the_median_stays_the_mean_tells_what_moved) {
    const auto ones = [](std::size_t of_ten) {
        std::vector<double> values(2000);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = i * 7 % 10 < of_ten ? 1.0 : 0.0;
        return values;
    };
    const auto report = compare({{"x", ones(9)}}, {{"x", ones(6)}});
    ASSERT_TRUE(report);
    EXPECT_EQ(column(*report, "x").reason.substr(0, 57),
              "The mean fell from 0.9 to 0.6, the median stayed at 1; ch");
}

TEST(Check, of_a_logarithm_the_percentage_is_that_of_what_it_is_of) {
    const auto about = [](double middle) {
        std::vector<double> values(2001);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = middle + (static_cast<double>(i * 7 % 2001) - 1000.0) / 10'000.0;
        return values;
    };
    detection::Plan plan;
    const auto reason = [&] {
        const auto report = compare({{"x", about(11.0)}}, {{"x", about(10.0)}}, plan);
        return report ? column(*report, "x").reason : report.error().message;
    };
    EXPECT_THAT(reason(), ::testing::StartsWith("The median fell from 11 to 10 (-9 %); "));
    plan.derived = {{"x", dataset::Derivation::log, {"trades"}}};
    EXPECT_THAT(reason(), ::testing::StartsWith("The median fell from 11 to 10 (trades -63 %); "));
    plan.derived = {{"x", dataset::Derivation::log_ratio, {"ask", "bid"}}};
    EXPECT_THAT(reason(), ::testing::StartsWith("The median fell from 11 to 10 (ask / bid -63 %); "));
    plan.derived = {{"x", dataset::Derivation::log_change, {"close"}}};
    EXPECT_THAT(reason(), ::testing::StartsWith("The median fell from 11 to 10; "));
}

TEST(Check, a_column_of_unique_names_is_not_one_long_run) {
    std::vector<std::string> before, after;
    std::vector<std::int64_t> first, second;
    for (int i = 0; i < 3000; ++i) {
        before.push_back("order " + std::to_string(i));
        first.push_back(1'700'000'000'000'000 + i * std::int64_t{60'000'000});
    }
    for (int i = 3000; i < 3500; ++i) {
        after.push_back("order " + std::to_string(i));
        second.push_back(1'700'000'000'000'000 + i * std::int64_t{60'000'000});
    }
    detection::Plan plan;
    plan.time = "t";
    plan.null = detection::Null::dependent;
    const auto report = compare({{"t", first}, {"id", before}}, {{"t", second}, {"id", after}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_GT(*column(*report, "id").effective_n_reference, 1500.0) << column(*report, "id").reason;
}

TEST(Check, a_plan_that_ignores_every_column_is_told_so) {
    detection::Plan plan;
    plan.column["x"].ignore = true;
    const auto report = compare({{"x", normal(50, 1)}}, {{"x", normal(50, 2)}}, plan);
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().message.find("ignore = true"), std::string::npos) << report.error().message;
    EXPECT_EQ(report.error().message.find("in common"), std::string::npos);
}

TEST(Check, labels_that_look_like_addresses_are_hashed_without_being_asked) {
    detection::Plan plan;
    plan.by = "user";
    const auto report = compare(
        {{"user", labels(500, 1, {"jane@example.com", "joe"})}, {"word", labels(500, 2, {"day", "night"})}},
        {{"user", labels(300, 3, {"jane@example.com", "zoe"})}, {"word", labels(300, 4, {"day", "night"})}},
        plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(column(*report, "user").sensitive);
    EXPECT_FALSE(column(*report, "word").sensitive);
    EXPECT_EQ(drift::to_json(column(*report, "user")).find("zoe"), std::string::npos);
    EXPECT_EQ(drift::to_json(*report).find("jane@"), std::string::npos) << "nor as a group";
    ASSERT_EQ(report->notes.size(), 1u);
    EXPECT_NE(report->notes[0].find("shown as hashes"), std::string::npos) << report->notes[0];
}
