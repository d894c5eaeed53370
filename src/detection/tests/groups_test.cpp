#include "comparing.hpp"

#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

std::vector<std::string> repeated(std::size_t n, const std::vector<std::string>& words) {
    std::vector<std::string> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = words[i % words.size()];
    return values;
}

/// Standard normal, with a shift in the rows of one label.
std::vector<double> shifted_in(const std::vector<std::string>& labels, const std::string& where, double shift,
                               std::uint64_t stream) {
    auto values = normal(labels.size(), stream);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (labels[i] == where) values[i] += shift;
    return values;
}

detection::Plan by_symbol() {
    detection::Plan plan;
    plan.by = "symbol";
    return plan;
}

const drift::Group& group(const drift::Report& report, std::string_view label) {
    for (const auto& one : report.groups->groups)
        if (one.label == label) return one;
    ADD_FAILURE() << label;
    return report.groups->groups.front();
}

const std::vector<std::string> four{"a", "b", "c", "d"};

}  // namespace

TEST(Groups, a_shift_in_one_group_is_found_in_it_alone) {
    const auto before = repeated(4000, four), after = repeated(2000, four);
    const auto report = compare(
        {{"symbol", before}, {"x", normal(4000, 1)}, {"y", normal(4000, 2)}},
        {{"symbol", after}, {"x", shifted_in(after, "c", 1.5, 3)}, {"y", normal(2000, 4)}}, by_symbol());
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_TRUE(report->groups);
    EXPECT_EQ(report->groups->groups.size(), 4u);
    EXPECT_EQ(report->groups->tests, 8u);
    for (const auto& one : report->groups->groups) {
        EXPECT_EQ(one.reference_rows, 1000u);
        EXPECT_EQ(one.current_rows, 500u);
        ASSERT_EQ(one.columns.size(), 2u);
        EXPECT_EQ(one.verdict, one.label == "c" ? Verdict::drift : Verdict::no_drift) << one.label;
    }
    EXPECT_EQ(group(*report, "c").columns[0].verdict, Verdict::drift);
    EXPECT_EQ(group(*report, "c").columns[1].verdict, Verdict::no_drift);
    EXPECT_EQ(group(*report, "c").reason, "1 of 2 tested columns drifted.");
    EXPECT_EQ(report->summary.severity, drift::Severity::crit);
}

TEST(Groups, each_group_answers_as_a_check_of_its_rows_alone) {
    const auto before = labels(3000, 5, four), after = labels(1500, 6, four);
    const auto x = normal(3000, 7), y = shifted_in(after, "b", 0.4, 8);
    const auto report = compare({{"symbol", before}, {"x", x}}, {{"symbol", after}, {"x", y}}, by_symbol());
    for (const auto& one : report->groups->groups) {
        std::vector<double> reference, current;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (before[i] == one.label) reference.push_back(x[i]);
        for (std::size_t i = 0; i < y.size(); ++i)
            if (after[i] == one.label) current.push_back(y[i]);
        const auto alone = compare({{"x", reference}}, {{"x", current}});
        EXPECT_DOUBLE_EQ(*one.columns[0].test->p, *alone->columns[0].test->p) << one.label;
        EXPECT_EQ(one.columns[0].measures, alone->columns[0].measures);
        EXPECT_GE(*one.columns[0].test->p_adjusted, *one.columns[0].test->p);
    }
}

TEST(Groups, groups_and_columns_are_one_family) {
    // 20 groups x 10 columns without drift: at .05 each, ten false alarms; together, seldom one.
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("g" + std::to_string(i));
    std::size_t flagged = 0, small = 0;
    for (std::uint64_t repeat = 0; repeat < 5; ++repeat) {
        std::vector<MemoryColumn> before{{"symbol", repeated(2000, names)}};
        std::vector<MemoryColumn> after{{"symbol", repeated(1000, names)}};
        for (std::uint64_t c = 0; c < 10; ++c) {
            before.push_back({"c" + std::to_string(c), normal(2000, 1000 * repeat + c)});
            after.push_back({"c" + std::to_string(c), normal(1000, 1000 * repeat + 500 + c)});
        }
        const auto report = compare(before, after, by_symbol());
        EXPECT_EQ(report->groups->tests, 200u);
        for (const auto& one : report->groups->groups)
            for (const auto& column : one.columns) {
                flagged += column.verdict == Verdict::drift;
                small += *column.test->p <= 0.05;
            }
    }
    EXPECT_GE(small, 20u);
    EXPECT_LE(flagged, 1u);
}

TEST(Groups, one_that_is_too_small_new_or_gone_is_said) {
    auto before = repeated(1000, {"a"}), after = repeated(500, {"a"});
    for (std::size_t i = 0; i < 200; ++i) before[i] = "gone";
    for (std::size_t i = 200; i < 220; ++i) before[i] = "few";
    for (std::size_t i = 0; i < 100; ++i) after[i] = "new";
    for (std::size_t i = 100; i < 150; ++i) after[i] = "few";
    const auto report = compare({{"symbol", before}, {"x", normal(1000, 1)}},
                                {{"symbol", after}, {"x", normal(500, 2)}}, by_symbol());
    EXPECT_EQ(group(*report, "few").verdict, Verdict::insufficient_data);
    EXPECT_EQ(group(*report, "few").reason, "20 values in the reference; 30 are needed.");
    EXPECT_EQ(group(*report, "gone").verdict, Verdict::not_tested);
    EXPECT_EQ(group(*report, "gone").reason, "No row of current is in this group.");
    EXPECT_EQ(group(*report, "new").reason, "New: no row of the reference is in this group.");
    EXPECT_TRUE(has_signal(column(*report, "symbol"), drift::SignalKind::new_category));
    EXPECT_TRUE(has_signal(column(*report, "symbol"), drift::SignalKind::vanished_category));
    EXPECT_EQ(column(*report, "symbol").role, drift::Role::segment);
}

TEST(Groups, beyond_the_limit_groups_and_their_rows_are_counted) {
    auto before = repeated(1000, {"a"}), after = repeated(500, {"a"});
    for (std::size_t i = 0; i < 300; ++i) before[i] = "b";
    for (std::size_t i = 0; i < 40; ++i) before[300 + i] = "c";
    for (std::size_t i = 0; i < 60; ++i) after[i] = "d";
    auto plan = by_symbol();
    plan.groups_max = 2;
    const auto report = compare({{"symbol", before}, {"x", normal(1000, 1)}},
                                {{"symbol", after}, {"x", normal(500, 2)}}, plan);
    ASSERT_EQ(report->groups->groups.size(), 2u);
    EXPECT_EQ(report->groups->groups[0].label, "a");
    EXPECT_EQ(report->groups->groups[1].label, "b");
    EXPECT_EQ(report->groups->limit, 2u);
    EXPECT_EQ(report->groups->beyond_limit, 2u);
    EXPECT_EQ(report->groups->beyond_limit_reference_rows, 40u);
    EXPECT_EQ(report->groups->beyond_limit_current_rows, 60u);
}

TEST(Groups, whole_numbers_are_groups_and_missing_ones_are_in_none) {
    std::vector<double> before(600), after(300);
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = static_cast<double>(i % 3);
    for (std::size_t i = 0; i < after.size(); ++i) after[i] = static_cast<double>(i % 3);
    before[0] = after[0] = after[3] = std::nan("");
    const auto report = compare({{"symbol", before}, {"x", normal(600, 1)}},
                                {{"symbol", after}, {"x", normal(300, 2)}}, by_symbol());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->groups->groups.size(), 3u);
    EXPECT_EQ(group(*report, "0").reference_rows, 199u);
    EXPECT_EQ(report->groups->ungrouped_reference_rows, 1u);
    EXPECT_EQ(report->groups->ungrouped_current_rows, 2u);
    EXPECT_EQ(column(*report, "symbol").kind, drift::Kind::categorical);
    after[5] = 0.5;
    const auto refused = compare({{"symbol", before}, {"x", normal(600, 1)}},
                                 {{"symbol", after}, {"x", normal(300, 2)}}, by_symbol());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("holds 0.5 in row 6"), std::string::npos)
        << refused.error().message;
}

TEST(Groups, a_column_that_is_not_there_or_orders_the_rows_is_refused) {
    auto plan = by_symbol();
    const auto missing =
        compare({{"symbols", repeated(100, four)}}, {{"symbols", repeated(100, four)}}, plan);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, core::ErrorKind::usage);
    EXPECT_NE(missing.error().message.find("\"symbols\""), std::string::npos) << missing.error().message;
    plan.time = "symbol";
    EXPECT_FALSE(detection::validate(plan));
}

TEST(Groups, the_grouping_column_is_looked_at_though_only_others_were_asked_for) {
    auto plan = by_symbol();
    plan.columns = {"x"};
    const auto report =
        compare({{"symbol", repeated(400, four)}, {"x", normal(400, 1)}, {"y", normal(400, 2)}},
                {{"symbol", repeated(200, four)}, {"x", normal(200, 3)}, {"y", normal(200, 4)}}, plan);
    ASSERT_EQ(report->columns.size(), 2u);
    ASSERT_EQ(report->groups->groups[0].columns.size(), 1u);
    EXPECT_EQ(report->groups->groups[0].columns[0].name, "x");
}

TEST(Groups, under_chunks_a_group_is_ranked_among_its_own_windows) {
    // 30 days of a row a minute, two groups taking turns; on the last day one of them moves.
    constexpr std::size_t day = 1440;
    std::vector<std::int64_t> times;
    std::vector<std::string> symbols;
    std::vector<double> x = normal(31 * day, 9);
    for (std::size_t i = 0; i < 31 * day; ++i) {
        times.push_back(static_cast<std::int64_t>(i) * 60'000'000);
        symbols.emplace_back(i % 2 == 0 ? "even" : "odd");
        if (i >= 30 * day && i % 2 == 1) x[i] += 0.8;
    }
    MemorySource source({{"t", times}, {"symbol", symbols}, {"x", x}});
    auto plan = by_symbol();
    plan.time = "t";
    const core::Timestamp turn{static_cast<std::int64_t>(30 * day) * 60'000'000};
    const auto report =
        detection::check({&source, core::TimeRange{std::nullopt, turn}},
                         {&source, core::TimeRange{turn, std::nullopt}}, plan, created, core::Task{});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->plan.null_reason.rfind("chunks", 0), 0u) << report->plan.null_reason;
    EXPECT_EQ(group(*report, "odd").verdict, Verdict::drift);
    EXPECT_EQ(group(*report, "even").verdict, Verdict::no_drift);
    EXPECT_EQ(*group(*report, "odd").columns[0].test->p_adjusted, 1.0 / 31.0);
}

TEST(Groups, the_same_bytes_come_out_on_any_number_of_threads) {
    std::vector<MemoryColumn> before{{"symbol", labels(900, 1, four)}},
        after{{"symbol", labels(400, 2, four)}};
    for (std::uint64_t c = 0; c < 6; ++c) {
        before.push_back({"c" + std::to_string(c), labels(900, 10 + c, {"u", "v", "w", "x", "y"})});
        after.push_back({"c" + std::to_string(c), labels(400, 20 + c, {"u", "v", "w", "x", "y"})});
    }
    const auto one = drift::to_json(*compare(before, after, by_symbol(), 1));
    EXPECT_EQ(one, drift::to_json(*compare(before, after, by_symbol(), 4)));
    const auto back = drift::parse_report(one);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(drift::to_json(*back), one);
}

TEST(Groups, labels_of_a_sensitive_grouping_column_are_hashed) {
    auto plan = by_symbol();
    plan.column["symbol"].sensitive = true;
    const auto report = compare({{"symbol", labels(500, 1, {"alice", "bob"})}, {"x", normal(500, 1)}},
                                {{"symbol", labels(300, 2, {"alice", "bob"})}, {"x", normal(300, 2)}}, plan);
    EXPECT_EQ(drift::to_json(*report).find("alice"), std::string::npos);
}

TEST(Importance, weighs_the_share_of_drifted_columns_and_ranks_them) {
    const auto plan = detection::parse_plan(
        "[column.far]\nimportance = 0.5\n[column.near]\nimportance = 4\n[column.still]\nimportance = 1.5",
        "p");
    ASSERT_TRUE(plan) << plan.error().message;
    const std::vector<MemoryColumn> before{
        {"far", normal(1000, 1)}, {"near", normal(1000, 2)}, {"still", normal(1000, 3)}};
    const std::vector<MemoryColumn> after{
        {"far", normal(600, 4, 3.0)}, {"near", normal(600, 5, 1.0)}, {"still", normal(600, 6)}};
    const auto report = compare(before, after, *plan);
    EXPECT_EQ(report->summary.drifted, 2u);
    EXPECT_GT(*column(*report, "near").impact, *column(*report, "far").impact);
    EXPECT_DOUBLE_EQ(*column(*report, "near").impact, 4.0 * *drift::effect_size(column(*report, "near")));
    EXPECT_NE(drift::to_json(*report).find("\"weighted_share_drifted\":0.75"), std::string::npos);
    EXPECT_NE(drift::to_json(*compare(before, after)).find("\"weighted_share_drifted\":0.6666666666666666"),
              std::string::npos)
        << "equal importances are share_drifted";
    const auto negative = detection::parse_plan("[column.x]\nimportance = -1", "p");
    ASSERT_FALSE(negative);
    EXPECT_NE(negative.error().message.find("0 or more"), std::string::npos) << negative.error().message;
}
