#include "profile_format.hpp"
#include "profiling.hpp"
#include "tristrata/dataset/column.hpp"

#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::profiling;

namespace {

void expect_same_verdicts(const Plan& plan, std::size_t reference_rows, std::size_t current_rows,
                          double shift) {
    MemorySource reference(table(reference_rows, 1, 0.0));
    MemorySource current(
        table(current_rows, 2, shift, first_hour + static_cast<std::int64_t>(reference_rows) * hour));
    const auto from_rows =
        detection::check({&reference, std::nullopt}, {&current, std::nullopt}, plan, created, {});
    ASSERT_TRUE(from_rows) << from_rows.error().message;
    const Profile profile = saved(profiled(reference, plan));
    for (std::size_t i = 0; i < profile.schema().fields.size(); ++i) EXPECT_TRUE(profile.exact(i)) << i;
    const auto from_profile = detection::check(profile, {&current, std::nullopt}, plan, created, {});
    ASSERT_TRUE(from_profile) << from_profile.error().message;
    EXPECT_EQ(from_profile->reference.version, profile.version());
    EXPECT_EQ(but_for_the_version(*from_profile), but_for_the_version(*from_rows));
}

}  // namespace

TEST(Profile, a_check_against_it_is_the_check_against_the_rows_under_every_null) {
    Plan plan = plan_of_table();
    for (const auto null : {detection::Null::independent, detection::Null::dependent, detection::Null::chunks,
                            detection::Null::automatic})
        for (const double shift : {0.0, 1.0}) {
            plan.null = null;
            expect_same_verdicts(plan, 40 * 24, 24, shift);
        }
    plan.season = detection::Season::weekend;
    expect_same_verdicts(plan, 40 * 24, 24, 1.0);
    plan.null = detection::Null::independent;
    plan.time.clear();
    plan.season = detection::Season::none;
    expect_same_verdicts(plan, 3000, 500, 1.0);
    plan.by = "words";
    expect_same_verdicts(plan, 3000, 500, 1.0);
}

TEST(Profile, of_a_window_is_the_check_of_that_window_of_rows_in_any_order) {
    auto columns = table(400, 3, 0.0);
    for (auto& column : columns)
        std::visit([](auto& values) { std::ranges::reverse(values); }, column.values);
    std::get<std::vector<std::int64_t>>(columns[0].values)[17] = dataset::Column::missing_time;
    MemorySource reference(columns), current(table(100, 4, 0.0, first_hour + 400 * hour));
    const Plan plan = plan_of_table();
    const auto window = *core::parse_time_range("2023-01-03..2023-01-12");
    const auto from_rows =
        detection::check({&reference, window}, {&current, std::nullopt}, plan, created, {});
    ASSERT_TRUE(from_rows) << from_rows.error().message;
    const Profile profile = saved(profiled(reference, plan, {}, window));
    EXPECT_EQ(profile.windows().at(0).left_out, 1u);
    EXPECT_FALSE(profile.windows().at(0).was_sorted);
    EXPECT_EQ(profile.rows(), 9u * 24u);
    const auto from_profile = detection::check(profile, {&current, std::nullopt}, plan, created, {});
    ASSERT_TRUE(from_profile) << from_profile.error().message;
    EXPECT_EQ(but_for_the_version(*from_profile), but_for_the_version(*from_rows));
    EXPECT_EQ(from_profile->notes.size(), 2u) << "what was done to the rows is still said";
}

TEST(Profile, of_partitions_in_any_order_is_the_same_bytes_and_the_check_of_all_rows) {
    Plan plan = plan_of_table();
    plan.null = detection::Null::chunks;
    MemorySource whole(table(40 * 24, 5, 0.0)), current(table(24, 6, 1.0, first_hour + 40 * 24 * hour));
    std::vector<Profile> parts;
    for (const char* window :
         {"..2023-01-11", "2023-01-11..2023-01-12", "2023-01-12..2023-01-30", "2023-01-30.."})
        parts.push_back(profiled(whole, plan, {}, *core::parse_time_range(window)));
    const auto merged = detection::merge(parts);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->windows().size(), 4u);
    EXPECT_EQ(merged->source(), "4 merged profiles (" + parts[0].source() + ")") << "of one table";
    const std::string bytes = merged->bytes();
    std::vector<std::size_t> order{0, 1, 2, 3};
    while (std::ranges::next_permutation(order).found) {
        std::vector<Profile> shuffled;
        for (const auto i : order) shuffled.push_back(parts[i]);
        EXPECT_EQ(detection::merge(shuffled)->bytes(), bytes);
    }
    const std::vector<Profile> left{parts[2], parts[0]}, right{parts[1], parts[3], parts[0]};
    const std::vector<Profile> halves{saved(*detection::merge(left)), *detection::merge(right)};
    EXPECT_EQ(detection::merge(halves)->bytes(), bytes) << "in any tree, and a repeated part counts once";

    const auto from_rows =
        detection::check({&whole, std::nullopt}, {&current, std::nullopt}, plan, created, {});
    const auto from_profile = detection::check(saved(*merged), {&current, std::nullopt}, plan, created, {});
    ASSERT_TRUE(from_rows && from_profile);
    EXPECT_EQ(but_for_the_version(*from_profile), but_for_the_version(*from_rows));
}

TEST(Profile, rows_that_would_count_twice_are_refused_and_said_where_they_are_allowed) {
    const Plan plan = plan_of_table();
    MemorySource one(table(200, 1, 0.0)), redelivered(table(200, 7, 0.0));
    MemorySource next(table(50, 2, 0.0, first_hour + 200 * hour));
    const Profile first = profiled(one, plan), after = profiled(next, plan);
    const auto refusal = [](const std::vector<Profile>& parts) {
        const auto merged = detection::merge(parts);
        EXPECT_FALSE(merged);
        if (merged) return std::string();
        EXPECT_EQ(merged.error().kind, core::ErrorKind::conflict);
        return merged.error().message;
    };
    EXPECT_TRUE(detection::merge(std::vector<Profile>{first, after}));
    EXPECT_TRUE(detection::merge(std::vector<Profile>{first, first})) << "a window twice counts once";

    auto copied = first.contents();
    copied.windows[0].window.source = "copy.csv";
    const Profile copy = detection::sealed(copied);
    EXPECT_NE(refusal({first, copy}).find("hold the same 200 rows"), std::string::npos)
        << refusal({first, copy});
    EXPECT_NE(refusal({first, copy}).find("--allow-overlap"), std::string::npos);
    EXPECT_NE(refusal({first, profiled(redelivered, plan)}).find("overlap"), std::string::npos)
        << "a corrected delivery of the same hours";
    const Profile part = profiled(one, plan, {}, *core::parse_time_range("2023-01-03..2023-01-05"));
    EXPECT_NE(refusal({first, part}).find("overlap"), std::string::npos);

    const auto both = detection::merge(std::vector<Profile>{first, part}, detection::Overlap::allowed);
    ASSERT_TRUE(both) << both.error().message;
    EXPECT_EQ(both->rows(), 248u);
    EXPECT_NE(detection::rows_twice(*both).find("count twice"), std::string::npos);
    const auto report = detection::check(*both, {&next, std::nullopt}, plan, created, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(std::ranges::any_of(report->notes, [](const std::string& note) {
        return note.find("count twice") != std::string::npos;
    }));
}

TEST(Profile, windows_without_a_time_are_told_apart_by_their_values) {
    MemorySource one({{"x", std::vector<double>{1, 2, 3}}}), same({{"x", std::vector<double>{1, 2, 3}}});
    MemorySource other({{"x", std::vector<double>{1, 2, 4}}});
    EXPECT_TRUE(detection::merge(std::vector<Profile>{profiled(one, {}), profiled(other, {})}));
    auto copied = profiled(same, {}).contents();
    copied.windows[0].window.source = "copy.csv";
    EXPECT_FALSE(detection::merge(std::vector<Profile>{profiled(one, {}), detection::sealed(copied)}));
}

TEST(Profile, made_otherwise_is_not_merged_and_the_difference_is_named) {
    MemorySource one(table(50, 1, 0.0)), other(table(50, 2, 0.0));
    Plan plan = plan_of_table();
    const Profile profile = profiled(one, plan);
    const auto refusal = [&](dataset::Source& source, const Plan& with) {
        const std::vector<Profile> both{profile, profiled(source, with)};
        const auto merged = detection::merge(both);
        EXPECT_FALSE(merged);
        return merged ? std::string() : merged.error().message;
    };
    Plan roles = plan;
    roles.column["normal"].role = drift::Role::target;
    EXPECT_NE(refusal(other, roles).find("normal"), std::string::npos) << refusal(other, roles);
    Plan untimed = plan;
    untimed.time.clear();
    EXPECT_NE(refusal(other, untimed).find("time column is none"), std::string::npos);
    Plan fewer = plan;
    fewer.columns = {"normal"};
    EXPECT_NE(refusal(other, fewer).find("it was asked for the column"), std::string::npos);
    auto without = table(50, 2, 0.0);
    without.erase(without.begin() + 4);
    MemorySource narrow(without);
    EXPECT_NE(refusal(narrow, plan).find("\"zeros\""), std::string::npos);
    auto retyped = table(50, 2, 0.0);
    retyped[1].values = std::vector<std::string>(50, "word");
    MemorySource texts(retyped);
    EXPECT_NE(refusal(texts, plan).find("text"), std::string::npos);
}

TEST(Profile, its_plan_holds_for_the_check_and_another_one_is_refused) {
    MemorySource source(table(50, 1, 0.0));
    Plan plan = plan_of_table();
    plan.column["zeros"].ignore = true;
    const Profile profile = profiled(source, plan);
    Plan asked;
    asked.alpha = 0.01;
    const auto whole = detection::plan_against(profile, asked);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->time, "t");
    EXPECT_EQ(whole->alpha, 0.01);
    EXPECT_TRUE(whole->of("zeros").ignore);
    asked.columns = {"zeros"};
    EXPECT_NE(detection::plan_against(profile, asked).error().message.find("without column \"zeros\""),
              std::string::npos);
    asked.columns = {"normal"};
    EXPECT_TRUE(detection::plan_against(profile, asked)) << "fewer columns are there all the same";
    asked.time = "walk";
    EXPECT_EQ(detection::plan_against(profile, asked).error().kind, core::ErrorKind::conflict);
    Plan roles = plan;
    roles.column["few"].kind.reset();
    EXPECT_NE(detection::plan_against(profile, roles).error().message.find("\"few\""), std::string::npos);
}

TEST(Profile, keeps_no_label_of_a_sensitive_column_and_no_key) {
    MemorySource source(table(200, 1, 0.0));
    const std::string bytes = profiled(source, plan_of_table()).bytes();
    EXPECT_EQ(bytes.find("often"), std::string::npos);
    EXPECT_EQ(bytes.find("1-150"), std::string::npos);
    EXPECT_NE(profiled(source, Plan{}).bytes().find("often"), std::string::npos) << "the guard sees it there";
}

TEST(Profile, a_category_it_never_saw_and_a_column_that_is_gone_are_signals_as_ever) {
    MemorySource reference({{"x", labels(500, 1, {"a", "b"})}, {"y", normal(500, 1)}});
    MemorySource current({{"x", labels(500, 2, {"a", "b", "c"})}, {"z", normal(500, 2)}});
    const auto report =
        detection::check(saved(profiled(reference, {})), {&current, std::nullopt}, {}, created, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(has_signal(column(*report, "x"), drift::SignalKind::new_category));
    EXPECT_TRUE(has_signal(column(*report, "y"), drift::SignalKind::column_removed));
    ASSERT_EQ(report->signals.size(), 1u);
    EXPECT_EQ(report->signals[0].kind, drift::SignalKind::column_added);
}

TEST(Profile, opens_as_a_table_that_can_be_profiled_again_to_the_same_columns) {
    MemorySource source(table(300, 1, 0.0));
    const Profile profile = profiled(source, plan_of_table());
    const auto opened = detection::open_source(profile);
    EXPECT_EQ(opened->access(), dataset::Access::by_column);
    EXPECT_EQ(*opened->rows(), 300u);
    const std::size_t all[]{0, 1, 2, 3, 4, 5, 6, 7};
    auto stream = opened->open(all, {});
    ASSERT_TRUE(stream) << stream.error().message;
    const auto batch = (*stream)->next();
    ASSERT_TRUE(batch && *batch);
    const auto whole = *opened->whole_columns(all, {});
    for (std::size_t i = 0; i < std::size(all); ++i) {
        dataset::ColumnBuilder builder(opened->schema().fields[i]);
        ASSERT_TRUE(builder.update(**batch, i));
        const auto streamed = builder.finish();
        EXPECT_EQ(streamed.missing, whole->at(i).missing) << i;
        EXPECT_EQ(streamed.infinite, whole->at(i).infinite) << i;
        EXPECT_EQ(streamed.times, whole->at(i).times) << i;
        EXPECT_EQ(streamed.codes, whole->at(i).codes) << i;
        EXPECT_EQ(streamed.labels, whole->at(i).labels) << i;
    }
}

TEST(Profile, of_one_row_and_of_a_column_without_any_value) {
    MemorySource reference({{"x", std::vector<double>{1.0}}, {"y", std::vector<double>{NAN}}});
    MemorySource current({{"x", std::vector<double>{2.0, 3.0}}, {"y", std::vector<double>{NAN, 1.0}}});
    const auto from_rows =
        detection::check({&reference, std::nullopt}, {&current, std::nullopt}, {}, created, {});
    const auto report =
        detection::check(saved(profiled(reference, {})), {&current, std::nullopt}, {}, created, {});
    ASSERT_TRUE(report && from_rows);
    EXPECT_EQ(but_for_the_version(*report), but_for_the_version(*from_rows));
    EXPECT_EQ(detection::merge({}).error().kind, core::ErrorKind::usage);
}

TEST(Profile, of_a_table_without_a_column_or_with_none_left_is_an_error) {
    MemorySource empty({});
    const auto none = detection::profile({&empty, std::nullopt}, {}, {}, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, core::ErrorKind::invalid_input);
    EXPECT_NE(none.error().message.find("has no column"), std::string::npos) << none.error().message;

    MemorySource one({{"x", std::vector<double>{1.0}}});
    Plan plan;
    plan.column["x"].ignore = true;
    const auto ignored = detection::profile({&one, std::nullopt}, plan, {}, {});
    ASSERT_FALSE(ignored);
    EXPECT_NE(ignored.error().message.find("leaves no column"), std::string::npos) << ignored.error().message;
}
