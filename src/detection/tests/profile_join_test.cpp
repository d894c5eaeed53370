#include "profile_state.hpp"
#include "profiling.hpp"
#include "tristrata/dataset/column.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace tristrata;
using namespace tristrata::profiling;

namespace {

using Columns = std::vector<MemoryColumn>;

/// The rows of a part, of which `part_of` says which one has them.
Columns part(const Columns& columns, std::size_t index,
             const std::function<std::size_t(std::size_t)>& part_of) {
    Columns some = columns;
    for (auto& column : some)
        std::visit(
            [&](auto& values) {
                std::size_t row = 0;
                std::erase_if(values, [&](const auto&) { return part_of(row++) != index; });
            },
            column.values);
    return some;
}

std::vector<Profile> parts_of(const Columns& columns, std::size_t count, const Plan& plan,
                              const std::function<std::size_t(std::size_t)>& part_of) {
    std::vector<Profile> parts;
    for (std::size_t i = 0; i < count; ++i) {
        MemorySource source(part(columns, i, part_of));
        parts.push_back(saved(profiled(source, plan)));
    }
    return parts;
}

Profile joined(std::span<const Profile> parts, std::uint64_t left_out = 0) {
    auto whole = detection::join(parts, "memory", left_out);
    EXPECT_TRUE(whole) << (whole ? "" : whole.error().message);
    return saved(*whole);
}

std::vector<std::size_t> every_field(const Profile& profile) {
    std::vector<std::size_t> fields(profile.schema().fields.size());
    std::iota(fields.begin(), fields.end(), std::size_t{0});
    return fields;
}

/// As counts on edges that the parts have in common.
std::vector<Profile> counted_alike(const std::vector<Profile>& parts) {
    const auto fields = every_field(parts.front());
    std::vector<Profile> own, alike;
    for (const auto& one : parts) own.push_back(*detection::counted(one, fields, nullptr));
    const auto edges = detection::common_edges(own);
    EXPECT_TRUE(edges) << (edges ? "" : edges.error().message);
    const Profile like = saved(*edges);
    for (const auto& one : parts) {
        auto counts = detection::counted(one, fields, &like);
        EXPECT_TRUE(counts) << (counts ? "" : counts.error().message);
        alike.push_back(saved(*counts));
    }
    return alike;
}

std::string in_every_order(std::vector<Profile> parts) {
    const std::string bytes = joined(parts).bytes();
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    while (std::ranges::next_permutation(order).found) {
        std::vector<Profile> shuffled;
        for (const auto i : order) shuffled.push_back(parts[i]);
        EXPECT_EQ(joined(shuffled).bytes(), bytes);
    }
    return bytes;
}

}  // namespace

TEST(ProfileJoin, of_parts_in_any_order_is_the_profile_of_the_whole_table) {
    const Plan plan = plan_of_table();
    const auto rows = table(600, 5, 0.0);
    MemorySource whole(rows);
    const std::string expected = joined(std::vector{profiled(whole, plan)}).bytes();
    EXPECT_EQ(in_every_order(parts_of(rows, 4, plan, [](auto row) { return row / 150; })), expected);
    EXPECT_EQ(in_every_order(parts_of(rows, 3, plan, [](auto row) { return row % 3; })), expected)
        << "rows of one part lie between those of another";
}

TEST(ProfileJoin, without_a_time_the_parts_stand_by_what_they_hold) {
    Plan plan = plan_of_table();
    plan.time.clear();
    const auto rows = table(300, 6, 0.0);
    in_every_order(parts_of(rows, 3, plan, [](auto row) { return row % 3; }));
}

TEST(ProfileJoin, parts_that_are_equal_to_the_byte_both_count) {
    MemorySource same({{"x", std::vector<double>{1.0, 1.0, NAN}}});
    const Profile one = profiled(same, {});
    const Profile both = joined(std::vector{one, one}, 4);
    EXPECT_EQ(both.rows(), 6u);
    ASSERT_EQ(both.windows().size(), 1u);
    EXPECT_EQ(both.windows()[0].left_out, 4u);
    const auto column = detection::whole_column(both, 0);
    ASSERT_TRUE(column);
    EXPECT_EQ(column->missing, 2u);
}

TEST(ProfileJoin, labels_that_one_part_hashed_are_hashed_in_all) {
    MemorySource plain({{"who", std::vector<std::string>{"ann", "bob"}}});
    const std::string hashed = config::hashed_label("ann");
    MemorySource secret({{"who", std::vector<std::string>{hashed, hashed}}});
    const Profile both = joined(std::vector{profiled(plain, {}), profiled(secret, {})});
    const auto column = detection::whole_column(both, 0);
    ASSERT_TRUE(column);
    EXPECT_EQ(column->labels.size(), 2u);
    EXPECT_EQ(std::ranges::count(column->labels, hashed), 1);
    EXPECT_EQ(std::ranges::count(column->labels, "bob"), 0);
}

TEST(ProfileJoin, parts_of_different_tables_are_refused) {
    MemorySource one({{"x", std::vector<double>{1.0}}}), other({{"y", std::vector<double>{1.0}}});
    const auto both = detection::join(std::vector{profiled(one, {}), profiled(other, {})}, "data", 0);
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().kind, core::ErrorKind::conflict);
    EXPECT_NE(both.error().message.find("no part of the same table"), std::string::npos);
    EXPECT_FALSE(detection::join({}, "data", 0));

    MemorySource more({{"x", std::vector<double>{1.0, 2.0, 3.0, 4.0}}});
    const std::size_t fields[]{0};
    MemorySource others({{"x", std::vector<double>{1.0, 3.0, 9.0}}});
    const std::vector own{*detection::counted(profiled(others, {}), fields, nullptr),
                          *detection::counted(profiled(more, {}), fields, nullptr)};
    const auto apart = detection::join(own, "data", 0);
    ASSERT_FALSE(apart);
    EXPECT_NE(apart.error().message.find("different edges"), std::string::npos) << apart.error().message;
    EXPECT_FALSE(detection::counted(own[0], fields, nullptr)) << "counted already";
}

TEST(ProfileJoin, counts_on_common_edges_are_the_counts_of_the_whole_in_any_order) {
    // Parts that lie far from one another: the edges of one would be none for the others.
    stats::Random random(17, 3);
    std::vector<std::int64_t> times;
    std::vector<double> price, modal;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 8000; ++i) {
        times.push_back(first_hour + static_cast<std::int64_t>(i) * hour);
        const std::size_t level = 1000 * (i / 2000);
        price.push_back(static_cast<double>(level) + random.normal());
        modal.push_back(random.below(3) == 0 ? 7.0 : random.normal());
        words.push_back("w" + std::to_string(random.below(5)));
    }
    const Columns rows{{"t", times}, {"price", price}, {"modal", modal}, {"words", words}};
    Plan plan;
    plan.time = "t";
    auto parts = counted_alike(parts_of(rows, 4, plan, [](auto row) { return row / 2000; }));
    in_every_order(parts);
    const Profile whole = joined(parts);
    EXPECT_TRUE(whole.exact(0)) << "what orders the rows is always kept whole";
    const auto counts = detection::number_counts(whole, 1);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->finite, 8000u);
    EXPECT_TRUE(counts->ordered);
    EXPECT_GT(counts->edges.size(), 450u);
    EXPECT_LE(*std::ranges::max_element(counts->counts), 16u) << "two thousandths of all rows";
    EXPECT_NEAR(counts->mean, std::accumulate(price.begin(), price.end(), 0.0) / 8000.0, 1e-9);
    const auto sevens = detection::number_counts(whole, 2);
    ASSERT_TRUE(sevens);
    EXPECT_EQ(static_cast<std::ptrdiff_t>(*std::ranges::max_element(sevens->counts)),
              std::ranges::count(modal, 7.0))
        << "a modal value has a bin of its own";
    const auto labels = detection::label_counts(whole, 3);
    ASSERT_TRUE(labels);
    EXPECT_EQ(labels->counts.at("w3"), static_cast<std::uint64_t>(std::ranges::count(words, "w3")));

    const auto between = counted_alike(parts_of(rows, 4, plan, [](auto row) { return row % 4; }));
    const auto mixed = detection::number_counts(joined(between), 1);
    ASSERT_TRUE(mixed);
    EXPECT_FALSE(mixed->ordered) << "nobody saw two neighbouring rows side by side";
    EXPECT_EQ(mixed->finite, 8000u);
}

TEST(ProfileJoin, a_check_of_two_profiles_is_the_check_of_the_rows) {
    const Plan plan = plan_of_table();
    MemorySource reference(table(600, 5, 0.0)), current(table(100, 6, 1.0, first_hour + 600 * hour));
    const Profile before = saved(profiled(reference, plan)), after = saved(profiled(current, plan));
    auto from_rows = detection::check(before, {&current, std::nullopt}, plan, created, {});
    auto from_profiles = detection::check(before, after, plan, created, {});
    ASSERT_TRUE(from_rows && from_profiles) << from_profiles.error().message;
    EXPECT_EQ(from_profiles->current.version, after.version());
    from_profiles->current.version = from_rows->current.version;
    EXPECT_EQ(but_for_the_version(*from_profiles), but_for_the_version(*from_rows));

    const std::size_t fields[]{1};
    const auto counts = detection::counted(after, fields, nullptr);
    ASSERT_TRUE(counts);
    const auto refused = detection::check(before, *counts, plan, created, {});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("needs the rows of current"), std::string::npos);
    EXPECT_TRUE(detection::check(*counts, after, plan, created, {})) << "the reference may be counts";
}
